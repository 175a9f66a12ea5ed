import ExactJSON

/// What stands behind the ids in a page of changes: codes of products, names of units, partners, documents. Pure.
struct ChangeCodes: Sendable {
    /// A record's fields by model and id; what could not be looked up is missing.
    var rows: [String: [Int: JSONObject]] = [:]
    /// The lines of orders as they stood when they were asked for, by the line's model and the order's id.
    var lines: [String: [Int: [JSONObject]]] = [:]

    /// The fields that are read of a record that something points to.
    static let fields: [String: [String]] = [
        "product.product": ["default_code", "display_name"], "product.template": ["default_code", "name"],
        "uom.uom": ["name"], "res.partner": ["ref", "name"], "res.currency": ["name"],
        "stock.location": ["complete_name", "usage"], "stock.picking": ["name", "origin", "partner_id"],
        "stock.lot": ["name"], "mrp.production": ["name"], "maintenance.equipment": ["serial_no", "name"],
        "purchase.order": ["name"], "sale.order": ["name"],
    ]

    /// Where a watched field points to, the same in every model that has it.
    static let targets: [String: String] = [
        "product_id": "product.product", "product_tmpl_id": "product.template", "product_uom_id": "uom.uom",
        "product_uom": "uom.uom", "uom_id": "uom.uom", "partner_id": "res.partner", "currency_id": "res.currency",
        "location_id": "stock.location", "location_dest_id": "stock.location", "picking_id": "stock.picking",
        "lot_id": "stock.lot", "lot_producing_id": "stock.lot", "production_id": "mrp.production",
        "raw_material_production_id": "mrp.production", "equipment_id": "maintenance.equipment",
    ]

    /// The order that a line belongs to.
    static let orders: [String: String] = ["purchase.order.line": "purchase.order", "sale.order.line": "sale.order"]

    /// The ids to look up for these values of a record of `model`.
    static func needs(_ model: String, _ values: JSONObject) -> [(model: String, id: Int)] {
        var needs = values.compactMap { field, value in
            targets[field].flatMap { target in OdooChange.link(value).map { (model: target, id: $0) } }
        }
        if let order = orders[model], let id = values["order_id"].flatMap(OdooChange.link) { needs.append((order, id)) }
        return needs
    }

    func text(_ model: String, _ id: Int?, _ names: String...) -> String? {
        guard let id, let row = rows[model]?[id] else { return nil }
        return names.lazy.compactMap { row[$0]?.string }.first { !$0.isEmpty }
    }

    func link(_ model: String, _ id: Int?, _ field: String) -> Int? {
        guard let id else { return nil }
        return rows[model]?[id]?[field].flatMap(OdooChange.link)
    }

    /// The code of a product: a change without one is told in Odoo's own words.
    func item(_ id: Int?) -> String? { text("product.product", id, "default_code") }
    func unit(_ id: Int?) -> String? { text("uom.uom", id, "name") }
    /// A partner's reference, or its name.
    func partner(_ id: Int?) -> String? { text("res.partner", id, "ref", "name") }

    func quantity(_ value: ExactNumber?, _ unit: Int?) -> JSON? {
        guard let value, let unit = self.unit(unit) else { return nil }
        return ["value": .number(value), "unit": .string(unit)]
    }
}
