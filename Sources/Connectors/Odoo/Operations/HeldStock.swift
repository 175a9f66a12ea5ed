import Contracts
import ExactJSON

/// What of a product or lot goes into quarantine, place by place.
struct HeldStock: Sendable {
    /// What lies in one location, in one package and of one owner, as Odoo keeps it.
    struct Place: Sendable {
        let location: Int
        /// What it is packed in; nil for what lies loose.
        var package: Int?
        /// Whose it is; nil for the company's own.
        var owner: Int?
        var quantity: ExactNumber

        /// A line of the transfer: what moves, done.
        func line(_ held: HeldStock, _ dialect: OdooDialect) -> FormRow {
            var row = FormRow()
            row.set("product_id", .record(.int(held.product.id)))
            row.set("product_uom_id", .record(.int(held.product.unit)))
            row.set("location_id", .record(.int(location)))
            row.set("location_dest_id", .record(.int(held.quarantine)))
            if let lot = held.lot { row.set("lot_id", .record(.int(lot))) }
            // Odoo takes exactly what the line names, below zero where there is nothing of it.
            if let package {
                row.set("package_id", .record(.int(package)))
                if held.whole.contains(package) { row.set("result_package_id", .record(.int(package))) }
            }
            if let owner { row.set("owner_id", .record(.int(owner))) }
            row.set(dialect.lineDone, .number(quantity))
            if dialect.hasPicked { row.set("picked", .flag(true)) }
            return row
        }
    }

    let product: OdooDirectory.Product
    let lot: Int?
    let quarantine: Int
    let places: [Place]
    /// The packages of which nothing stays behind.
    let whole: Set<Int>
    let summary: String

    /// Records of packages that are read.
    private static let maximumContents = 1_000

    /// Never empty: without stock it throws.
    init(_ arguments: Arguments, limit: Int, in session: OdooSession) async throws(OdooError) {
        product = try await session.directory.product(code: arguments.requiredText("item"))
        let to = try arguments.required("to")
        quarantine = try await session.directory.record(.location, to)
        var title = product.label
        if let name = try arguments.text("lot") {
            lot = try await session.directory.lot(name, product: product.id, company: nil)
            title += " lot \(name)"
            guard lot != nil else {
                throw .reject(OdooFailures.recordNotFound, "\(product.label) has no lot \"\(name)\" in Odoo")
            }
        } else {
            guard product.tracking == .none else {
                throw .reject(OdooFailures.lotNeeded, "\(product.label) is tracked by \(product.tracking.rawValue)")
            }
            lot = nil
        }
        var domain: [JSON] = [
            ["product_id", "=", .int(product.id)], ["location_id.usage", "=", "internal"], ["quantity", ">", 0],
            "!", ["location_id", "child_of", .int(quarantine)],
        ]
        if let lot { domain.append(["lot_id", "=", .int(lot)]) }
        if let from = arguments.json["from"], !from.isNull {
            domain.append(["location_id", "child_of", .int(try await session.directory.record(.location, from))])
        }
        let (units, unit) = try await session.directory.unit(product.unit)
        var wanted: ExactNumber?
        if let quantity = try arguments.quantity("quantity") {
            wanted = try units.exactly(quantity, in: unit)
            guard wanted?.isNegative == false, wanted?.isZero == false else {
                throw arguments.wrong("quantity", "more than 0")
            }
        }
        let rows = try await session.rows(
            .find(
                "stock.quant", .array(domain), ["location_id", "package_id", "owner_id", "quantity"],
                limit: limit + 1))
        let lying = try Self.lying(Array(rows.prefix(limit)), unit)
        let share = try Share(of: lying, wanted: wanted, isCut: rows.count > limit)
        guard !share.isCutShort else {
            throw .reject(
                OdooFailures.arguments,
                "quality.hold: \(title) lies in more than \(limit) places; give `from`, a part of the warehouse that "
                    + "has fewer, or a `quantity` that the first \(limit) hold")
        }
        guard !share.places.isEmpty, share.missing.isZero else {
            throw .reject(
                OdooFailures.shortStock,
                "quality.hold: of \(title) there are \(share.total) \(unit.name) outside the quarantine"
                    + (share.missing.isZero ? "" : ", \(share.missing) too few"))
        }
        places = share.places
        whole = try await Self.packages(in: share.places, of: product.id, lot, unit, session)
        summary = "\(title): \(share.total) \(unit.name)"
    }

    /// What lies where, in the order of the rows. Pure.
    static func lying(_ rows: [OdooRow], _ unit: UnitTable.Unit) throws(OdooError) -> [Place] {
        var places: [Place] = []
        for row in rows {
            guard let location = row.link("location_id") else { continue }
            let place = Place(
                location: location, package: row.link("package_id"), owner: row.link("owner_id"),
                quantity: try Exact.snap(row.number("quantity"), to: unit.step))
            let index = places.firstIndex {
                $0.location == location && $0.package == place.package && $0.owner == place.owner
            }
            if let index {
                places[index].quantity = try Exact.add(places[index].quantity, place.quantity)
            } else {
                places.append(place)
            }
        }
        return places
    }

    /// The packages that go as a whole.
    private static func packages(
        in places: [Place], of product: Int, _ lot: Int?, _ unit: UnitTable.Unit, _ session: OdooSession
    ) async throws(OdooError) -> Set<Int> {
        let packages = Set(places.compactMap(\.package)).sorted()
        guard !packages.isEmpty else { return [] }
        let rows = try await session.rows(
            .find(
                "stock.quant",
                [["package_id", "in", .array(packages.map { .int($0) })], ["quantity", "!=", 0]],
                ["package_id", "product_id", "lot_id", "quantity"], limit: maximumContents + 1))
        // Where not all is known of what is in them, none is said to be whole.
        guard rows.count <= maximumContents else { return [] }
        return try emptied(by: places, rows, of: product, lot, unit)
    }

    /// The packages whose contents, `rows`, all go. Pure.
    static func emptied(
        by places: [Place], _ rows: [OdooRow], of product: Int, _ lot: Int?, _ unit: UnitTable.Unit
    ) throws(OdooError) -> Set<Int> {
        var left: [Int: ExactNumber] = [:]
        var mixed: Set<Int> = []
        for row in rows {
            guard let package = row.link("package_id") else { continue }
            let quantity = try Exact.snap(row.number("quantity"), to: unit.step)
            left[package] = try Exact.add(left[package] ?? ExactNumber(0), quantity)
            if row.link("product_id") != product || row.link("lot_id") != lot { mixed.insert(package) }
        }
        for place in places {
            guard let package = place.package else { continue }
            left[package] = try Exact.subtract(left[package] ?? ExactNumber(0), place.quantity)
        }
        return Set(left.filter { $0.value.isZero }.keys).subtracting(mixed)
    }

    /// What is taken from which place. Pure.
    struct Share: Sendable {
        let places: [Place]
        let total: ExactNumber
        let missing: ExactNumber
        /// Whether there are further places, which had to be looked into.
        let isCutShort: Bool

        /// `lying`: what lies where, in the order of taking; `wanted`: nil for all of it; `isCut`: whether it lies
        /// elsewhere too.
        init(of lying: [Place], wanted: ExactNumber?, isCut: Bool) throws(OdooError) {
            var places: [Place] = []
            var total = ExactNumber(0)
            var left = wanted
            for place in lying {
                if let rest = left, rest.isZero { break }
                // Less than the unit's rounding, which no transfer moves; there may be more in the next place.
                if place.quantity.isZero { continue }
                var quantity = place.quantity
                if let rest = left {
                    if rest < quantity { quantity = rest }
                    left = try Exact.subtract(rest, quantity)
                }
                total = try Exact.add(total, quantity)
                var taken = place
                taken.quantity = quantity.trimmed()
                places.append(taken)
            }
            let missing = left ?? ExactNumber(0)
            self.places = places
            self.total = total.trimmed()
            self.missing = missing.trimmed()
            isCutShort = isCut && (wanted == nil || !missing.isZero)
        }
    }
}
