import Canonical
import Contracts
import ExactJSON

/// What `production.complete` does, given what was read. Pure.
struct CompletionDecision: Sendable {
    let request: CompletionRequest
    let family: OrderFamily
    let order: OrderRecord
    let moves: [MoveRecord]
    /// The components' products by the internal reference that the command used.
    let products: [String: Int]
    let units: UnitTable
    let unit: UnitTable.Unit
    let dialect: OdooDialect
    /// Whether a person has it completed beside what a store that is forgotten may have posted: what else comes of that
    /// time is a person's too.
    var hasForeign = false

    func decide(_ entry: LedgerEntry) throws(OdooError) -> CompletionIntent {
        let quantity = try quantity()
        let finished = try finishedLots(for: quantity)
        var lots = finished
        var components: [CompletionIntent.Component] = []
        for consumed in request.consumed {
            let (component, lot) = try component(consumed, lotIndex: lots.count)
            components.append(component)
            if let lot { lots.append(lot) }
        }
        try refuseUntold(components)
        let splits = quantity < order.planned && request.rest == .create
        var line = CountLine(entry.value) ?? CountLine(base: unit.scale.base)
        if hasForeign { line.hasForeign = true }
        try line.complete(
            with: quantity, unit: unit, in: order.id, over: try Exact.snap(order.producing, to: unit.step))
        let tail = splits ? ", the rest on a backorder" : (quantity < order.planned ? ", the rest given up" : "")
        return CompletionIntent(
            order: order.id, quantity: quantity, step: unit.step, lots: lots, finishedLots: finished.count,
            components: components, backflush: request.backflush, splits: splits,
            acceptance: Acceptance(
                reference: "mrp.production,\(order.id)",
                summary: "\(order.name) done with \(quantity) \(unit.name)\(tail)",
                ledger: [LedgerEntry(key: entry.key, value: line.json)]))
    }

    private func quantity() throws(OdooError) -> ExactNumber {
        let quantity: ExactNumber
        if let given = request.quantity {
            quantity = try units.exactly(given, in: unit)
        } else {
            quantity = try Exact.snap(order.producing.isZero ? order.planned : order.producing, to: unit.step)
        }
        guard !quantity.isZero, !quantity.isNegative else {
            throw .reject(
                OdooFailures.arguments, "\(order.name) cannot be completed with \(quantity) \(unit.name)",
                suggestion: "Cancel the order in Odoo where nothing was made, and discard this.")
        }
        return quantity
    }

    private func finishedLots(for quantity: ExactNumber) throws(OdooError) -> [LotNeed] {
        let needs = request.lots.map { LotNeed(name: $0, product: order.product, company: order.company) }
        switch order.tracking {
        case .none:
            guard needs.isEmpty else {
                throw .reject(
                    OdooFailures.lotNeeded,
                    "\(order.productLabel) is not tracked, and was given \(request.lots.count) lot or serial numbers",
                    suggestion: "Turn tracking on for the product in Odoo, or leave the lot out in the flow's map.")
            }
        case .lot:
            guard needs.count == 1 || (needs.isEmpty && !order.finishedLots.isEmpty) else {
                throw .reject(
                    OdooFailures.lotNeeded, "\(order.productLabel) needs one lot, and was given \(needs.count)")
            }
        case .serial:
            if needs.isEmpty, ExactNumber(order.finishedLots.count) == quantity { return [] }
            guard ExactNumber(needs.count) == quantity else {
                throw .reject(
                    OdooFailures.lotNeeded,
                    "\(quantity) \(unit.name) of \(order.productLabel) need as many serial numbers, and were given "
                        + "\(needs.count)"
                )
            }
            guard needs.count == 1 || dialect.takesSeveralLots else {
                throw .reject(
                    OdooFailures.lotNeeded,
                    "Odoo \(dialect.version) takes one serial number an order, and was given \(needs.count)",
                    suggestion: "Complete one piece at a time with `backorder: create`.")
            }
        }
        return needs
    }

    private func component(
        _ consumed: CompletionRequest.Consumed, lotIndex: Int
    ) throws(OdooError) -> (CompletionIntent.Component, LotNeed?) {
        guard let product = products[consumed.item], let move = moves.first(where: { $0.product == product }) else {
            throw .reject(OdooFailures.notAComponent, "\(order.name) has no open component \"\(consumed.item)\"")
        }
        guard let unit = units[move.unit] else {
            throw .reject(OdooFailures.unit, "the unit of component \(move.productLabel) is not known")
        }
        let quantity = try units.exactly(consumed.quantity, in: unit)
        guard !quantity.isNegative else {
            throw .reject(OdooFailures.arguments, "the quantity of component \"\(consumed.item)\" is below zero")
        }
        guard move.tracking != .none else {
            return (.init(product: product, label: move.productLabel, quantity: quantity, lot: nil), nil)
        }
        guard let lot = consumed.lot else {
            throw .reject(
                OdooFailures.lotNeeded, "component \(move.productLabel) is tracked by \(move.tracking.rawValue)")
        }
        return (
            .init(product: product, label: move.productLabel, quantity: quantity, lot: lotIndex),
            LotNeed(name: lot, product: product, company: order.company)
        )
    }

    /// Odoo 17 and 19 close an order whose tracked components were not told, and consume nothing of them, silently.
    private func refuseUntold(_ components: [CompletionIntent.Component]) throws(OdooError) {
        for move in moves where move.tracking != .none && !move.planned.isZero && move.used.isZero {
            guard components.contains(where: { $0.product == move.product }) else {
                throw .reject(
                    OdooFailures.lotNeeded,
                    "component \(move.productLabel) is tracked by \(move.tracking.rawValue), and nothing says what "
                        + "was used",
                    suggestion: "Post it with `material.consume`, or give it in `consumed` with its lot, then resubmit."
                )
            }
        }
    }
}

/// The one write that carries a completion's values. Pure.
enum CompletionValues {
    /// - Parameters:
    ///   - order, moves: as they stand after the order was confirmed.
    ///   - lots: ids of the intent's lots, in its order, or references to them.
    static func values(
        _ intent: CompletionIntent, order: OrderRecord, moves: [MoveRecord], lots: [JSON], units: UnitTable,
        _ dialect: OdooDialect
    ) throws(OdooError) -> JSON {
        var values: JSON = ["qty_producing": .number(intent.quantity)]
        let finished = lots.prefix(intent.finishedLots)
        if let lot = finished.first {
            values[dialect.finishedLot] =
                dialect.takesSeveralLots ? [[6, 0, .array(Array(finished))]] : lot
        }
        var commands: [JSON] = []
        for move in moves {
            if let change = try change(of: move, intent, order, lots, units, dialect) {
                commands.append([1, .int(move.id), change])
            }
        }
        if !commands.isEmpty { values["move_raw_ids"] = .array(commands) }
        return values
    }

    private static func change(
        of move: MoveRecord, _ intent: CompletionIntent, _ order: OrderRecord, _ lots: [JSON], _ units: UnitTable,
        _ dialect: OdooDialect
    ) throws(OdooError) -> JSON? {
        let told = intent.components.filter { $0.product == move.product }
        if !told.isEmpty {
            guard move.tracking != .none else {
                var sum = ExactNumber(0)
                for component in told { sum = try Exact.add(sum, component.quantity) }
                return move.values(used: sum.trimmed(), dialect)
            }
            // What was reserved or noted before gives way to what the command states.
            var lines: [JSON] = move.lines.map { [2, .int($0), 0] }
            for component in told {
                guard let index = component.lot, lots.indices.contains(index) else { continue }
                lines.append(move.newLine(lot: lots[index], quantity: component.quantity, dialect))
            }
            return ["move_line_ids": .array(lines)]
        }
        guard move.tracking == .none, intent.backflush, let step = units[move.unit]?.step else { return nil }
        let used = try Exact.snap(move.used, to: step)
        let share = try Backflush.share(move.planned, planned: order.planned, made: intent.quantity, step: step)
        // A quantity that is not just what backflushing would have left was measured, and stays.
        let backflushed = try Backflush.share(move.planned, planned: order.planned, made: order.producing, step: step)
        guard used.isZero || used == backflushed else { return nil }
        return move.values(used: share, dialect)
    }
}
