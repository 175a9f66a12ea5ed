import Canonical
import Contracts
import ExactJSON

/// `availability`: what can be promised of a product.
struct AvailabilityQuery: OdooQuery {
    /// Planned receipts, and planned issues, that are read.
    static let maximumFlows = 500
    /// Locations that are listed.
    static let maximumLocations = 500
    /// Warehouses whose stock counts where none is named.
    static let maximumWarehouses = 200

    let spec = QuerySpec(
        name: "availability",
        summary: "How much of a product is there, reserved and free, what comes and goes when, and from when on a "
            + "quantity can be promised.",
        arguments: [
            .init("item", .text, required: true, "The product's internal reference."),
            .init("warehouse", .text, "Only this warehouse, by its short name or name."),
            .init("location", .text, "Only this location and those below it, by its full name, such as WH/Stock."),
            .init("quantity", .number, "A quantity to be promised."),
            .init("unit", .text, "The quantity's unit; else the product's."),
        ],
        answer: """
            `unit`; `onHand`, `reserved`, `free`, `incoming`, `outgoing`, `forecast`, as Odoo counts them; \
            `promisable` now; `locations` with what lies where; `receipts` and `issues` with `date`, `quantity`, \
            `document`, `origin` and, for a receipt that is overdue, `isLate` (it counts in the forecast, and nothing \
            of it is promised); `isDated`: whether they make up the totals (not so for a kit); with `quantity` also \
            `promise`: `possible` (null where it cannot be told) and `from`
            """,
        example: ["item": "BOLT-8", "warehouse": "WH", "quantity": "500", "unit": "pcs"],
        needs: "reading `product.product`, `stock.quant`, `stock.move`, `stock.warehouse` and `stock.location`: "
            + "*Inventory / User*")

    func answer(_ query: Query, in session: OdooSession) async throws(OdooError) -> JSON {
        let item = query["item"] ?? ""
        let product = try await session.directory.product(code: item)
        let (table, unit) = try await session.directory.unit(product.unit)
        let (scope, place) = try await scope(query, session)
        var wanted: ExactNumber?
        if let text = query["quantity"], let value = ExactNumber(text: text) {
            wanted = try table.exactly(Quantity(value, query["unit"] ?? unit.name), in: unit)
        }
        let forecast = try await forecast(product.id, scope, unit, session)
        var answer: JSON = [
            "item": .string(item), "product": ["id": .int(product.id), "name": .string(product.label)],
            "where": place, "unit": .string(unit.name),
            "onHand": .number(forecast.onHand),
            "reserved": .number(try Exact.subtract(forecast.onHand, forecast.free)),
            "free": .number(forecast.free), "incoming": .number(forecast.incoming),
            "outgoing": .number(forecast.outgoing),
            "forecast": .number(
                try Exact.subtract(try Exact.add(forecast.onHand, forecast.incoming), forecast.outgoing)),
            "promisable": .number(try forecast.promisable()),
            "locations": try await locations(product.id, scope, unit, session),
            "receipts": .array(forecast.flows.filter(\.isIncoming).map { Self.json($0, isLate: forecast.isLate($0)) }),
            "issues": .array(forecast.flows.filter { !$0.isIncoming }.map { Self.json($0, isLate: false) }),
            "isDated": .bool(try forecast.isDated()),
        ]
        if let wanted {
            answer["promise"] = Self.json(try forecast.promise(wanted), wanted, unit.name, now: forecast.now)
        }
        return answer
    }

    /// The locations whose stock counts, with those below them, and how the answer calls them.
    private func scope(_ query: Query, _ session: OdooSession) async throws(OdooError) -> (ids: [Int], place: JSON) {
        if let name = query["location"] {
            guard query["warehouse"] == nil else {
                throw .reject(QueryFailures.arguments, "name a warehouse or a location, not both")
            }
            return ([try await session.directory.location(name)], ["location": .string(name)])
        }
        var domain: JSON = []
        if let name = query["warehouse"] {
            domain = ["|", ["code", "=", .string(name)], ["name", "=", .string(name)]]
        }
        let rows = try await session.rows(
            .find("stock.warehouse", domain, ["code", "name", "view_location_id"], limit: Self.maximumWarehouses))
        guard let name = query["warehouse"] else {
            guard !rows.isEmpty else {
                throw .reject(OdooFailures.locationNotFound, "the user sees no warehouse in Odoo")
            }
            return (rows.compactMap { $0.link("view_location_id") }, .null)
        }
        let byCode = rows.filter { $0.text("code") == name }
        let found = byCode.isEmpty ? rows : byCode
        guard found.count == 1, let id = found.first?.link("view_location_id") else {
            throw .reject(
                OdooFailures.locationNotFound,
                "\(rows.isEmpty ? "no warehouse" : "more than one warehouse") in Odoo is called \"\(name)\"",
                suggestion: "Use the warehouse's short name, such as WH.")
        }
        return ([id], ["warehouse": .string(name)])
    }

    private func forecast(
        _ product: Int, _ scope: [Int], _ unit: UnitTable.Unit, _ session: OdooSession
    ) async throws(OdooError) -> StockForecast {
        let places = JSON.array(scope.map { .int($0) })
        let rows = try await session.rows(
            OdooCall(
                "product.product", "read", ids: [product],
                ["fields": ["qty_available", "free_qty", "incoming_qty", "outgoing_qty"]],
                context: ["location": places], isWrite: false))
        guard let row = rows.first else {
            throw .reject(OdooFailures.gone, "the product #\(product) is not in Odoo any more")
        }
        let dialect = try await session.dialect()
        var flows: [StockForecast.Flow] = []
        for isIncoming in [true, false] {
            let domain = Self.open(product) + Self.crossing(places, isIncoming: isIncoming, dialect)
            let moves = try await session.rows(
                .find(
                    "stock.move", .array(domain), ["product_qty", "date", "reference", "origin"], order: "date, id",
                    limit: Self.maximumFlows))
            for move in moves {
                flows.append(
                    StockForecast.Flow(
                        date: move.instant("date") ?? session.clock.now(),
                        quantity: try Exact.snap(move.number("product_qty"), to: unit.step), isIncoming: isIncoming,
                        document: move.text("reference"), origin: move.text("origin")))
            }
        }
        return StockForecast(
            onHand: try Exact.snap(row.number("qty_available"), to: unit.step),
            free: try Exact.snap(row.number("free_qty"), to: unit.step),
            incoming: try Exact.snap(row.number("incoming_qty"), to: unit.step),
            outgoing: try Exact.snap(row.number("outgoing_qty"), to: unit.step), flows: flows,
            now: session.clock.now())
    }

    private static func open(_ product: Int) -> [JSON] {
        [
            ["product_id", "=", .int(product)],
            ["state", "in", ["waiting", "confirmed", "assigned", "partially_available"]],
        ]
    }

    /// Terms for moves that come into the places from outside, or leave them: as Odoo's own forecast counts them.
    private static func crossing(_ places: JSON, isIncoming: Bool, _ dialect: OdooDialect) -> [JSON] {
        let from: [JSON] = [["location_id", "child_of", places]]
        var to: [JSON] = [["location_dest_id", "child_of", places]]
        if let final = dialect.moveFinal {
            to =
                ["|", "&", [.string(final), "!=", false], [.string(final), "child_of", places], "&"]
                + [[.string(final), "=", false]] + to
        }
        return isIncoming ? to + ["!"] + from : from + ["!"] + to
    }

    private func locations(
        _ product: Int, _ scope: [Int], _ unit: UnitTable.Unit, _ session: OdooSession
    ) async throws(OdooError) -> JSON {
        let domain: JSON = [
            ["product_id", "=", .int(product)], ["location_id", "child_of", .array(scope.map { .int($0) })],
        ]
        let rows = try await session.rows(
            OdooCall(
                "stock.quant", "read_group",
                ["domain": domain, "fields": ["quantity", "reserved_quantity"], "groupby": ["location_id"]],
                named: ["limit": .int(Self.maximumLocations), "lazy": false], isWrite: false))
        var list: [JSON] = []
        for row in rows {
            let there = try Exact.snap(row.number("quantity"), to: unit.step)
            let reserved = try Exact.snap(row.number("reserved_quantity"), to: unit.step)
            list.append([
                "location": .string(row.label("location_id") ?? ""), "onHand": .number(there),
                "reserved": .number(reserved), "free": .number(try Exact.subtract(there, reserved)),
            ])
        }
        return .array(list)
    }

    private static func json(_ flow: StockForecast.Flow, isLate: Bool) -> JSON {
        [
            "date": .string(flow.date.description), "quantity": .number(flow.quantity),
            "document": flow.document.map { .string($0) } ?? .null, "origin": flow.origin.map { .string($0) } ?? .null,
            "isLate": .bool(isLate),
        ]
    }

    private static func json(
        _ promise: StockForecast.Promise, _ quantity: ExactNumber, _ unit: String, now: Instant
    ) -> JSON {
        let (possible, from): (JSON, JSON) =
            switch promise {
            case .now: (true, .string(now.description))
            case .from(let date): (true, .string(date.description))
            case .never: (false, .null)
            case .unknown: (.null, .null)
            }
        return ["quantity": .number(quantity), "unit": .string(unit), "possible": possible, "from": from]
    }
}
