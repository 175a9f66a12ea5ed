import ExactJSON
import OdooConnector
import Testing

extension PeersRecords {
    /// What a planner reads where an operation cannot do what it is told.
    @Suite(
        "what is refused, and in which words", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
    struct RefusalPeerTests {
        private func refusal(_ desk: Desk, _ operation: String, _ arguments: JSON) async -> String {
            let outcome = await desk.deliver(operation, arguments)
            return "\(outcome.brief): \(outcome.failure?.message ?? "")"
        }

        @Test("quarantine of nothing, of an unknown lot, and of more than there is", arguments: Peer.all)
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

        @Test("a payment of a draft, or of nothing", arguments: Peer.all)
        func payment(_ peer: Peer) async throws {
            let name = "pay\(peer.run)\(peer.hasGateway ? "g" : "r")"
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

        @Test("a by-product that is stated is booked with the completion", arguments: Peer.all)
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

        @Test("a bill of materials has its routing and its by-products, once", arguments: Peer.all)
        func bill(_ peer: Peer) async throws {
            let name = "bill\(peer.run)\(peer.hasGateway ? "g" : "r")"
            for code in [name, name + "c", name + "y"] { try await peer.item(code) }
            _ = try await peer.provisioner.provision(workCenters: [.init(code: name, name: name)])
            let desk = try await peer.allowed(["mrp.group_mrp_manager"]).desk("bill")
            let wanted: JSON = [
                "item": .string(name), "reference": .string("v" + name),
                "components": [["item": .string(name + "c"), "quantity": pieces(2)]],
                "operations": [
                    ["name": "Cut", "workcenter": .string(name), "minutes": "1.5"],
                    ["name": "Crimp", "workcenter": .string(name), "minutes": 4],
                ],
                "byproducts": [["item": .string(name + "y"), "quantity": pieces(1)]],
            ]
            for _ in 0..<2 {
                let outcome = await desk.deliver("bom.create", wanted, key: "bill")
                #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            }
            let bills = try await peer.find(
                "mrp.bom", [["code", "=", .string("v" + name)]], ["bom_line_ids", "operation_ids", "byproduct_ids"])
            #expect(bills.count == 1)
            let counts = ["bom_line_ids", "operation_ids", "byproduct_ids"].map { bills.first?[$0]?.array?.count }
            #expect(counts == [1, 2, 1], "\(bills)")
        }

        @Test("several variants that fit, none, and a reference that another product has", arguments: Peer.all)
        func variants(_ peer: Peer) async throws {
            let name = "var\(peer.run)\(peer.hasGateway ? "g" : "r")"
            _ = try await CatalogCase.variants(peer, name)
            try await peer.item(name + "x")
            let desk = try await peer.allowed(["stock.group_stock_manager", "product.group_product_manager"])
                .desk("refusal-variant")
            func wanted(_ values: JSONObject) -> JSON {
                ["product": .string(name), "values": .object(values), "item": .string(name + "x")]
            }
            let red: JSONObject = ["Color" + name: "Red"]
            #expect(await refusal(desk, "variant.set", wanted(red)).hasPrefix("rejected ODOO-048"))
            let green: JSONObject = ["Color" + name: "Green"]
            #expect(await refusal(desk, "variant.set", wanted(green)).contains("no variant fits; there are: Color"))
            let long: JSONObject = ["Color" + name: "Red", "Length" + name: "2 m"]
            #expect(await refusal(desk, "variant.set", wanted(long)).contains("has the internal reference"))
        }

        @Test("an order is changed by product only where that is clear", arguments: Peer.all)
        func lines(_ peer: Peer) async throws {
            let name = "lines\(peer.run)"
            try await peer.item(name)
            try await peer.item(name + "n")
            _ = try await peer.partner("C" + name)
            let desk = try await peer.allowed(["sales_team.group_sale_salesman", "stock.group_stock_user"])
                .desk("refusal-lines")
            let line: JSON = ["item": .string(name), "quantity": pieces(4), "price": "18.50"]
            let made = await desk.deliver(
                "sale.create",
                ["customer": .string("C" + name), "customerReference": .string(name), "lines": [line, line]])
            #expect(made.brief == "accepted", "\(String(describing: made.failure))")
            var change: JSON = ["sale": .string(name)]
            #expect(await refusal(desk, "sale.change", change).contains("has nothing to write"))
            change["lines"] = [line]
            #expect(await refusal(desk, "sale.change", change).contains("has 2 lines of"))
            change["lines"] = [["item": .string(name + "n"), "price": 3]]
            #expect(await refusal(desk, "sale.change", change).contains("needs the argument `quantity`"))
            change["lines"] = [["item": .string(name + "n"), "quantity": pieces(1), "colour": "red"]]
            #expect(await refusal(desk, "sale.change", change).contains("has no argument `colour`"))
            #expect(await desk.deliver("sale.cancel", ["sale": .string(name)]).brief == "accepted")
            change["lines"] = [["item": .string(name + "n"), "quantity": pieces(1)]]
            #expect(await refusal(desk, "sale.change", change).contains("is cancelled"))
        }
    }
}
