// What purchase orders do, and what they share with sales orders.
extension OdooEnvironment {
    // MARK: Both kinds

    /// How far what was ordered came or went.
    func tradeStatus(_ order: Int, _ trade: OdooTrade) -> OdooValue {
        let states = pickings(of: order, trade).map { text("stock.picking", $0, "state") }
        if states.allSatisfy({ $0 == "cancel" }) { return .empty }
        if states.allSatisfy({ ["done", "cancel"].contains($0) }) { return "full" }
        guard states.contains("done") else { return "pending" }
        guard trade == .sale else { return "partial" }
        return children(trade.line, "order_id", of: order).contains { traded($0, trade) != 0 } ? "partial" : "started"
    }

    /// Fills what Odoo computes of a line from its product: text, unit, taxes, price.
    mutating func prepareTradeLine(_ values: inout OdooValues, _ trade: OdooTrade, price: String) throws(OdooFault) {
        guard values["display_type"]?.isEmpty != false else {
            for name in ["product_id", trade.unit(version), "date_planned"] { values[name] = .empty }
            for name in ["price_unit", trade.quantity] { values[name] = .float(0) }
            return
        }
        guard let product = values["product_id"]?.id else { return }
        guard exists("product.product", product) else { throw .missing("product.product", product, uid: uid) }
        let unit = trade.unit(version), own = one("product.product", product, "uom_id")
        if values[unit]?.id == nil { values[unit] = own.map { .id($0) } ?? .empty }
        values[trade.taxes(version)] = value("product.product", product, trade.productTaxes)
        if values["name"]?.isEmpty != false { values["name"] = .text(displayName("product.product", product)) }
        if values["price_unit"] == nil {
            // The price of one of the product's unit, for one of the line's.
            let size = convert(1, from: values[unit]?.id, to: own)
            values["price_unit"] = .float(number("product.product", product, price) * size)
        }
    }

    // MARK: Purchase orders

    mutating func preparePurchaseLine(_ values: inout OdooValues) throws(OdooFault) {
        try prepareTradeLine(&values, .purchase, price: "standard_price")
        guard values["display_type"]?.isEmpty != false else { return }
        if values["date_planned"]?.isEmpty != false {
            values["date_planned"] =
                values["order_id"]?.id.map { value("purchase.order", $0, "date_order") } ?? nowSecond
        }
        guard values["product_id"]?.id != nil else {
            throw .validation(
                "The operation cannot be completed: Missing required fields on accountable purchase order line.")
        }
    }

    /// The expected arrival goes to the lines where it was written, and comes from them otherwise.
    mutating func plan(_ order: Int, _ names: Set<String>) {
        guard names.contains("date_planned"), !value("purchase.order", order, "date_planned").isEmpty else {
            return replan(order)
        }
        for line in many("purchase.order", order, "order_line")
        where value("purchase.order.line", line, "display_type").isEmpty {
            stamp("purchase.order.line", line, ["date_planned": value("purchase.order", order, "date_planned")])
        }
    }

    mutating func replan(_ order: Int) {
        let dates = many("purchase.order", order, "order_line").compactMap {
            value("purchase.order.line", $0, "date_planned").instant
        }
        assign("purchase.order", order, ["date_planned": dates.min().map { .instant($0) } ?? .empty])
    }

    func purchaseLinesWriting(_ lines: [Int], _ values: OdooValues) throws(OdooFault) {
        // Up to 17 nothing is ordered back that came already.
        guard version <= .v17, let wanted = values["product_qty"] else { return }
        for line in lines where text("purchase.order.line", line, "state") == "purchase" {
            guard wanted.double < traded(line, .purchase) - 0.000_001 else { continue }
            throw .userError(
                "You cannot decrease the ordered quantity below the received quantity.\nCreate a return first.")
        }
    }

    mutating func purchaseLinesUnlinking(_ lines: [Int]) throws(OdooFault) {
        for line in lines {
            let state = text("purchase.order.line", line, "state")
            guard ["purchase", "done"].contains(state) else { continue }
            let shown = state == "done" ? "Locked" : "Purchase Order"
            throw .userError(
                version == .v19
                    ? "Cannot delete a purchase order line which is in state “\(shown)”."
                    : "Cannot delete a purchase order line which is in state '\(shown)'.")
        }
        for line in lines {
            for move in children("stock.move", "purchase_line_id", of: line) {
                cancelMove(move)
                refreshOrder(of: move)
            }
        }
    }

    /// What is to be billed is what was received.
    func billStatus(of order: Int) -> OdooValue {
        guard ["purchase", "done"].contains(text("purchase.order", order, "state")) else { return "no" }
        let lines = many("purchase.order", order, "order_line")
        if lines.contains(where: { number("purchase.order.line", $0, "qty_to_invoice") != 0 }) { return "to invoice" }
        return lines.contains { number("purchase.order.line", $0, "qty_invoiced") != 0 } ? "invoiced" : "no"
    }

    // MARK: States

    func mayApprove(_ order: Int) -> Bool {
        let company = one("purchase.order", order, "company_id") ?? 1
        return text("res.company", company, "po_double_validation") != "two_step"
            || total(of: order, .purchase) < number("res.company", company, "po_double_validation_amount")
            || settings.groups(of: uid).contains(.purchaseManager)
    }

    mutating func confirmPurchase(_ order: Int) throws(OdooFault) {
        guard ["draft", "sent"].contains(text("purchase.order", order, "state")) else { return }
        if version == .v19,
            many("purchase.order", order, "order_line").contains(where: {
                one("purchase.order.line", $0, "product_id") == nil
                    && value("purchase.order.line", $0, "display_type").isEmpty
            })
        {
            throw .userError("Some order lines are missing a product, you need to correct them before going further.")
        }
        guard mayApprove(order) else { return stamp("purchase.order", order, ["state": "to approve"]) }
        try approvePurchase(order)
    }

    mutating func approvePurchase(_ order: Int) throws(OdooFault) {
        stamp("purchase.order", order, ["state": "purchase", "date_approve": nowSecond])
        for line in many("purchase.order", order, "order_line") { try procure(line, .purchase) }
        guard text("res.company", one("purchase.order", order, "company_id") ?? 1, "po_lock") == "lock" else { return }
        stamp("purchase.order", order, version == .v19 ? ["locked": true] : ["state": "done"])
    }

    mutating func cancelPurchases(_ orders: [Int]) throws(OdooFault) {
        let locked = orders.filter { flag("purchase.order", $0, "locked") }
        guard locked.isEmpty else {
            let names = locked.map { "'\(displayName("purchase.order", $0))'" }.joined(separator: ", ")
            throw .userError("Unable to cancel purchase order(s): [\(names)]. You must first unlock them.")
        }
        for order in orders {
            let moves = many("purchase.order", order, "order_line").flatMap {
                children("stock.move", "purchase_line_id", of: $0)
            }
            // 19 leaves alone what was received.
            if version < .v19, moves.contains(where: { text("stock.move", $0, "state") == "done" }) {
                throw .userError(
                    "Unable to cancel purchase order \(text("purchase.order", order, "name")) as some receptions have "
                        + "already been done.")
            }
            let pickings = self.pickings(of: order, .purchase)
            for move in moves { cancelMove(move) }
            for picking in pickings where text("stock.picking", picking, "state") != "done" {
                try cancelTransfer(many("stock.picking", picking, "move_ids").filter(isOpen))
                stamp("stock.picking", picking, ["is_locked": true])
                refreshPicking(picking)
            }
            stamp("purchase.order", order, ["state": "cancel"])
        }
    }
}
