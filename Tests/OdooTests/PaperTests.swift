import ExactJSON
import Foundation
import Testing

@testable import OdooConnector

/// What files, packages and to-dos become in a plan.
@Suite("Files, packages and to-dos")
struct PaperTests {
    private static func arguments(_ json: JSON) -> Arguments { Arguments(operation: "attachment.add", json: json) }

    @Test("a file is base64 or text, and comes out as base64")
    func content() throws {
        #expect(try AttachmentAdd.content(Self.arguments(["text": "café"])) == "Y2Fmw6k=")
        #expect(try AttachmentAdd.content(Self.arguments(["content": "AAEC"])) == "AAEC")
        let most = Data(repeating: 7, count: AttachmentAdd.maximumBytes).base64EncodedString()
        #expect(try AttachmentAdd.content(Self.arguments(["content": .string(most)])) == most)
        // An operation of the addon's has a million bytes: what goes with the file must have room beside it.
        #expect(most.utf8.count + 60_000 < 1_000_000)
    }

    @Test(
        "a file that is none, or too large, is refused with its size",
        arguments: [
            (#"{}"#, "needs the argument `content` or `text`"), (#"{"content":"no base64!"}"#, "takes base64"),
            (#"{"content":""}"#, "takes base64"), (#"{"text":""}"#, "not empty"),
            (#"{"content":"AAEC","text":"x"}"#, "takes nothing where `text` is given"),
        ])
    func refused(_ text: String, _ words: String) throws {
        let json = try JSONReader.read(text)
        let error = #expect(throws: OdooError.self) { try AttachmentAdd.content(Self.arguments(json)) }
        #expect(error?.failure.kind == OdooFailures.arguments && error?.failure.message.contains(words) == true)
    }

    @Test("a file of one byte too much is refused")
    func tooLarge() throws {
        let text = String(repeating: "x", count: AttachmentAdd.maximumBytes + 1)
        let error = #expect(throws: OdooError.self) {
            try AttachmentAdd.content(Self.arguments(["text": .string(text)]))
        }
        #expect(error?.failure.message.contains("700001 bytes; at most 700000") == true)
    }

    @Test("a line that names a package goes into it, tracked or not", arguments: [16, 17, 18, 19])
    func packages(_ version: Int) throws {
        let dialect = try #require(OdooDialect(version: version))
        let move = MoveRecord(
            OdooRow([
                "id": 5, "product_id": [9, "Wire"], "product_uom": [1, "Units"], "product_uom_qty": 10,
                "has_tracking": "none", "location_id": [3, "A"], "location_dest_id": [4, "B"], "state": "assigned",
                "move_line_ids": [71],
            ]), dialect)
        let values = move.newLine(lot: nil, quantity: ExactNumber(4), transfer: 6, package: 88, dialect)[2]
        #expect(values?["result_package_id"] == 88 && values?["lot_id"] == nil && values?["picking_id"] == 6)
        #expect(values?[dialect.lineDone] == 4 && (values?["picked"] == true) == (version >= 17))
        #expect(dialect.package == (version == 19 ? "stock.package" : "stock.quant.package"))
    }

    @Test("a to-do's note is text with the command's key behind it, and is found by that")
    func note() throws {
        var row = FormRow()
        row.set("summary", .text("Check"))
        let marker = ExternalID.name("activity", "hub/odoo/17")
        let step = ActivityPlan.step("stock.lot", 7, row, note: "limit <12 mm>", marker: marker, as: "made").json
        #expect(step["values"]?["note"] == "<p>limit &lt;12 mm&gt;</p><p>activity_hub_2Fodoo_2F17</p>")
        #expect(step["where"] == [["note", "like", "activity_hub_2Fodoo_2F17"]])
        #expect(step["context"] == ["default_res_model": "stock.lot"] && step["values"]?["res_id"] == 7)
    }

    @Test("people call a record of each model by its own fields, and of others by their name")
    func lookups() {
        #expect(Lookup.named("product.product").by.first == "default_code")
        #expect(Lookup.named("account.move").by == ["name", "ref"] && Lookup.named("x.any").by == ["name"])
        #expect(Lookup.named("res.partner").isDocument)
    }
}
