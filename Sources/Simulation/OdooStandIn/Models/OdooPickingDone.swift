import ExactJSON

// Validating transfers: posting, backorders.
extension OdooEnvironment {
    /// `button_validate`: true, or the action of a wizard, and then nothing was done.
    mutating func validatePickings(_ given: [Int]) throws(OdooFault) -> JSON {
        var pickings = given
        if version == .v19 { pickings.removeAll { text("stock.picking", $0, "state") == "done" } }
        if splitsPicked { try fillDrafts(pickings) }
        if !contextFlag("skip_sanity_check") { try checkPickings(pickings) }
        if !contextFlag("button_validate_picking_ids") {
            context["button_validate_picking_ids"] = .array(pickings.map { .int($0) })
        }
        if let wizard = beforeValidating(pickings) { return wizard }
        let spared = Set((context["picking_ids_not_to_backorder"]?.array ?? []).compactMap(\.int))
        for picking in pickings {
            let habit = one("stock.picking", picking, "picking_type_id").map {
                text("stock.picking.type", $0, "create_backorder")
            }
            try finishPicking(picking, cancelsRest: habit == "never" || habit != "always" && spared.contains(picking))
        }
        return true
    }

    /// Drafts are confirmed, and what has no quantity yet takes all of its demand.
    private mutating func fillDrafts(_ pickings: [Int]) throws(OdooFault) {
        for picking in pickings where text("stock.picking", picking, "state") == "draft" {
            try confirmPicking(picking)
            for move in many("stock.picking", picking, "move_ids") where moved(move) == 0 {
                setQuantity(move, number("stock.move", move, "product_uom_qty"))
            }
        }
    }

    // MARK: Posting

    /// Moves what was stated; the rest is cancelled or goes on in a backorder.
    private mutating func finishPicking(_ picking: Int, cancelsRest: Bool) throws(OdooFault) {
        try confirmTransfer(many("stock.picking", picking, "move_ids"))
        var taken: [Int] = []
        for move in many("stock.picking", picking, "move_ids") where isOpen(move) {
            if moved(move) > 0, !splitsPicked || flag("stock.move", move, "picked") {
                taken.append(move)
            } else if cancelsRest || number("stock.move", move, "product_uom_qty") == 0 {
                cancelMove(move)
            }
        }
        try giveLots(taken, of: picking)
        var packages: Set<Int> = []
        for move in taken {
            let done = moved(move), demand = number("stock.move", move, "product_uom_qty")
            if done < demand - 0.000_001, !cancelsRest {
                splitTransferMove(move, keeping: done)
            } else if done > demand, version < .v19 {
                assign("stock.move", move, ["product_uom_qty": .float(done)])
            }
            for line in many("stock.move", move, "move_line_ids") {
                if let package = one("stock.move.line", line, "result_package_id") { packages.insert(package) }
            }
            postMove(move)
        }
        try checkPackages(packages)
        stamp("stock.picking", picking, ["date_done": nowSecond, "priority": "0"])
        if !cancelsRest, !taken.isEmpty { try makeBackorder(picking) }
        refreshPicking(picking)
    }

    /// Finds or makes the lots that lines name; refuses what is tracked and has none.
    private mutating func giveLots(_ moves: [Int], of picking: Int) throws(OdooFault) {
        let type = one("stock.picking", picking, "picking_type_id") ?? 0
        let makes = flag("stock.picking.type", type, "use_create_lots")
        var missing: [Int] = []
        for line in moves.flatMap({ many("stock.move", $0, "move_line_ids") }) {
            guard let product = one("stock.move.line", line, "product_id"), tracking(product) != "none",
                one("stock.move.line", line, "lot_id") == nil, number("stock.move.line", line, doneField) > 0,
                version == .v16 || flag("stock.move.line", line, "picked"), takesLots(picking)
            else { continue }
            let name = text("stock.move.line", line, "lot_name")
            guard makes, !name.isEmpty else {
                missing.append(product)
                continue
            }
            let lot =
                lots(named: name, of: product).first
                ?? insert("stock.lot", ["name": .text(name), "product_id": .id(product), "company_id": .id(1)])
            assign("stock.move.line", line, ["lot_id": .id(lot)])
        }
        guard !missing.isEmpty else { return }
        let dash = version <= .v17 ? " \n - " : "\n- "
        let names = unrepeated(missing).map { displayName("product.product", $0) }
        throw .userError(
            "You need to supply a Lot/Serial Number for product:\(dash)"
                + names.joined(separator: version <= .v17 ? "\n - " : dash))
    }

    /// Leaves `done` on the move; the rest becomes a move of its own.
    private mutating func splitTransferMove(_ move: Int, keeping done: Double) {
        let model = model("stock.move")
        var values: OdooValues = [:]
        for field in model.fields.values
        where field.slot >= 0 && !["create_date", "write_date", "picked"].contains(field.name) {
            values[field.name] = value(model, move, field)
        }
        values["product_uom_qty"] = .float(number("stock.move", move, "product_uom_qty") - done)
        values["state"] = "confirmed"
        _ = insert("stock.move", values)
        stamp("stock.move", move, ["product_uom_qty": .float(done)])
    }

    /// What is still open goes to a transfer of its own, which takes what is free.
    private mutating func makeBackorder(_ picking: Int) throws(OdooFault) {
        let open = many("stock.picking", picking, "move_ids").filter(isOpen)
        guard !open.isEmpty else { return }
        let model = model("stock.picking")
        var values: OdooValues = [
            "backorder_id": .id(picking), "scheduled_date": value(model.name, picking, "scheduled_date"),
        ]
        for field in model.fields.values where field.slot >= 0 && field.isCopied && values[field.name] == nil {
            values[field.name] = value(model, picking, field)
        }
        if version == .v19 { values["user_id"] = .empty }
        try preparePicking(&values)
        let backorder = insert("stock.picking", values)
        for move in open {
            stamp("stock.move", move, ["picking_id": .id(backorder), "picked": false])
            for line in many("stock.move", move, "move_line_ids") {
                assign("stock.move.line", line, ["picking_id": .id(backorder)])
            }
            reserve(move)
        }
        refreshPicking(backorder)
    }

    // MARK: Odoo 16

    /// What is reserved counts as done, as the wizard for immediate transfers has it.
    mutating func takeReserved(_ picking: Int) {
        for move in many("stock.picking", picking, "move_ids") where isOpen(move) && moved(move) == 0 {
            for line in many("stock.move", move, "move_line_ids") {
                assign("stock.move.line", line, ["qty_done": value("stock.move.line", line, "reserved_uom_qty")])
            }
        }
    }
}
