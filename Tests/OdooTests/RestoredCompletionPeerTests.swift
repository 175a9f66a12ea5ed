import Canonical
import Contracts
import ExactJSON
import OdooConnector
import Testing

/// What may have been posted before the hub's store came back from a backup, and has no value to compare.
@Suite(
    "completions, receipts and calls after a restored store, at each Odoo at hand", .serialized,
    .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
struct RestoredCompletionPeerTests {
    /// The same fact again, as a store that has forgotten it makes its command.
    private func again(_ desk: Desk, _ operation: String, _ arguments: JSON) async -> Command {
        var command = await desk.command(operation, arguments, key: "one")
        command.mayBeDone = true
        command.isOfDoubt = true
        return command
    }

    /// A person has looked, and sends it again.
    private func decided(_ command: Command) -> Command {
        var command = command
        command.mayBeDone = false
        command.isDecided = true
        return command
    }

    @Test(
        "a completed part is not completed once more on its backorder, unless a person has compared",
        arguments: Peer.all)
    func completion(_ peer: Peer) async throws {
        try await peer.allowSplitting()
        let shop = try await Workshop.build(peer, "restored", quantity: 10, trackedComponent: false)
        let arguments: JSON = [
            "order": .string(shop.order.origin), "quantity": pieces(4), "backorder": "create",
        ]
        let first = await peer.desk("restored").deliver("production.complete", arguments, key: "one")
        #expect(first.brief == "accepted", "\(String(describing: first.failure))")
        func made() async throws -> [Int?] {
            try await peer.find(
                "mrp.production", [["origin", "=", .string(shop.order.origin)], ["state", "=", "done"]],
                ["qty_produced"]
            ).map { $0["qty_produced"]?.int }
        }

        // A store that knows nothing of it.
        let desk = peer.desk("restored")
        let command = await again(desk, "production.complete", arguments)
        let outcome = await desk.attempt(command).0
        #expect(outcome.brief == "rejected ODOO-042", "\(String(describing: outcome.failure))")
        let done = try await peer.read("mrp.production", shop.order.id, ["name"])["name"]?.string ?? "no name"
        let told = outcome.failure?.message ?? ""
        #expect(told.contains("\(done) is done with 4"), "\(told)")
        #expect(outcome.failure?.suggestion.contains("resubmit it, which completes") == true)
        #expect(try await made() == [4])

        let person = await desk.attempt(decided(command)).0
        #expect(person.brief == "accepted", "\(String(describing: person.failure))")
        #expect(try await made() == [4, 4])
        // What else comes of that time is not counted on from there by itself.
        #expect(await desk.line("order/\(shop.order.id)")?["foreign"]?.bool == true)
        var other = await desk.command("production.complete", arguments, key: "two")
        other.mayBeDone = true
        other.isOfDoubt = true
        #expect(await desk.attempt(other).0.brief == "rejected ODOO-042")
        #expect(try await made() == [4, 4])
    }

    @Test("a part that was received is not received once more, unless a person has compared", arguments: Peer.all)
    func receipt(_ peer: Peer) async throws {
        let one = try #require(CatalogCase.all.first { $0.operation == "purchase.receive" })
        guard try await peer.has(one.models) else { return }
        let user = try await peer.allowed(one.groups)
        let name = "restoredreceipt\(peer.run)\(peer.hasGateway ? "g" : "r")"
        var arguments = try await one.stage(user, name)
        arguments["lines"] = [["item": .string(name + "b"), "quantity": pieces(2)]]
        arguments["backorder"] = nil
        func received() async throws -> Int? {
            try await peer.find(
                "purchase.order.line",
                [["order_id.origin", "=", .string(name)], ["product_id.default_code", "=", .string(name + "b")]],
                ["qty_received"]
            ).first?["qty_received"]?.int
        }
        let first = await user.desk(name).deliver("purchase.receive", arguments, key: "one")
        #expect(first.brief == "accepted", "\(String(describing: first.failure))")
        #expect(try await received() == 2)

        let desk = user.desk(name)
        let command = await again(desk, "purchase.receive", arguments)
        let outcome = await desk.attempt(command).0
        #expect(outcome.brief == "rejected ODOO-042", "\(String(describing: outcome.failure))")
        let words = outcome.failure?.message ?? ""
        for part in ["is done with 2 ", name + "b", "is open"] { #expect(words.contains(part), "\(words)") }
        #expect(try await received() == 2)

        let person = await desk.attempt(decided(command)).0
        #expect(person.brief == "accepted", "\(String(describing: person.failure))")
        #expect(try await received() == 4)
    }

    @Test("the open rest of a transfer, called by its own name, was surely not done", arguments: Peer.all)
    func namedTransfer(_ peer: Peer) async throws {
        let one = try #require(CatalogCase.all.first { $0.operation == "transfer.complete" })
        guard try await peer.has(one.models) else { return }
        let user = try await peer.allowed(one.groups)
        let name = "restoredrest\(peer.run)\(peer.hasGateway ? "g" : "r")"
        var arguments = try await one.stage(user, name)
        let first = await user.desk(name).deliver("transfer.complete", arguments, key: "first")
        #expect(first.brief == "accepted", "\(String(describing: first.failure))")
        let transfers = try await peer.find("stock.picking", [["origin", "=", .string(name)]], ["name", "state"])
        let rest = try #require(transfers.first { $0["state"]?.string != "done" }?["name"]?.string)
        arguments["transfer"] = .string(rest)
        arguments["lines"] = [["item": .string(name), "quantity": pieces(3), "lot": .string("C" + name)]]
        let desk = user.desk(name)
        let outcome = await desk.attempt(await again(desk, "transfer.complete", arguments)).0
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        // Nothing is open any more, and what is named is done: the same once more is that.
        let third = await desk.attempt(await again(user.desk(name), "transfer.complete", arguments)).0
        #expect(third.brief == "accepted", "\(String(describing: third.failure))")
        let stock = try await peer.find(
            "stock.quant",
            [["product_id.default_code", "=", .string(name)], ["location_id.usage", "=", "internal"]], ["quantity"])
        #expect(stock.reduce(0) { $0 + ($1["quantity"]?.int ?? 0) } == 10)
    }

    @Test(
        "a method that leaves nothing to look for is not called again, unless a person has looked",
        arguments: Peer.all)
    func call(_ peer: Peer) async throws {
        let name = "restoredcall\(peer.run)\(peer.hasGateway ? "g" : "r")"
        try await CatalogCase.draft(peer, name)
        let arguments: JSON = [
            "model": "mrp.production", "record": ["field": "origin", "value": .string(name)],
            "method": "action_confirm",
        ]
        let first = await peer.desk(name).deliver("record.call", arguments, key: "one")
        #expect(first.brief == "accepted", "\(String(describing: first.failure))")

        let network = FaultyNetwork(peer.network)
        let desk = peer.desk(name, through: network)
        let command = await again(desk, "record.call", arguments)
        let outcome = await desk.attempt(command).0
        // The addon knows the key, and answers what it did then.
        #expect(outcome.brief == (peer.hasGateway ? "accepted" : "rejected ODOO-042"), "\(outcome.brief)")
        if !peer.hasGateway {
            #expect(outcome.failure?.message.contains("action_confirm of mrp.production #") == true)
            #expect(outcome.failure?.suggestion.contains("resubmit") == true)
        }
        var methods = await network.methods
        #expect(!methods.contains("action_confirm"), "\(methods)")

        var harmless = arguments
        harmless["repeatable"] = true
        #expect(await desk.attempt(await again(desk, "record.call", harmless)).0.brief == "accepted")
        await network.forget()
        let person = await desk.attempt(decided(command)).0
        #expect(person.brief == "accepted", "\(String(describing: person.failure))")
        methods = await network.methods
        #expect(methods.contains(peer.carrier("action_confirm")), "\(methods)")
    }
}
