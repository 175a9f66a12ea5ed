import ExactJSON

/// A model whose changes are looked for, with the fields that matter. Used where the companion addon, which has a list
/// of its own inside Odoo, is not there.
struct WatchedModel: Sendable, Hashable {
    let name: String
    /// Names that an Odoo does not have are passed over.
    let fields: [String]
    /// The values that close a document, by field; a model without any is no document.
    let closed: [String: [String]]

    init(_ name: String, _ fields: String, closed: [String: [String]] = [:]) {
        self.name = name
        self.fields = fields.split(separator: " ").map(String.init)
        self.closed = closed
    }

    private static let done = ["state": ["done", "cancel"]]

    /// What is watched where the settings name nothing.
    static let all: [WatchedModel] = [
        WatchedModel(
            "mrp.production",
            """
            name state product_id product_qty product_uom_id date_start date_finished date_deadline \
            date_planned_start date_planned_finished bom_id origin lot_producing_id lot_producing_ids company_id \
            user_id priority
            """, closed: done),
        WatchedModel(
            "mrp.workorder", "name state production_id workcenter_id qty_produced date_start date_finished",
            closed: done),
        WatchedModel("mrp.workcenter", "name code active default_capacity time_efficiency"),
        WatchedModel("mrp.bom", "code active product_tmpl_id product_id product_qty product_uom_id type"),
        WatchedModel("mrp.bom.line", "bom_id product_id product_qty product_uom_id operation_id"),
        WatchedModel(
            "stock.picking",
            "name state origin partner_id picking_type_id location_id location_dest_id scheduled_date date_done "
                + "backorder_id", closed: done),
        WatchedModel(
            "stock.move",
            "state product_id product_uom_qty quantity quantity_done product_uom picking_id "
                + "raw_material_production_id production_id location_id location_dest_id", closed: done),
        WatchedModel(
            "stock.move.line",
            "state product_id quantity qty_done product_uom_id lot_id lot_name picking_id move_id location_id "
                + "location_dest_id", closed: done),
        WatchedModel("stock.lot", "name ref product_id expiration_date"),
        WatchedModel(
            "stock.scrap", "name state product_id scrap_qty product_uom_id lot_id location_id production_id",
            closed: ["state": ["done"]]),
        WatchedModel(
            "maintenance.request",
            "name stage_id equipment_id maintenance_type priority request_date schedule_date close_date"),
        WatchedModel(
            "purchase.order",
            "name state partner_id partner_ref origin date_order date_approve date_planned amount_total currency_id",
            closed: done),
        WatchedModel(
            "purchase.order.line",
            "order_id product_id product_qty product_uom product_uom_id price_unit date_planned qty_received"),
        WatchedModel(
            "sale.order",
            "name state partner_id client_order_ref origin date_order commitment_date amount_total currency_id",
            closed: done),
        WatchedModel(
            "sale.order.line",
            "order_id product_id product_uom_qty product_uom product_uom_id price_unit qty_delivered"),
        WatchedModel(
            "account.move",
            "name state move_type ref partner_id invoice_date invoice_date_due amount_untaxed amount_tax amount_total "
                + "amount_residual currency_id payment_state invoice_origin",
            closed: ["state": ["cancel"], "payment_state": ["paid", "reversed", "invoicing_legacy"]]),
        WatchedModel(
            "product.template",
            "name default_code active type tracking uom_id categ_id list_price sale_ok purchase_ok"),
        WatchedModel("product.product", "default_code barcode active product_tmpl_id"),
        WatchedModel(
            "res.partner", "name ref active is_company parent_id vat email phone street street2 zip city country_id"),
    ]

    /// The model of that name with further fields; one that is not known here has only those.
    static func named(_ name: String, further: String) -> WatchedModel {
        let known = all.first { $0.name == name }
        let names = (known?.fields ?? []) + further.split(separator: " ").map(String.init)
        return WatchedModel(name, names.joined(separator: " "), closed: known?.closed ?? [:])
    }

    /// Whether it is a document that a person still works on.
    func isOpen(_ values: JSONObject) -> Bool {
        !closed.isEmpty
            && closed.allSatisfy { field, words in values[field]?.string.map { !words.contains($0) } ?? true }
    }

    /// The domain of the open documents among the fields that this Odoo has; nil for a model without documents.
    func openDomain(_ known: [String]) -> JSON? {
        let terms = closed.filter { known.contains($0.key) }.sorted { $0.key < $1.key }.map { field, words in
            JSON.array([.string(field), "not in", .array(words.map { .string($0) })])
        }
        return terms.isEmpty ? nil : .array(terms)
    }
}
