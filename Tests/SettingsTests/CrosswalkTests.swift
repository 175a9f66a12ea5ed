import Contracts
import ExactJSON
import Testing

@testable import NodeSettings

@Suite("Crosswalks and what looks them up")
struct CrosswalkTests {
    private func table(_ text: String) throws -> Crosswalk {
        var reader = CrosswalkReader(source: SourceText(path: "crosswalks/t.csv", text: text), name: "t")
        let table = reader.read()
        #expect(reader.faults.isEmpty, "\(reader.faults)")
        return try #require(table)
    }

    @Test("a key of one column is text or a number, compared exactly")
    func single() throws {
        let table = try table("from,to,note\r\nA1,x,why\r\n1.10,y\r\n\"a,\"\"b\"\"\",\"line\none\"\r\n")
        #expect(try table.value(for: "A1") == "x")
        #expect(try table.value(for: .number(#require(ExactNumber(text: "1.10")))) == "y")
        #expect(try table.value(for: "a,\"b\"") == "line\none")
        #expect(table.rows[["A1"]]?.note == "why")
        for key in ["a1", "A1 ", "1.1", ""] as [JSON] {
            #expect(throws: CrosswalkMiss.self) { try table.value(for: key) }
        }
    }

    @Test("a key of several columns is a list")
    func several() throws {
        let table = try table("plant,code,to\nlyon,7,a\ngraz,7,b\n")
        #expect(table.keyColumns == ["plant", "code"])
        #expect(try table.value(for: ["graz", 7]) == "b")
        for key in [["graz"], "graz", ["graz", 7, 8], ["graz", .null], [:], .null, true] as [JSON] {
            #expect(throws: CrosswalkMiss.self) { try table.value(for: key) }
        }
    }

    @Test("a missing key is an error that names table, key, and the nearest one")
    func missing() throws {
        let table = try table("from,to\nkomax-565,A\n")
        let miss = #expect(throws: CrosswalkMiss.self) { try table.value(for: "komax-566") }
        #expect(miss?.description == "crosswalk \"t\" has no key \"komax-566\"; the nearest key there is \"komax-565\"")
        #expect(miss?.failure.kind.code == "SET-065")
        #expect(miss?.failure.suggestion.contains("crosswalks/t.csv") == true)
    }

    @Test(
        "lookups are found wherever they stand in a program, and nowhere else",
        arguments: [
            (#"lookup("a"; .x)"#, ["a@1:8"]),
            ("lookup (\n  \"a\" ; .x) | lookup(\"b\";1)", ["a@2:3", "b@2:22"]),
            (
                ##"# lookup("no"; 1)\##n"lookup(\"no\"; 1)" + "\(lookup("in"; "\(lookup("deep"; 1))"))""##,
                ["in@2:33", "deep@2:49"]
            ),
            (#".lookup("no"; 1), $lookup("no"; 1), mylookup("no"; 1), lookups("no"; 1)"#, []),
            (#"(1) | ")" | lookup("a"; 1)"#, ["a@1:20"]),
            ("\"open \\(", []), ("lookup(", []), ("lookup(\"", []), ("", []),
        ])
    func lookups(_ program: String, _ expected: [String]) {
        let found = LookupScanner(program).lookups.map { "\($0.table)@\($0.line):\($0.column)" }
        #expect(found == expected)
    }

    @Test(
        "a table whose name is worked out is noticed",
        arguments: ["lookup($t; 1)", #"lookup("a" + .b; 1)"#, #"lookup("a\(1)"; 1)"#, "lookup(.t; 1)"])
    func computed(_ program: String) {
        let scanner = LookupScanner(program)
        #expect(scanner.hasComputedTable && scanner.lookups.isEmpty)
    }
}
