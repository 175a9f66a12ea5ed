import ExactJSON
import OdooConnector
import Testing

// What machines count.
extension CatalogCase {
    private static func production(_ peer: Peer, _ name: String, _ domain: [JSON]) async throws -> Int {
        try await peer.count(
            "mrp.production", .array([["product_id.default_code", "=", .string("\(name)-\(peer.run)")]] + domain))
    }

    private static func lines(_ peer: Peer, _ name: String, _ domain: [JSON]) async throws -> Int {
        try await peer.count(
            "mrp.workcenter.productivity", .array([["workcenter_id.code", "=", .string(name)]] + domain))
    }

    private static func workCenter(_ peer: Peer, _ name: String) async throws {
        _ = try await peer.provisioner.provision(workCenters: [.init(code: name, name: name)])
    }

    static let counting: [CatalogCase] = [
        CatalogCase("production.progress", needs: ["mrp.production"]) { peer, name in
            ["order": .string(try await peer.order(name, quantity: 9).origin), "quantity": pieces(5)]
        } effect: {
            try await production($0, $1, [["qty_producing", "=", 5]])
        },
        CatalogCase("production.complete", needs: ["mrp.production"]) { peer, name in
            ["order": .string(try await peer.order(name, quantity: 9).origin), "quantity": pieces(9)]
        } effect: {
            try await production($0, $1, [["state", "=", "done"], ["product_qty", "=", 9]])
        },
        CatalogCase("material.consume", needs: ["mrp.production"]) { peer, name in
            let shop = try await Workshop.build(peer, name, quantity: 9, trackedComponent: false)
            return [
                "order": .string(shop.order.origin), "item": .string(shop.screw), "quantity": pieces(4),
            ]
        } effect: { peer, name in
            let field = try await peer.version >= 17 ? "quantity" : "quantity_done"
            return try await peer.count(
                "stock.move",
                [["product_id.default_code", "=", .string("\(name)-S-\(peer.run)")], [.string(field), "=", 4]])
        },
        CatalogCase("scrap.record", needs: ["stock.scrap"]) { peer, name in
            ["order": .string(try await peer.order(name, quantity: 9).origin), "quantity": pieces(2)]
        } effect: { peer, name in
            try await peer.count(
                "stock.move",
                [["product_id.default_code", "=", .string("\(name)-\(peer.run)")], ["state", "=", "done"]])
        },
        CatalogCase("downtime.record", needs: ["mrp.workcenter"]) { peer, name in
            try await workCenter(peer, name)
            return ["workcenter": .string(name), "from": "2025-02-03T05:00:00Z", "to": "2025-02-03T06:00:00Z"]
        } effect: {
            try await lines($0, $1, [["date_end", "=", "2025-02-03 06:00:00"]])
        },
        CatalogCase("downtime.start", needs: ["mrp.workcenter"]) { peer, name in
            try await workCenter(peer, name)
            return ["workcenter": .string(name), "from": "2025-02-03T05:59:00Z"]
        } effect: {
            try await lines($0, $1, [["date_end", "=", false]])
        },
        CatalogCase("maintenance.request", needs: ["maintenance.request"]) { _, name in
            ["description": .string(name)]
        } effect: {
            try await $0.count("maintenance.request", [["name", "=", .string($1)]])
        },
    ]
}
