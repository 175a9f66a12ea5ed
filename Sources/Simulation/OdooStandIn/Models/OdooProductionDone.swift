import ExactJSON

// Marking manufacturing orders done: checks, wizards, backorders, posting.
extension OdooEnvironment {
    /// `button_mark_done`: true, or the action of a wizard (then nothing was done) or of the backorder (then all was).
    mutating func markDone(_ orders: [Int]) throws(OdooFault) -> JSON {
        if version == .v16, context["button_mark_done_production_ids"] == nil {
            context["button_mark_done_production_ids"] = .array(orders.map { .int($0) })
        }
        if let wizard = try beforeMarkDone(orders) { return wizard }
        let wanted = Set((context["mo_ids_to_backorder"]?.array ?? []).compactMap(\.int))
        for order in orders {
            for workorder in many("mrp.production", order, "workorder_ids") {
                finishWorkorder(workorder, fillsMoves: false, expectsDuration: true)
            }
        }
        var backorders: [Int] = []
        for order in orders where isLive(order) {
            if wanted.contains(order), rest(order) > 0 { backorders.append(split(order)) }
        }
        for order in orders {
            try post(order)
            stamp("mrp.production", order, doneValues(order))
            refreshProduction(order)
        }
        return answer(backorders)
    }

    /// Whether the order is neither done nor cancelled.
    func isLive(_ order: Int) -> Bool { !["done", "cancel"].contains(text("mrp.production", order, "state")) }

    /// What of the planned quantity is not being produced.
    func rest(_ order: Int) -> Double {
        odooRound(
            number("mrp.production", order, "product_qty") - number("mrp.production", order, "qty_producing"), digits: 2
        )
    }

    private func doneValues(_ order: Int) -> OdooValues {
        var values: OdooValues = ["date_finished": nowSecond, "priority": "0", "is_locked": true]
        guard version == .v16 else { return values }
        if text("mrp.production", order, "state") != "cancel" { values["product_qty"] = .float(produced(order)) }
        if !many("mrp.production", order, "workorder_ids").isEmpty { values["date_planned_finished"] = nowSecond }
        return values
    }

    // MARK: Before

    /// The checks of `pre_button_mark_done`; the action of a wizard, or nil where nothing is left to ask.
    mutating func beforeMarkDone(_ orders: [Int]) throws(OdooFault) -> JSON? {
        if version == .v16 {
            if let wizard = immediateWizard(orders) { return wizard }
            try checkQuantities16(orders)
        } else {
            for order in orders {
                confirmProduction(order)
                if number("mrp.production", order, "qty_producing") == 0 { try setAll(order) }
            }
        }
        if let wizard = consumptionWizard(orders) { return wizard }
        return backorderWizard(orders)
    }

    private func checkQuantities16(_ orders: [Int]) throws(OdooFault) {
        for order in orders where isLive(order) {
            guard number("mrp.production", order, "qty_producing") > 0 else {
                throw .userError("The quantity to produce must be positive!")
            }
            let raw = many("mrp.production", order, "move_raw_ids")
            guard raw.isEmpty || raw.contains(where: { moved($0) != 0 }) else {
                throw .userError("You must indicate a non-zero amount consumed for at least one of your components")
            }
        }
    }

    /// Takes the full quantity where none was entered (`_set_quantities`, 17 and later).
    mutating func setAll(_ order: Int) throws(OdooFault) {
        guard let product = one("mrp.production", order, "product_id") else { return }
        let tracked = tracking(product)
        if tracked != "none", lots(of: order).isEmpty, isLive(order) { try generateLot(order) }
        let lots = lots(of: order).count
        let full = number("mrp.production", order, "product_qty")
        let quantity = tracked == "serial" ? Double(Swift.max(1, version == .v19 ? lots : 1)) : full
        stamp("mrp.production", order, ["qty_producing": .float(Swift.min(full, quantity))])
        setProducing(order)
        var missing = ""
        for move in many("mrp.production", order, "move_raw_ids")
        where isOpen(move) && flag("stock.move", move, "manual_consumption") {
            guard let component = one("stock.move", move, "product_id"), tracking(component) != "none" else { continue }
            let lines = many("stock.move", move, "move_line_ids").filter {
                flag("stock.move.line", $0, "picked") && number("stock.move.line", $0, "quantity") != 0
            }
            let isComplete =
                flag("stock.move", move, "picked") && lines.allSatisfy { one("stock.move.line", $0, "lot_id") != nil }
            if !isComplete { missing += "\n  - \(displayName("product.product", component))" }
        }
        guard missing.isEmpty else {
            throw .userError("You need to supply Lot/Serial Number for products and 'consume' them:\(missing)")
        }
    }

    // MARK: Posting

    /// Posts the components and the finished products of an order.
    private mutating func post(_ order: Int) throws(OdooFault) {
        guard text("mrp.production", order, "state") != "cancel",
            let product = one("mrp.production", order, "product_id")
        else { return }
        let finished = many("mrp.production", order, "move_finished_ids").filter(isOpen)
        guard !finished.isEmpty else { return }
        try checkSerials(order, product)
        let raw = many("mrp.production", order, "move_raw_ids").filter(isOpen)
        // 18 takes all components where none was marked; 17 and 19 then take none.
        if version == .v18, !raw.contains(where: { flag("stock.move", $0, "picked") }) { raw.forEach { pick($0) } }
        for move in finished { fillFinished(move, order, product) }
        for move in raw { postMove(move) }
        for move in finished { postMove(move) }
    }

    private mutating func fillFinished(_ move: Int, _ order: Int, _ product: Int) {
        let own = one("stock.move", move, "product_id") == product
        let producing = number("mrp.production", order, "qty_producing")
        let quantity = odooRound(producing * number("stock.move", move, "unit_factor"), digits: 2)
        guard moved(move) == 0, let place = one("stock.move", move, "location_id"), quantity > 0 else { return }
        let lots = own ? lots(of: order) : []
        if own, tracking(product) == "serial", lots.count > 1 {
            for lot in lots.prefix(Int(Swift.min(quantity, 100_000))) {
                _ = insertLine(move, 1, lot: lot, place: place, picked: true)
            }
        } else {
            _ = insertLine(move, quantity, lot: lots.first, place: place, picked: true)
        }
        stamp("stock.move", move, ["picked": true])
    }

    private func checkSerials(_ order: Int, _ product: Int) throws(OdooFault) {
        guard tracking(product) == "serial" else { return }
        for lot in lots(of: order)
        where quants(lot: lot).contains(where: {
            isInternal(one("stock.quant", $0, "location_id") ?? 0) && number("stock.quant", $0, "quantity") > 0
        }) {
            let name = text("product.product", product, "name")
            throw .userError(
                version == .v19
                    ? "Serial number(s) for product \(name) already produced"
                    : "This serial number for product \(name) has already been produced")
        }
    }
}
