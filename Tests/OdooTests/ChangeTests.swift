import Canonical
import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

@Suite("what polling takes for news")
struct PollMemoryTests {
    /// A transaction on one record: Odoo stamps it with its begin and shows it from its commit on.
    private struct Written {
        let record: Int
        let begin: Int
        let commit: Int
        let state: String
    }

    private static let overlap = 120
    private static let model = WatchedModel("mrp.production", "name state", closed: ["state": ["done"]])
    private static let states = ["draft", "confirmed", "progress", "done"]

    private static func text(_ second: Int) -> String {
        (Instant(microseconds: 1_770_000_000_000_000) + .seconds(second)).odooText
    }

    /// Records whose transactions never overlap, as Odoo's own conflicts see to, but take up to nearly the overlap.
    private static func history(_ random: inout SeededGenerator) -> [Written] {
        var written: [Written] = []
        for record in 1...Int.random(in: 1...12, using: &random) {
            var time = Int.random(in: 0...400, using: &random)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let begin = time
                let lasts = Bool.random(using: &random) ? 0 : Int.random(in: 0..<Self.overlap, using: &random)
                let state = states.randomElement(using: &random) ?? "draft"
                written.append(Written(record: record, begin: begin, commit: begin + lasts, state: state))
                time = begin + lasts + Int.random(in: 0...200, using: &random)
            }
        }
        return written
    }

    /// What Odoo shows at that second.
    private static func rows(_ written: [Written], at second: Int, from window: String?) -> [JSON] {
        let shown = Dictionary(grouping: written.filter { $0.commit <= second }, by: \.record).values.compactMap {
            all -> JSON? in
            guard let last = all.max(by: { $0.commit < $1.commit }), let first = all.min(by: { $0.commit < $1.commit }),
                text(last.begin) >= window ?? ""
            else { return nil }
            return [
                "id": .int(last.record), "write_date": .string(text(last.begin)),
                "create_date": .string(text(first.begin)),
                "write_uid": [2, "Somebody"], "name": .string("MO/\(last.record)"), "state": .string(last.state),
            ]
        }
        return shown.sorted {
            ($0["write_date"]?.string ?? "", $0["id"]?.int ?? 0) < ($1["write_date"]?.string ?? "", $1["id"]?.int ?? 0)
        }
    }

    @Test(
        "whatever commits late, in one second, or while the node is down: the latest state arrives, nothing twice",
        arguments: 0..<300)
    func property(_ seed: Int) {
        var random = SeededGenerator(UInt64(seed))
        let written = Self.history(&random)
        let end = (written.map(\.commit).max() ?? 0) + 1
        var kept: [String: JSON] = [:]
        var memory = PollMemory(model: Self.model, fields: ["name", "state"], overlap: .seconds(Self.overlap))
        let first = Int.random(in: 0...300, using: &random)
        memory.begin(
            at: Self.rows(written, at: first, from: nil).last?["write_date"]?.string ?? Self.text(-1), isComplete: true)
        var told: [Int: [String]] = [:]
        for row in memory.baseline(Self.rows(written, at: first, from: nil)) {
            told[row.id] = [row.text("state") ?? ""]
        }
        var identities: Set<String> = []
        var second = first
        while second < end {
            second = min(end, second + Int.random(in: 0...90, using: &random))
            for change in memory.look(Self.rows(written, at: second, from: memory.window)) {
                #expect(identities.insert(change.identity).inserted, "seed \(seed): told twice: \(change.identity)")
                #expect(told[change.id]?.last != change.text("state") || change.changed == [], "seed \(seed)")
                told[change.id, default: []].append(change.text("state") ?? "")
            }
            memory.settle()
            for position in memory.takePositions() {
                kept[position.name] = position.value.isNull ? nil : position.value
            }
            if Int.random(in: 0..<4, using: &random) == 0, let index = kept["poll/mrp.production"] {
                memory = PollMemory(model: Self.model, fields: ["name", "state"], overlap: .seconds(Self.overlap))
                memory.restore(index, PollMemory.shards(index).compactMap { kept["poll/mrp.production/\($0)"] })
            }
        }
        for row in Self.rows(written, at: end, from: nil) {
            let id = row["id"]?.int ?? 0
            #expect(told[id]?.last == row["state"]?.string, "seed \(seed), record \(id): \(told[id] ?? [])")
            let committed = written.filter { $0.record == id }.map(\.state)
            #expect(
                Self.isSubsequence(told[id] ?? [], of: committed), "seed \(seed): \(told[id] ?? []) of \(committed)")
        }
    }

    private static func isSubsequence(_ part: [String], of whole: [String]) -> Bool {
        var rest = whole[...]
        return part.allSatisfy { one in
            guard let index = rest.firstIndex(of: one) else { return false }
            rest = rest[(index + 1)...]
            return true
        }
    }

    @Test("fields that are watched from now on are no news by themselves")
    func furtherFields() {
        let row: JSON = [
            "id": 1, "write_date": "2026-02-03 06:00:00", "create_date": "2026-01-01 00:00:00", "write_uid": false,
            "name": "A", "state": "done", "origin": "x",
        ]
        var memory = PollMemory(model: Self.model, fields: ["name", "state"], overlap: .seconds(60))
        memory.begin(at: "2026-02-03 06:00:00", isComplete: true)
        _ = memory.baseline([row])
        var kept: [String: JSON] = [:]
        for position in memory.takePositions() { kept[position.name] = position.value }
        var wider = PollMemory(model: Self.model, fields: ["name", "state", "origin"], overlap: .seconds(60))
        wider.restore(kept["poll/mrp.production"] ?? .null, [kept["poll/mrp.production/0"] ?? .null])
        #expect(wider.look([row]).isEmpty)
    }
}

@Suite("what changes in Odoo mean")
struct ChangeFactTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let fact: String
        let model: String
        var operation = OdooChange.Operation.write
        var changed: [String]?
        var before: JSONObject = [:]
        let values: JSONObject
        var testDescription: String { "\(model) → \(fact)" }
    }

    private static let codes: ChangeCodes = {
        var codes = ChangeCodes()
        codes.rows = [
            "product.product": [5: ["default_code": "P-5"], 6: ["default_code": false]],
            "uom.uom": [1: ["name": "Units"]], "res.partner": [7: ["ref": false, "name": "Acme"]],
            "res.currency": [1: ["name": "EUR"]],
            "stock.location": [
                1: ["usage": "supplier", "complete_name": "Vendors"],
                2: ["usage": "internal", "complete_name": "WH/Stock"],
                3: ["usage": "customer", "complete_name": "Customers"],
                4: ["usage": "inventory", "complete_name": "Loss"],
                8: ["usage": "production", "complete_name": "Production"],
            ],
            "stock.picking": [9: ["name": "WH/IN/1", "origin": "PO1", "partner_id": 7]],
            "maintenance.equipment": [3: ["serial_no": "press-3", "name": "Press"]],
        ]
        codes.lines = [
            "purchase.order.line": [
                1: [["id": 11, "product_id": 5, "product_qty": 2, "product_uom": 1, "price_unit": 3]]
            ]
        ]
        return codes
    }()

    private static func order(_ state: JSON) -> JSONObject {
        ["name": "MO1", "state": state, "product_id": 5, "product_qty": 2, "product_uom_id": 1]
    }
    private static func purchase(_ state: JSON) -> JSONObject {
        ["name": "PO1", "state": state, "partner_id": 7, "amount_total": 6, "currency_id": 1]
    }
    private static func line(_ from: JSON, _ to: JSON) -> JSONObject {
        [
            "state": "done", "product_id": 5, "quantity": 2, "product_uom_id": 1, "location_id": from,
            "location_dest_id": to,
            "picking_id": 9,
        ]
    }
    private static func invoice(_ payment: JSON) -> JSONObject {
        ["name": "INV1", "state": "posted", "move_type": "out_invoice", "payment_state": payment, "partner_id": 7]
    }

    static let cases: [Case] = [
        Case(
            fact: "production-order.released", model: "mrp.production", changed: ["state"], before: ["state": "draft"],
            values: order("confirmed")),
        Case(
            fact: "production-order.released", model: "mrp.production", operation: .create, values: order("confirmed")),
        Case(fact: "production-order.released", model: "mrp.production", changed: nil, values: order("confirmed")),
        Case(fact: "production-order.changed", model: "mrp.production", changed: nil, values: order("progress")),
        Case(
            fact: "production-order.changed", model: "mrp.production", changed: ["product_qty"],
            values: order("progress")),
        Case(fact: "record.changed", model: "mrp.production", changed: ["qty_producing"], values: order("progress")),
        Case(
            fact: "record.changed", model: "mrp.production", changed: ["state"], before: ["state": "confirmed"],
            values: order("progress")),
        Case(fact: "record.changed", model: "mrp.production", operation: .create, values: order("draft")),
        Case(
            fact: "production-order.closed", model: "mrp.production", changed: ["state"], before: ["state": "progress"],
            values: order("done")),
        Case(
            fact: "production-order.closed", model: "mrp.production", changed: ["state"], before: ["state": "draft"],
            values: order("cancel")),
        Case(fact: "record.changed", model: "mrp.production", changed: [], values: order("done")),
        Case(
            fact: "record.changed", model: "mrp.production", changed: ["state"], before: ["state": "draft"],
            values: ["name": "MO1", "state": "confirmed", "product_id": 6, "product_qty": 2, "product_uom_id": 1]),
        Case(
            fact: "purchase-order.issued", model: "purchase.order", changed: ["state"], before: ["state": "draft"],
            values: purchase("purchase")),
        Case(
            fact: "purchase-order.changed", model: "purchase.order", changed: ["amount_total"],
            values: purchase("purchase")),
        Case(
            fact: "purchase-order.cancelled", model: "purchase.order", changed: ["state"],
            before: ["state": "purchase"], values: purchase("cancel")),
        Case(
            fact: "record.changed", model: "purchase.order", changed: ["state"], before: ["state": "draft"],
            values: purchase("cancel")),
        Case(
            fact: "sales-order.confirmed", model: "sale.order", changed: ["state"], before: ["state": "sent"],
            values: purchase("sale")),
        Case(
            fact: "sales-order.cancelled", model: "sale.order", changed: ["state"], before: ["state": "sale"],
            values: purchase("cancel")),
        Case(
            fact: "inbound.received", model: "stock.move.line", changed: ["state"], before: ["state": "assigned"],
            values: line(1, 2)),
        Case(
            fact: "outbound.dispatched", model: "stock.move.line", changed: ["state"], before: ["state": "assigned"],
            values: line(2, 3)),
        Case(fact: "inventory.moved", model: "stock.move.line", operation: .create, values: line(2, 2)),
        Case(fact: "inventory.adjusted", model: "stock.move.line", operation: .create, values: line(4, 2)),
        Case(fact: "inventory.adjusted", model: "stock.move.line", operation: .create, values: line(2, 4)),
        Case(fact: "record.changed", model: "stock.move.line", operation: .create, values: line(2, 8)),
        Case(
            fact: "invoice.posted", model: "account.move", changed: ["state"], before: ["state": "draft"],
            values: invoice("not_paid")),
        Case(
            fact: "invoice.paid", model: "account.move", changed: ["payment_state"],
            before: ["payment_state": "not_paid"], values: invoice("paid")),
        Case(
            fact: "item.changed", model: "product.template", changed: ["name"],
            values: ["default_code": "P-5", "name": "Pump", "active": true]),
        Case(
            fact: "record.changed", model: "product.template", changed: ["name"],
            values: ["default_code": false, "name": "Pump"]),
        Case(
            fact: "partner.changed", model: "res.partner", operation: .unlink, values: ["name": "Acme", "active": true]),
        Case(
            fact: "bill-of-materials.changed", model: "mrp.bom", changed: ["code"],
            values: ["product_id": 5, "type": "normal"]),
        Case(
            fact: "maintenance.requested", model: "maintenance.request", operation: .create,
            values: ["name": "Leak", "equipment_id": 3]),
        Case(
            fact: "maintenance.completed", model: "maintenance.request", changed: ["close_date"],
            values: ["name": "Leak", "equipment_id": 3, "close_date": "2026-02-03"]),
        Case(fact: "record.changed", model: "crm.lead", changed: ["name"], values: ["name": "Lead"]),
    ]

    @Test("a change is the fact that a planner would call it, and a whole one", arguments: cases)
    func facts(_ one: Case) throws {
        let change = OdooChange(
            model: one.model, id: 1, operation: one.operation, changed: one.changed, before: one.before,
            values: one.values,
            at: Instant(microseconds: 1), identity: "i")
        let event = ChangeFacts(source: "/lyon/erp", plant: "lyon", database: "db").event(change, Self.codes)
        #expect(event.fact == one.fact)
        let shape = try #require(FactShape.of(type: event.type))
        #expect(shape.faults(in: event.data).isEmpty, "\(shape.faults(in: event.data))")
        #expect(event.data["native"]?["values"] == .object(one.values))
        #expect(try Event(document: JSONReader.read(event.document)) == event)
    }

    @Test("codes, partners and lines stand where ids stood")
    func details() {
        let facts = ChangeFacts(source: "/lyon/erp", plant: "lyon", database: "db")
        let issued = facts.event(
            OdooChange(
                model: "purchase.order", id: 1, operation: .write, changed: ["state"], before: ["state": "draft"],
                values: Self.purchase("purchase"), at: Instant(microseconds: 1), identity: "i"), Self.codes)
        #expect(issued.data["supplier"] == "Acme" && issued.data["currency"] == "EUR" && issued.subject == "PO1")
        #expect(issued.data["lines"]?[0]?["item"] == "P-5")
        let lost = facts.event(
            OdooChange(
                model: "stock.move.line", id: 1, operation: .create, changed: nil, values: Self.line(2, 4),
                at: Instant(microseconds: 1), identity: "i"), Self.codes)
        #expect(lost.data["quantity"]?["value"] == -2 && lost.data["location"] == "WH/Stock")
    }
}
