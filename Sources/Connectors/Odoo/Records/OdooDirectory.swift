import Canonical
import Contracts
import ExactJSON
import World

/// Looks up what commands refer to. Master data is kept for a bounded time and asked for again where it is missing.
actor OdooDirectory {
    /// Entries of one kind that are remembered; beyond that the kind starts anew.
    static let maximumEntries = 10_000
    /// Orders with one origin that are looked at.
    static let maximumFamily = 200
    /// Units of measure that are read.
    static let maximumUnits = 2_000

    /// What an order is known by after its first look-up: ids, which no renaming changes.
    struct OrderIdentity: Sendable {
        let group: Int?
        let order: Int
        let product: Int
        let stem: String
    }

    struct Product: Sendable {
        let id: Int
        let unit: Int
        let tracking: OrderRecord.Tracking
        let label: String
    }

    private struct Kept<Value: Sendable> {
        var entries: [String: (value: Value, until: Duration)] = [:]

        mutating func keep(_ value: Value, for key: String, until: Duration) {
            if entries.count >= OdooDirectory.maximumEntries { entries.removeAll(keepingCapacity: true) }
            entries[key] = (value, until)
        }

        func find(_ key: String, now: Duration) -> Value? {
            guard let entry = entries[key], entry.until > now else { return nil }
            return entry.value
        }
    }

    let connection: OdooConnection
    private let clock: any WorldClock
    private let age: Duration
    private var orders = Kept<OrderIdentity>()
    private var products = Kept<Product>()
    private var records = Kept<Int>()
    private var lookedUp = Kept<Int>()
    private var units = Kept<UnitTable>()
    private var fields = Kept<Set<String>>()

    init(connection: OdooConnection, clock: any WorldClock, age: Duration) {
        self.connection = connection
        self.clock = clock
        self.age = age
    }

    private var until: Duration { clock.uptime() + age }

    /// Odoo's units of measure: two calls, then kept.
    func unitTable() async throws(OdooError) -> UnitTable {
        if let table = units.find("", now: clock.uptime()) { return table }
        let dialect = try await connection.dialect()
        let rows = try await connection.rows(
            .find("uom.uom", [], ["name", "rounding"] + dialect.unitFields, limit: Self.maximumUnits))
        let ids = rows.map(\.id)
        let names = try await connection.call(OdooCall("uom.uom", "get_external_id", ids: ids, isWrite: false))
        var externalIDs: [Int: String] = [:]
        for id in ids { externalIDs[id] = names[String(id)]?.string }
        let table = UnitTable(rows: rows, externalIDs: externalIDs, dialect: dialect)
        units.keep(table, for: "", until: until)
        return table
    }

    /// A unit by id; a unit made since the table was read is found by reading it again.
    func unit(_ id: Int) async throws(OdooError) -> (UnitTable, UnitTable.Unit) {
        let table = try await unitTable()
        if let unit = table[id] { return (table, unit) }
        units = Kept()
        let fresh = try await unitTable()
        guard let unit = fresh[id] else {
            throw .reject(OdooFailures.gone, "the unit of measure #\(id) is not in Odoo")
        }
        return (fresh, unit)
    }

    /// The names of a model's fields; none where its app is not installed.
    func fieldNames(_ model: String) async throws(OdooError) -> Set<String> {
        if let names = fields.find(model, now: clock.uptime()) { return names }
        var names: Set<String> = []
        do throws(OdooError) {
            let call = OdooCall(model, "fields_get", named: ["attributes": ["type"]], isWrite: false)
            names = Set((try await connection.call(call).object ?? [:]).keys)
        } catch {
            guard error.failure.kind == OdooFailures.missingModel else { throw error }
        }
        fields.keep(names, for: model, until: until)
        return names
    }

    // MARK: Orders

    func identity(of reference: String) -> OrderIdentity? { orders.find(reference, now: clock.uptime()) }
    func remember(_ identity: OrderIdentity, as reference: String) {
        orders.keep(identity, for: reference, until: until)
    }
    func forgetOrder(_ reference: String) { orders.entries[reference] = nil }

    // MARK: Master data

    func known(_ lookup: Lookup, _ text: String) -> Int? { lookedUp.find(Self.key(lookup, text), now: clock.uptime()) }
    func keep(_ id: Int, _ lookup: Lookup, _ text: String) {
        lookedUp.keep(id, for: Self.key(lookup, text), until: until)
    }
    private static func key(_ lookup: Lookup, _ text: String) -> String {
        "\(lookup.model)\u{0}\(lookup.domain(text))"
    }

    /// A product by its internal reference, which must be unique among the products that are not archived.
    func product(code: String) async throws(OdooError) -> Product {
        if let product = products.find(code, now: clock.uptime()) { return product }
        let rows = try await connection.rows(
            .find(
                "product.product", [["default_code", "=", .string(code)]], ["uom_id", "tracking", "display_name"],
                limit: 2))
        guard let row = rows.first else {
            throw .reject(OdooFailures.productNotFound, "no product in Odoo has the internal reference \"\(code)\"")
        }
        guard rows.count == 1 else {
            throw .reject(
                OdooFailures.productNotFound, "several products in Odoo have the internal reference \"\(code)\"",
                suggestion: "Make the internal reference unique in Odoo, then resubmit.")
        }
        let product = Product(
            id: row.id, unit: row.link("uom_id") ?? 0,
            tracking: row.text("tracking").flatMap(OrderRecord.Tracking.init) ?? .none,
            label: row.text("display_name") ?? code)
        products.keep(product, for: code, until: until)
        return product
    }

    /// A lot's id by name and product, which Odoo keeps unique; nil where there is none. Found lots are kept, missing
    /// ones not.
    func lot(_ name: String, product: Int, company: Int?) async throws(OdooError) -> Int? {
        let key = "lot/\(product)/\(company ?? 0)/\(name)"
        if let id = records.find(key, now: clock.uptime()) { return id }
        var domain: [JSON] = [["name", "=", .string(name)], ["product_id", "=", .int(product)]]
        if let company { domain.append(["company_id", "in", [false, .int(company)]]) }
        let rows = try await connection.rows(.find("stock.lot", .array(domain), ["name"], limit: 1))
        guard let id = rows.first?.id else { return nil }
        records.keep(id, for: key, until: until)
        return id
    }

    /// The company that Odoo gives a new record of this user's.
    func company() async throws(OdooError) -> Int? {
        if let id = records.find("company", now: clock.uptime()) { return id }
        let defaults = OdooCall("stock.scrap", "default_get", ["fields": ["company_id"]], isWrite: false)
        guard let id = OdooRow(try await connection.call(defaults)).link("company_id") else { return nil }
        records.keep(id, for: "company", until: until)
        return id
    }

    /// A work center's id by code, else by name.
    func workCenter(_ text: String) async throws(OdooError) -> Int {
        if let id = records.find("workcenter/" + text, now: clock.uptime()) { return id }
        let rows = try await connection.rows(
            .find(
                "mrp.workcenter", ["|", ["code", "=", .string(text)], ["name", "=", .string(text)]], ["code", "name"],
                limit: 10))
        let byCode = rows.filter { $0.text("code") == text }
        let found = byCode.isEmpty ? rows : byCode
        guard let id = found.first?.id else {
            throw .reject(OdooFailures.workCenterNotFound, "no work center in Odoo has the code or name \"\(text)\"")
        }
        guard found.count == 1 else {
            throw .reject(
                OdooFailures.workCenterNotFound, "several work centers in Odoo have the code or name \"\(text)\"")
        }
        records.keep(id, for: "workcenter/" + text, until: until)
        return id
    }

    /// A loss reason's id by its English name.
    func loss(_ name: String) async throws(OdooError) -> Int {
        if let id = records.find("loss/" + name, now: clock.uptime()) { return id }
        let rows = try await connection.rows(.find("mrp.workcenter.productivity.loss", [], ["name"], limit: 200))
        guard let id = rows.first(where: { $0.text("name") == name })?.id else {
            let names = rows.compactMap { $0.text("name") }.joined(separator: ", ")
            throw .reject(OdooFailures.lossUnknown, "Odoo has no loss reason \"\(name)\"; it has: \(names)")
        }
        records.keep(id, for: "loss/" + name, until: until)
        return id
    }

    /// A stock location's id by its full name (`WH/Stock`) or barcode.
    func location(_ text: String) async throws(OdooError) -> Int {
        if let id = records.find("location/" + text, now: clock.uptime()) { return id }
        let rows = try await connection.rows(
            .find(
                "stock.location", ["|", ["complete_name", "=", .string(text)], ["barcode", "=", .string(text)]],
                ["complete_name"], limit: 2))
        guard rows.count == 1, let id = rows.first?.id else {
            throw .reject(
                OdooFailures.locationNotFound,
                "\(rows.isEmpty ? "no stock location" : "more than one stock location") in Odoo is called \"\(text)\"")
        }
        records.keep(id, for: "location/" + text, until: until)
        return id
    }

    /// A piece of equipment by serial number, else by name; nil where the user cannot see one. Namesakes are refused.
    func equipment(_ text: String) async throws(OdooError) -> Int? {
        if let id = records.find("equipment/" + text, now: clock.uptime()) { return id }
        do throws(OdooError) {
            let id = try await record(.named("maintenance.equipment"), .string(text))
            records.keep(id, for: "equipment/" + text, until: until)
            return id
        } catch {
            guard error.failure.kind == OdooFailures.recordNotFound else { throw error }
            return nil
        }
    }

    /// A scrap reason's tag; nil where this version has none or the reason is no tag.
    func scrapReason(_ name: String) async throws(OdooError) -> Int? {
        guard let (_, model) = try await connection.dialect().scrapReasons else { return nil }
        if let id = records.find("reason/" + name, now: clock.uptime()) { return id }
        guard
            let id = try await connection.rows(.find(model, [["name", "=", .string(name)]], ["name"], limit: 1)).first?
                .id
        else { return nil }
        records.keep(id, for: "reason/" + name, until: until)
        return id
    }
}
