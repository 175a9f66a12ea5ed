import ExactJSON
import OdooConnector
import Testing

extension PeersRecords {
    /// What a planner reads where an operation cannot do what it is told. Needs apps that the stand-in does not have.
    @Suite(
        "what cannot be done is refused in words, at a real Odoo", .serialized,
        .enabled(if: !Peer.live.isEmpty, "\(Peer.missing)"))
    struct RefusalPeerTests {
        private func refusal(_ desk: Desk, _ operation: String, _ arguments: JSON) async -> String {
            let outcome = await desk.deliver(operation, arguments)
            return "\(outcome.brief): \(outcome.failure?.message ?? "")"
        }

        @Test("quarantine of nothing, of an unknown lot, and of more than there is", arguments: Peer.live)
        func quarantine(_ peer: Peer) async throws {
            let name = "hold\(peer.run)"
            try await peer.item(name)
            try await CatalogCase.lot(peer, name + "t")
            let desk = peer.desk("refusal-hold")
            let place = try await peer.find(
                "stock.location", [["usage", "=", "internal"], ["complete_name", "=", "WH/Stock"]], ["complete_name"])
            var wanted: JSON = [
                "item": .string(name), "to": place.first?["complete_name"] ?? .null, "reason": "x",
                "person": .string(peer.admin.login),
            ]
            #expect(await refusal(desk, "quality.hold", wanted).hasPrefix("rejected ODOO-032"))
            wanted["item"] = .string(name + "t")
            #expect(await refusal(desk, "quality.hold", wanted).hasPrefix("rejected ODOO-030"))
            wanted["lot"] = "nobody's"
            #expect(await refusal(desk, "quality.hold", wanted).contains("has no lot \"nobody's\""))
        }

        @Test("a payment of a draft, or of nothing", arguments: Peer.live)
        func payment(_ peer: Peer) async throws {
            let name = "pay\(peer.run)"
            _ = try await peer.partner("P" + name)
            let desk = try await peer.allowed(["account.group_account_invoice"]).desk("refusal-pay")
            let made = await desk.deliver(
                "invoice.create",
                [
                    "customer": .string("P" + name), "reference": .string(name), "date": "2025-02-03",
                    "lines": [["description": "Wire", "price": "100", "taxes": []]],
                ])
            #expect(made.brief == "accepted", "\(String(describing: made.failure))")
            let payment: JSON = ["invoice": .string(name), "reference": .string("B" + name)]
            #expect(await refusal(desk, "payment.register", payment).contains("is draft; expected posted"))
            #expect(await refusal(desk, "invoice.refund", payment).contains("is draft; expected posted"))
            #expect(await desk.deliver("invoice.post", ["invoice": .string(name)]).brief == "accepted")
            var none = payment
            none["amount"] = 0
            #expect(await refusal(desk, "payment.register", none).hasPrefix("rejected ODOO-020"))
            // All that is open; another one finds nothing left, the same one its payment.
            #expect(await desk.deliver("payment.register", payment).brief == "accepted")
            let invoices = try await peer.find("account.move", [["ref", "=", .string(name)]], ["amount_residual"])
            #expect(invoices.first?["amount_residual"]?.int == 0)
            #expect(await desk.deliver("payment.register", payment).brief == "accepted")
            var another = payment
            another["reference"] = "another"
            #expect(await refusal(desk, "payment.register", another).contains("is left to pay"))
        }

        @Test("a by-product that is stated is booked with the completion", arguments: Peer.live)
        func byproduct(_ peer: Peer) async throws {
            let name = "by\(peer.run)"
            let order = try await CatalogCase.recipe(peer, name)
            try await peer.stock(try await peer.product(name + "c"), 20)
            let desk = peer.desk("byproduct")
            var stated = order
            stated["lines"] = [["item": .string(name + "y"), "quantity": pieces(5)]]
            let first = await desk.deliver("production.byproducts", stated)
            #expect(first.brief == "accepted", "\(String(describing: first.failure))")
            stated["lines"] = [["item": .string(name), "quantity": pieces(5)]]
            #expect(await refusal(desk, "production.byproducts", stated).contains("has no by-product"))
            var complete = order
            complete["quantity"] = pieces(4)
            let done = await desk.deliver("production.complete", complete)
            #expect(done.brief == "accepted", "\(String(describing: done.failure))")
            let held = try await peer.find(
                "stock.quant",
                [["product_id.default_code", "=", .string(name + "y")], ["location_id.usage", "=", "internal"]],
                ["quantity"])
            #expect(held.map { $0["quantity"]?.int } == [5], "\(held)")
            #expect(await refusal(desk, "production.components", stated).hasPrefix("rejected ODOO-023"))
        }
    }
}
