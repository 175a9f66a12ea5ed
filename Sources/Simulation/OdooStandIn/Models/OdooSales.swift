import ExactJSON

// What sales orders do.
extension OdooEnvironment {
    // MARK: States

    mutating func confirmSales(_ orders: [Int]) throws(OdooFault) {
        for order in orders { try checkConfirmable(order) }
        for order in orders { stamp("sale.order", order, ["state": "sale", "date_order": nowSecond]) }
        for order in orders {
            for line in many("sale.order", order, "order_line") { try procure(line, .sale) }
        }
    }

    private func checkConfirmable(_ order: Int) throws(OdooFault) {
        let state = text("sale.order", order, "state")
        switch version {
        case .v16:
            // One that is confirmed is confirmed once more, and nothing happens.
            guard ["done", "cancel"].contains(state) else { return }
            throw .userError("It is not allowed to confirm an order in the following states: done, cancel")
        case .v17:
            guard !["draft", "sent"].contains(state) else { return }
            throw .userError(
                "The following orders are not in a state requiring confirmation: \(text("sale.order", order, "name"))")
        case .v18, .v19:
            guard ["draft", "sent"].contains(state) else {
                throw .userError("Some orders are not in a state requiring confirmation.")
            }
            guard
                many("sale.order", order, "order_line").allSatisfy({
                    one("sale.order.line", $0, "product_id") != nil
                        || !value("sale.order.line", $0, "display_type").isEmpty
                })
            else {
                throw .userError(
                    "Some order lines are missing a product, you need to correct them before going further.")
            }
        }
    }

    /// True, or up to 18 the window that asks for words to the customer, and then nothing was done.
    mutating func cancelSales(_ call: OdooCall) throws(OdooFault) -> JSON {
        if version >= .v17, call.ids.contains(where: { flag("sale.order", $0, "locked") }) {
            throw .userError("You cannot cancel a locked order. Please unlock it first.")
        }
        let isSilent = version == .v19 || contextFlag("disable_cancel_warning")
        if !isSilent, call.ids.contains(where: { text("sale.order", $0, "state") != "draft" }) {
            let order = try call.single()
            let kind = ["draft", "sent", "cancel"].contains(text("sale.order", order, "state"))
            return cancelWizard(order, kind ? "Quotation" : "Sales Order")
        }
        for order in call.ids {
            for picking in pickings(of: order, .sale) where text("stock.picking", picking, "state") != "done" {
                try cancelTransfer(many("stock.picking", picking, "move_ids").filter(isOpen))
                stamp("stock.picking", picking, ["is_locked": true])
                refreshPicking(picking)
            }
            stamp("sale.order", order, ["state": "cancel"])
        }
        return true
    }

    private func cancelWizard(_ order: Int, _ kind: String) -> JSON {
        var shown = JSONObject(uniqueKeysWithValues: context.sorted { $0.key < $1.key })
        shown["default_use_template"] = false
        shown["default_order_id"] = .int(order)
        shown["mark_so_as_canceled"] = true
        shown["model_description"] = .string(kind)
        return [
            "name": .string("Cancel \(kind)"), "view_mode": "form", "res_model": "sale.order.cancel", "view_id": 1200,
            "type": "ir.actions.act_window", "context": .object(shown), "target": "new",
        ]
    }

    // MARK: Lines

    func saleLinesWriting(_ lines: [Int], _ values: OdooValues) throws(OdooFault) {
        let guarded = ["product_id", "name", "price_unit", "product_uom_qty", "discount", OdooTrade.sale.unit(version)]
        let model = model("sale.order.line")
        for line in lines {
            let state = text("sale.order.line", line, "state"), order = one("sale.order.line", line, "order_id") ?? 0
            if let wanted = values["product_uom_qty"], state == "sale",
                wanted.double < traded(line, .sale) - 0.000_001
            {
                throw .userError(
                    "The ordered quantity of a sale order line cannot be decreased below the amount already delivered. "
                        + "Instead, create a return in your inventory.")
            }
            let written = guarded.filter { values[$0] != nil }.compactMap { model.fields[$0]?.label }
            if !written.isEmpty, state == "done" || flag("sale.order", order, "locked") {
                throw .userError(
                    "It is forbidden to modify the following fields in a locked order:\n"
                        + written.joined(separator: "\n"))
            }
        }
    }

    func saleLinesUnlinking(_ lines: [Int]) throws(OdooFault) {
        for line in lines where ["sale", "done"].contains(text("sale.order.line", line, "state")) {
            throw .userError(
                version == .v16
                    ? "You can not remove an order line once the sales order is confirmed.\n"
                        + "You should rather set the quantity to 0."
                    : "Once a sales order is confirmed, you can't remove one of its lines (we need to track if "
                        + "something gets invoiced or delivered).\n                Set the quantity to 0 instead.")
        }
    }

    // MARK: Invoices

    /// What is to be invoiced is what was ordered.
    func invoiceStatus(ofLine line: Int) -> OdooValue {
        guard ["sale", "done"].contains(text("sale.order.line", line, "state")) else { return "no" }
        if number("sale.order.line", line, "qty_to_invoice") != 0 { return "to invoice" }
        let wanted = number("sale.order.line", line, "product_uom_qty")
        if traded(line, .sale) > wanted { return "upselling" }
        return number("sale.order.line", line, "qty_invoiced") >= wanted ? "invoiced" : "no"
    }

    func invoiceStatus(of order: Int) -> OdooValue {
        guard ["sale", "done"].contains(text("sale.order", order, "state")) else { return "no" }
        let lines = many("sale.order", order, "order_line").filter {
            value("sale.order.line", $0, "display_type").isEmpty
        }.map { invoiceStatus(ofLine: $0) }
        if lines.contains("to invoice") { return "to invoice" }
        if !lines.isEmpty, lines.allSatisfy({ $0 == "invoiced" }) { return "invoiced" }
        if !lines.isEmpty, lines.allSatisfy({ $0 == "invoiced" || $0 == "upselling" }) { return "upselling" }
        return "no"
    }
}
