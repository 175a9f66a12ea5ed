// The life of a transfer up to the moment in which it is validated.
extension OdooEnvironment {
    /// Fills what Odoo computes before the record is there: places and name.
    mutating func preparePicking(_ values: inout OdooValues) throws(OdooFault) {
        guard let type = values["picking_type_id"]?.id else { return }
        guard exists("stock.picking.type", type) else { throw .missing("stock.picking.type", type, uid: uid) }
        for (field, other, outside) in [
            ("location_id", "default_location_src_id", "stock_location_suppliers"),
            ("location_dest_id", "default_location_dest_id", "stock_location_customers"),
        ] where values[field]?.isEmpty != false {
            values[field] = value("stock.picking.type", type, other)
            if values[field]?.isEmpty != false { values[field] = .id(place(outside)) }
        }
        if let name = values["name"]?.text, name != "/" { return }
        let code = text("stock.picking.type", type, "sequence_code")
        let warehouse = one("stock.picking.type", type, "warehouse_id").map { text("stock.warehouse", $0, "code") }
        values["name"] = .text(
            next("stock.picking.\(type)", prefix: (warehouse.map { $0 + "/" } ?? "") + code + "/"))
    }

    /// What a move takes from the transfer that it is made in.
    func preparePickingMove(_ picking: Int, _ values: inout OdooValues) {
        // Up to 16 the form says where a move goes; a call must say so itself.
        guard version >= .v17 else { return }
        for name in ["location_id", "location_dest_id"] where values[name] == nil {
            values[name] = value("stock.picking", picking, name)
        }
    }

    /// The move of a line that was made in a transfer: the first open one of the product, else a new one.
    mutating func linkLine(_ values: inout OdooValues) {
        guard let picking = values["picking_id"]?.id, let product = values["product_id"]?.id else { return }
        let own = many("stock.picking", picking, "move_ids").filter {
            isOpen($0) && one("stock.move", $0, "product_id") == product
        }
        let open = own.first { moved($0) < number("stock.move", $0, "product_uom_qty") } ?? own.first
        if let open {
            values["move_id"] = .id(open)
            return
        }
        var move: OdooValues = [
            "product_id": .id(product), "product_uom_qty": .float(0), "picking_id": .id(picking),
            "product_uom": values["product_uom_id"] ?? value("product.product", product, "uom_id"),
            "location_id": value("stock.picking", picking, "location_id"),
            "location_dest_id": value("stock.picking", picking, "location_dest_id"),
            "state": value("stock.picking", picking, "state"), "unit_factor": .float(1),
        ]
        if version < .v19 { move["name"] = .text(displayName("product.product", product)) }
        if splitsPicked { move["picked"] = values["picked"] ?? false }
        values["move_id"] = .id(insert("stock.move", move))
    }

    // MARK: Dates, places, states

    /// The planned date goes to the open moves.
    mutating func schedulePicking(_ picking: Int) {
        let date = value("stock.picking", picking, "scheduled_date")
        for move in many("stock.picking", picking, "move_ids") where isOpen(move) {
            stamp("stock.move", move, ["date": date])
        }
    }

    /// Places that were written go to the moves.
    mutating func moveMoves(of picking: Int, _ names: Set<String>) {
        for name in ["location_id", "location_dest_id"] where names.contains(name) {
            for move in many("stock.picking", picking, "move_ids") where isOpen(move) {
                stamp("stock.move", move, [name: value("stock.picking", picking, name)])
            }
        }
    }

    /// Recomputes state and date from the moves, without a stamp.
    mutating func refreshPicking(_ picking: Int) {
        var values: OdooValues = ["state": .text(pickingState(picking))]
        let dates = many("stock.picking", picking, "move_ids").filter(isOpen).compactMap {
            value("stock.move", $0, "date").instant
        }
        let isAtOnce = text("stock.picking", picking, "move_type") == "direct"
        if let date = isAtOnce ? dates.min() : dates.max() { values["scheduled_date"] = .instant(date) }
        assign("stock.picking", picking, values)
    }

    private func pickingState(_ picking: Int) -> String {
        let moves = many("stock.picking", picking, "move_ids")
        let states = moves.map { text("stock.move", $0, "state") }
        if states.isEmpty { return text("stock.picking", picking, "state") == "cancel" ? "cancel" : "draft" }
        if states.contains("draft") { return "draft" }
        if states.allSatisfy({ $0 == "cancel" }) { return "cancel" }
        if states.allSatisfy({ ["done", "cancel"].contains($0) }) { return "done" }
        if flag("stock.picking", picking, "immediate_transfer") { return "assigned" }
        if version == .v19, let place = one("stock.picking", picking, "location_id"), !isInternal(place) {
            return "assigned"
        }
        let open = moves.filter(isOpen)
        func has(_ state: String) -> Bool { open.contains { text("stock.move", $0, "state") == state } }
        if text("stock.picking", picking, "move_type") == "one" {
            return has("confirmed") || has("partially_available")
                ? "confirmed" : has("waiting") ? "waiting" : "assigned"
        }
        if has("assigned") || has("partially_available") { return "assigned" }
        if has("waiting") { return "waiting" }
        return open.contains { number("stock.move", $0, "product_uom_qty") != 0 } ? "confirmed" : "assigned"
    }

    // MARK: Confirm, reserve, cancel

    mutating func confirmPicking(_ picking: Int) throws(OdooFault) {
        try confirmTransfer(many("stock.picking", picking, "move_ids"))
        refreshPicking(picking)
    }

    /// Confirms draft moves: those alike become one, and each takes what is free.
    mutating func confirmTransfer(_ moves: [Int]) throws(OdooFault) {
        for move in moves where text("stock.move", move, "state") == "draft" {
            confirmMove(move)
            if let other = twin(of: move) {
                let sum = number("stock.move", other, "product_uom_qty") + number("stock.move", move, "product_uom_qty")
                stamp("stock.move", other, ["product_uom_qty": .float(sum)])
                for line in many("stock.move", move, "move_line_ids") {
                    assign("stock.move.line", line, ["move_id": .id(other)])
                }
                delete("stock.move", move)
                recomputeMove(other)
                reserve(other)
            } else {
                recomputeMove(move)
                if number("stock.move", move, "product_uom_qty") > 0 { reserve(move) }
            }
        }
    }

    /// The confirmed move of the same transfer that this one is merged with.
    private func twin(of move: Int) -> Int? {
        guard let picking = one("stock.move", move, "picking_id") else { return nil }
        return many("stock.picking", picking, "move_ids").first { other in
            guard other != move, isOpen(other), text("stock.move", other, "state") != "draft" else { return false }
            return ["product_id", "product_uom", "location_id", "location_dest_id", "purchase_line_id", "sale_line_id"]
                .allSatisfy { value("stock.move", move, $0) == value("stock.move", other, $0) }
        }
    }

    mutating func assignPickings(_ pickings: [Int]) throws(OdooFault) {
        for picking in pickings where text("stock.picking", picking, "state") == "draft" { try confirmPicking(picking) }
        let moves = pickings.flatMap { many("stock.picking", $0, "move_ids") }.filter {
            isOpen($0) && text("stock.move", $0, "state") != "draft"
        }
        guard !moves.isEmpty else { throw .userError("Nothing to check the availability for.") }
        for move in moves { reserve(move) }
        for picking in pickings { refreshPicking(picking) }
    }

    mutating func cancelPicking(_ picking: Int) throws(OdooFault) {
        let moves = many("stock.picking", picking, "move_ids")
        try cancelTransfer(moves)
        var values: OdooValues = ["is_locked": true]
        if moves.isEmpty { values["state"] = "cancel" }
        stamp("stock.picking", picking, values)
        refreshPicking(picking)
    }

    mutating func cancelTransfer(_ moves: [Int]) throws(OdooFault) {
        guard !moves.contains(where: { text("stock.move", $0, "state") == "done" }) else {
            throw .userError(
                "You cannot cancel a stock move that has been set to 'Done'. "
                    + "Create a return in order to reverse the moves which took place.")
        }
        for move in moves { cancelMove(move) }
    }
}
