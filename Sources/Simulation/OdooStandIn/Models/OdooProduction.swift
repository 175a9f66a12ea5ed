// The life of a manufacturing order up to the moment in which it is marked done.
extension OdooEnvironment {
    var startField: String { version == .v16 ? "date_planned_start" : "date_start" }
    var finishField: String { version == .v16 ? "date_planned_finished" : "date_finished" }
    var groupField: String { version == .v19 ? "production_group_id" : "procurement_group_id" }
    var groupModel: String { version == .v19 ? "mrp.production.group" : "procurement.group" }
    /// Now, in whole seconds.
    var nowSecond: OdooValue { .instant(now / 1_000_000 * 1_000_000) }

    // MARK: Create and write

    /// Fills what Odoo computes before the record is there: bill of materials, unit, places, name.
    mutating func prepareProduction(_ values: inout OdooValues) throws(OdooFault) {
        guard let product = values["product_id"]?.id else { return }
        guard exists("product.product", product) else { throw .missing("product.product", product, uid: uid) }
        if values["bom_id"] == nil { values["bom_id"] = bom(for: product).map { .id($0) } ?? .empty }
        let bom = values["bom_id"]?.id
        if values["product_qty"] == nil {
            values["product_qty"] = bom.map { value("mrp.bom", $0, "product_qty") } ?? .float(1)
        }
        guard (values["product_qty"]?.double ?? 0) > 0 else {
            throw .validation("The operation cannot be completed: The quantity to produce must be positive!")
        }
        if values["product_uom_id"] == nil {
            values["product_uom_id"] =
                bom.map { value("mrp.bom", $0, "product_uom_id") } ?? value("product.product", product, "uom_id")
        }
        let warehouse = record("stock.warehouse0") ?? 0
        if values["picking_type_id"] == nil {
            values["picking_type_id"] = value("stock.warehouse", warehouse, "manu_type_id")
        }
        let type = values["picking_type_id"]?.id ?? 0
        if values["location_src_id"] == nil {
            values["location_src_id"] = value("stock.picking.type", type, "default_location_src_id")
        }
        if values["location_dest_id"] == nil {
            values["location_dest_id"] = value("stock.picking.type", type, "default_location_dest_id")
        }
        if let bom { values["consumption"] = value("mrp.bom", bom, "consumption") }
        values["is_locked"] = true
        if values["name"]?.isEmpty != false { values["name"] = .text(next("mrp.production", prefix: "WH/MO/")) }
        if values[groupField] == nil {
            values[groupField] = .id(insert(groupModel, ["name": values["name"] ?? .empty]))
        }
        if values[finishField] == nil, let start = values[startField]?.instant {
            values[finishField] = .instant(start + 3_600_000_000)
        }
    }

    /// The bill of materials that an order of the product takes when none is given.
    func bom(for product: Int) -> Int? {
        guard let template = one("product.product", product, "product_tmpl_id") else { return nil }
        return children("mrp.bom", "product_tmpl_id", of: template).first {
            flag("mrp.bom", $0, "active") && text("mrp.bom", $0, "type") == "normal"
                && [nil, product].contains(one("mrp.bom", $0, "product_id"))
        }
    }

    /// Makes components, finished moves and work orders that the caller did not give.
    mutating func productionCreated(_ order: Int, given: Set<String>) throws(OdooFault) {
        if !given.contains("move_raw_ids") { makeComponents(order) }
        if !given.contains("workorder_ids") { makeWorkorders(order) }
        if !given.contains("move_finished_ids") { makeFinished(order) }
        scheduleFinish(order)
        refreshWorkorders(order)
    }

    private mutating func makeComponents(_ order: Int) {
        guard let bom = one("mrp.production", order, "bom_id") else { return }
        let batch = number("mrp.bom", bom, "product_qty"), planned = number("mrp.production", order, "product_qty")
        for line in many("mrp.bom", bom, "bom_line_ids") {
            let quantity = number("mrp.bom.line", line, "product_qty") * planned / (batch > 0 ? batch : 1)
            guard let product = one("mrp.bom.line", line, "product_id") else { continue }
            var values = moveValues(order, product, quantity)
            values["raw_material_production_id"] = .id(order)
            values["location_id"] = value("mrp.production", order, "location_src_id")
            values["location_dest_id"] = .id(productionPlace)
            values["bom_line_id"] = .id(line)
            values["operation_id"] = value("mrp.bom.line", line, "operation_id")
            values["product_uom"] = value("mrp.bom.line", line, "product_uom_id")
            values["manual_consumption"] = .bool(version <= .v17 && tracking(product) != "none")
            _ = insert("stock.move", values)
        }
    }

    private mutating func makeFinished(_ order: Int) {
        guard let product = one("mrp.production", order, "product_id") else { return }
        var outputs = [(product, number("mrp.production", order, "product_qty"), OdooValue.empty)]
        if let bom = one("mrp.production", order, "bom_id") {
            let batch = number("mrp.bom", bom, "product_qty")
            for line in many("mrp.bom", bom, "byproduct_ids") {
                let quantity = number("mrp.bom.byproduct", line, "product_qty") * outputs[0].1 / (batch > 0 ? batch : 1)
                if let product = one("mrp.bom.byproduct", line, "product_id") {
                    outputs.append((product, quantity, .id(line)))
                }
            }
        }
        for (product, quantity, byproduct) in outputs {
            var values = moveValues(order, product, quantity)
            values["production_id"] = .id(order)
            values["byproduct_id"] = byproduct
            values["location_id"] = .id(productionPlace)
            values["location_dest_id"] = value("mrp.production", order, "location_dest_id")
            _ = insert("stock.move", values)
        }
    }

    private func moveValues(_ order: Int, _ product: Int, _ quantity: Double) -> OdooValues {
        let planned = number("mrp.production", order, "product_qty")
        var values: OdooValues = [
            "product_id": .id(product), "product_uom_qty": .float(quantity),
            "product_uom": value("product.product", product, "uom_id"),
            "unit_factor": .float(planned > 0 ? quantity / planned : 1),
            "origin": value("mrp.production", order, "name"),
            "date": value("mrp.production", order, startField),
        ]
        if version < .v19 { values["name"] = value("mrp.production", order, "name") }
        return values
    }

    mutating func productionWriting(_ orders: [Int], _ values: OdooValues) throws(OdooFault) {
        for order in orders {
            let state = text("mrp.production", order, "state")
            if values[startField] != nil, ["done", "cancel"].contains(state) {
                throw .userError("You cannot move a manufacturing order once it is cancelled or done.")
            }
            if let quantity = values["product_qty"], quantity.double <= 0 {
                throw .validation("The operation cannot be completed: The quantity to produce must be positive!")
            }
        }
    }

    mutating func productionWritten(_ order: Int, _ names: Set<String>) {
        let state = text("mrp.production", order, "state")
        if names.contains("product_qty"), state == "draft" { rescale(order) }
        if names.contains(startField), ["draft", "confirmed"].contains(state) { scheduleFinish(order) }
        refreshProduction(order)
    }

    /// Brings the moves and work orders of an order to its quantity.
    mutating func rescale(_ order: Int) {
        let planned = number("mrp.production", order, "product_qty")
        for move in many("mrp.production", order, "move_raw_ids") + many("mrp.production", order, "move_finished_ids")
        where isOpen(move) {
            stamp("stock.move", move, ["product_uom_qty": .float(planned * number("stock.move", move, "unit_factor"))])
            recomputeMove(move)
        }
        for workorder in many("mrp.production", order, "workorder_ids") { expectDuration(workorder, for: planned) }
        scheduleFinish(order)
    }

    mutating func productionUnlinking(_ orders: [Int]) throws(OdooFault) {
        for order in orders {
            if text("mrp.production", order, "state") == "done" {
                throw .userError(
                    version == .v19
                        ? "You cannot cancel a manufacturing order that is already done."
                        : "Cannot delete a manufacturing order in done state.")
            }
            cancelProduction(order)
            for move in many("mrp.production", order, "move_raw_ids")
                + many("mrp.production", order, "move_finished_ids")
            {
                delete("stock.move", move)
            }
        }
    }

    // MARK: States

    /// What was produced: the posted finished moves of the product itself.
    func produced(_ order: Int) -> Double {
        let product = one("mrp.production", order, "product_id")
        return many("mrp.production", order, "move_finished_ids").reduce(0) { sum, move in
            guard text("stock.move", move, "state") == "done", one("stock.move", move, "product_id") == product else {
                return sum
            }
            return sum + moved(move)
        }
    }

    /// What a component move should have consumed for the quantity that is being produced.
    func shouldConsume(_ move: Int) -> Double {
        guard let order = one("stock.move", move, "raw_material_production_id") else { return 0 }
        let producing = number("mrp.production", order, "qty_producing") - produced(order)
        return odooRound(producing * number("stock.move", move, "unit_factor"), digits: 2)
    }

    /// Recomputes the order's state and readiness from its moves and work orders.
    mutating func refreshProduction(_ order: Int) {
        guard text("mrp.production", order, "state") != "draft" else { return }
        let raw = many("mrp.production", order, "move_raw_ids"),
            finished = many("mrp.production", order, "move_finished_ids")
        let state = productionState(order, raw, finished)
        var values: OdooValues = ["state": .text(state)]
        if !["done", "cancel"].contains(state) {
            values["reservation_state"] = .text(readiness(raw))
        } else if version >= .v17 {
            values["reservation_state"] = .empty
        } else if state == "done" {
            values["reservation_state"] = "assigned"
        }
        assign("mrp.production", order, values)
        refreshWorkorders(order)
    }

    private func productionState(_ order: Int, _ raw: [Int], _ finished: [Int]) -> String {
        func state(_ move: Int) -> String { text("stock.move", move, "state") }
        let known = text("mrp.production", order, "state")
        if known == "cancel" || (!finished.isEmpty && finished.allSatisfy { state($0) == "cancel" }) { return "cancel" }
        if known == "done" || (finished + raw).allSatisfy({ !isOpen($0) }) && !finished.isEmpty { return "done" }
        let workorders = many("mrp.production", order, "workorder_ids").map { text("mrp.workorder", $0, "state") }
        let producing = number("mrp.production", order, "qty_producing")
        if !workorders.isEmpty, workorders.allSatisfy({ ["done", "cancel"].contains($0) }) { return "to_close" }
        if workorders.isEmpty, producing >= number("mrp.production", order, "product_qty") - 0.000_001 {
            return "to_close"
        }
        if workorders.contains(where: { ["progress", "done"].contains($0) }) || producing > 0 { return "progress" }
        let touched = raw.contains { version == .v16 ? moved($0) > 0 : flag("stock.move", $0, "picked") }
        return touched ? "progress" : "confirmed"
    }

    private func readiness(_ raw: [Int]) -> String {
        // From 17 on a component that somebody picked counts as ready, however little it was.
        raw.allSatisfy {
            !isOpen($0) || text("stock.move", $0, "state") == "assigned"
                || (splitsPicked && flag("stock.move", $0, "picked"))
        } ? "assigned" : "confirmed"
    }
}
