import ExactJSON

// Validating transfers: checks, wizards, posting, backorders.
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

    // MARK: Checks

    private func checkPickings(_ pickings: [Int]) throws(OdooFault) {
        let empty = pickings.filter {
            many("stock.picking", $0, "move_ids").isEmpty && many("stock.picking", $0, "move_line_ids").isEmpty
        }
        let still = pickings.filter(hasNoQuantity)
        let products = pickings.flatMap(linesWithoutLot).compactMap { one("stock.move.line", $0, "product_id") }
        let names = unrepeated(products).map { displayName("product.product", $0) }.joined(separator: ", ")
        guard pickings.count == 1 else { return try checkSeveral(empty, still, pickings, names) }
        if !empty.isEmpty {
            throw .userError(
                version == .v16
                    ? "Please add some items to move."
                    : "You can’t validate an empty transfer. Please add some products to move before proceeding.")
        }
        if !still.isEmpty { throw .userError(noQuantityWords) }
        if !products.isEmpty { throw .userError("You need to supply a Lot/Serial number for products \(names).") }
    }

    private func checkSeveral(
        _ empty: [Int], _ still: [Int], _ pickings: [Int], _ products: String
    ) throws(OdooFault) {
        func names(_ list: [Int]) -> String { list.map { text("stock.picking", $0, "name") }.joined(separator: ", ") }
        var words: [String] = []
        if !empty.isEmpty { words.append("Transfers \(names(empty)): Please add some items to move.") }
        if version == .v16, !still.isEmpty {
            words.append(
                "Transfers \(names(still)): You cannot validate these transfers if no quantities are reserved nor done. "
                    + "To force these transfers, switch in edit more and encode the done quantities.")
        }
        let untold = pickings.filter { !linesWithoutLot($0).isEmpty }
        if !untold.isEmpty {
            words.append(
                "Transfers \(names(untold)): You need to supply a Lot/Serial number for products \(products).")
        }
        guard words.isEmpty else { throw .userError(words.joined(separator: "\n\n")) }
    }

    private var noQuantityWords: String {
        switch version {
        case .v16:
            "You cannot validate a transfer if no quantities are reserved nor done. To force the transfer, switch in edit "
                + "mode and encode the done quantities."
        case .v17, .v18:
            "You cannot validate a transfer if no quantities are reserved. To force the transfer, encode quantities."
        case .v19:
            "Transfer trouble alert! Validating a zero quantity transfer? You're not moving invisible goods around are "
                + "you?\nSet some quantities and let's get moving!"
        }
    }

    /// Whether nothing is there to move.
    private func hasNoQuantity(_ picking: Int) -> Bool {
        let moves = many("stock.picking", picking, "move_ids").filter(isOpen)
        guard splitsPicked else { return moves.allSatisfy { moved($0) == 0 && reserved($0) == 0 } }
        let picked = moves.filter { flag("stock.move", $0, "picked") }
        return (picked.isEmpty ? moves : picked).allSatisfy { moved($0) == 0 }
    }

    /// The lines that move something tracked without saying which: from 17 on those that somebody picked.
    private func linesWithoutLot(_ picking: Int) -> [Int] {
        guard takesLots(picking) else { return [] }
        let lines = many("stock.picking", picking, "move_line_ids").filter {
            !["done", "cancel"].contains(text("stock.move.line", $0, "state"))
        }
        let isUntouched = version == .v16 && lines.allSatisfy { number("stock.move.line", $0, "qty_done") == 0 }
        return lines.filter { line in
            guard let product = one("stock.move.line", line, "product_id"), tracking(product) != "none",
                one("stock.move.line", line, "lot_id") == nil,
                value("stock.move.line", line, "lot_name").isEmpty
            else { return false }
            if version == .v16 { return isUntouched || number("stock.move.line", line, "qty_done") != 0 }
            return flag("stock.move.line", line, "picked") && number("stock.move.line", line, "quantity") != 0
        }
    }

    /// Whether the operation type asks for lots at all.
    private func takesLots(_ picking: Int) -> Bool {
        guard let type = one("stock.picking", picking, "picking_type_id") else { return false }
        return flag("stock.picking.type", type, "use_create_lots")
            || flag("stock.picking.type", type, "use_existing_lots")
    }

    // MARK: Before

    /// The action of a wizard that asks first, or nil where nothing is left to ask.
    private mutating func beforeValidating(_ pickings: [Int]) -> JSON? {
        if version == .v16 {
            let untouched = pickings.filter { picking in
                many("stock.picking", picking, "move_line_ids").allSatisfy {
                    ["done", "cancel"].contains(text("stock.move.line", $0, "state"))
                        || number("stock.move.line", $0, "qty_done") == 0
                }
            }
            if !untouched.isEmpty, !contextFlag("skip_immediate") {
                return pickingWizard("Immediate Transfer?", "stock.immediate.transfer", 885, untouched, of: pickings)
            }
        } else {
            for picking in pickings { pickAll(picking) }
        }
        guard !contextFlag("skip_backorder") else { return nil }
        let short = pickings.filter { picking in
            guard let type = one("stock.picking", picking, "picking_type_id"),
                text("stock.picking.type", type, "create_backorder") == "ask"
            else { return false }
            return many("stock.picking", picking, "move_ids").contains(where: isIncomplete)
        }
        guard !short.isEmpty else { return nil }
        return pickingWizard("Create Backorder?", "stock.backorder.confirmation", 887, short, of: pickings)
    }

    private func isIncomplete(_ move: Int) -> Bool {
        guard text("stock.move", move, "state") != "cancel" else { return false }
        let demand = number("stock.move", move, "product_uom_qty")
        return (splitsPicked && demand != 0 && !flag("stock.move", move, "picked")) || moved(move) < demand - 0.000_001
    }

    /// Where nothing was picked, all that is there was.
    private mutating func pickAll(_ picking: Int) {
        let moves = many("stock.picking", picking, "move_ids")
        guard moves.contains(where: { moved($0) != 0 }), !moves.contains(where: { flag("stock.move", $0, "picked") })
        else { return }
        for move in moves where isOpen(move) { pick(move) }
    }

    private func pickingWizard(_ name: String, _ model: String, _ view: Int, _ pickings: [Int], of all: [Int]) -> JSON {
        var shown = JSONObject(uniqueKeysWithValues: context.sorted { $0.key < $1.key })
        shown["default_show_transfers"] = .bool(all.count > 1)
        shown["default_pick_ids"] = .array(pickings.map { [4, .int($0)] })
        return [
            "name": .string(name), "type": "ir.actions.act_window", "view_mode": "form", "res_model": .string(model),
            "views": [[.int(view), "form"]], "view_id": .int(view), "target": "new", "context": .object(shown),
        ]
    }

    private func unrepeated(_ ids: [Int]) -> [Int] {
        var seen: Set<Int> = []
        return ids.filter { seen.insert($0).inserted }
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
