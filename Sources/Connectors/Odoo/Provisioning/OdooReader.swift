package import Contracts
package import ExactJSON
package import World

/// Reads back what a run left in Odoo, over RPC and past every counter of the nodes: the demo's own proof.
package struct OdooReader: Sendable {
    /// What an order and its backorders hold.
    package struct Tally: Sendable, Hashable {
        package var good = ExactNumber(0)
        package var scrap = ExactNumber(0)

        package init(good: ExactNumber = ExactNumber(0), scrap: ExactNumber = ExactNumber(0)) {
            self.good = good
            self.scrap = scrap
        }
    }

    /// How many rows a table has, and when one was last written, as Odoo shows it.
    package struct TableState: Sendable, Hashable {
        package let rows: Int
        package let lastWrite: String?
    }

    /// Downtime and maintenance that this connector recorded.
    package struct Upkeep: Sendable, Hashable {
        package var downtimeMinutes = ExactNumber(0)
        package var downtimes = 0
        package var maintenanceRequests = 0

        package init() {}
    }

    /// The tables that the operations touch.
    package static let touchedTables = [
        "mrp.production", "mrp.workorder", "stock.move", "stock.move.line", "stock.lot", "stock.scrap",
        "mrp.workcenter.productivity", "maintenance.request",
    ]

    /// Rows of one page; pages go on until all are read.
    static let page = 500

    private let connection: OdooConnection

    package init(address: OdooAddress, network: any Network) {
        connection = OdooConnection(address, network: network)
    }

    /// By origin: what is being produced on open orders plus what closed ones produced, and what was scrapped on any
    /// of them.
    package func orders(origins: [String]) async throws(Failure) -> [String: Tally] {
        try await unwrapping { () throws(OdooError) in
            var tallies: [String: Tally] = [:]
            for origins in origins.batches(of: OdooProvisioner.batch) {
                let domain: JSON = [["origin", "in", .array(origins.map { .string($0) })], ["state", "!=", "cancel"]]
                let orders = try await pages(
                    "mrp.production", domain, ["origin", "state", "qty_producing", "qty_produced"])
                var originByOrder: [Int: String] = [:]
                for row in orders {
                    guard let origin = row.text("origin") else { continue }
                    originByOrder[row.id] = origin
                    let made = row.number(row.text("state") == "done" ? "qty_produced" : "qty_producing")
                    tallies[origin, default: Tally()].good = try Exact.add(
                        tallies[origin]?.good ?? ExactNumber(0), made
                    ).trimmed()
                }
                let ids = originByOrder.keys.sorted().map { JSON.int($0) }
                let scraps = try await pages(
                    "stock.scrap", [["production_id", "in", .array(ids)], ["state", "=", "done"]],
                    ["production_id", "scrap_qty"])
                for row in scraps {
                    guard let origin = row.link("production_id").flatMap({ originByOrder[$0] }) else { continue }
                    tallies[origin, default: Tally()].scrap = try Exact.add(
                        tallies[origin]?.scrap ?? ExactNumber(0), row.number("scrap_qty")
                    ).trimmed()
                }
            }
            return tallies
        }
    }

    /// What was recorded under an external id of this connector's.
    package func upkeep() async throws(Failure) -> Upkeep {
        try await unwrapping { () throws(OdooError) in
            var upkeep = Upkeep()
            for row in try await own("mrp.workcenter.productivity", ["date_start", "date_end"]) {
                guard let start = row.instant("date_start"), let end = row.instant("date_end") else { continue }
                upkeep.downtimes += 1
                let seconds = Int(end.since(start).components.seconds)
                // Minutes to the third digit: a second is no finite fraction of a minute.
                let thousandths = ExactNumber(coefficient: Int64((seconds * 1_000 + 30) / 60), scale: 3)
                upkeep.downtimeMinutes = try Exact.add(upkeep.downtimeMinutes, thousandths).trimmed()
            }
            upkeep.maintenanceRequests = try await own("maintenance.request", ["name"]).count
            return upkeep
        }
    }

    /// Rows and latest `write_date` of every touched table: equal before and after a run that changed nothing.
    package func fingerprint() async throws(Failure) -> [String: TableState] {
        try await unwrapping { () throws(OdooError) in
            var states: [String: TableState] = [:]
            for table in Self.touchedTables {
                let count =
                    try await connection.call(OdooCall(table, "search_count", ["domain": []], isWrite: false)).int ?? 0
                let latest = try await connection.rows(
                    .find(table, [], ["write_date"], order: "write_date desc, id desc", limit: 1))
                states[table] = TableState(rows: count, lastWrite: latest.first?.text("write_date"))
            }
            return states
        }
    }

    private func own(_ model: String, _ fields: [String]) async throws(OdooError) -> [OdooRow] {
        let rows = try await pages(model, [], fields)
        var mine: [OdooRow] = []
        for chunk in rows.batches(of: Self.page) {
            let names = try await connection.call(
                OdooCall(model, "get_external_id", ids: chunk.map(\.id), isWrite: false))
            mine += chunk.filter { names[String($0.id)]?.string?.hasPrefix(ExternalID.module + ".") == true }
        }
        return mine
    }

    private func pages(_ model: String, _ domain: JSON, _ fields: [String]) async throws(OdooError) -> [OdooRow] {
        var rows: [OdooRow] = []
        var terms = domain.array ?? []
        while true {
            let page = try await connection.rows(.find(model, .array(terms), fields, limit: Self.page))
            rows += page
            guard page.count == Self.page, let last = page.last?.id else { return rows }
            terms = (domain.array ?? []) + [["id", ">", .int(last)]]
        }
    }

    private func unwrapping<Value>(_ body: () async throws(OdooError) -> Value) async throws(Failure) -> Value {
        do {
            return try await body()
        } catch {
            throw error.failure
        }
    }
}
