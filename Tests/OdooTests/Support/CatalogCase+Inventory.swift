import ExactJSON
import OdooConnector
import Testing

// Transfers, counts and lots.
extension CatalogCase {
    private static func inventoryLocation(_ peer: Peer) async throws -> JSON {
        let found = try await peer.find(
            "stock.location", [["usage", "=", "internal"], ["name", "=", "Stock"]], ["complete_name"])
        return found.first?["complete_name"] ?? .null
    }

    /// A confirmed receipt of ten.
    private static func receipt(_ peer: Peer, _ name: String, tracking: OdooProvisioner.Product.Tracking = .none)
        async throws -> JSON
    {
        try await peer.item(name, tracking: tracking)
        let outcome = await peer.desk(name + "r").deliver(
            "transfer.create",
            [
                "kind": "receipt", "reference": .string(name),
                "lines": [["item": .string(name), "quantity": pieces(10)]],
            ])
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        return ["transfer": .string(name)]
    }

    private static func transfers(_ peer: Peer, _ name: String, _ states: [JSON]) async throws -> Int {
        try await peer.count("stock.picking", [["origin", "=", .string(name)], ["state", "in", .array(states)]])
    }

    static let inventory: [CatalogCase] = [
        CatalogCase("transfer.create", needs: ["stock.picking"]) { peer, name in
            try await peer.item(name)
            try await peer.item(name + "b")
            return [
                "kind": "delivery", "reference": .string(name),
                "lines": [
                    ["item": .string(name), "quantity": pieces(2)],
                    ["item": .string(name + "b"), "quantity": pieces(3)],
                ],
            ]
        } effect: { peer, name in
            let moves = try await peer.count(
                "stock.move", [["picking_id.origin", "=", .string(name)], ["state", "=", "confirmed"]])
            #expect(moves == 2 || moves == 0, "\(moves)")
            return try await transfers(peer, name, ["confirmed"])
        },
        CatalogCase("transfer.confirm", needs: ["stock.picking"]) { peer, name in
            try await peer.item(name)
            _ = await peer.desk(name + "r").deliver(
                "transfer.create",
                [
                    "kind": "delivery", "reference": .string(name), "confirm": false,
                    "lines": [["item": .string(name), "quantity": pieces(2)]],
                ])
            return ["transfer": .string(name)]
        } effect: {
            try await transfers($0, $1, ["confirmed"])
        },
        CatalogCase("transfer.reserve", needs: ["stock.picking"]) { peer, name in
            let product = try await peer.item(name)
            let outcome = await peer.desk(name + "r").deliver(
                "transfer.create",
                [
                    "kind": "delivery", "reference": .string(name),
                    "lines": [["item": .string(name), "quantity": pieces(2)]],
                ])
            #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            // Odoo reserves what comes into stock for those that wait for it.
            try await peer.stock(product, 5)
            try await unreserve(peer, "stock.picking", name)
            return ["transfer": .string(name)]
        } effect: { peer, name in
            let isReserved = try await peer.reserved(name) == 2
            return isReserved ? try await transfers(peer, name, ["assigned"]) : 0
        },
        CatalogCase("transfer.cancel", needs: ["stock.picking"]) {
            try await receipt($0, $1)
        } effect: {
            try await transfers($0, $1, ["cancel"])
        },
        CatalogCase("transfer.complete", needs: ["stock.picking"]) { peer, name in
            var arguments = try await receipt(peer, name, tracking: .lot)
            arguments["lines"] = [
                ["item": .string(name), "quantity": pieces(3), "lot": .string("A" + name)],
                [
                    "item": .string(name), "quantity": pieces(4), "lot": .string("B" + name),
                    "package": .string("P" + name),
                ],
            ]
            return arguments
        } effect: { peer, name in
            let quants = try await peer.find(
                "stock.quant",
                [["product_id.default_code", "=", .string(name)], ["location_id.usage", "=", "internal"]],
                ["quantity", "package_id"])
            let held = quants.compactMap { $0["quantity"]?.int }.sorted()
            #expect(held == [3, 4] || held.isEmpty, "\(held)")
            let packed = quants.compactMap { $0["package_id"]?[1]?.string == "P" + name ? $0["quantity"]?.int : nil }
            #expect(packed == [4] || held.isEmpty, "\(quants)")
            let open = try await transfers(peer, name, ["confirmed", "assigned"])
            return held.isEmpty ? 0 : open
        },
        CatalogCase("inventory.count", needs: ["stock.picking"]) { peer, name in
            try await peer.item(name)
            return ["item": .string(name), "location": try await inventoryLocation(peer), "quantity": pieces(7)]
        } effect: { peer, name in
            let quants = try await peer.find(
                "stock.quant",
                [["product_id.default_code", "=", .string(name)], ["location_id.usage", "=", "internal"]], ["quantity"])
            #expect(quants.allSatisfy { $0["quantity"]?.int == 7 })
            return try await peer.count(
                "stock.move", [["product_id.default_code", "=", .string(name)], ["state", "=", "done"]])
        },
        CatalogCase("lot.set", needs: ["stock.lot"]) { peer, name in
            try await peer.item(name, tracking: .lot)
            return ["item": .string(name), "lot": .string("L" + name), "reference": .string("maker " + name)]
        } effect: { peer, name in
            try await peer.count(
                "stock.lot", [["name", "=", .string("L" + name)], ["ref", "=", .string("maker " + name)]])
        },
        CatalogCase("package.create", needs: ["stock.picking"]) { _, name in
            ["package": .string("P" + name), "packed": "2025-02-03"]
        } effect: { peer, name in
            try await peer.count(
                try await peer.version >= 19 ? "stock.package" : "stock.quant.package",
                [["name", "=", .string("P" + name)], ["pack_date", "=", "2025-02-03"]])
        },
    ]
}
