// Backorders: what was not produced goes on on an order of its own.
extension OdooEnvironment {
    /// Leaves the produced quantity on the order and puts the rest on a new one.
    mutating func split(_ order: Int) -> Int {
        let left = rest(order), name = text("mrp.production", order, "name")
        let group = one("mrp.production", order, groupField) ?? 0
        var sequence = value("mrp.production", order, "backorder_sequence").integer
        let base: String
        if sequence == 0 {
            sequence = 1
            base = name
            stamp("mrp.production", order, ["name": .text("\(name)-001"), "backorder_sequence": .integer(1)])
        } else {
            base = name.lastIndex(of: "-").map { String(name[..<$0]) } ?? name
        }
        let siblings = children("mrp.production", groupField, of: group)
        let last = siblings.map { value("mrp.production", $0, "backorder_sequence").integer }.max() ?? sequence
        let digits = String(last + 1)
        var values: OdooValues = [
            "name": .text("\(base)-\(String(repeating: "0", count: Swift.max(0, 3 - digits.utf8.count)))\(digits)"),
            "backorder_sequence": .integer(last + 1), "product_qty": .float(left), "state": "confirmed",
            startField: value("mrp.production", order, startField), "qty_producing": .float(0),
        ]
        for field in model("mrp.production").fields.values where field.slot >= 0 && values[field.name] == nil {
            let keeps = ["origin", groupField, "is_locked"].contains(field.name)
            if keeps || (field.isCopied && !["create_date", "write_date"].contains(field.name)) {
                values[field.name] = value("mrp.production", order, field.name)
            }
        }
        let backorder = insert("mrp.production", values)
        stamp("mrp.production", order, ["product_qty": value("mrp.production", order, "qty_producing")])
        for move in many("mrp.production", order, "move_raw_ids") where isOpen(move) {
            splitMove(move, order, backorder)
        }
        for move in many("mrp.production", order, "move_finished_ids") where isOpen(move) {
            splitMove(move, order, backorder)
        }
        makeWorkorders(backorder)
        scheduleFinish(backorder)
        assignProduction(backorder)
        return backorder
    }

    private mutating func splitMove(_ move: Int, _ order: Int, _ backorder: Int) {
        let factor = number("stock.move", move, "unit_factor")
        let kept = number("mrp.production", order, "product_qty") * factor
        var values: OdooValues = [:]
        let model = model("stock.move")
        for field in model.fields.values
        where field.slot >= 0 && !["create_date", "write_date", "picked", "workorder_id"].contains(field.name) {
            values[field.name] = value(model, move, field)
        }
        for link in ["raw_material_production_id", "production_id"] where values[link]?.id == order {
            values[link] = .id(backorder)
        }
        values["product_uom_qty"] = .float(number("mrp.production", backorder, "product_qty") * factor)
        values["state"] = "confirmed"
        _ = insert("stock.move", values)
        stamp("stock.move", move, ["product_uom_qty": .float(kept)])
        // What was reserved beyond the own part goes free for the backorder.
        if version >= .v17, !flag("stock.move", move, "picked"), moved(move) > kept { setQuantity(move, kept) }
        if version == .v16 { releaseReservation(move) }
        recomputeMove(move)
    }

    /// In 16 a line keeps only as much reserved as was done on it.
    private mutating func releaseReservation(_ move: Int) {
        for line in many("stock.move", move, "move_line_ids") {
            let done = number("stock.move.line", line, "qty_done"),
                held = number("stock.move.line", line, "reserved_uom_qty")
            guard held > done else { continue }
            holdLine(line, by: done - held)
            assign("stock.move.line", line, ["reserved_uom_qty": .float(done)])
        }
    }
}
