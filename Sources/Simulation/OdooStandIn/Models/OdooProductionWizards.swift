import ExactJSON

// The wizards that stand between marking an order done and its effect, and the answer when all was done.
extension OdooEnvironment {
    func immediateWizard(_ orders: [Int]) -> JSON? {
        guard !contextFlag("skip_immediate") else { return nil }
        let untouched = orders.filter { order in
            number("mrp.production", order, "qty_producing") == 0
                && many("mrp.production", order, "move_raw_ids").allSatisfy { !isOpen($0) || moved($0) == 0 }
        }
        guard !untouched.isEmpty else { return nil }
        var shown = JSONObject(uniqueKeysWithValues: context.sorted { $0.key < $1.key })
        shown["default_mo_ids"] = .array(untouched.map { [4, .int($0)] })
        return [
            "name": "Immediate Production?", "type": "ir.actions.act_window", "view_mode": "form",
            "res_model": "mrp.immediate.production", "views": [[1041, "form"]], "view_id": 1041, "target": "new",
            "context": .object(shown),
        ]
    }

    func consumptionWizard(_ orders: [Int]) -> JSON? {
        guard !contextFlag("skip_consumption") else { return nil }
        var lines: [JSON] = []
        var concerned: [JSON] = []
        for order in orders where isLive(order) {
            let rule = text("mrp.production", order, "consumption")
            guard rule != "flexible", one("mrp.production", order, "bom_id") != nil else { continue }
            var products: [Int] = []
            var expected: [Int: Double] = [:]
            var consumed: [Int: Double] = [:]
            for move in many("mrp.production", order, "move_raw_ids")
            where text("stock.move", move, "state") != "cancel" {
                guard let product = one("stock.move", move, "product_id") else { continue }
                if !products.contains(product) { products.append(product) }
                expected[product, default: 0] += one("stock.move", move, "bom_line_id") == nil ? 0 : shouldConsume(move)
                let counts = version == .v16 || flag("stock.move", move, "picked")
                consumed[product, default: 0] += counts ? moved(move) : 0
            }
            for product in products {
                let wanted = expected[product] ?? 0
                guard abs(wanted - (consumed[product] ?? 0)) > 0.000_001 else { continue }
                if !concerned.contains(.int(order)) { concerned.append(.int(order)) }
                lines.append([
                    0, 0,
                    [
                        "mrp_production_id": .int(order), "product_id": .int(product), "consumption": .string(rule),
                        "product_uom_id": rpc(
                            value("product.product", product, "uom_id"), .many2one("uom_id", "", "uom.uom"),
                            names: false),
                        "product_consumed_qty_uom": Self.number(consumed[product] ?? 0),
                        "product_expected_qty_uom": Self.number(wanted),
                    ],
                ])
            }
        }
        guard !lines.isEmpty else { return nil }
        return wizardAction(
            "Consumption Warning", "mrp.action_mrp_consumption_warning", "mrp.consumption.warning",
            [
                ("default_mrp_production_ids", .array(concerned)),
                ("default_mrp_consumption_warning_line_ids", .array(lines)),
                ("form_view_ref", false),
            ])
    }

    func backorderWizard(_ orders: [Int]) -> JSON? {
        guard !contextFlag("skip_backorder") else { return nil }
        let short = orders.filter { isLive($0) && rest($0) > 0 }
        guard !short.isEmpty else { return nil }
        var own: [(String, JSON)] = [
            ("default_mrp_production_ids", .array(short.map { .int($0) })),
            (
                "default_mrp_production_backorder_line_ids",
                .array(short.map { [0, 0, ["mrp_production_id": .int($0), "to_backorder": true]] })
            ),
        ]
        if version >= .v17 { own.insert(("always_backorder_mo_ids", []), at: 0) }
        return wizardAction(
            version == .v19 ? "You produced less than the initial demand" : "You produced less than initial demand",
            "mrp.action_mrp_production_backorder", "mrp.production.backorder", own)
    }

    /// The description of a window action as each version reads it from its table.
    func wizardAction(_ name: String, _ external: String, _ model: String, _ own: [(String, JSON)]) -> JSON {
        var shown = JSONObject(uniqueKeysWithValues: context.sorted { $0.key < $1.key })
        for (key, value) in own { shown[key] = value }
        var action: JSONObject = [
            "id": 1, "name": .string(name), "display_name": .string(name), "type": "ir.actions.act_window",
            "xml_id": .string(external), "help": false, "binding_model_id": false, "binding_type": "action",
            "binding_view_types": "list,form", "view_id": false, "domain": false, "context": .object(shown),
            "res_id": 0,
            "res_model": .string(model), "target": "new", "view_mode": "form", "views": [[false, "form"]], "limit": 80,
            "search_view_id": false, "filter": false,
        ]
        action[version == .v19 ? "group_ids" : "groups_id"] = []
        if version >= .v17 { action["mobile_view_mode"] = "kanban" }
        if version >= .v18 {
            action["path"] = false
            action["embedded_action_ids"] = []
        }
        if version == .v19 { action["cache"] = true }
        if version == .v16 { action["search_view"] = "{}" }
        return .object(action)
    }

    /// True, or the form of the one backorder with the context's skips taken back.
    func answer(_ backorders: [Int]) -> JSON {
        guard let first = backorders.first, !(version >= .v17 && contextFlag("skip_redirection")) else { return true }
        var shown = JSONObject()
        for (key, value) in context.sorted(by: { $0.key < $1.key }) where !key.hasPrefix("default_") {
            shown[key] = key.hasPrefix("skip_") ? false : value
        }
        // After the wizard the way back has its own skip.
        if version >= .v17 { shown["skip_backorder"] = false }
        shown["mo_ids_to_backorder"] = .null
        if version == .v16 { shown["button_mark_done_production_ids"] = .null }
        var action: JSONObject = [
            "res_model": "mrp.production", "type": "ir.actions.act_window", "context": .object(shown),
        ]
        if backorders.count == 1 {
            if version >= .v17 { action["views"] = [[false, "form"]] }
            action["view_mode"] = "form"
            action["res_id"] = .int(first)
        } else {
            action["name"] = "Backorder MO"
            action["domain"] = [["id", "in", .array(backorders.map { .int($0) })]]
            action["view_mode"] = .string(version >= .v18 ? "list,form" : "tree,form")
        }
        return .object(action)
    }
}
