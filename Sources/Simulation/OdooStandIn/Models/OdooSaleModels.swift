import ExactJSON

/// Quotations and sales orders: fields, hooks and methods; what they do stands beside it.
enum OdooSaleModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] { [orders(version), lines(version)] }

    /// Up to 16 a locked order had a state of its own.
    private static func states(_ version: OdooStandInVersion) -> [(String, String)] {
        [("draft", "Quotation"), ("sent", "Quotation Sent"), ("sale", "Sales Order")]
            + (version == .v16 ? [("done", "Locked")] : []) + [("cancel", "Cancelled")]
    }

    private static let invoiced = [
        ("upselling", "Upselling Opportunity"), ("invoiced", "Fully Invoiced"), ("to invoice", "To Invoice"),
        ("no", "Nothing to Invoice"),
    ]

    private static func fields(_ version: OdooStandInVersion) -> [OdooField] {
        var fields: [OdooField] = [
            .char("name", "Order Reference").required.notCopied.indexed.or("New"),
            .char("origin", "Source Document").indexed,
            .char("client_order_ref", "Customer Reference").notCopied.indexed,
            .many2one("partner_id", "Customer", "res.partner").required.indexed,
            .many2one("partner_invoice_id", "Invoice Address", "res.partner").required,
            .many2one("partner_shipping_id", "Delivery Address", "res.partner").required,
            .datetime("date_order", "Order Date").required.notCopied.orElse { $0.nowSecond },
            .datetime("commitment_date", "Delivery Date").notCopied, .html("note", "Terms and conditions"),
            .selection("state", "Status", states(version)).readonly.notCopied.or("draft"),
            .one2many("order_line", "Order Lines", "sale.order.line", "order_id"),
            .many2one("currency_id", "Currency", "res.currency").orElse { $0.companyCurrency },
            .many2one("user_id", "Salesperson", "res.users").orElse { .id($0.uid) },
            .many2one("warehouse_id", "Warehouse", "stock.warehouse").orElse {
                .id($0.record("stock.warehouse0") ?? 0)
            },
            .selection(
                "picking_policy", "Shipping Policy",
                [("direct", "As soon as possible"), ("one", "When all products are ready")]
            ).required.or("direct"),
            .one2many("picking_ids", "Transfers", "stock.picking", "sale_id").computed { env, id in
                .ids(env.pickings(of: id, .sale))
            },
            .integer("delivery_count", "Delivery Orders").computed { env, id in
                .integer(env.pickings(of: id, .sale).count)
            },
            .selection(
                "delivery_status", "Delivery Status",
                [
                    ("pending", "Not Delivered"), ("started", "Started"), ("partial", "Partially Delivered"),
                    ("full", "Fully Delivered"),
                ]
            ).computed { env, id in env.tradeStatus(id, .sale) },
            .selection("invoice_status", "Invoice Status", invoiced).computed { env, id in env.invoiceStatus(of: id) },
            .many2one("company_id", "Company", "res.company").required.or(.id(1)),
        ]
        fields += OdooEnvironment.amountFields(.sale)
        if version >= .v17 { fields.append(.boolean("locked", "Locked").notCopied) }
        return fields
    }

    private static func orders(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let sellers: [OdooGroup] = [.salesUser, .salesManager]
        return OdooModelDeclaration("sale.order", "Sales Order", fields(version)).with {
            $0.access = OdooAccess(
                readers: sellers + [.stockUser], writers: sellers + [.stockUser], creators: sellers)
            $0.order = "date_order desc, id desc"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                if values["name"]?.text ?? "New" == "New" {
                    values["name"] = .text(env.next("sale.order", prefix: "S"))
                }
                for name in ["partner_invoice_id", "partner_shipping_id"] where values[name]?.id == nil {
                    values[name] = values["partner_id"] ?? .empty
                }
            }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in
                for id in ids where !["draft", "cancel"].contains(env.text("sale.order", id, "state")) {
                    throw .userError(
                        "You can not delete a sent quotation or a confirmed sales order. You must first cancel it.")
                }
            }
            $0.methods.merge(methods(version)) { $1 }
        }
    }

    private static func lines(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let unit = OdooTrade.sale.unit(version), model = "sale.order.line"
        let sections = [("line_section", "Section"), ("line_note", "Note")]
        let fields: [OdooField] = [
            .many2one("order_id", "Order Reference", "sale.order").required.indexed,
            .text("name", "Description").required, .integer("sequence", "Sequence").or(.integer(10)),
            .many2one("product_id", "Product", "product.product").indexed,
            .quantity("product_uom_qty", "Quantity").required.or(.float(1)),
            .many2one(unit, "Unit of Measure", "uom.uom"), .float("price_unit", "Unit Price", digits: 2).required,
            .float("discount", "Discount (%)", digits: 2), .float("customer_lead", "Lead Time"),
            .quantity("qty_delivered", "Delivery Quantity").computed { env, id in .float(env.traded(id, .sale)) },
            .quantity("qty_invoiced", "Invoiced Quantity"),
            .quantity("qty_to_invoice", "Quantity To Invoice").computed { env, id in
                .float(
                    ["sale", "done"].contains(env.text(model, id, "state"))
                        ? env.number(model, id, "product_uom_qty") - env.number(model, id, "qty_invoiced") : 0)
            },
            .selection("invoice_status", "Invoice Status", invoiced).computed { env, id in
                env.invoiceStatus(ofLine: id)
            },
            .selection("state", "Order Status", states(version)).related("order_id.state"),
            .selection(
                "display_type", "Display Type",
                version == .v19 ? [sections[0], ("line_subsection", "Subsection"), sections[1]] : sections),
            .one2many("move_ids", "Stock Moves", "stock.move", "sale_line_id").notCopied,
            .many2one("order_partner_id", "Customer", "res.partner").related("order_id.partner_id"),
            .many2one("currency_id", "Currency", "res.currency").related("order_id.currency_id"),
            .many2one("company_id", "Company", "res.company").related("order_id.company_id"),
        ]
        return OdooModelDeclaration(
            model, "Sales Order Line", fields + OdooEnvironment.lineAmountFields(.sale, version)
        ).with {
            $0.access = OdooAccess(
                readers: [.salesUser, .salesManager, .stockUser], writers: [.salesUser, .salesManager, .stockUser],
                creators: [.salesUser, .salesManager])
            $0.order = "order_id, sequence, id"
            $0.behaviour.displayName = { env, id in
                let order = env.one(model, id, "order_id").map { env.text("sale.order", $0, "name") } ?? ""
                let line = env.text(model, id, "name").split(separator: "\n").first.map(String.init) ?? ""
                return "\(order) - \(line)"
            }
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                try env.prepareTradeLine(&values, .sale, price: "list_price")
            }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in
                if env.text(model, id, "state") == "sale" { try env.procure(id, .sale) }
            }
            $0.behaviour.writing = { (env, ids, values) throws(OdooFault) in try env.saleLinesWriting(ids, values) }
            $0.behaviour.written = { (env, ids, names) throws(OdooFault) in
                for id in ids where env.text(model, id, "state") == "sale" && names.contains("product_uom_qty") {
                    try env.procure(id, .sale)
                }
            }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in try env.saleLinesUnlinking(ids) }
        }
    }

    private static func methods(_ version: OdooStandInVersion) -> [String: OdooMethod] {
        var methods: [String: OdooMethod] = [
            "action_confirm": .together { (env, ids) throws(OdooFault) in try env.confirmSales(ids) },
            "action_cancel": .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                return .json(try env.cancelSales(call))
            },
            "action_draft": .records { (env, call) throws(OdooFault) in
                for id in call.ids where ["cancel", "sent"].contains(env.text("sale.order", id, "state")) {
                    env.stamp("sale.order", id, ["state": "draft"])
                }
                return .done
            },
        ]
        let (lock, locked, unlocked): (String, OdooValues, OdooValues) =
            version == .v16
            ? ("action_done", ["state": "done"], ["state": "sale"])
            : ("action_lock", ["locked": true], ["locked": false])
        for (name, values) in [(lock, locked), ("action_unlock", unlocked)] {
            methods[name] = .each(.none) { (env, id) throws(OdooFault) in env.stamp("sale.order", id, values) }
        }
        return methods
    }
}
