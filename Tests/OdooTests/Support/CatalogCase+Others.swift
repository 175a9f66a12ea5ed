import ExactJSON
import OdooConnector
import Testing

// Repair, master data and the generic operations.
extension CatalogCase {
    private static func repair(_ peer: Peer, _ name: String, _ steps: [String]) async throws -> JSON {
        try await peer.stock(try await peer.item(name), 1)
        let desk = peer.desk(name + "x")
        let outcome = await desk.deliver(
            "repair.create", ["item": .string(name), "quantity": pieces(1), "reference": "Broken"])
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        let found = try await peer.find("repair.order", [["product_id.default_code", "=", .string(name)]], ["name"])
        let arguments: JSON = ["repair": found.first?["name"] ?? .null]
        for step in steps {
            let outcome = await desk.deliver(step, arguments)
            #expect(outcome.brief == "accepted", "\(step): \(String(describing: outcome.failure))")
        }
        return arguments
    }

    private static func repairs(_ peer: Peer, _ name: String, _ state: String) async throws -> Int {
        try await peer.count(
            "repair.order", [["product_id.default_code", "=", .string(name)], ["state", "=", .string(state)]])
    }

    /// A product in two colours and two lengths.
    static func variants(_ peer: Peer, _ name: String) async throws -> Int {
        var lines: [JSON] = []
        for (attribute, values) in [("Color" + name, ["Red", "Blue"]), ("Length" + name, ["1 m", "2 m"])] {
            let id = try await peer.make("product.attribute", ["name": .string(attribute)])
            var ids: [JSON] = []
            for value in values {
                ids.append(
                    .int(
                        try await peer.make(
                            "product.attribute.value", ["name": .string(value), "attribute_id": .int(id)])))
            }
            lines.append([0, 0, ["attribute_id": .int(id), "value_ids": [[6, 0, .array(ids)]]]])
        }
        return try await peer.make(
            "product.template", ["name": .string(name), "attribute_line_ids": .array(lines)])
    }

    static let masters: [CatalogCase] = [
        CatalogCase("variant.set", needs: ["product.attribute"]) { peer, name in
            _ = try await variants(peer, name)
            return [
                "product": .string(name),
                "values": .object(["Color" + name: "Red", "Length" + name: "2 m"]),
                "item": .string(name + "-R2"), "weight": "0.25",
            ]
        } effect: { peer, name in
            let found = try await peer.find(
                "product.product", [["default_code", "=", .string(name + "-R2")]], ["display_name", "weight"])
            #expect(
                found.allSatisfy {
                    $0["display_name"]?.string?.contains("Red") == true
                        && $0["display_name"]?.string?.contains("2 m") == true
                        && $0["weight"]?.number?.description == "0.25"
                }, "\(found)")
            return found.count
        }
    ]

    static let others: [CatalogCase] = [
        CatalogCase("repair.create", needs: ["repair.order"]) { peer, name in
            try await peer.stock(try await peer.item(name), 1)
            return ["item": .string(name), "quantity": pieces(1), "reference": "Broken", "confirm": true]
        } effect: {
            try await repairs($0, $1, "confirmed")
        },
        CatalogCase("repair.confirm", needs: ["repair.order"]) {
            try await repair($0, $1, [])
        } effect: {
            try await repairs($0, $1, "confirmed")
        },
        CatalogCase("repair.start", needs: ["repair.order"]) {
            try await repair($0, $1, ["repair.confirm"])
        } effect: {
            try await repairs($0, $1, "under_repair")
        },
        CatalogCase("repair.finish", needs: ["repair.order"]) {
            try await repair($0, $1, ["repair.confirm", "repair.start"])
        } effect: {
            try await repairs($0, $1, "done")
        },
        CatalogCase("repair.cancel", needs: ["repair.order"]) {
            try await repair($0, $1, ["repair.confirm"])
        } effect: {
            try await repairs($0, $1, "cancel")
        },
        CatalogCase("partner.upsert", needs: ["res.partner"]) { _, name in
            ["reference": .string(name), "name": .string("Deco " + name), "isCompany": true, "city": "Lyon"]
        } effect: {
            try await $0.count("res.partner", [["ref", "=", .string($1)], ["city", "=", "Lyon"]])
        },
        CatalogCase("product.upsert", needs: ["product.product"]) { _, name in
            ["item": .string(name), "name": .string("Wire " + name), "storable": true, "price": "1.75"]
        } effect: {
            try await $0.count("product.product", [["default_code", "=", .string($1)], ["list_price", ">", 1]])
        },
        CatalogCase("price.set", needs: ["product.pricelist", "product.attribute"]) {
            peer, name in
            // One of four variants, for which alone it holds.
            let template = try await variants(peer, name)
            let variant = try await peer.find("product.product", [["product_tmpl_id", "=", .int(template)]], ["id"])
                .first
            _ = try await peer.asAdmin(
                .write("product.product", [variant?["id"]?.int ?? 0], ["default_code": .string(name)]))
            let list = try await peer.make("product.pricelist", ["name": .string("List " + name)])
            return ["pricelist": ["id": .int(list)], "item": .string(name), "price": "18.50", "minimum": 10]
        } effect: { peer, name in
            try await peer.count(
                "product.pricelist.item",
                [
                    ["pricelist_id.name", "=", .string("List " + name)], ["fixed_price", ">", 18],
                    ["min_quantity", "=", 10], ["product_id.default_code", "=", .string(name)],
                ])
        },
        CatalogCase("equipment.upsert", needs: ["maintenance.equipment"]) { _, name in
            ["serial": .string(name), "name": .string("Press " + name), "model": "P-90"]
        } effect: {
            try await $0.count("maintenance.equipment", [["serial_no", "=", .string($1)], ["model", "=", "P-90"]])
        },
        CatalogCase("maintenance.update", needs: ["maintenance.request"]) { peer, name in
            let outcome = await peer.desk(name + "m").deliver("maintenance.request", ["description": .string(name)])
            #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            return ["request": .string(name), "stage": "Repaired"]
        } effect: {
            try await $0.count("maintenance.request", [["name", "=", .string($1)], ["stage_id.done", "=", true]])
        },
        CatalogCase("bom.create", needs: ["mrp.bom"]) { peer, name in
            let product = try await peer.item(name)
            try await peer.item(name + "b")
            try await peer.item(name + "c")
            let template = try await peer.read("product.product", product, ["product_tmpl_id"])["product_tmpl_id"]
            _ = try await peer.make(
                "mrp.bom", ["product_tmpl_id": template?[0] ?? .null, "code": .string("old" + name)])
            return [
                "item": .string(name), "reference": .string("v" + name), "supersedes": true,
                "components": [
                    ["item": .string(name + "b"), "quantity": pieces(2)],
                    ["item": .string(name + "c"), "quantity": pieces(1)],
                ],
            ]
        } effect: { peer, name in
            let made = try await peer.count("mrp.bom", [["code", "=", .string("v" + name)]])
            let lines = try await peer.count("mrp.bom.line", [["bom_id.code", "=", .string("v" + name)]])
            #expect(lines == 2 || made == 0)
            // The one before is archived with it, and not without it.
            #expect(try await peer.count("mrp.bom", [["code", "=", .string("old" + name)]]) == 1 - made)
            return made
        },
        CatalogCase("record.create", needs: ["res.partner"]) { _, name in
            [
                "model": "res.partner",
                "values": [
                    "name": .string(name), "country_id": ["model": "res.country", "field": "code", "value": "FR"],
                ],
            ]
        } effect: {
            try await $0.count("res.partner", [["name", "=", .string($1)], ["country_id.code", "=", "FR"]])
        },
        CatalogCase("record.upsert", needs: ["res.partner"]) { _, name in
            [
                "model": "res.partner", "name": .string("crm " + name),
                "values": ["name": .string(name), "is_company": true],
            ]
        } effect: {
            try await $0.count("res.partner", [["name", "=", .string($1)], ["is_company", "=", true]])
        },
        CatalogCase("record.write", needs: ["res.partner"]) { peer, name in
            let id = try await peer.partner(name)
            return ["model": "res.partner", "record": ["id": .int(id)], "values": ["city": .string(name)]]
        } effect: {
            try await $0.count("res.partner", [["city", "=", .string($1)]])
        },
        CatalogCase("record.call", needs: ["mrp.production"]) { peer, name in
            try await draft(peer, name)
            return [
                "model": "mrp.production", "record": ["field": "origin", "value": .string(name)],
                "method": "action_confirm", "done": ["field": "state", "values": ["confirmed"]],
            ]
        } effect: {
            try await $0.count("mrp.production", [["origin", "=", .string($1)], ["state", "=", "confirmed"]])
        },
    ]
}
