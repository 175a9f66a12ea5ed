import ExactJSON

/// What the machines of a chaos plant made, by their own count, and what was found of it: compared order by order.
struct ChaosLedger: Sendable {
    /// What one order should have, or has.
    struct Order: Sendable, Equatable {
        /// Good pieces, fact by fact.
        var good: [Int] = []
        /// Scrap, fact by fact, in order: each amount of an order is another one, so that a place that is wrong shows.
        var scrap: [Int] = []
        /// Components used, fact by fact.
        var used: [Int] = []
        /// Lots that were finished, in order.
        var lots: [String] = []
    }

    private(set) var orders: [String: Order] = [:]
    private(set) var downtimes = 0
    private(set) var requests = 0
    /// Facts by the way they came in.
    private(set) var facts: [String: Int] = [:]
    /// The order that was last released to the edge.
    var released: String?

    var factCount: Int { facts.values.reduce(0, +) }

    /// The same for some orders alone.
    func only(_ names: [String]) -> ChaosLedger {
        var part = self
        part.orders = orders.filter { names.contains($0.key) }
        return part
    }

    mutating func open(_ order: String) { orders[order] = orders[order] ?? Order() }

    mutating func made(_ amount: Int, of order: String, by way: String) {
        orders[order, default: Order()].good.append(amount)
        facts[way, default: 0] += 1
    }

    mutating func scrapped(_ amount: Int, of order: String, by way: String) {
        orders[order, default: Order()].scrap.append(amount)
        facts[way, default: 0] += 1
    }

    mutating func used(_ amount: Int, for order: String, by way: String) {
        orders[order, default: Order()].used.append(amount)
        facts[way, default: 0] += 1
    }

    mutating func finished(_ lot: String, _ amount: Int, of order: String, by way: String) {
        orders[order, default: Order()].lots.append(lot)
        made(amount, of: order, by: way)
    }

    mutating func stopped(by way: String) {
        downtimes += 1
        facts[way, default: 0] += 1
    }

    mutating func asked(by way: String) {
        requests += 1
        facts[way, default: 0] += 1
    }
}

/// What stands in Odoo and what waits for a person in the hub, read past every counter of the nodes.
struct ChaosFindings: Sendable {
    struct Order: Sendable {
        var good = 0
        /// Amounts in the order in which the records were made.
        var scrap: [Int] = []
        var used = 0
        var lots: [String] = []
    }

    var orders: [String: Order] = [:]
    var downtimes = 0
    var requests = 0
    /// Records that are neither done nor cancelled though their command is through.
    var halfDone = 0
    /// Amounts that wait for a person, by operation and order.
    var waiting: [String: [String: Int]] = [:]
    var exceptions = 0
}

/// The difference between the two.
struct ChaosVerdict: Sendable {
    private(set) var reckoning = Reckoning()
    private(set) var outOfOrder = 0

    var isExact: Bool { differences.isEmpty }
    var differences: [String] { reckoning.differences }
    var lost: Int { reckoning.lost }
    var doubled: Int { reckoning.duplicated }

    init(_ ledger: ChaosLedger, _ found: ChaosFindings) {
        var good = Reckoning.Account()
        var scrap = Reckoning.Account()
        var used = Reckoning.Account()
        for (name, order) in ledger.orders {
            let there = found.orders[name] ?? ChaosFindings.Order()
            good.played[name] = order.good.reduce(0, +)
            good.facts[name] = order.good
            good.inOdoo[name] = there.good
            scrap.played[name] = order.scrap.reduce(0, +)
            scrap.facts[name] = order.scrap
            scrap.inOdoo[name] = there.scrap.reduce(0, +)
            used.played[name] = order.used.reduce(0, +)
            used.facts[name] = order.used
            used.inOdoo[name] = there.used
        }
        for operation in ["production.progress", "production.complete"] {
            good.waiting.merge(found.waiting[operation] ?? [:], uniquingKeysWith: +)
        }
        scrap.waiting = found.waiting["scrap.record"] ?? [:]
        used.waiting = found.waiting["material.consume"] ?? [:]
        reckoning.add("good pieces of", good)
        reckoning.add("scrap of", scrap)
        reckoning.add("components of", used)
        reckoning.add("downtimes", Self.account(ledger.downtimes, found.downtimes, found.waiting["downtime.record"]))
        reckoning.add("requests", Self.account(ledger.requests, found.requests, found.waiting["maintenance.request"]))
        if found.halfDone > 0 {
            reckoning.differences.append("\(found.halfDone) scrap records were begun and not done")
        }
        compareOrder(ledger, found)
    }

    private static func account(_ made: Int, _ there: Int, _ waiting: [String: Int]?) -> Reckoning.Account {
        Reckoning.Account(
            played: ["all": made], inOdoo: ["all": there], waiting: ["all": waiting?.values.reduce(0, +) ?? 0],
            facts: ["all": Array(repeating: 1, count: max(1, made))])
    }

    /// Scrap amounts and lots of an order stand in Odoo one after the other as they happened.
    private mutating func compareOrder(_ ledger: ChaosLedger, _ found: ChaosFindings) {
        for (name, order) in ledger.orders.sorted(by: { $0.key < $1.key }) {
            let there = found.orders[name] ?? ChaosFindings.Order()
            // The counter of a machine may count two of its steps as one after a gap: its sum is exact, its steps are
            // not.
            let isCounted = name.hasPrefix(ChaosMachines.turningOrder)
            if !isCounted, there.scrap != order.scrap, there.scrap.sorted() == order.scrap.sorted() {
                outOfOrder += 1
                reckoning.differences.append("scrap of \(name) happened as \(order.scrap), in Odoo \(there.scrap)")
            } else if !isCounted, Self.doubles(there.scrap) > 0, there.scrap.reduce(0, +) == order.scrap.reduce(0, +) {
                // Its sum alone would hide it.
                reckoning.duplicated += Self.doubles(there.scrap)
                reckoning.differences.append("scrap of \(name) is doubled: \(there.scrap), happened \(order.scrap)")
            }
            guard there.lots != order.lots, found.waiting["production.complete"]?[name] == nil else { continue }
            if there.lots.sorted() == order.lots.sorted() { outOfOrder += 1 }
            reckoning.differences.append("lots of \(name) were finished as \(order.lots), in Odoo \(there.lots)")
        }
    }

    private static func doubles(_ amounts: [Int]) -> Int { amounts.count - Set(amounts).count }
}
