/// Quants: how much of a product and lot lies in a place, and how counting changes it.
enum OdooQuantModels {
    static func quants(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(
            "stock.quant", "Quants",
            [
                .many2one("product_id", "Product", "product.product").required.indexed,
                .many2one("location_id", "Location", "stock.location").required,
                .many2one("lot_id", "Lot/Serial Number", "stock.lot").indexed, .quantity("quantity", "Quantity"),
                .many2one("package_id", "Package", OdooPackageModels.name(version)).indexed,
                .many2one("owner_id", "Owner", "res.partner"),
                .quantity("reserved_quantity", "Reserved Quantity"),
                .quantity("available_quantity", "Available Quantity").computed { env, id in
                    .float(
                        odooRound(
                            env.number("stock.quant", id, "quantity")
                                - env.number("stock.quant", id, "reserved_quantity"),
                            digits: 2))
                },
                .quantity("inventory_quantity", "Counted Quantity"),
                .boolean("inventory_quantity_set", "Inventory Quantity Set"),
                .quantity("inventory_diff_quantity", "Difference").computed { env, id in
                    .float(
                        env.number("stock.quant", id, "inventory_quantity") - env.number("stock.quant", id, "quantity"))
                },
                .datetime("in_date", "Incoming Date").orElse { .instant($0.now) },
                .many2one("company_id", "Company", "res.company").or(.id(1)),
                .many2one("product_uom_id", "Unit of Measure", "uom.uom").related("product_id.uom_id"),
            ]
        ).with {
            $0.recordName = "id"
            $0.access = .stock
            $0.behaviour.displayName = { env, id in
                let place =
                    env.one("stock.quant", id, "location_id").map { env.displayName("stock.location", $0) } ?? ""
                guard let lot = env.one("stock.quant", id, "lot_id") else { return place }
                return "\(place) - \(env.displayName("stock.lot", lot))"
            }
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in count(&env, &values) }
            $0.behaviour.writing = { (_, _, values) throws(OdooFault) in
                if values["inventory_quantity"] != nil { values["inventory_quantity_set"] = true }
            }
            $0.methods = counting
        }
    }

    /// Counting in inventory mode uses the quant that is there, where one is.
    private static func count(_ env: inout OdooEnvironment, _ values: inout OdooValues) {
        guard values["inventory_quantity"] != nil else { return }
        if env.contextFlag("inventory_mode"), let product = values["product_id"]?.id,
            let place = values["location_id"]?.id,
            let quant = env.quant(
                product, at: place, lot: values["lot_id"]?.id, package: values["package_id"]?.id,
                owner: values["owner_id"]?.id)
        {
            env.stamp(
                "stock.quant", quant,
                [
                    "inventory_quantity": values["inventory_quantity"] ?? .float(0),
                    "inventory_quantity_set": true,
                ])
            values[OdooEnvironment.existingKey] = .id(quant)
            return
        }
        values["inventory_quantity_set"] = .bool(env.version == .v19 || env.contextFlag("inventory_mode"))
    }

    private static let counting: [String: OdooMethod] = [
        "action_apply_inventory": .records { (env, call) throws(OdooFault) in
            if env.version < .v18, !env.settings.groups(of: env.uid).contains(.stockManager) {
                throw .userError("Only a stock manager can validate an inventory adjustment.")
            }
            try env.checkThere(call)
            for quant in call.ids { env.applyInventory(quant) }
            return .none
        },
        "action_set_inventory_quantity": .records { (env, call) throws(OdooFault) in
            for quant in call.ids {
                env.stamp(
                    "stock.quant", quant,
                    [
                        "inventory_quantity": env.value("stock.quant", quant, "quantity"),
                        "inventory_quantity_set": true,
                    ])
            }
            return .none
        },
        "action_clear_inventory_quantity": .records { (env, call) throws(OdooFault) in
            for quant in call.ids {
                env.stamp("stock.quant", quant, ["inventory_quantity": .float(0), "inventory_quantity_set": false])
            }
            return .none
        },
    ]
}
