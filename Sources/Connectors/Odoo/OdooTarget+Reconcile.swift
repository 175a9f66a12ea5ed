package import Contracts
package import ExactJSON

// What Odoo still has of what was posted, after it was restored from a backup.
extension OdooTarget: Reconcilable {
    /// The values that the command counted up, from the acceptance that its intent holds.
    package static func counts(of done: DoneCommand) -> [CountStep] {
        guard let intent = done.intent, let acceptance = intent["acceptance"].flatMap(Acceptance.init(json:)) else {
            return []
        }
        let step =
            (intent["evidence"] ?? intent)["changes"]?[0]?["step"]?.number ?? intent["step"]?.number ?? ExactNumber(1)
        return acceptance.ledger.compactMap { entry in
            guard let line = CountLine(entry.value), let last = line.last, let record = line.record,
                let written = line.written
            else { return nil }
            return CountStep(
                place: CountPlace(ledger: entry.key, record: record, family: CountKey(entry.key).family),
                order: done.command.arguments["order"]?.string ?? "", step: step, before: last.before, after: written,
                amount: last.amount, posted: last.posted,
                closes: done.command.operation == ProductionComplete.name)
        }
    }

    /// What takes forgotten counts back: a ``ForgottenLine``.
    package static func takeBack(_ forgotten: ForgottenCounts, listed: LedgerEntry) -> JSON {
        ForgottenLine(forgotten, listed: listed).json
    }

    /// The line without them; nil where it has moved on.
    package static func takingBack(_ order: JSON, from entry: LedgerEntry) -> LedgerEntry? {
        guard let forgotten = ForgottenLine(order), let line = CountLine(entry.value),
            let taken = try? forgotten.takingBack(from: line)
        else { return nil }
        return LedgerEntry(key: entry.key, value: taken.json)
    }

    /// What the order, work order or component shows.
    package func look(at step: CountStep) async throws(Failure) -> CountSight {
        do throws(OdooError) {
            return try await session.sight(of: step)
        } catch {
            throw error.failure
        }
    }

    /// Whether the record that the command made is there, by its external id.
    package func recall(_ done: DoneCommand) async throws(Failure) -> Recall {
        do throws(OdooError) {
            return try await session.recall(done)
        } catch {
            guard case .rejected = error.verdict else { throw error.failure }
            return .unclear(error.failure)
        }
    }
}

/// A key of the quantity ledger, read: `order/812`, `operation/812/7/Cut`, `item/812/31/R-0815`.
struct CountKey: Sendable, Hashable {
    enum Kind: String, Sendable { case order, operation, item }
    let kind: Kind?
    /// The order with its backorders.
    let family: String
    /// Of a component: its lot; nil where it has none.
    let lot: String?

    init(_ key: LedgerKey) {
        let parts = key.text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        kind = parts.first.flatMap { Kind(rawValue: String($0)) }
        family = parts.count > 1 ? String(parts[1]) : ""
        lot = kind == .item && parts.count == 4 && !parts[3].isEmpty ? String(parts[3]) : nil
    }
}

extension OdooSession {
    /// What stands where a command counted.
    func sight(of step: CountStep) async throws(OdooError) -> CountSight {
        let key = CountKey(step.place.ledger)
        let dialect = try await dialect()
        let record = step.place.record
        switch key.kind {
        case .order:
            guard let order = try await order(record, named: step.order) else { return .gone }
            return .shows(try Exact.snap(order.shown, to: step.step), isClosed: !order.isOpen)
        case .operation:
            let fields = WorkOrderRecord.fields + ["production_id"]
            guard let row = try await rows(.read("mrp.workorder", [record], fields)).first,
                let order = try await order(row.link("production_id") ?? 0, named: step.order)
            else { return .gone }
            let work = WorkOrderRecord(row)
            return .shows(try Exact.snap(work.produced, to: step.step), isClosed: !order.isOpen || !work.isOpen)
        case .item:
            let fields = MoveRecord.fields(dialect) + ["raw_material_production_id"]
            guard let row = try await rows(.read("stock.move", [record], fields)).first,
                let order = try await order(row.link("raw_material_production_id") ?? 0, named: step.order)
            else { return .gone }
            let move = MoveRecord(row, dialect)
            let used = try await used(of: move, lot: key.lot, dialect)
            return .shows(try Exact.snap(used, to: step.step), isClosed: !order.isOpen || !move.isOpen)
        case nil:
            throw .reject(OdooFailures.arguments, "\(step.place.ledger.text) is no line of the quantity ledger")
        }
    }

    /// The order with this id, where it is the one that `reference` names: ids are given again after a restore.
    private func order(_ id: Int, named reference: String) async throws(OdooError) -> OrderRecord? {
        let dialect = try await dialect()
        guard id > 0, let row = try await rows(.read("mrp.production", [id], OrderRecord.fields(dialect))).first
        else { return nil }
        let order = OrderRecord(row, dialect)
        switch options.orderBy {
        case .origin: return order.origin == reference ? order : nil
        case .name: return order.stem == OrderRecord.stem(of: reference) ? order : nil
        }
    }

    private func used(of move: MoveRecord, lot: String?, _ dialect: OdooDialect) async throws(OdooError) -> ExactNumber
    {
        guard let lot else { return move.used }
        guard !move.lines.isEmpty else { return ExactNumber(0) }
        let rows = try await rows(.read("stock.move.line", move.lines, MoveLineRecord.fields(dialect)))
        var sum = ExactNumber(0)
        for row in rows where row.label("lot_id") == lot {
            let line = MoveLineRecord(row, dialect)
            if line.isUsed { sum = try Exact.add(sum, line.done) }
        }
        return sum
    }

    /// Whether what a command made is there.
    func recall(_ done: DoneCommand) async throws(OdooError) -> Recall {
        let command = done.command
        if let intent = done.intent { try await checkCompany(of: intent) }
        switch command.operation {
        case ScrapRecord.name:
            guard let id = try await record(externalID: ExternalID.name("scrap", command.idempotencyKey)) else {
                return .absent
            }
            return try await rows(.read("stock.scrap", [id], ["state"])).first?.text("state") == "done"
                ? .present : .absent
        case DowntimeRecord.name: return try await isThere("downtime", command)
        case MaintenanceRequest.name: return try await isThere("maintenance", command)
        case DowntimeStart.name:
            guard try await isThere("downtime", command) == .absent else { return .present }
            return .unclear(
                Failure(
                    OdooFailures.expired, "the line that it opened is gone",
                    suggestion: "Record the downtime by hand, or with `downtime.record`."))
        case DowntimeStop.name:
            guard let line = done.intent?["evidence"]?["id"]?.int ?? done.intent?["line"]?.int else { return .present }
            let row = try await rows(.read(DowntimeRecord.model, [line], ["date_end"])).first
            guard row?.text("date_end") == nil else { return .present }
            return .unclear(
                Failure(
                    OdooFailures.nothingToStop,
                    row == nil ? "the line that it closed is gone" : "the line that it closed is open again",
                    suggestion: "Close the downtime by hand in Odoo, or record it with `downtime.record`."))
        default:
            // Less than a step of the unit was counted, and nothing sent.
            guard done.intent != nil else { return .present }
            return .unclear(
                Failure(OdooFailures.cannotTell, "it was posted by an older version, which did not note how"))
        }
    }

    private func isThere(_ kind: String, _ command: Command) async throws(OdooError) -> Recall {
        try await record(externalID: ExternalID.name(kind, command.idempotencyKey)) == nil ? .absent : .present
    }
}
