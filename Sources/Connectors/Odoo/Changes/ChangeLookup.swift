import Contracts
import ExactJSON
import World

/// Looks up what a page of changes points to: one call for each kind of record, kept for a bounded time.
actor ChangeLookup {
    /// Records of one kind that are remembered; beyond that the kind starts anew.
    static let maximumEntries = 20_000
    /// Lines of the orders of one page that are read.
    static let maximumLines = 10_000

    private struct Kept {
        let row: JSONObject?
        let until: Duration
    }

    private let connection: OdooConnection
    private let clock: any WorldClock
    private let age: Duration
    private var kept: [String: [Int: Kept]] = [:]

    init(connection: OdooConnection, clock: any WorldClock, age: Duration) {
        self.connection = connection
        self.clock = clock
        self.age = age
    }

    /// What stands behind the ids in these changes. What the user may not read stays unknown.
    func codes(for changes: [OdooChange]) async throws(OdooError) -> ChangeCodes {
        var codes = ChangeCodes()
        var wanted: [String: Set<Int>] = [:]
        for change in changes {
            for need in ChangeCodes.needs(change.model, change.values) {
                wanted[need.model, default: []].insert(need.id)
            }
        }
        for (line, order) in ChangeCodes.orders {
            let ids = Set(changes.lazy.filter { $0.model == order && $0.operation != .unlink }.map(\.id))
            guard !ids.isEmpty else { continue }
            codes.lines[line] = try await lines(line, of: ids)
            for row in (codes.lines[line] ?? [:]).values.joined() {
                for need in ChangeCodes.needs("", row) { wanted[need.model, default: []].insert(need.id) }
            }
        }
        // Transfers name their partner, so they come first.
        for model in ["stock.picking"] + ChangeCodes.fields.keys.filter({ $0 != "stock.picking" }).sorted() {
            guard let ids = wanted[model] else { continue }
            codes.rows[model] = try await rows(model, ids)
            if model == "stock.picking" {
                let partners = codes.rows[model]?.values.compactMap { $0["partner_id"].flatMap(OdooChange.link) } ?? []
                if !partners.isEmpty { wanted["res.partner", default: []].formUnion(partners) }
            }
        }
        return codes
    }

    private func rows(_ model: String, _ ids: Set<Int>) async throws(OdooError) -> [Int: JSONObject] {
        let now = clock.uptime()
        let missing = ids.filter { (kept[model]?[$0]?.until ?? .zero) <= now }.sorted()
        if !missing.isEmpty {
            let found = try await find(
                .find(
                    model, [["id", "in", .array(missing.map { .int($0) })]], ChangeCodes.fields[model] ?? [],
                    limit: missing.count, archived: true))
            if (kept[model]?.count ?? 0) + missing.count > Self.maximumEntries { kept[model] = [:] }
            for id in missing { kept[model, default: [:]][id] = Kept(row: found[id], until: now + age) }
        }
        var rows: [Int: JSONObject] = [:]
        for id in ids { rows[id] = kept[model]?[id]?.row }
        return rows
    }

    private func lines(_ model: String, of orders: Set<Int>) async throws(OdooError) -> [Int: [JSONObject]] {
        let unit = try await connection.dialect().version >= 19 ? "product_uom_id" : "product_uom"
        let amount = model == "sale.order.line" ? "product_uom_qty" : "product_qty"
        let found = try await find(
            .find(
                model, [["order_id", "in", .array(orders.sorted().map { .int($0) })]],
                ["order_id", "product_id", amount, unit, "price_unit"], limit: Self.maximumLines))
        var lines: [Int: [JSONObject]] = [:]
        for id in found.keys.sorted() {
            if let row = found[id], let order = row["order_id"].flatMap(OdooChange.link) {
                lines[order, default: []].append(row)
            }
        }
        return lines
    }

    /// The rows by id; none where the app is not installed or the user may not read them.
    private func find(_ call: OdooCall) async throws(OdooError) -> [Int: JSONObject] {
        do throws(OdooError) {
            var found: [Int: JSONObject] = [:]
            for row in try await connection.rows(call) { found[row.id] = row.json.object }
            return found
        } catch {
            guard error.verdict == .rejected, error.failure.kind != OdooFailures.answerTooLarge else { throw error }
            return [:]
        }
    }
}
