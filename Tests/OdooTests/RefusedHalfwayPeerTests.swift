import Contracts
import ExactJSON
import OdooConnector
import Testing

@Suite(
    "a command that Odoo refuses halfway, at each Odoo at hand", .serialized,
    .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
struct RefusedHalfwayPeerTests {
    private static let remote = Peer.all.filter { !$0.hasGateway }
    private static let gateways = Peer.all.filter(\.hasGateway)

    /// That it was refused in Odoo's words, and says what stands.
    private func expect(_ outcome: Outcome, tells parts: [String]) throws {
        #expect(outcome.brief == "rejected ODOO-012", "\(String(describing: outcome.failure))")
        let failure = try #require(outcome.failure)
        for part in [RefusingNetwork.words, "stands in Odoo"] + parts {
            #expect(failure.message.contains(part), "\(failure.message)")
        }
        #expect(failure.suggestion.contains("take it back in Odoo"), "\(failure.suggestion)")
    }

    @Test(
        "a completion says that its quantities are written, and resubmitted completes the order once",
        arguments: remote)
    func completion(_ peer: Peer) async throws {
        let shop = try await Workshop.build(peer, "halfway", quantity: 5, trackedComponent: false)
        let arguments: JSON = ["order": .string(shop.order.origin), "quantity": pieces(5)]
        let refusing = peer.desk("halfway", through: RefusingNetwork(peer.network, "button_mark_done"))
        let outcome = await refusing.deliver("production.complete", arguments, key: "one")
        try expect(outcome, tells: ["qty_producing", "written in mrp.production #\(shop.order.id)"])
        let order = try await peer.read("mrp.production", shop.order.id, ["state", "qty_producing"])
        #expect(order["qty_producing"]?.int == 5 && order["state"]?.string != "done", "\(order)")
        let again = await refusing.deliver("production.complete", arguments, key: "one")
        #expect(again.brief == "accepted", "\(String(describing: again.failure))")
        let made = try await peer.reader.orders(origins: [shop.order.origin])[shop.order.origin]?.good
        #expect(made == ExactNumber(5))
    }

    @Test("a transfer says that what was stated is on its lines", arguments: remote)
    func transfer(_ peer: Peer) async throws {
        let one = try #require(CatalogCase.all.first { $0.operation == "transfer.complete" })
        guard try await peer.has(one.models) else { return }
        let user = try await peer.allowed(one.groups)
        let name = "halfwaytransfer\(peer.run)"
        let arguments = try await one.begin(peer, user, name)
        let refusing = user.desk(name, through: RefusingNetwork(user.network, "button_validate"))
        let outcome = await refusing.deliver(one.operation, arguments, key: "one")
        try expect(outcome, tells: ["stock.lot #", "move_ids written in stock.picking #"])
        let again = await refusing.deliver(one.operation, arguments, key: "one")
        #expect(again.brief == "accepted", "\(String(describing: again.failure))")
        let effect = try await one.effect(peer, name)
        #expect(effect == 1)
    }

    @Test(
        "through the addon a draft's completion says that the order is confirmed, and nothing else of it is there",
        arguments: gateways)
    func draft(_ peer: Peer) async throws {
        let order = try await peer.order("halfdraft", quantity: 5)
        let origin = "halfdraft 2 \(peer.run)"
        let draft = try await peer.make(
            "mrp.production", ["product_id": .int(order.product), "product_qty": 5, "origin": .string(origin)])
        let refusing = peer.desk("halfdraft", through: RefusingNetwork(peer.network, "submit", number: 2))
        let arguments: JSON = ["order": .string(origin)]
        let outcome = await refusing.deliver("production.complete", arguments, key: "one")
        try expect(outcome, tells: ["action_confirm carried out on mrp.production #\(draft)"])
        let half = try await peer.read("mrp.production", draft, ["state", "qty_producing"])
        #expect(half["state"]?.string == "confirmed" && half["qty_producing"]?.int == 0, "\(half)")
        let again = await refusing.deliver("production.complete", arguments, key: "one")
        #expect(again.brief == "accepted", "\(String(describing: again.failure))")
        let made = try await peer.reader.orders(origins: [origin])[origin]?.good
        #expect(made == ExactNumber(5))
    }
}
