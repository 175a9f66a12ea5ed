import ExactJSON
import OdooConnector
import Testing

// Files and to-dos on records, and what quality puts on hold.
extension CatalogCase {
    /// A lot of the try's own product.
    @discardableResult
    static func lot(_ peer: Peer, _ name: String) async throws -> Int {
        let product = try await peer.item(name, tracking: .lot)
        let outcome = await peer.desk(name + "l").deliver(
            "lot.set", ["item": .string(name), "lot": .string("L" + name)])
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        return product
    }

    private static func person(_ peer: Peer) -> JSON { .string(peer.admin.login) }

    private static func activities(_ peer: Peer, _ name: String) async throws -> [JSON] {
        try await peer.find("mail.activity", [["summary", "=", .string(name)]], ["res_id", "note"])
    }

    static let people: [CatalogCase] = [
        CatalogCase("attachment.add", needs: ["stock.lot", "ir.attachment"]) { peer, name in
            try await lot(peer, name)
            return [
                "model": "stock.lot", "record": .string("L" + name), "name": .string(name + ".txt"),
                "text": "Certificate 3.1: Rm 720 MPa, café",
            ]
        } effect: { peer, name in
            let files = try await peer.find(
                "ir.attachment",
                [["name", "=", .string(name + ".txt")], ["res_model", "=", "stock.lot"]], ["file_size", "res_name"])
            #expect(files.allSatisfy { $0["file_size"]?.int == 34 && $0["res_name"]?.string == "L" + name }, "\(files)")
            return files.count
        },
        CatalogCase("activity.create", needs: ["stock.lot", "mail.message"]) { peer, name in
            try await lot(peer, name)
            return [
                "model": "stock.lot", "record": ["field": "name", "value": .string("L" + name)],
                "person": person(peer), "summary": .string(name), "note": "Bore 12.04 mm, limit <12.03 mm>",
                "due": "2031-03-01",
            ]
        } effect: { peer, name in
            let found = try await activities(peer, name)
            #expect(found.allSatisfy { $0["note"]?.string?.contains("limit &lt;12.03 mm&gt;") == true }, "\(found)")
            return found.count
        },
        CatalogCase("activity.done", needs: ["stock.lot", "mail.message"]) { peer, name in
            try await lot(peer, name)
            let record: JSON = ["model": "stock.lot", "record": .string("L" + name), "summary": .string(name)]
            var wanted = record
            wanted["person"] = person(peer)
            let outcome = await peer.desk(name + "a").deliver("activity.create", wanted)
            #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            var arguments = record
            arguments["feedback"] = .string("went well " + name)
            return arguments
        } effect: { peer, name in
            let told = try await peer.count(
                "mail.message", [["model", "=", "stock.lot"], ["body", "like", .string("went well " + name)]])
            #expect(try await activities(peer, name).isEmpty == (told > 0))
            return told
        },
        CatalogCase("quality.hold", needs: ["stock.picking", "mail.activity"]) { peer, name in
            let product = try await lot(peer, name)
            let places = try await peer.find(
                "stock.location", [["usage", "=", "internal"], ["complete_name", "=", "WH/Stock"]], ["location_id"])
            let lots = try await peer.find("stock.lot", [["name", "=", .string("L" + name)]], ["name"])
            let made = try await peer.asAdmin(
                OdooCall(
                    "stock.quant", "create",
                    [
                        "vals_list": [
                            [
                                "product_id": .int(product), "location_id": places.first?["id"] ?? .null,
                                "lot_id": lots.first?["id"] ?? .null, "inventory_quantity": 7,
                            ]
                        ]
                    ], context: ["inventory_mode": true]))
            _ = try await peer.asAdmin(
                OdooCall("stock.quant", "action_apply_inventory", ids: [made[0]?.int ?? made.int ?? 0]))
            let quarantine = try await peer.make(
                "stock.location",
                [
                    "name": .string("Q" + name), "usage": "internal",
                    "location_id": places.first?["location_id"]?[0] ?? .null,
                ])
            return [
                "item": .string(name), "lot": .string("L" + name), "to": ["id": .int(quarantine)],
                "quantity": pieces(5), "reason": .string(name), "note": "Rm 655 MPa", "person": person(peer),
            ]
        } effect: { peer, name in
            let quants = try await peer.find(
                "stock.quant",
                [["product_id.default_code", "=", .string(name)], ["location_id.name", "=", .string("Q" + name)]],
                ["quantity"])
            #expect(quants.allSatisfy { $0["quantity"]?.int == 5 }, "\(quants)")
            #expect(try await activities(peer, name).count == quants.count)
            return quants.count
        },
    ]
}
