import ExactJSON
import OdooConnector
import Testing

// Manufacturing orders and work orders.
extension CatalogCase {
    static let manufacturing: [CatalogCase] = [
        CatalogCase("production.create", needs: ["mrp.production"]) { peer, name in
            try await peer.item(name)
            return ["item": .string(name), "quantity": pieces(3), "reference": .string(name), "confirm": true]
        } effect: { peer, name in
            try await peer.count("mrp.production", [["origin", "=", .string(name)], ["state", "=", "confirmed"]])
        },
        state("production.confirm", draft, "confirmed"),
        state("production.cancel", draft, "cancel"),
        CatalogCase("production.reserve", needs: ["mrp.production", "mrp.bom.byproduct"]) { peer, name in
            let order = try await recipe(peer, name)
            try await peer.stock(try await peer.product(name + "c"), 8)
            // Odoo reserves what comes into stock for those that wait for it.
            try await unreserve(peer, "mrp.production", name)
            return order
        } effect: { peer, name in
            try await reserved(peer, name, 8)
        },
        CatalogCase("production.unreserve", needs: ["mrp.production", "mrp.bom.byproduct"]) { peer, name in
            let order = try await recipe(peer, name)
            try await peer.stock(try await peer.product(name + "c"), 8)
            let ids = try await peer.find("mrp.production", [["origin", "=", .string(name)]], ["id"])
            _ = try await peer.asAdmin(
                OdooCall("mrp.production", "action_assign", ids: ids.compactMap { $0["id"]?.int }))
            #expect(try await reserved(peer, name, 8) == 1)
            return order
        } effect: { peer, name in
            try await reserved(peer, name, 0)
        },
        CatalogCase("production.unbuild", needs: ["mrp.unbuild"]) { peer, name in
            let order = try await peer.order(name, quantity: 2)
            let desk = peer.desk(name + "made")
            let made = await desk.deliver(
                "production.complete", ["order": .string(order.origin), "quantity": pieces(2)])
            #expect(made.brief == "accepted", "\(String(describing: made.failure))")
            return ["item": .string(order.item), "quantity": pieces(2), "order": .string(order.origin)]
        } effect: { peer, name in
            try await peer.count(
                "mrp.unbuild",
                [["product_id.default_code", "=", .string("\(name)-\(peer.run)")], ["state", "=", "done"]])
        },
    ]

    /// A confirmed order of four, of a product with one component and one by-product.
    static func recipe(_ peer: Peer, _ name: String) async throws -> JSON {
        var ids: [Int] = []
        for code in [name, name + "c", name + "d", name + "y"] { ids.append(try await peer.item(code)) }
        let template = try await peer.read("product.product", ids[0], ["product_tmpl_id"])["product_tmpl_id"]
        let bill = try await peer.make(
            "mrp.bom",
            [
                "product_tmpl_id": template?[0] ?? .null,
                "bom_line_ids": [[0, 0, ["product_id": .int(ids[1]), "product_qty": 2]]],
                "byproduct_ids": [[0, 0, ["product_id": .int(ids[3]), "product_qty": 1]]],
            ])
        let order = try await peer.make(
            "mrp.production",
            [
                "product_id": .int(ids[0]), "product_qty": 4, "bom_id": .int(bill), "origin": .string(name),
            ])
        _ = try await peer.asAdmin(OdooCall("mrp.production", "action_confirm", ids: [order]))
        return ["order": .string(name)]
    }

    /// Gives back what is reserved for the documents of that origin.
    static func unreserve(_ peer: Peer, _ model: String, _ origin: String) async throws {
        let ids = try await peer.find(model, [["origin", "=", .string(origin)]], ["id"])
        _ = try await peer.asAdmin(OdooCall(model, "do_unreserve", ids: ids.compactMap { $0["id"]?.int }))
    }

    /// 1 where so many pieces of the recipe's component are reserved.
    private static func reserved(_ peer: Peer, _ name: String, _ quantity: Int) async throws -> Int {
        try await peer.reserved(name + "c") == quantity ? 1 : 0
    }

    static let recipes: [CatalogCase] = [
        CatalogCase("production.components", needs: ["mrp.production", "mrp.bom.byproduct"]) { peer, name in
            var arguments = try await recipe(peer, name)
            arguments["lines"] = [
                ["item": .string(name + "c"), "quantity": pieces(10)],
                ["item": .string(name + "d"), "quantity": pieces(3)],
            ]
            return arguments
        } effect: { peer, name in
            let moves = try await peer.find(
                "stock.move", [["raw_material_production_id.origin", "=", .string(name)], ["state", "!=", "draft"]],
                ["product_uom_qty"])
            let planned = moves.compactMap { $0["product_uom_qty"]?.int }.sorted()
            #expect(planned == [8] || planned == [3, 10], "\(planned)")
            return planned.count - 1
        },
        CatalogCase("production.byproducts", needs: ["mrp.production", "stock.picking"]) { peer, name in
            var arguments = try await recipe(peer, name)
            arguments["lines"] = [["item": .string(name + "y"), "quantity": pieces(5)]]
            return arguments
        } effect: { peer, name in
            let field = try await peer.version >= 17 ? "quantity" : "quantity_done"
            let moves = try await peer.find(
                "stock.move",
                [
                    ["production_id.origin", "=", .string(name)],
                    ["product_id.default_code", "=", .string(name + "y")],
                ], [field])
            #expect(moves.count == 1)
            return moves.first?[field]?.int == 5 ? 1 : 0
        },
    ]

    static func draft(_ peer: Peer, _ name: String) async throws {
        let product = try await peer.item(name)
        _ = try await peer.make(
            "mrp.production", ["product_id": .int(product), "product_qty": 2, "origin": .string(name)])
    }

    private static func confirmed(_ peer: Peer, _ name: String) async throws {
        try await draft(peer, name)
        let id = try await peer.find("mrp.production", [["origin", "=", .string(name)]], ["id"]).first?["id"]?.int ?? 0
        _ = try await peer.asAdmin(OdooCall("mrp.production", "action_confirm", ids: [id]))
    }

    private static func state(
        _ operation: String, _ stage: @escaping @Sendable (Peer, String) async throws -> Void,
        _ state: String
    ) -> CatalogCase {
        CatalogCase(operation, needs: ["mrp.production"]) { peer, name in
            try await stage(peer, name)
            return ["order": .string(name)]
        } effect: { peer, name in
            try await peer.count("mrp.production", [["origin", "=", .string(name)], ["state", "=", .string(state)]])
        }
    }

    private static func workOrder(_ peer: Peer, _ name: String) async throws -> JSON {
        let shop = try await Workshop.build(peer, name, quantity: 2, trackedComponent: false, operations: ["W" + name])
        return ["order": .string(shop.order.origin), "operation": .string("W" + name)]
    }

    private static func workOrders(_ peer: Peer, _ name: String, _ state: String) async throws -> Int {
        try await peer.count(
            "mrp.workorder", [["workcenter_id.code", "=", .string("W" + name)], ["state", "=", .string(state)]])
    }

    private static func isPlanned(_ peer: Peer, _ name: String) async throws -> Bool {
        let orders = try await peer.find(
            "mrp.production", [["product_id.default_code", "=", .string("\(name)-\(peer.run)")]], ["is_planned"])
        return try #require(orders.first?["is_planned"]?.bool)
    }

    static let workOrders: [CatalogCase] = [
        CatalogCase("workorder.start", needs: ["mrp.workorder"]) {
            try await workOrder($0, $1)
        } effect: {
            try await workOrders($0, $1, "progress")
        },
        CatalogCase("workorder.pause", needs: ["mrp.workorder"]) { peer, name in
            let arguments = try await workOrder(peer, name)
            #expect(await peer.desk(name + "s").deliver("workorder.start", arguments).brief == "accepted")
            return arguments
        } effect: { peer, name in
            let open = try await peer.count(
                "mrp.workcenter.productivity",
                [["workorder_id.workcenter_id.code", "=", .string("W" + name)], ["date_end", "=", false]])
            return open == 0 ? 1 : 0
        },
        CatalogCase("workorder.finish", needs: ["mrp.workorder"]) {
            try await workOrder($0, $1)
        } effect: {
            try await workOrders($0, $1, "done")
        },
        CatalogCase("workorder.time", needs: ["mrp.workorder"]) { peer, name in
            var arguments = try await workOrder(peer, name)
            arguments["from"] = "2025-02-03T06:00:00Z"
            arguments["to"] = "2025-02-03T07:30:00Z"
            return arguments
        } effect: { peer, name in
            try await peer.count(
                "mrp.workcenter.productivity",
                [
                    ["workorder_id.workcenter_id.code", "=", .string("W" + name)],
                    ["date_start", "=", "2025-02-03 06:00:00"], ["date_end", "=", "2025-02-03 07:30:00"],
                ])
        },
        CatalogCase("production.plan", needs: ["mrp.workorder"]) { peer, name in
            ["order": try await workOrder(peer, name)["order"] ?? .null]
        } effect: { peer, name in
            try await isPlanned(peer, name) ? 1 : 0
        },
        CatalogCase("production.unplan", needs: ["mrp.workorder"]) { peer, name in
            let order: JSON = ["order": try await workOrder(peer, name)["order"] ?? .null]
            let outcome = await peer.desk(name + "u").deliver("production.plan", order)
            #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            return order
        } effect: { peer, name in
            try await isPlanned(peer, name) ? 0 : 1
        },
        CatalogCase("workcenter.set", needs: ["mrp.workcenter"]) { peer, name in
            _ = try await peer.provisioner.provision(workCenters: [.init(code: name, name: name)])
            return ["workcenter": .string(name), "efficiency": 80]
        } effect: { peer, name in
            try await peer.count(
                "mrp.workcenter", [["code", "=", .string(name)], ["time_efficiency", "=", 80]])
        },
    ]
}
