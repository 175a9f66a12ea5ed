import Canonical
import Contracts
import ExactJSON

/// Reads what matters for starting an order: a bounded number of calls, whatever the order's size.
struct OrderFactsReader {
    /// Lines of open time at work centers that are read.
    static let maximumTimes = 200
    /// Parts of the components' reservations that are read.
    static let maximumLines = 1_000

    let session: OdooSession
    let dialect: OdooDialect

    init(_ session: OdooSession) async throws(OdooError) {
        self.session = session
        dialect = try await session.dialect()
    }

    /// The facts of the order that `reference` means: the part of it that is open, else the last one. `centers`:
    /// further work centers that somebody asks about.
    func facts(_ reference: String, centers: [Int] = []) async throws(OdooError) -> OrderFacts {
        let family = try await session.family(reference, product: nil)
        let named = family.orders.last { $0.name == reference }
        guard let order = family.open(for: reference) ?? named ?? family.orders.last else {
            throw .reject(OdooFailures.orderNotFound, "no manufacturing order in Odoo is called \"\(reference)\"")
        }
        let (table, unit) = try await session.directory.unit(order.unit)
        guard
            let row = try await session.rows(
                .read(
                    "mrp.production", [order.id],
                    [dialect.orderStart, dialect.orderEnd, "date_deadline", "location_src_id"])
            ).first
        else { throw .reject(OdooFailures.gone, "the order \(order.name) is not in Odoo any more") }
        var facts = OrderFacts(
            order: order, family: family.orders, unit: unit.name, start: row.instant(dialect.orderStart),
            end: row.instant(dialect.orderEnd), deadline: row.instant("date_deadline"), now: session.clock.now())
        facts.components = try await components(
            order, at: row.link("location_src_id"), row.label("location_src_id") ?? "stock", table)
        facts.steps = try await steps(order)
        let places = Set(facts.steps.map(\.center) + centers).sorted()
        facts.centers = try await self.centers(places)
        facts.openTimes = try await openTimes(places)
        if order.isOpen {
            let reader = HoldReader(session: session, dialect: dialect)
            (facts.holds, facts.unseen) = try await reader.holds(on: order, lots: try await lots(of: order))
        }
        return facts
    }

    private func components(
        _ order: OrderRecord, at place: Int?, _ placeName: String, _ table: UnitTable
    ) async throws(OdooError) -> [OrderFacts.Component] {
        guard !order.moves.isEmpty else { return [] }
        let fields =
            MoveRecord.fields(dialect) + ["operation_id"]
            + [dialect.moveReserved].compactMap { $0 }
        let rows = try await session.rows(.read("stock.move", order.moves, fields)).filter {
            $0.text("state") != "cancel"
        }
        let products = try await products(Set(rows.compactMap { $0.link("product_id") }), at: place)
        var components: [OrderFacts.Component] = []
        for row in rows {
            let move = MoveRecord(row, dialect)
            let unit = table[move.unit], product = products[move.product]
            let step = unit?.step ?? ExactNumber(coefficient: 1, scale: 6)
            // From 17 on one number is what is reserved until it is picked, and then what is used.
            let used = try Exact.snap(move.used, to: step)
            let held = try Exact.snap(dialect.moveReserved.map { row.number($0) } ?? move.shown, to: step)
            let needed = try Exact.snap(move.planned, to: step)
            let isThere = max(used, held)
            components.append(
                OrderFacts.Component(
                    product: move.product, item: product?.text("default_code") ?? move.productLabel,
                    unit: unit?.name ?? "", needed: needed, used: used,
                    reserved: max(ExactNumber(0), try Exact.subtract(held, used)),
                    free: try free(product, in: unit, table),
                    isStockKept: product.map(isStockKept) ?? true,
                    place: placeName, operation: row.link("operation_id"),
                    missing: move.isOpen ? max(ExactNumber(0), try Exact.subtract(needed, isThere)) : ExactNumber(0)))
        }
        return components
    }

    /// Products with what is free of them at the place.
    private func products(_ ids: Set<Int>, at place: Int?) async throws(OdooError) -> [Int: OdooRow] {
        guard !ids.isEmpty else { return [:] }
        let rows = try await session.rows(
            OdooCall(
                "product.product", "read", ids: ids.sorted(),
                ["fields": ["default_code", "uom_id", "free_qty", .string(dialect.stockKept)]],
                context: place.map { ["location": [.int($0)]] } ?? [:], isWrite: false))
        return Dictionary(rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func isStockKept(_ product: OdooRow) -> Bool {
        product.json[dialect.stockKept]?.bool ?? (product.text(dialect.stockKept) == "product")
    }

    /// What is free of a product in the unit of a component's move, cut to that unit's step; 0 where the units do not
    /// convert.
    private func free(
        _ product: OdooRow?, in unit: UnitTable.Unit?, _ table: UnitTable
    ) throws(OdooError) -> ExactNumber {
        guard let product, let unit, let own = product.link("uom_id").flatMap({ table[$0] }) else {
            return ExactNumber(0)
        }
        let free = try Exact.snap(product.number("free_qty"), to: own.step)
        guard own.id != unit.id else { return free }
        guard own.scale.base == unit.scale.base, !free.isNegative else { return ExactNumber(0) }
        let step = try Exact.multiply(unit.step, unit.scale.ratio)
        let count = try Exact.count(try Exact.multiply(free, own.scale.ratio), per: step, .towardZero)
        return try Exact.multiply(ExactNumber(count), unit.step).trimmed()
    }

    private func steps(_ order: OrderRecord) async throws(OdooError) -> [OrderFacts.Step] {
        guard !order.workOrders.isEmpty else { return [] }
        let fields =
            WorkOrderRecord.fields + [
                "operation_id", "blocked_by_workorder_ids", dialect.orderStart, dialect.orderEnd,
            ]
        let rows = try await session.rows(.read("mrp.workorder", order.workOrders, fields))
        return rows.map { row in
            let record = WorkOrderRecord(row)
            return OrderFacts.Step(
                id: record.id, name: record.name, state: row.text("state") ?? "", center: record.workCenter,
                operation: row.link("operation_id"), produced: record.produced,
                after: row.links("blocked_by_workorder_ids"), start: row.instant(dialect.orderStart),
                end: row.instant(dialect.orderEnd))
        }
    }

    private func centers(_ ids: [Int]) async throws(OdooError) -> [Int: OrderFacts.Center] {
        guard !ids.isEmpty else { return [:] }
        let rows = try await session.rows(.read("mrp.workcenter", ids, ["name", "active", "working_state"]))
        return Dictionary(
            rows.map { row in
                (
                    row.id,
                    OrderFacts.Center(
                        id: row.id, name: row.text("name") ?? "#\(row.id)", isActive: row.flag("active"),
                        state: row.text("working_state") ?? "normal")
                )
            }, uniquingKeysWith: { first, _ in first })
    }

    private func openTimes(_ centers: [Int]) async throws(OdooError) -> [OrderFacts.OpenTime] {
        guard !centers.isEmpty else { return [] }
        let domain: JSON = [["workcenter_id", "in", .array(centers.map { .int($0) })], ["date_end", "=", false]]
        let rows = try await session.rows(
            .find(
                "mrp.workcenter.productivity", domain,
                ["workcenter_id", "workorder_id", "loss_id", "loss_type", "date_start", "description"],
                limit: Self.maximumTimes))
        return rows.map { row in
            let isWork = ["productive", "performance"].contains(row.text("loss_type") ?? "")
            return OrderFacts.OpenTime(
                center: row.link("workcenter_id") ?? 0, step: row.link("workorder_id"),
                stepName: row.label("workorder_id"), loss: row.label("loss_id") ?? "", isWork: isWork,
                start: row.instant("date_start"), description: isWork ? nil : row.text("description"))
        }
    }

    /// The lots that the order takes its components from, and those that it makes, by id with what they are of.
    private func lots(of order: OrderRecord) async throws(OdooError) -> [Int: String] {
        var lots: [Int: String] = [:]
        if !order.moves.isEmpty {
            let rows = try await session.rows(
                .find(
                    "stock.move.line",
                    [["move_id", "in", .array(order.moves.map { .int($0) })], ["lot_id", "!=", false]],
                    ["lot_id", "product_id"], limit: Self.maximumLines))
            for row in rows {
                if let lot = row.link("lot_id") {
                    lots[lot] = "lot \(row.label("lot_id") ?? "#\(lot)") of \(row.label("product_id") ?? "a component")"
                }
            }
        }
        for lot in order.finishedLots where lots[lot] == nil { lots[lot] = "lot #\(lot) of \(order.productLabel)" }
        return lots
    }
}
