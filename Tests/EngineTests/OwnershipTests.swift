import Canonical
import Contracts
import ExactJSON
import NodeSettings
import Routing
import Store
import Testing
import World

/// Who owns what, when an event is routed.
@Suite("ownership of what a command writes")
struct OwnershipTests {
    private static let place = SettingLocation(file: "ownership.yaml", line: 1, column: 1)
    private static let ownership = Ownership(
        systems: [
            "plm": .init(sources: ["plm-files"], targets: []),
            "erp": .init(sources: ["odoo-changes"], targets: ["odoo"]),
        ],
        owners: [.product: .init(system: "plm", fields: ["price": "erp", "weight": "scales"], location: place)])
    private static let operations: [OperationSpec] = {
        var upsert = OperationSpec(
            name: "product.upsert", summary: "writes a product",
            arguments: [
                .init("item", .text, required: true, "which"), .init("name", .text, "its name"),
                .init("price", .number, "its price"), .init("weight", .number, "its weight"),
            ], promise: "", example: [:])
        upsert.writes = .product
        let note = OperationSpec(
            name: "note", summary: "writes what nobody owns", arguments: [], promise: "", example: [:])
        var write = OperationSpec(
            name: "record.write", summary: "writes any record",
            arguments: [
                .init("model", .text, required: true, "of what"), .init("values", .any, required: true, "what"),
            ],
            promise: "", example: [:])
        write.writesByArgument = ("model", ["product.product": .product])
        return [upsert, note, write]
    }()

    private static func outcome(
        _ data: JSON, from source: SourceName?, operation: String = "product.upsert",
        ownership: Ownership? = Self.ownership
    ) -> String {
        let plan = RoutingPlan(
            target: "odoo", rules: [FlowRule(name: "products", target: "odoo", operation: operation, types: [])],
            operations: operations, ownership: ownership)
        let event = Event(
            id: "1", source: "/lyon/plm-files", type: "acme.items.changed.v1", subject: "BOLT",
            time: Instant(microseconds: 0), data: data)
        let entry = JournalEntry(
            number: JournalNumber(lane: .normal, number: 1), document: EventDocument(event),
            recorded: Instant(microseconds: 0), via: source)
        switch plan.route(entry, now: Instant(microseconds: 1)).first {
        case .delivery: return "sent"
        case .failed(let delivery, let failure, let holds):
            #expect(!holds, "the owner's own word does not wait for it")
            #expect(delivery.arguments == data, "a person sees the command that was not sent")
            return failure.kind.code + (failure.message.split(separator: ",").first.map { " \($0)" } ?? "")
        case nil: return "nothing"
        }
    }

    @Test("the owner's events write all that is the owner's, and nobody else's do")
    func owner() {
        let renamed: JSON = ["item": "BOLT", "name": "Bolt"]
        #expect(Self.outcome(renamed, from: "plm-files") == "sent")
        #expect(Self.outcome(renamed, from: "door") == "ROUTE-008 product is owned by plm")
        // An event of the target's own system does not make the target the owner.
        #expect(Self.outcome(renamed, from: "odoo-changes") == "ROUTE-008 product is owned by plm")
        #expect(Self.outcome(["item": "BOLT"], from: "door") == "ROUTE-008 product is owned by plm")
    }

    @Test("a part that another system owns is that system's alone")
    func parts() {
        #expect(Self.outcome(["item": "BOLT", "price": 2], from: "door") == "sent", "the price is the target's own")
        #expect(
            Self.outcome(["item": "BOLT", "price": 2, "name": .null], from: "door") == "sent", "null says nothing")
        #expect(Self.outcome(["item": "BOLT", "price": 2, "name": "B"], from: "plm-files") == "sent")
        #expect(
            Self.outcome(["item": "BOLT", "weight": 2], from: "plm-files")
                == "ROUTE-008 weight of product is owned by scales")
        #expect(Self.outcome(["item": "BOLT", "weight": 2], from: "scales") == "sent")
        #expect(
            Self.outcome(["item": "BOLT", "weight": 2, "name": "B"], from: "scales")
                == "ROUTE-008 product is owned by plm")
    }

    @Test("where an argument names what is written, its owner counts")
    func named() {
        let product: JSON = ["model": "product.product", "values": ["name": "B"]]
        #expect(Self.outcome(product, from: "plm-files", operation: "record.write") == "sent")
        #expect(
            Self.outcome(product, from: "door", operation: "record.write") == "ROUTE-008 product is owned by plm")
        let country: JSON = ["model": "res.country", "values": ["name": "B"]]
        #expect(Self.outcome(country, from: "door", operation: "record.write") == "sent")
    }

    @Test("what nobody owns, and events of which nobody knows who took them in, pass")
    func unowned() {
        #expect(Self.outcome(["item": "BOLT", "name": "B"], from: "door", ownership: nil) == "sent")
        #expect(Self.outcome([:], from: "door", operation: "note") == "sent")
        #expect(Self.outcome(["item": "BOLT", "name": "B"], from: nil) == "sent")
    }

    @Test("the journal keeps who took an event in, over a restart")
    func kept() throws {
        let scratch = try Scratch()
        let settings = StoreSettings(path: scratch.path + "/node.db")
        try simulated { world, _ in
            let store = try Store(settings, world: world)
            let now = world.clock.now()
            _ = try await store.write { transaction in
                try transaction.append([EventDocument(.completed(1))], lane: .normal, recorded: now, via: "door")
                    + transaction.append([EventDocument(.completed(2))], lane: .normal, recorded: now)
            }
            await store.close()
            let again = try Store(settings, world: world)
            let entries = try await again.read { try $0.journal(lane: .normal, after: 0, limit: 10) }
            #expect(entries.map(\.via) == ["door", nil])
            await again.close()
        }
    }
}
