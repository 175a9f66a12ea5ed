// What is done with a manufacturing order before it is marked done.
extension OdooEnvironment {
    mutating func confirmProduction(_ order: Int) {
        guard text("mrp.production", order, "state") == "draft" else { return }
        for move in many("mrp.production", order, "move_raw_ids") + many("mrp.production", order, "move_finished_ids") {
            confirmMove(move)
        }
        stamp("mrp.production", order, ["state": "confirmed"])
        assignProduction(order)
    }

    mutating func assignProduction(_ order: Int) {
        for move in many("mrp.production", order, "move_raw_ids") { reserve(move) }
        refreshProduction(order)
    }

    mutating func cancelProduction(_ order: Int) {
        guard text("mrp.production", order, "state") != "done" else { return }
        for workorder in many("mrp.production", order, "workorder_ids")
        where text("mrp.workorder", workorder, "state") != "done" {
            endTimes(workorder, everybody: true)
            stamp("mrp.workorder", workorder, ["state": "cancel"])
        }
        for move in many("mrp.production", order, "move_raw_ids") + many("mrp.production", order, "move_finished_ids") {
            cancelMove(move)
        }
        stamp("mrp.production", order, ["state": "cancel"])
        refreshProduction(order)
    }

    /// Makes a lot for the finished product and gives it to the order.
    mutating func generateLot(_ order: Int) throws(OdooFault) {
        guard let product = one("mrp.production", order, "product_id") else { return }
        let lot = insert(
            "stock.lot",
            ["name": .text(next("stock.lot", prefix: "", width: 7)), "product_id": .id(product), "company_id": .id(1)])
        setLots(order, [lot])
    }

    func lots(of order: Int) -> [Int] {
        many("mrp.production", order, version == .v19 ? "lot_producing_ids" : "lot_producing_id")
    }

    mutating func setLots(_ order: Int, _ lots: [Int]) {
        if version == .v19 {
            stamp("mrp.production", order, ["lot_producing_ids": .ids(lots)])
        } else {
            stamp("mrp.production", order, ["lot_producing_id": lots.first.map { .id($0) } ?? .empty])
        }
    }

    /// What the form does when the produced quantity is entered: fills the components (`_set_qty_producing`).
    mutating func setProducing(_ order: Int) {
        for move in many("mrp.production", order, "move_raw_ids") where isOpen(move) {
            guard !flag("stock.move", move, "manual_consumption") else { continue }
            if version == .v16 {
                setDone(move, shouldConsume(move))
            } else {
                setQuantity(move, shouldConsume(move))
                pick(move)
            }
        }
        let producing = number("mrp.production", order, "qty_producing")
        for workorder in many("mrp.production", order, "workorder_ids")
        where !["done", "cancel"].contains(text("mrp.workorder", workorder, "state")) {
            expectDuration(workorder, for: producing)
        }
        scheduleFinish(order)
        refreshProduction(order)
    }

    mutating func pick(_ move: Int) {
        guard splitsPicked else { return }
        stamp("stock.move", move, ["picked": true])
        for line in many("stock.move", move, "move_line_ids") { stamp("stock.move.line", line, ["picked": true]) }
    }
}
