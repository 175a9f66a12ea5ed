// How moves are confirmed, reserved, filled and posted.
extension OdooEnvironment {
    /// The name of a line's moved quantity.
    var doneField: String { version == .v16 ? "qty_done" : "quantity" }
    var splitsPicked: Bool { version >= .v17 }

    /// The moved quantity of a move: what its lines say.
    func moved(_ move: Int) -> Double {
        odooRound(
            many("stock.move", move, "move_line_ids").reduce(0) { $0 + number("stock.move.line", $1, doneField) },
            digits: 2)
    }

    /// The reserved quantity of a move.
    func reserved(_ move: Int) -> Double {
        let field = version == .v16 ? "reserved_uom_qty" : "quantity"
        return many("stock.move", move, "move_line_ids").reduce(0) { $0 + number("stock.move.line", $1, field) }
    }

    func isOpen(_ move: Int) -> Bool { !["done", "cancel"].contains(text("stock.move", move, "state")) }

    mutating func insertLine(
        _ move: Int, _ quantity: Double, lot: Int?, package: Int? = nil, owner: Int? = nil, place: Int, picked: Bool
    ) -> Int {
        var values: OdooValues = [
            "move_id": .id(move), "product_id": value("stock.move", move, "product_id"),
            "product_uom_id": value("stock.move", move, "product_uom"), "location_id": .id(place),
            "location_dest_id": value("stock.move", move, "location_dest_id"), "lot_id": lot.map { .id($0) } ?? .empty,
            "package_id": package.map { .id($0) } ?? .empty, "owner_id": owner.map { .id($0) } ?? .empty,
            "picking_id": value("stock.move", move, "picking_id"), "state": value("stock.move", move, "state"),
            "picked": .bool(picked),
        ]
        values[version == .v16 && !picked ? "reserved_uom_qty" : doneField] = .float(quantity)
        return insert("stock.move.line", values)
    }

    // MARK: Reservation

    mutating func confirmMove(_ move: Int) {
        guard text("stock.move", move, "state") == "draft" else { return }
        assign("stock.move", move, ["state": "confirmed"])
    }

    /// What of a line is held in the stock of its place.
    func lineReservation(_ line: Int) -> Double {
        guard text("stock.move.line", line, "state") != "done" else { return 0 }
        return number("stock.move.line", line, version == .v16 ? "reserved_uom_qty" : "quantity")
    }

    mutating func holdLine(_ line: Int, by quantity: Double) {
        guard quantity != 0, let product = one("stock.move.line", line, "product_id"),
            let place = one("stock.move.line", line, "location_id"), text("stock.move.line", line, "state") != "done"
        else { return }
        changeReservation(
            product, at: place, lot: one("stock.move.line", line, "lot_id"),
            package: one("stock.move.line", line, "package_id"), owner: one("stock.move.line", line, "owner_id"),
            by: quantity)
    }

    /// Reserves what is free for the open rest of a move.
    mutating func reserve(_ move: Int) {
        guard ["confirmed", "partially_available", "waiting"].contains(text("stock.move", move, "state")),
            let product = one("stock.move", move, "product_id"), let place = one("stock.move", move, "location_id")
        else { return }
        let missing = number("stock.move", move, "product_uom_qty") - reserved(move)
        guard missing > 0.000_001 || number("stock.move", move, "product_uom_qty") == 0 else {
            return recomputeMove(move)
        }
        if !isStorable(product) || !isInternal(place) {
            for part in parts(of: missing, product, in: one("stock.move", move, "picking_id")) {
                _ = insertLine(move, part, lot: nil, place: place, picked: false)
            }
        } else {
            _ = take(missing, for: move, product, below: place)
        }
        recomputeMove(move)
    }

    /// The lines that stand for what comes from outside: a transfer has one for each serial number.
    private func parts(of quantity: Double, _ product: Int, in transfer: Int?) -> [Double] {
        guard transfer != nil, tracking(product) == "serial", quantity >= 1 else { return [quantity] }
        return Array(repeating: 1, count: Int(Swift.min(quantity, 10_000)))
    }

    /// Reserves up to `quantity` in new lines or in lines of the same lot; returns what was not to be had.
    private mutating func take(_ quantity: Double, for move: Int, _ product: Int, below place: Int) -> Double {
        var missing = quantity
        for source in reservable(product, below: place, lot: nil) where missing > 0.000_001 {
            let part = odooRound(Swift.min(missing, source.quantity), digits: 2)
            addToLine(
                of: move, part, lot: source.lot, package: source.package, owner: source.owner, place: source.place)
            changeReservation(
                product, at: source.place, lot: source.lot, package: source.package, owner: source.owner, by: part)
            missing -= part
        }
        return odooRound(missing, digits: 2)
    }

    /// Adds to the line of that lot and place (18 of early 2025 and 17 make a new line), or makes one.
    private mutating func addToLine(
        of move: Int, _ quantity: Double, lot: Int?, package: Int? = nil, owner: Int? = nil, place: Int
    ) {
        let picked = flag("stock.move", move, "picked")
        let same = many("stock.move", move, "move_line_ids").first {
            one("stock.move.line", $0, "lot_id") == lot && one("stock.move.line", $0, "location_id") == place
                && one("stock.move.line", $0, "package_id") == package
                && one("stock.move.line", $0, "owner_id") == owner
        }
        if let same, version == .v19 || version == .v16 {
            let field = version == .v16 ? "reserved_uom_qty" : "quantity"
            assign("stock.move.line", same, [field: .float(number("stock.move.line", same, field) + quantity)])
            if splitsPicked { assign("stock.move.line", same, ["picked": .bool(picked)]) }
        } else {
            _ = insertLine(
                move, quantity, lot: lot, package: package, owner: owner, place: place,
                picked: splitsPicked && picked)
        }
    }

    mutating func unreserve(_ move: Int) {
        for line in many("stock.move", move, "move_line_ids") {
            holdLine(line, by: -lineReservation(line))
            if version == .v16, number("stock.move.line", line, "qty_done") != 0 {
                assign("stock.move.line", line, ["reserved_uom_qty": .float(0)])
            } else {
                delete("stock.move.line", line)
            }
        }
        if isOpen(move), text("stock.move", move, "state") != "draft" {
            assign("stock.move", move, ["state": "confirmed"])
        }
    }

    /// The state of an open move by what is reserved.
    mutating func recomputeMove(_ move: Int) {
        guard isOpen(move), text("stock.move", move, "state") != "draft" else { return }
        let have = reserved(move), want = number("stock.move", move, "product_uom_qty")
        let state = have >= want - 0.000_001 ? "assigned" : have > 0 ? "partially_available" : "confirmed"
        assign("stock.move", move, ["state": .text(state)])
        for line in many("stock.move", move, "move_line_ids") {
            assign("stock.move.line", line, ["state": .text(state)])
        }
    }

    /// What follows from a changed line: the state of its move and whether it is picked.
    mutating func lineChanged(_ line: Int) {
        guard let move = one("stock.move.line", line, "move_id") else { return }
        if splitsPicked {
            let picked = many("stock.move", move, "move_line_ids").contains { flag("stock.move.line", $0, "picked") }
            if picked { assign("stock.move", move, ["picked": true]) }
        }
        recomputeMove(move)
        refreshOrder(of: move)
    }

    /// The state of a component's order, or of a transfer, follows its moves, without a stamp: the order itself was not
    /// written.
    mutating func refreshOrder(of move: Int) {
        if let order = one("stock.move", move, "raw_material_production_id") {
            refreshProduction(order)
        } else if let picking = one("stock.move", move, "picking_id") {
            refreshPicking(picking)
        }
    }

    // MARK: Quantities

    /// Writes `quantity` of a move (17 and later): reserves more, or takes from the last lines.
    mutating func setQuantity(_ move: Int, _ quantity: Double) {
        guard let product = one("stock.move", move, "product_id"), let place = one("stock.move", move, "location_id")
        else { return }
        let difference = odooRound(quantity - moved(move), digits: 2)
        if difference > 0 {
            let stored = isStorable(product) && isInternal(place)
            let left = stored ? take(difference, for: move, product, below: place) : difference
            if left > 0 {
                addToLine(of: move, left, lot: nil, place: place)
                changeReservation(product, at: place, lot: nil, by: left)
            }
        } else if difference < 0 {
            reduce(move, by: -difference)
        }
        recomputeMove(move)
    }

    private mutating func reduce(_ move: Int, by quantity: Double) {
        var left = quantity
        for line in many("stock.move", move, "move_line_ids").reversed() where left > 0.000_001 {
            let have = number("stock.move.line", line, "quantity")
            let part = Swift.min(have, left)
            holdLine(line, by: -part)
            if part >= have - 0.000_001 {
                delete("stock.move.line", line)
            } else {
                assign("stock.move.line", line, ["quantity": .float(have - part)])
            }
            left -= part
        }
    }

    /// Writes `quantity_done` of a move (16): fills the reserved lines, the rest goes on the first one.
    mutating func setDone(_ move: Int, _ quantity: Double) {
        var left = quantity
        let lines = many("stock.move", move, "move_line_ids")
        for line in lines {
            let part = Swift.min(left, number("stock.move.line", line, "reserved_uom_qty"))
            assign("stock.move.line", line, ["qty_done": .float(part)])
            left -= part
        }
        guard left > 0.000_001 else { return }
        if let first = lines.first {
            assign("stock.move.line", first, ["qty_done": .float(number("stock.move.line", first, "qty_done") + left)])
        } else if let place = one("stock.move", move, "location_id") {
            _ = insertLine(move, left, lot: nil, place: place, picked: true)
        }
    }

    // MARK: Posting

    mutating func cancelMove(_ move: Int) {
        guard isOpen(move) else { return }
        unreserve(move)
        stamp("stock.move", move, ["state": "cancel", "picked": false])
    }

    /// Posts a move: stock goes from the lines' places to their destinations.
    mutating func postMove(_ move: Int) {
        guard isOpen(move) else { return }
        let quantity = moved(move)
        let isTaken = version == .v16 ? quantity > 0 : flag("stock.move", move, "picked") && quantity > 0
        guard isTaken else { return cancelMove(move) }
        if version == .v16 { adjustDemand(move, to: quantity) }
        for line in many("stock.move", move, "move_line_ids") {
            let done = number("stock.move.line", line, doneField)
            let counts = version == .v16 ? done != 0 : done != 0 && flag("stock.move.line", line, "picked")
            holdLine(line, by: -lineReservation(line))
            guard counts, let product = one("stock.move.line", line, "product_id"),
                let from = one("stock.move.line", line, "location_id"),
                let to = one("stock.move.line", line, "location_dest_id")
            else {
                delete("stock.move.line", line)
                continue
            }
            let lot = one("stock.move.line", line, "lot_id"), owner = one("stock.move.line", line, "owner_id")
            changeStock(
                product, at: from, lot: lot, package: one("stock.move.line", line, "package_id"), owner: owner,
                by: -done)
            changeStock(
                product, at: to, lot: lot, package: one("stock.move.line", line, "result_package_id"), owner: owner,
                by: done)
            stamp("stock.move.line", line, ["state": "done", "date": .instant(now), "reserved_uom_qty": .float(0)])
        }
        stamp("stock.move", move, ["state": "done", "date": .instant(now)])
    }

    /// In 16 the demand becomes what was done, and the rest a cancelled move of its own.
    private mutating func adjustDemand(_ move: Int, to quantity: Double) {
        let demand = number("stock.move", move, "product_uom_qty")
        if demand - quantity > 0.000_001 {
            var values: OdooValues = [:]
            for name in [
                "product_id", "product_uom", "location_id", "location_dest_id", "name", "raw_material_production_id",
                "production_id", "unit_factor", "origin", "bom_line_id", "picking_id", "purchase_line_id",
                "sale_line_id",
            ] { values[name] = value("stock.move", move, name) }
            values["product_uom_qty"] = .float(demand - quantity)
            values["state"] = "cancel"
            _ = insert("stock.move", values)
        }
        assign("stock.move", move, ["product_uom_qty": .float(quantity)])
    }
}
