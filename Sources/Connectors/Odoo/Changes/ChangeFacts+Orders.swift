import Canonical
import ExactJSON

// Orders: to make, to buy, to sell; invoices.
extension ChangeFacts {
    private static let toMake: Set = ["confirmed", "progress", "to_close"]
    /// What planning means by an order; how far it is, is told by production itself.
    private static let planning: Set = [
        "product_id", "product_qty", "product_uom_id", "date_start", "date_planned_start", "date_deadline", "bom_id",
        "priority", "lot_producing_id", "lot_producing_ids", "name", "origin",
    ]

    static func productionOrder(_ change: OdooChange, _ codes: ChangeCodes) -> Fact? {
        guard let order = change.text("name") else { return nil }
        if change.operation == .unlink {
            guard toMake.contains(change.text("state") ?? "") else { return nil }
            return Fact(
                "production-order.closed", subject: order, [("order", .string(order)), ("outcome", "cancelled")])
        }
        if change.entered("state", ["done", "cancel"]), change.operation != .baseline {
            let outcome: JSON = change.text("state") == "done" ? "done" : "cancelled"
            return Fact("production-order.closed", subject: order, [("order", .string(order)), ("outcome", outcome)])
        }
        let isReleased = change.entered("state", toMake, ifUnknown: change.text("state") == "confirmed")
        guard isReleased || (toMake.contains(change.text("state") ?? "") && change.touches(planning)) else {
            return nil
        }
        let due = change.instant(first: "date_deadline", "date_finished", "date_planned_finished")
        return Fact(
            isReleased ? "production-order.released" : "production-order.changed", subject: order,
            [
                ("order", .string(order)), ("item", codes.item(change.link("product_id")).map(JSON.string)),
                ("quantity", codes.quantity(change.number("product_qty"), change.link("product_uom_id"))),
                ("due", due.map { .string($0.description) }),
                ("lot", codes.text("stock.lot", change.link("lot_producing_id"), "name").map(JSON.string)),
            ])
    }

    private static let trade: Set = [
        "partner_id", "partner_ref", "client_order_ref", "date_planned", "commitment_date", "amount_total",
        "currency_id", "date_order", "name",
    ]

    static func purchaseOrder(_ change: OdooChange, _ codes: ChangeCodes) -> Fact? {
        order(
            change, codes, family: "purchase-order", begun: "issued", partner: "supplier", reference: "partner_ref",
            due: ("due", "date_planned"), living: ["purchase", "done"], lines: "purchase.order.line")
    }

    static func salesOrder(_ change: OdooChange, _ codes: ChangeCodes) -> Fact? {
        order(
            change, codes, family: "sales-order", begun: "confirmed", partner: "customer",
            reference: "client_order_ref", due: ("promised", "commitment_date"), living: ["sale", "done"],
            lines: "sale.order.line")
    }

    private static func order(
        _ change: OdooChange, _ codes: ChangeCodes, family: String, begun: String, partner: String, reference: String,
        due: (name: String, field: String), living: Set<String>, lines: String
    ) -> Fact? {
        guard let order = change.text("name") else { return nil }
        let isLiving = living.contains(change.text("state") ?? "")
        let fact: String
        if change.operation == .unlink {
            // Odoo lets nothing be deleted but drafts and what was cancelled before.
            guard isLiving else { return nil }
            fact = "cancelled"
        } else if change.entered("state", ["cancel"]) {
            // A draft that is dropped was never an order.
            guard change.operation == .write, change.changed == nil || wasLiving(change, living) else { return nil }
            fact = "cancelled"
        } else if change.entered("state", living) {
            fact = begun
        } else if isLiving, change.touches(trade) {
            fact = "changed"
        } else {
            return nil
        }
        let total = change.number("amount_total")
        return Fact(
            "\(family).\(fact)", subject: order,
            [
                ("order", .string(order)), (partner, codes.partner(change.link("partner_id")).map(JSON.string)),
                ("reference", change.text(reference).map(JSON.string)),
                (due.name, change.instant(due.field).map { .string($0.description) }),
                ("total", total.map(JSON.number)),
                ("currency", codes.text("res.currency", change.link("currency_id"), "name").map(JSON.string)),
                ("lines", fact == "cancelled" ? nil : Self.lines(lines, change.id, codes)),
            ])
    }

    private static func wasLiving(_ change: OdooChange, _ living: Set<String>) -> Bool {
        change.before["state"]?.string.map(living.contains) ?? false
    }

    /// The order's lines as they stood when they were asked for.
    private static func lines(_ model: String, _ order: Int, _ codes: ChangeCodes) -> JSON? {
        guard let rows = codes.lines[model]?[order], !rows.isEmpty else { return nil }
        return .array(
            rows.compactMap { row -> JSON? in
                guard let product = row["product_id"].flatMap(OdooChange.link) else { return nil }
                let unit = (row["product_uom_id"] ?? row["product_uom"]).flatMap(OdooChange.link)
                let amount = (row["product_uom_qty"] ?? row["product_qty"])?.number?.trimmed()
                var line: JSONObject = ["line": row["id"] ?? .null]
                line["item"] = codes.item(product).map { .string($0) }
                line["description"] = codes.text("product.product", product, "display_name").map { .string($0) }
                line["quantity"] = codes.quantity(amount, unit)
                line["price"] = row["price_unit"]?.number.map { .number($0.trimmed()) }
                return .object(line)
            })
    }

    private static let kinds: [String: String] = [
        "out_invoice": "customer-invoice", "out_refund": "customer-credit-note", "out_receipt": "sales-receipt",
        "in_invoice": "vendor-bill", "in_refund": "vendor-credit-note", "in_receipt": "purchase-receipt",
    ]

    static func invoice(_ change: OdooChange, _ codes: ChangeCodes) -> Fact? {
        guard let kind = change.text("move_type").flatMap({ kinds[$0] }), let name = change.text("name"),
            change.text("state") == "posted"
        else { return nil }
        let fact: String
        if change.entered("payment_state", ["paid"]) {
            fact = "invoice.paid"
        } else if change.entered("state", ["posted"]) {
            fact = "invoice.posted"
        } else {
            return nil
        }
        return Fact(
            fact, subject: name,
            [
                ("invoice", .string(name)), ("kind", .string(kind)),
                ("partner", codes.partner(change.link("partner_id")).map(JSON.string)),
                ("reference", change.text("ref").map(JSON.string)),
                ("order", change.text("invoice_origin").map(JSON.string)),
                ("date", change.text("invoice_date").map(JSON.string)),
                ("due", change.text("invoice_date_due").map(JSON.string)),
                ("net", change.number("amount_untaxed").map(JSON.number)),
                ("tax", change.number("amount_tax").map(JSON.number)),
                ("total", change.number("amount_total").map(JSON.number)),
                ("open", change.number("amount_residual").map(JSON.number)),
                ("currency", codes.text("res.currency", change.link("currency_id"), "name").map(JSON.string)),
            ])
    }
}
