import ExactJSON

// What stands between validating transfers and its effect: checks, and windows that ask first.
extension OdooEnvironment {
    // MARK: Checks

    func checkPickings(_ pickings: [Int]) throws(OdooFault) {
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
                "Transfers \(names(still)): You cannot validate these transfers if no quantities are reserved nor "
                    + "done. To force these transfers, switch in edit more and encode the done quantities.")
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
            "You cannot validate a transfer if no quantities are reserved nor done. To force the transfer, switch in "
                + "edit mode and encode the done quantities."
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
    func takesLots(_ picking: Int) -> Bool {
        guard let type = one("stock.picking", picking, "picking_type_id") else { return false }
        return flag("stock.picking.type", type, "use_create_lots")
            || flag("stock.picking.type", type, "use_existing_lots")
    }

    // MARK: Before

    /// The action of a wizard that asks first, or nil where nothing is left to ask.
    mutating func beforeValidating(_ pickings: [Int]) -> JSON? {
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

    func unrepeated(_ ids: [Int]) -> [Int] {
        var seen: Set<Int> = []
        return ids.filter { seen.insert($0).inserted }
    }
}
