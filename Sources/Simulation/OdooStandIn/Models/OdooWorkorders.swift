// What work orders do: made from operations, planned in the calendar, started, paused and finished.
extension OdooEnvironment {
    /// One work order for each operation of the order's bill of materials.
    mutating func makeWorkorders(_ order: Int) {
        guard let bom = one("mrp.production", order, "bom_id") else { return }
        let planned = number("mrp.production", order, "product_qty")
        for operation in many("mrp.bom", bom, "operation_ids") where flag("mrp.routing.workcenter", operation, "active")
        {
            let workorder = insert(
                "mrp.workorder",
                [
                    "name": value("mrp.routing.workcenter", operation, "name"), "production_id": .id(order),
                    "workcenter_id": value("mrp.routing.workcenter", operation, "workcenter_id"),
                    "operation_id": .id(operation),
                    "sequence": value("mrp.routing.workcenter", operation, "sequence"),
                ])
            expectDuration(workorder, for: planned)
        }
    }

    /// Set-up, clean-up and one cycle a capacity, in minutes.
    mutating func expectDuration(_ workorder: Int, for quantity: Double) {
        guard let operation = one("mrp.workorder", workorder, "operation_id"),
            let center = one("mrp.workorder", workorder, "workcenter_id")
        else { return }
        let capacity = version < .v19 ? Swift.max(number("mrp.workcenter", center, "default_capacity"), 1) : 1
        let efficiency = number("mrp.workcenter", center, "time_efficiency")
        let cycles = (quantity / capacity).rounded(.up)
        let work =
            cycles * number("mrp.routing.workcenter", operation, "time_cycle_manual") * 100
            / (efficiency > 0 ? efficiency : 100)
        let around = number("mrp.workcenter", center, "time_start") + number("mrp.workcenter", center, "time_stop")
        assign("mrp.workorder", workorder, ["duration_expected": .float(work + around)])
    }

    /// The end of an unplanned order: its start and the work it takes, an hour where it has none.
    mutating func scheduleFinish(_ order: Int) {
        guard !flag("mrp.production", order, "is_planned"),
            let start = value("mrp.production", order, startField).instant
        else { return }
        let work = many("mrp.production", order, "workorder_ids").reduce(0) {
            $0 + number("mrp.workorder", $1, "duration_expected")
        }
        let minutes = version == .v16 || work == 0 ? 60 : work
        assign("mrp.production", order, [finishField: .instant(start + OdooTime.microseconds(minutes: minutes))])
    }

    /// Ready, pending and waiting by what stands before a work order and by its components.
    mutating func refreshWorkorders(_ order: Int) {
        let isDraft = text("mrp.production", order, "state") == "draft"
        let components = text("mrp.production", order, "reservation_state") == "assigned"
        var isFree = true
        for workorder in many("mrp.production", order, "workorder_ids") {
            let state = text("mrp.workorder", workorder, "state")
            if ["pending", "waiting", "ready", "blocked"].contains(state) {
                let new =
                    version == .v19
                    ? "ready" : isDraft ? "waiting" : !isFree ? "pending" : components ? "ready" : "waiting"
                if new != state { assign("mrp.workorder", workorder, ["state": .text(new)]) }
            }
            isFree = isFree && ["done", "cancel"].contains(state)
        }
    }

    // MARK: Planning

    mutating func planProduction(_ order: Int) {
        guard let wanted = value("mrp.production", order, startField).instant else { return }
        let workorders = many("mrp.production", order, "workorder_ids")
        guard !workorders.isEmpty else { return }
        var from = Swift.max(wanted, now / 1_000_000 * 1_000_000)
        var begin: Int64?
        let startName = version == .v16 ? "date_planned_start" : "date_start"
        let endName = version == .v16 ? "date_planned_finished" : "date_finished"
        for workorder in workorders
        where !["done", "cancel", "progress"].contains(text("mrp.workorder", workorder, "state")) {
            guard let center = one("mrp.workorder", workorder, "workcenter_id") else { continue }
            let minutes = number("mrp.workorder", workorder, "duration_expected")
            let slot =
                calendar(of: center)?.plan(minutes, from: from) ?? (
                    start: from, end: from + OdooTime.microseconds(minutes: minutes)
                )
            stamp("mrp.workorder", workorder, [startName: .instant(slot.start), endName: .instant(slot.end)])
            begin = begin ?? slot.start
            from = slot.end
        }
        stamp(
            "mrp.production", order,
            [
                startField: begin.map { .instant($0) } ?? .instant(wanted), finishField: .instant(from),
                "is_planned": true,
            ])
    }

    mutating func unplanProduction(_ order: Int) {
        for workorder in many("mrp.production", order, "workorder_ids")
        where !["done", "cancel", "progress"].contains(text("mrp.workorder", workorder, "state")) {
            stamp(
                "mrp.workorder", workorder,
                version == .v16
                    ? ["date_planned_start": .empty, "date_planned_finished": .empty]
                    : ["date_start": .empty, "date_finished": .empty])
        }
        stamp("mrp.production", order, ["is_planned": false])
    }

    // MARK: Work

    func workDuration(_ workorder: Int) -> Double {
        odooRound(
            many("mrp.workorder", workorder, "time_ids").reduce(0) {
                $0 + number("mrp.workcenter.productivity", $1, "duration")
            },
            digits: 2)
    }

    func isWorking(_ workorder: Int) -> Bool {
        many("mrp.workorder", workorder, "time_ids").contains {
            value("mrp.workcenter.productivity", $0, "date_end") == .empty
                && one("mrp.workcenter.productivity", $0, "user_id") == uid
        }
    }

    mutating func startWorkorder(_ workorder: Int) throws(OdooFault) {
        let state = text("mrp.workorder", workorder, "state")
        if ["done", "cancel"].contains(state) {
            if version == .v16 { return }
            throw .userError("You cannot start a work order that is already done or cancelled")
        }
        guard !isWorking(workorder), let center = one("mrp.workorder", workorder, "workcenter_id"),
            let order = one("mrp.workorder", workorder, "production_id")
        else { return }
        if version >= .v17, workingState(center) == "blocked" {
            throw .userError("Please unblock the work center to start the work order.")
        }
        confirmProduction(order)
        let quantity = number("mrp.production", order, "qty_producing")
        if quantity == 0 {
            let product = one("mrp.production", order, "product_id") ?? 0
            let left = number("mrp.workorder", workorder, "qty_remaining")
            stamp("mrp.production", order, ["qty_producing": .float(tracking(product) == "serial" ? 1 : left)])
        }
        let kind =
            workDuration(workorder) >= number("mrp.workorder", workorder, "duration_expected")
                && workDuration(workorder) > 0
            ? "performance" : "productive"
        _ = insert(
            "mrp.workcenter.productivity",
            [
                "workorder_id": .id(workorder), "workcenter_id": .id(center), "user_id": .id(uid),
                "loss_id": (loss(kind) ?? loss("productive")).map { .id($0) } ?? .empty, "date_start": nowSecond,
                "description": .text("Time Tracking: \(settings.user(uid)?.name ?? "")"),
            ])
        if state != "progress" { begin(workorder, order) }
        refreshProduction(order)
    }

    private mutating func begin(_ workorder: Int, _ order: Int) {
        var values: OdooValues = ["state": "progress", "date_start": nowSecond]
        if version == .v16 { values["date_planned_start"] = nowSecond }
        stamp("mrp.workorder", workorder, values)
        let first = many("mrp.production", order, "workorder_ids").allSatisfy {
            $0 == workorder || !["progress", "done"].contains(text("mrp.workorder", $0, "state"))
        }
        if first { stamp("mrp.production", order, [startField: nowSecond]) }
    }

    /// Ends a work order. `fillsMoves`: the components that nobody touched get what the produced quantity takes.
    mutating func finishWorkorder(_ workorder: Int, fillsMoves: Bool, expectsDuration: Bool) {
        let state = text("mrp.workorder", workorder, "state")
        guard let order = one("mrp.workorder", workorder, "production_id") else { return }
        guard !["done", "cancel"].contains(state) else {
            // Marking the order done gives work orders without any time the expected one, up to 18 also cancelled ones.
            if expectsDuration, state == "done" || version < .v19 { expectTime(workorder) }
            return
        }
        endTimes(workorder, everybody: true)
        let done = number("mrp.workorder", workorder, "qty_produced"),
            producing = number("mrp.production", order, "qty_producing")
        let quantity =
            done > 0 ? done : producing > 0 ? producing : number("mrp.workorder", workorder, "qty_production")
        if fillsMoves { fillMoves(of: order) }
        expectDuration(workorder, for: quantity)
        if expectsDuration { expectTime(workorder) }
        var values: OdooValues = ["state": "done", "qty_produced": .float(quantity), "date_finished": nowSecond]
        let started = value("mrp.workorder", workorder, "date_start")
        if started.instant.map({ $0 > now }) ?? true { values["date_start"] = nowSecond }
        if version == .v16 { values["date_planned_finished"] = nowSecond }
        stamp("mrp.workorder", workorder, values)
        let isLast = many("mrp.production", order, "workorder_ids").allSatisfy {
            ["done", "cancel"].contains(text("mrp.workorder", $0, "state"))
        }
        if isLast { assign("mrp.production", order, [finishField: nowSecond]) }
    }

    private mutating func expectTime(_ workorder: Int) {
        guard workDuration(workorder) == 0 else { return }
        addTime(workorder, minutes: number("mrp.workorder", workorder, "duration_expected"))
    }

    private mutating func fillMoves(of order: Int) {
        for move in many("mrp.production", order, "move_raw_ids")
        where isOpen(move) && !flag("stock.move", move, "manual_consumption") {
            if version == .v16 {
                if moved(move) == 0 { setDone(move, shouldConsume(move)) }
            } else if !flag("stock.move", move, "picked") {
                setQuantity(move, shouldConsume(move))
                pick(move)
            }
        }
    }

    /// A productive line of that many minutes that ends now.
    mutating func addTime(_ workorder: Int, minutes: Double) {
        guard minutes > 0, let center = one("mrp.workorder", workorder, "workcenter_id") else { return }
        let end = now / 1_000_000 * 1_000_000
        _ = insert(
            "mrp.workcenter.productivity",
            [
                "workorder_id": .id(workorder), "workcenter_id": .id(center), "user_id": .id(uid),
                "loss_id": loss("productive").map { .id($0) } ?? .empty, "date_end": .instant(end),
                "date_start": .instant(end - OdooTime.microseconds(minutes: minutes)),
                "duration": .float(odooRound(minutes, digits: 2)),
                "description": .text("Time Tracking: \(settings.user(uid)?.name ?? "")"),
            ])
    }

    mutating func workorderWriting(_ workorders: [Int], _ values: inout OdooValues) throws(OdooFault) {
        for workorder in workorders {
            let state = text("mrp.workorder", workorder, "state")
            if version == .v19, values["qty_produced"] != nil, ["done", "cancel"].contains(state) {
                throw .userError(
                    "You cannot change the quantity produced of a work order that is in done or cancel state.")
            }
            if let quantity = values["qty_producing"], let order = one("mrp.workorder", workorder, "production_id") {
                stamp("mrp.production", order, ["qty_producing": quantity])
            }
            if let minutes = values["duration"] {
                let difference = minutes.double - workDuration(workorder)
                if difference > 0 {
                    addTime(workorder, minutes: difference)
                } else if difference < 0 {
                    shorten(workorder, by: -difference)
                }
            }
        }
    }

    /// Takes minutes from the newest lines, as writing a smaller duration does.
    private mutating func shorten(_ workorder: Int, by minutes: Double) {
        var left = minutes
        for line in many("mrp.workorder", workorder, "time_ids") where left > 0.000_001 {
            let own = number("mrp.workcenter.productivity", line, "duration")
            if own <= left {
                delete("mrp.workcenter.productivity", line)
            } else if let start = value("mrp.workcenter.productivity", line, "date_start").instant {
                stamp(
                    "mrp.workcenter.productivity", line,
                    ["date_start": .instant(start + OdooTime.microseconds(minutes: left))])
                recomputeTime(line)
            }
            left -= own
        }
    }

    mutating func setWorkorderState(_ workorder: Int, _ state: String) throws(OdooFault) {
        switch state {
        case "progress": try startWorkorder(workorder)
        case "done": finishWorkorder(workorder, fillsMoves: true, expectsDuration: false)
        case "cancel", "ready", "blocked":
            endTimes(workorder, everybody: true)
            stamp("mrp.workorder", workorder, ["state": .text(state)])
        default: throw .valueError("Wrong value for mrp.workorder.state: '\(state)'")
        }
        if let order = one("mrp.workorder", workorder, "production_id") { refreshProduction(order) }
    }
}
