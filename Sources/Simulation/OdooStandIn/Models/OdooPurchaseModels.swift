import ExactJSON

/// Requests for quotation and purchase orders: fields, hooks and methods; what they do stands beside it.
enum OdooPurchaseModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] { [orders(version), lines(version)] }

    /// 19 has a lock of its own instead of the last state.
    private static func states(_ version: OdooStandInVersion) -> [(String, String)] {
        [("draft", "RFQ"), ("sent", "RFQ Sent"), ("to approve", "To Approve"), ("purchase", "Purchase Order")]
            + (version == .v19 ? [] : [("done", "Locked")]) + [("cancel", "Cancelled")]
    }

    private static func fields(_ version: OdooStandInVersion) -> [OdooField] {
        var fields: [OdooField] = [
            .char("name", "Order Reference").required.notCopied.indexed.or("New"),
            .selection("priority", "Priority", [("0", "Normal"), ("1", "Urgent")]).or("0"),
            .char("origin", "Source Document").notCopied.indexed,
            .char("partner_ref", "Vendor Reference").notCopied.indexed,
            .datetime("date_order", "Order Deadline").required.notCopied.orElse { $0.nowSecond },
            .datetime("date_approve", "Confirmation Date").readonly.notCopied,
            .datetime("date_planned", "Expected Arrival").notCopied,
            .many2one("partner_id", "Vendor", "res.partner").required.indexed,
            .many2one("dest_address_id", "Dropship Address", "res.partner"),
            .many2one("currency_id", "Currency", "res.currency").required.orElse { $0.companyCurrency },
            .selection("state", "Status", states(version)).readonly.notCopied.or("draft"),
            .one2many("order_line", "Order Lines", "purchase.order.line", "order_id"),
            .many2one("picking_type_id", "Deliver To", "stock.picking.type").required.orElse {
                $0.value("stock.warehouse", $0.record("stock.warehouse0") ?? 0, "in_type_id")
            },
            .many2many("picking_ids", "Receptions", "stock.picking").computed { env, id in
                .ids(env.pickings(of: id, .purchase))
            },
            .integer("incoming_picking_count", "Incoming Shipment count").computed { env, id in
                .integer(env.pickings(of: id, .purchase).count)
            },
            .selection(
                "receipt_status", "Receipt Status",
                [("pending", "Not Received"), ("partial", "Partially Received"), ("full", "Fully Received")]
            ).computed { env, id in env.tradeStatus(id, .purchase) },
            .boolean("is_shipped", "Fully Received").computed { env, id in
                .bool(env.tradeStatus(id, .purchase) == "full")
            },
            .selection(
                "invoice_status", "Billing Status",
                [("no", "Nothing to Bill"), ("to invoice", "Waiting Bills"), ("invoiced", "Fully Billed")]
            ).computed { env, id in env.billStatus(of: id) },
            .many2one("user_id", "Buyer", "res.users").orElse { .id($0.uid) },
            .many2one("company_id", "Company", "res.company").required.or(.id(1)),
        ]
        fields += OdooEnvironment.amountFields(.purchase)
        if version == .v19 {
            fields += [
                .html("note", "Terms and Conditions"), .boolean("locked", "Locked").notCopied,
                .boolean("acknowledged", "Acknowledged").notCopied,
            ]
        } else {
            fields.append(.html("notes", "Terms and Conditions"))
        }
        return fields
    }

    private static func orders(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration("purchase.order", "Purchase Order", fields(version)).with {
            let buyers: [OdooGroup] = [.purchaseUser, .purchaseManager]
            $0.access = OdooAccess(readers: buyers + [.stockUser], writers: buyers)
            $0.order = "priority desc, id desc"
            $0.behaviour.displayName = { env, id in
                let name = env.text("purchase.order", id, "name"),
                    reference = env.text("purchase.order", id, "partner_ref")
                return reference.isEmpty ? name : "\(name) (\(reference))"
            }
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                if values["name"]?.text ?? "New" == "New" {
                    values["name"] = .text(env.next("purchase.order", prefix: "P"))
                }
            }
            $0.behaviour.created = { (env, id, names) throws(OdooFault) in env.plan(id, names) }
            $0.behaviour.written = { (env, ids, names) throws(OdooFault) in for id in ids { env.plan(id, names) } }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in
                for id in ids where env.text("purchase.order", id, "state") != "cancel" {
                    throw .userError("In order to delete a purchase order, you must cancel it first.")
                }
            }
            $0.methods.merge(methods(version)) { $1 }
        }
    }

    private static func lines(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let unit = OdooTrade.purchase.unit(version), model = "purchase.order.line"
        let sections = [("line_section", "Section"), ("line_note", "Note")]
        var fields: [OdooField] = [
            .many2one("order_id", "Order Reference", "purchase.order").required.indexed,
            .text("name", "Description").required, .integer("sequence", "Sequence").or(.integer(10)),
            .many2one("product_id", "Product", "product.product").indexed,
            .quantity("product_qty", "Quantity").required.or(.float(1)), .many2one(unit, "Unit of Measure", "uom.uom"),
            .quantity("product_uom_qty", "Total Quantity").computed { env, id in
                .float(
                    env.convert(
                        env.number(model, id, "product_qty"), from: env.one(model, id, unit),
                        to: env.one(model, id, "product_id").flatMap { env.one("product.product", $0, "uom_id") }))
            },
            .datetime("date_planned", "Expected Arrival"), .float("price_unit", "Unit Price", digits: 2).required,
            .quantity("qty_received", "Received Qty").computed { env, id in .float(env.traded(id, .purchase)) },
            .quantity("qty_invoiced", "Billed Qty"),
            .quantity("qty_to_invoice", "To Invoice Quantity").computed { env, id in
                .float(
                    ["purchase", "done"].contains(env.text(model, id, "state"))
                        ? env.traded(id, .purchase) - env.number(model, id, "qty_invoiced") : 0)
            },
            .selection("state", "Status", states(version)).related("order_id.state"),
            .selection(
                "display_type", "Display Type",
                version == .v19 ? [sections[0], ("line_subsection", "Subsection"), sections[1]] : sections),
            .one2many("move_ids", "Reservation", "stock.move", "purchase_line_id").readonly.notCopied,
            .many2one("partner_id", "Partner", "res.partner").related("order_id.partner_id"),
            .many2one("currency_id", "Currency", "res.currency").related("order_id.currency_id"),
            .many2one("company_id", "Company", "res.company").related("order_id.company_id"),
        ]
        fields += OdooEnvironment.lineAmountFields(.purchase, version)
        if version >= .v17 { fields.append(.float("discount", "Discount (%)")) }
        return OdooModelDeclaration(model, "Purchase Order Line", fields).with {
            $0.access = OdooAccess(
                readers: [.purchaseUser, .purchaseManager, .stockUser], writers: [.purchaseUser, .purchaseManager])
            $0.order = "order_id, sequence, id"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in try env.preparePurchaseLine(&values) }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in
                guard env.text(model, id, "state") == "purchase" else { return }
                try env.procure(id, .purchase)
            }
            $0.behaviour.writing = { (env, ids, values) throws(OdooFault) in
                try env.purchaseLinesWriting(ids, values)
            }
            $0.behaviour.written = { (env, ids, names) throws(OdooFault) in
                for id in ids where env.text(model, id, "state") == "purchase" && names.contains("product_qty") {
                    try env.procure(id, .purchase)
                }
                if names.contains("date_planned") {
                    for id in ids { env.replan(env.one(model, id, "order_id") ?? 0) }
                }
            }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in try env.purchaseLinesUnlinking(ids) }
        }
    }

    private static func methods(_ version: OdooStandInVersion) -> [String: OdooMethod] {
        var methods: [String: OdooMethod] = [
            "button_confirm": .each { (env, id) throws(OdooFault) in try env.confirmPurchase(id) },
            "button_approve": .records("force?") { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                for id in call.ids where env.mayApprove(id) { try env.approvePurchase(id) }
                return .json([:])
            },
            "button_cancel": .together(.none) { (env, ids) throws(OdooFault) in try env.cancelPurchases(ids) },
            "button_draft": .each(.json([:])) { (env, id) throws(OdooFault) in
                env.stamp("purchase.order", id, ["state": "draft"])
            },
        ]
        let (lock, locked, unlocked): (String, OdooValues, OdooValues) =
            version == .v19
            ? ("button_lock", ["locked": true], ["locked": false])
            : ("button_done", ["state": "done", "priority": "0"], ["state": "purchase"])
        for (name, values) in [(lock, locked), ("button_unlock", unlocked)] {
            methods[name] = .each(.none) { (env, id) throws(OdooFault) in env.stamp("purchase.order", id, values) }
        }
        return methods
    }
}
