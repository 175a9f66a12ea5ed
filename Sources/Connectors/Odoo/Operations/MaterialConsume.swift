import Canonical
import Contracts
import ExactJSON

/// `material.consume`: adds what was really used of one component to the order that is running.
struct MaterialConsume: OdooOperation {
    static let name = "material.consume"

    let spec = OperationSpec(
        name: Self.name,
        summary: "Adds a measured quantity to a component of the order, by lot where the component is tracked.",
        arguments: [
            .init(
                "order", .text, required: true,
                "The manufacturing order, by the field that the target's `orderBy` names."),
            .init("item", .text, required: true, "The component's internal reference."),
            .init(
                "quantity", .quantity, required: true,
                "How much was used since the last time: a difference, with its unit."),
            .init("lot", .text, "The lot or serial number; needed where the component is tracked."),
            .init("corrections", .text, "`accept` or `ask`: overrides the target's setting for this command."),
            .init("time", .instant, "When it was used; for the trace."),
        ],
        merge: MergeRule(sums: ["quantity"], takesLatest: ["time"]),
        promise: """
            Never silently doubled or lost: the value written is absolute and recorded before it is sent. After a \
            lost answer the \
            component is read; where somebody else changed it in between, a person decides.
            """,
        example: [
            "order": "WH/MO/00042", "item": "WIRE-1.5",
            "quantity": ["value": .number(ExactNumber(coefficient: 125, scale: 1)), "unit": "m"], "lot": "R-0815",
        ])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let reference = try arguments.requiredText("order")
        let item = try arguments.requiredText("item")
        let lotName = try arguments.text("lot")
        let product = try await session.directory.product(code: item)
        let family = try await session.family(reference, product: nil)
        let order = try OdooSession.running(family, reference: reference, what: "use of \(item)")
        guard let move = try await session.moves(of: order).first(where: { $0.product == product.id }) else {
            throw .reject(OdooFailures.notAComponent, "\(order.name) has no open component \(product.label)")
        }
        let key = LedgerKey("item/\(family.number)/\(product.id)/\(lotName ?? "")")
        guard let entry = ledger.first(where: { $0.key == key }) else { return .needsLedger([key]) }
        let (units, unit) = try await session.directory.unit(move.unit)
        let dialect = try await session.dialect()
        var lines: [MoveLineRecord] = []
        var lotID: Int?
        if move.tracking != .none {
            guard let lotName else {
                throw .reject(OdooFailures.lotNeeded, "\(product.label) is tracked by \(move.tracking.rawValue)")
            }
            lines = try await session.rows(.read("stock.move.line", move.lines, MoveLineRecord.fields(dialect)))
                .map { MoveLineRecord($0, dialect) }
            lotID = try await session.directory.lot(lotName, product: product.id, company: order.company)
        }
        let decision = ConsumeDecision(
            order: order, move: move, lines: lines, lotID: lotID, lotName: lotName,
            amount: try units.amount(arguments.requiredQuantity("quantity"), for: unit),
            unit: unit, corrections: try arguments.choice("corrections", session.options.corrections), dialect: dialect,
            standing: CountLine.Standing(command), forgotten: CountLine.Forgotten(command))
        switch try decision.decide(entry) {
        case .write(let write): return .ready(intent: try await write.plan(in: session).json)
        case .nothing(let acceptance): return .settled(.accepted(acceptance))
        }
    }
}

/// What `material.consume` does, given what was read. Pure.
struct ConsumeDecision: Sendable {
    let order: OrderRecord
    let move: MoveRecord
    let lines: [MoveLineRecord]
    /// The lot, where Odoo has it.
    let lotID: Int?
    let lotName: String?
    /// In the base of the component's unit.
    let amount: ExactNumber
    let unit: UnitTable.Unit
    let corrections: OdooOptions.Corrections
    let dialect: OdooDialect
    /// Whether somebody may have posted this, or has decided about it.
    var standing = CountLine.Standing.new
    /// What the store has forgotten.
    var forgotten = CountLine.Forgotten()

    /// What is changed: a line of a lot that was used before, or the component itself.
    private var line: MoveLineRecord? {
        lotID.flatMap { id in lines.first { $0.isUsed && $0.lot == id } }
    }

    func decide(_ entry: LedgerEntry) throws(OdooError) -> ProgressDecision.Result {
        var count = CountLine(entry.value) ?? CountLine(base: unit.scale.base)
        let isTracked = move.tracking != .none
        let observed = try Exact.snap(line?.done ?? (isTracked ? ExactNumber(0) : move.used), to: unit.step)
        // A lot's line may come and go; the component with the lot of the ledger's key is what is counted.
        let sight = CountLine.Sight(
            record: move.id, observed: observed, words: "\(move.productLabel) of \(order.name)")
        let delta = try count.post(amount, unit: unit, sight, standing, corrections, forgotten)
        let after = try Exact.add(observed, delta).trimmed()
        let acceptance = Acceptance(
            reference: "stock.move,\(move.id)",
            summary:
                "\(order.name): \(move.productLabel)\(lotName.map { " lot \($0)" } ?? "") \(observed) → \(after) "
                + "\(unit.name)",
            ledger: [LedgerEntry(key: entry.key, value: count.json)])
        guard !delta.isZero else { return .nothing(acceptance) }
        return .write(try write(observed: observed, delta: delta, after: after, acceptance))
    }

    private func write(
        observed: ExactNumber, delta: ExactNumber, after: ExactNumber, _ acceptance: Acceptance
    ) throws(OdooError) -> ValueWrite {
        var lot: LotNeed?
        var values: JSON
        var changes: [ValueChange]
        if let line {
            values = ["move_line_ids": [[1, .int(line.id), [dialect.lineDone: .number(after)]]]]
            changes = [change("stock.move.line", line.id, dialect.lineDone, line.done, observed, after)]
        } else if move.tracking != .none, let lotName {
            lot = LotNeed(name: lotName, product: move.product, company: order.company)
            values = ["move_line_ids": [move.newLine(lot: ValueWrite.place, quantity: delta, dialect)]]
            // The component's total moves by what the new line holds, whatever reservations stand beside it.
            let shown = try Exact.snap(move.shown, to: unit.step)
            let sum = try Exact.add(shown, delta).trimmed()
            changes = [change("stock.move", move.id, dialect.moveDone, move.shown, shown, sum)]
        } else {
            values = move.values(used: after, dialect)
            changes = [
                change(
                    "stock.move", move.id, dialect.moveDone, move.shown, try Exact.snap(move.shown, to: unit.step),
                    after)
            ]
            if dialect.hasPicked, !move.isPicked {
                changes.append(
                    .init(
                        model: "stock.move", id: move.id, field: "picked", seen: false, before: ExactNumber(0),
                        after: ExactNumber(1), step: ExactNumber(1)))
            }
        }
        return ValueWrite(
            model: "mrp.production", id: order.id, values: ["move_raw_ids": [[1, .int(move.id), values]]], lot: lot,
            changes: changes, acceptance: acceptance)
    }

    private func change(
        _ model: String, _ id: Int, _ field: String, _ seen: ExactNumber, _ before: ExactNumber, _ after: ExactNumber
    ) -> ValueChange {
        .init(
            model: model, id: id, field: field, seen: .number(seen), before: before, after: after, step: unit.step)
    }
}
