import Canonical
import ExactJSON
import Foundation
import OdooConnector
import Store
import World

/// What the players say was made: the demo's own ledger.
struct DemoLedger: Sendable {
    var good: [String: Int] = [:]
    var goodFacts: [String: [Int]] = [:]
    var scrap: [String: Int] = [:]
    var stops = 0
    var requests = 0

    init(plan: DemoPlan, inspected: [(order: String, made: Int)]) {
        if let komax = plan.komax {
            good = komax.good
            goodFacts = komax.facts
        }
        if let shdr = plan.shdr {
            good[DemoRun.turningOrder, default: 0] += shdr.pieces
            goodFacts[DemoRun.turningOrder] = Array(repeating: 1, count: shdr.pieces)
            if shdr.scrap > 0 { scrap[DemoRun.turningOrder] = shdr.scrap }
            stops = shdr.stops
            requests = shdr.requests
        }
        for fact in inspected {
            good[fact.order, default: 0] += fact.made
            goodFacts[fact.order, default: []].append(fact.made)
        }
    }
}

/// The end of a demo: what was made, what stands in Odoo, what waits, and whether that adds up.
struct DemoReport: Sendable {
    var reckoning = Reckoning()
    var events: [String: Int] = [:]
    var orders: [String: OdooReader.Tally] = [:]
    var exceptions = (count: 0, pieces: 0)
    var upkeep = OdooReader.Upkeep()
    var latency: (p50: Duration, p99: Duration)?
    var chaos: (edge: Int, hub: Int, front: Int, cuts: Int)?
    var tables: [String: OdooReader.TableState] = [:]
    /// How often a process of the demo ended without having been asked to, by its name.
    var crashes: [String: Int] = [:]
    /// How often a node was killed at a durable boundary, by its name.
    var boundaryKills: [String: Int] = [:]

    /// Whether everything arrived once, and nothing broke on the way.
    var addsUp: Bool { reckoning.lost == 0 && reckoning.duplicated == 0 && crashes.isEmpty }

    /// Reads back from Odoo over RPC, and from the hub's store what waits for a person.
    static func make(ledger: DemoLedger, setup: DemoSetup, world: World, chaos: ChaosMonkey?) async throws -> DemoReport
    {
        var report = DemoReport()
        let reader = OdooReader(address: setup.odoo.direct, network: world.network)
        report.orders = try await reader.orders(origins: setup.plan.orders.map(\.origin))
        report.upkeep = try await reader.upkeep()
        report.tables = try await reader.fingerprint()
        let waiting = try StoreReader.read(setup.hubStore) { try $0.waitingDeliveries(limit: 1_000_000) }
        report.count(waiting, ledger, isStandIn: setup.odoo.isStandIn)
        try report.count(setup)
        if let chaos { report.chaos = await chaos.counts }
        return report
    }

    private mutating func count(
        _ waiting: [(operation: String, key: OrderingKey, arguments: JSON)], _ ledger: DemoLedger, isStandIn: Bool
    ) {
        var good = Reckoning.Account(played: ledger.good, facts: ledger.goodFacts)
        var scrap = Reckoning.Account(played: ledger.scrap)
        for (origin, tally) in orders {
            if let value = tally.good.intValue, value != 0 { good.inOdoo[origin] = value }
            if let value = tally.scrap.intValue, value != 0 { scrap.inOdoo[origin] = value }
        }
        var stops = Reckoning.Account(played: ["stops": ledger.stops], inOdoo: ["stops": upkeep.downtimes])
        var requests = Reckoning.Account(
            played: ["requests": ledger.requests], inOdoo: ["requests": upkeep.maintenanceRequests])
        for (operation, key, arguments) in waiting {
            let amount = arguments["quantity"]?["value"]?.int ?? 0
            let order = arguments["order"]?.string ?? key.rawValue
            switch operation {
            case "production.progress", "production.complete":
                good.waiting[order, default: 0] += amount
                exceptions.pieces += amount
            case "scrap.record": scrap.waiting[order, default: 0] += amount
            case "downtime.record": stops.waiting["stops", default: 0] += 1
            case "maintenance.request": requests.waiting["requests", default: 0] += 1
            default: break
            }
        }
        reckoning.add("good pieces of", good)
        reckoning.add("scrap of", scrap)
        reckoning.add("downtime:", stops)
        reckoning.add("maintenance:", requests)
    }

    private mutating func count(_ setup: DemoSetup) throws {
        let stored = try StoreReader.read(setup.edgeStore) { try $0.storedCount() }
        let facts = try StoreReader.read(setup.hubStore) { transaction in
            (
                stored: try transaction.storedCount(), counts: try transaction.deliveryCounts("odoo"),
                exceptions: try transaction.openExceptionCount(),
                latencies: try transaction.latencies(
                    of: "odoo", since: Instant(microseconds: 0), sample: 100_000
                ).sorted()
            )
        }
        exceptions.count = facts.exceptions
        events = [
            "captured": stored, "stored": facts.stored, "delivered": facts.counts[.accepted] ?? 0,
            "rejected": (facts.counts[.rejected] ?? 0) + (facts.counts[.blocked] ?? 0),
            "pending": (facts.counts[.pending] ?? 0) + (facts.counts[.taken] ?? 0),
        ]
        let all = facts.latencies
        if !all.isEmpty { latency = (all[all.count / 2], all[all.count * 99 / 100]) }
    }

    var json: JSON {
        func milliseconds(_ duration: Duration) -> JSON {
            .number(ExactNumber(coefficient: duration.microseconds / 100, scale: 1))
        }
        var counts: JSONObject = [:]
        for name in ["captured", "stored", "delivered", "rejected", "pending"] {
            counts[name] = .int(events[name] ?? 0)
        }
        var value: JSON = [
            "events": .object(counts), "lost": .int(reckoning.lost), "duplicated": .int(reckoning.duplicated),
            "orders": ordersJSON, "exceptions": ["count": .int(exceptions.count), "pieces": .int(exceptions.pieces)],
            "downtimeMinutes": .number(upkeep.downtimeMinutes), "maintenanceRequests": .int(upkeep.maintenanceRequests),
            "differences": .array(reckoning.differences.map { .string($0) }), "tables": tablesJSON,
        ]
        value["latencyMs"] = latency.map { ["p50": milliseconds($0.p50), "p99": milliseconds($0.p99)] } ?? .null
        for (name, counts) in [("crashes", crashes), ("boundaryKills", boundaryKills)] where !counts.isEmpty {
            var members: JSONObject = [:]
            for (process, count) in counts.sorted(by: { $0.key < $1.key }) { members[process] = .int(count) }
            value[name] = .object(members)
        }
        if let chaos {
            value["chaos"] = [
                "edge": .int(chaos.edge), "hub": .int(chaos.hub), "front": .int(chaos.front), "cuts": .int(chaos.cuts),
            ]
        }
        return value
    }

    private var ordersJSON: JSON {
        var members: JSONObject = [:]
        for (origin, tally) in orders.sorted(by: { $0.key < $1.key }) {
            members[origin] = ["good": .number(tally.good), "scrap": .number(tally.scrap)]
        }
        return .object(members)
    }

    private var tablesJSON: JSON {
        var members: JSONObject = [:]
        for (table, state) in tables.sorted(by: { $0.key < $1.key }) {
            members[table] = [
                "rows": .int(state.rows), "lastWrite": state.lastWrite.map { .string($0) } ?? .null,
            ]
        }
        return .object(members)
    }

    var text: String {
        let pieces = orders.values.reduce(0) { $0 + ($1.good.intValue ?? 0) }
        let made = orders.values.filter { $0.good > ExactNumber(0) }.count
        var lines = [
            "",
            "In Odoo: \(pieces) good pieces in \(made) orders, \(upkeep.downtimes) stops (\(upkeep.downtimeMinutes) minutes), \(upkeep.maintenanceRequests) maintenance requests.",
            "Waiting for a person: \(exceptions.count) exceptions, \(exceptions.pieces) pieces.",
            "Lost \(reckoning.lost), duplicated \(reckoning.duplicated), by the machines' own count against what Odoo says over RPC.",
        ]
        if let latency { lines.append("From stored to accepted: p50 \(latency.p50.short), p99 \(latency.p99.short).") }
        if let chaos {
            lines.append(
                "Killed edge \(chaos.edge), hub \(chaos.hub), Odoo's front \(chaos.front) times; cut the network \(chaos.cuts) times."
            )
        }
        for (name, count) in crashes.sorted(by: { $0.key < $1.key }) {
            lines.append("The process \(name) ended \(count) times without having been asked to: its log says why.")
        }
        return (lines + reckoning.differences).joined(separator: "\n")
    }
}
