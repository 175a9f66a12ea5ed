import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

@Suite("how a record's fields are asked for and shown")
struct RecordQueryTests {
    private static func refused(_ text: String) -> String? {
        do {
            _ = try RecordQuery.names(text)
            return nil
        } catch {
            return error.failure.kind.code
        }
    }

    @Test("names stand with commas or blanks between them, each once, at least one and at most fifty")
    func names() throws {
        #expect(try RecordQuery.names("name, ref,,product_id name") == ["name", "ref", "product_id"])
        let fifty = (1...50).map { "f\($0)" }.joined(separator: ",")
        #expect(try RecordQuery.names(fifty).count == 50)
        #expect(Self.refused(fifty + ",one_more") == "QUERY-003")
        #expect(Self.refused(" , ") == "QUERY-003")
    }

    @Test("a value is shown by its type, and Odoo's false is null wherever it means that nothing is there")
    func shown() throws {
        let half = JSON.number(try #require(ExactNumber(text: "0.50")))
        let cases: [(JSON, String, JSON)] = [
            ("R-0816", "char", "R-0816"), (false, "char", .null), (false, "boolean", false), (true, "boolean", true),
            (half, "float", half), (0, "integer", 0), (false, "many2one_reference", .null),
            ([7, "Acme"], "many2one", ["id": 7, "name": "Acme"]), (false, "many2one", .null),
            ([3, 4], "one2many", ["count": 2, "ids": [3, 4]]), ([], "many2many", ["count": 0, "ids": []]),
            ("2025-02-03", "date", "2025-02-03"), (false, "date", .null),
            ("2025-02-03 06:00:19", "datetime", "2025-02-03T06:00:19.000000Z"), (false, "datetime", .null),
        ]
        for (value, type, expected) in cases {
            #expect(RecordQuery.shown(value, type) == expected, "\(type) \(value)")
        }
    }

    @Test("long texts and long lists are cut, and it is to be seen that they are")
    func bounds() {
        let text = String(repeating: "ä", count: RecordQuery.maximumText)
        #expect(RecordQuery.shown(.string(text), "html") == .string(text))
        #expect(RecordQuery.shown(.string(text + "b"), "html") == .string(text + "…"))
        let many = RecordQuery.shown(.array((1...250).map { .int($0) }), "one2many")
        #expect(many["count"]?.int == 250 && many["ids"]?.array?.count == RecordQuery.maximumLinks)
        #expect(many["ids"]?[99]?.int == 100)
    }
}
