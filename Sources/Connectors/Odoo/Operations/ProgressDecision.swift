import Canonical
import Contracts
import ExactJSON

/// What `production.progress` does, given what was read. Pure: no I/O, no clock.
struct ProgressDecision: Sendable {
    enum Result: Sendable {
        case write(ValueWrite)
        /// Less than one step of the unit: counted, and posted later.
        case nothing(Acceptance)
    }

    let request: ProgressRequest
    let dialect: OdooDialect
    let family: OrderFamily
    let workOrders: [WorkOrderRecord]
    /// The work center that `operation` names, where it names one.
    let workCenter: Int?
    let moves: [MoveRecord]
    let units: UnitTable
    let unit: UnitTable.Unit

    /// Odoo 19 makes a serial-tracked order's quantity the number of its serials as soon as a work order moves.
    private func countsSerials(_ order: OrderRecord) -> Bool {
        dialect.takesSeveralLots && order.tracking == .serial && request.operation != nil
    }

    private func movesOrder(_ order: OrderRecord) -> Bool {
        (request.operation == nil || request.reporting) && !countsSerials(order)
    }

    /// The lines of the ledger that count this quantity.
    func ledgerKeys() throws(OdooError) -> [LedgerKey] {
        let order = try openOrder()
        var keys: [LedgerKey] = []
        if request.operation != nil { keys.append(operationKey(try workOrder())) }
        if movesOrder(order) { keys.append(LedgerKey("order/\(family.number)")) }
        return keys
    }

    func decide(ledger: [LedgerEntry]) throws(OdooError) -> Result {
        let order = try openOrder()
        let amount = try units.amount(request.quantity, for: unit)
        var changes: [ValueChange] = []
        var entries: [LedgerEntry] = []
        var workOrderCommands: [JSON] = []
        var producing = try Exact.snap(order.producing, to: unit.step)
        let before = producing

        if request.operation != nil {
            let work = try workOrder()
            let change = try count(
                amount, key: operationKey(work), ledger: ledger, model: "mrp.workorder", id: work.id,
                field: "qty_produced",
                observed: work.produced, entries: &entries)
            changes.append(change)
            workOrderCommands.append([1, .int(work.id), ["qty_produced": .number(change.after)]])
        }
        if movesOrder(order) {
            let change = try count(
                amount, key: LedgerKey("order/\(family.number)"), ledger: ledger, model: "mrp.production", id: order.id,
                field: "qty_producing", observed: order.producing, entries: &entries)
            changes.append(change)
            producing = change.after
        }
        let summary = describe(order, changes)
        let acceptance = Acceptance(reference: "mrp.production,\(order.id)", summary: summary, ledger: entries)
        guard changes.contains(where: { $0.before != $0.after }) else { return .nothing(acceptance) }

        var values: JSON = [:]
        if movesOrder(order) { values["qty_producing"] = .number(producing) }
        if let work = workOrderCommands.first, let id = work[1] {
            // Odoo 19 answers a work order's quantity by moving the order's to the least of all work orders. Written
            // through the
            // work order once more, behind it, the order's own quantity holds.
            if !producing.isZero, !countsSerials(order) {
                workOrderCommands.append([1, id, ["qty_producing": .number(producing)]])
            }
            values["workorder_ids"] = .array(workOrderCommands)
        }
        let components = try componentCommands(order, from: before, to: producing)
        if !components.isEmpty { values["move_raw_ids"] = .array(components) }
        return .write(
            ValueWrite(
                model: "mrp.production", id: order.id, values: values,
                changes: changes.filter { $0.before != $0.after },
                acceptance: acceptance))
    }

    // MARK: Parts

    private func openOrder() throws(OdooError) -> OrderRecord {
        if case .doubted = request.standing, request.operation == nil, family.orders.count == 1,
            let closed = family.orders.first, closed.state == .done
        {
            throw .reject(
                OdooFailures.mayBeDone,
                "\(closed.name) is done with \(closed.produced): this fact may be in it already")
        }
        return try OdooSession.running(
            family, reference: request.order, what: "\(request.quantity.value) \(request.quantity.unit)")
    }

    private func workOrder() throws(OdooError) -> WorkOrderRecord {
        let name = request.operation ?? ""
        let open = workOrders.filter(\.isOpen)
        let byName = open.filter { $0.name == name }
        let found = byName.isEmpty ? open.filter { $0.workCenter == workCenter } : byName
        guard let work = found.first, found.count == 1 else {
            let names = workOrders.map { "\($0.name) at \($0.workCenterLabel)\($0.isOpen ? "" : " (closed)")" }
            throw .reject(
                OdooFailures.operationNotFound,
                "order \"\(request.order)\" has \(found.isEmpty ? "no" : "more than one") open work order "
                    + "\"\(name)\"; it has: "
                    + (names.isEmpty ? "none" : names.joined(separator: ", ")))
        }
        return work
    }

    private func operationKey(_ work: WorkOrderRecord) -> LedgerKey {
        LedgerKey("operation/\(family.number)/\(work.workCenter)/\(work.name)")
    }

    /// Counts into one ledger line and says what becomes of the record: observed plus what is due.
    private func count(
        _ amount: ExactNumber, key: LedgerKey, ledger: [LedgerEntry], model: String, id: Int, field: String,
        observed: ExactNumber, entries: inout [LedgerEntry]
    ) throws(OdooError) -> ValueChange {
        var line = ledger.line(key, base: unit.scale.base)
        let seen = JSON.number(observed)
        let observed = try Exact.snap(observed, to: unit.step)
        var earlier: ExactNumber?
        if model == "mrp.production", let before = family.orders.first(where: { $0.id == line.record }) {
            earlier = try Exact.snap(before.shown, to: unit.step)
        }
        let sight = CountLine.Sight(
            record: id, observed: observed, earlier: earlier,
            isSplit: model == "mrp.production" && isSplit(line, id), words: "\(field) of \(model) #\(id)")
        let delta = try line.post(
            amount, unit: unit, sight, request.standing, request.corrections, request.forgotten)
        let after = try Exact.add(observed, delta).trimmed()
        entries.append(LedgerEntry(key: key, value: line.json))
        return ValueChange(
            model: model, id: id, field: field, seen: seen, before: observed, after: after, step: unit.step)
    }

    /// Uses up components in proportion where asked; where only a work order moves, keeps them as they are.
    private func componentCommands(
        _ order: OrderRecord, from before: ExactNumber, to after: ExactNumber
    ) throws(OdooError) -> [JSON] {
        var commands: [JSON] = []
        for move in moves where move.tracking == .none {
            if request.backflush, movesOrder(order) {
                guard let step = units[move.unit]?.step else { continue }
                let used = try Backflush.used(move, planned: order.planned, from: before, to: after, step: step)
                commands.append([1, .int(move.id), move.values(used: used, dialect)])
            } else if request.operation != nil, dialect.hasPicked {
                commands.append([
                    1, .int(move.id), [dialect.moveDone: .number(move.shown), "picked": .bool(move.isPicked)],
                ])
            }
        }
        return commands
    }

    /// Whether a part of the order that came after the one this line wrote to shows something, and is not the open one.
    private func isSplit(_ line: CountLine, _ open: Int) -> Bool {
        family.orders.contains { $0.id > (line.record ?? 0) && $0.id != open && !$0.shown.isZero }
    }

    private func describe(_ order: OrderRecord, _ changes: [ValueChange]) -> String {
        let parts = changes.map { change in
            let what = change.model == "mrp.workorder" ? "work order \(request.operation ?? "")" : order.name
            return "\(what): \(change.before) → \(change.after) \(unit.name)"
        }
        return parts.isEmpty ? "\(order.name): nothing to change" : parts.joined(separator: ", ")
    }
}

/// How much of a component goes with a quantity of the product. Pure.
enum Backflush {
    /// What the move has used after the order went from `before` to `after`: what was used so far, plus the difference
    /// of the
    /// two proportional amounts, each rounded, so that many small steps add up to the same as one large one.
    static func used(
        _ move: MoveRecord, planned: ExactNumber, from before: ExactNumber, to after: ExactNumber, step: ExactNumber
    ) throws(OdooError) -> ExactNumber {
        let delta = try Exact.subtract(
            share(move.planned, planned: planned, made: after, step: step),
            share(move.planned, planned: planned, made: before, step: step))
        let used = try Exact.add(Exact.snap(move.used, to: step), delta).trimmed()
        return used.isNegative ? ExactNumber(0) : used
    }

    /// `component × made ÷ planned`, rounded to the nearest step.
    static func share(
        _ component: ExactNumber, planned: ExactNumber, made: ExactNumber, step: ExactNumber
    ) throws(OdooError) -> ExactNumber {
        guard !planned.isZero, !planned.isNegative else { return ExactNumber(0) }
        let steps = try Exact.count(Exact.multiply(component, made), per: Exact.multiply(planned, step), .nearest)
        return try Exact.multiply(ExactNumber(steps), step).trimmed()
    }
}
