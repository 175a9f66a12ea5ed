import Canonical
import Contracts
import ExactJSON
import Store

// Whether everything arrived, once and in order.
extension PlantRun {
    /// Whether it is noted what each write to Odoo means: a hub may forget, and a person must not.
    var isWatched: Bool { scenario.plant.person == .knows }

    /// Whether facts may be lost that a disk said it had: then they must be told.
    var isLossy: Bool {
        scenario.faults.contains { fault in
            switch fault {
            case .silentErrors, .bitRot, .diskLost(.hub, _): true
            default: false
            }
        }
    }

    /// What a hub did with the facts.
    struct HubState {
        /// Deliveries in the order in which they were routed, with their state.
        var deliveries: [(delivery: Delivery, state: DeliveryState)] = []
        /// How often each fact is in the journal, by source and id.
        var events: [String: Int] = [:]
        var openExceptions: [String] = []
    }

    /// Whether Odoo forgets what it had, so that its quantities need not be sums of the first facts on their way.
    private var isOdooRestored: Bool {
        scenario.faults.contains { if case .odooRestored = $0 { true } else { false } }
    }

    /// Whether nothing is left to do: all that was made is in Odoo, or waits for a person, in every hub.
    func isDrained() -> Bool { undone().isEmpty }

    /// What is left to do, in words.
    func undone() -> [String] {
        guard let edge, edge.isUp, hubs.allSatisfy(\.isUp) else { return ["a node is down"] }
        guard awaitedRestores == 0 else { return ["an Odoo is to be put back to its backup"] }
        if isLossy {
            let notForwarded = notForwarded(edge)
            guard notForwarded.isEmpty else { return notForwarded }
        }
        for hub in hubs.indices {
            let inOdoo = odoos[hub].orders().mapValues(\.quantity)
            guard hasNothingOpen(hub) else { return ["a delivery is under way"] }
            let isExact = expected.allSatisfy { inOdoo[$0.key] ?? 0 == $0.value }
            if isExact, !isWatched { continue }
            guard let state = try? state(of: hub) else { return ["a hub's store cannot be read"] }
            let found =
                isLossy
                ? (try? lostSilently(state, hub)) ?? ["the edge's store cannot be read"]
                // An edge without news asks only now and then whether its hub still has all.
                : accounted(state, hub, inOdoo) + (isWatched ? factsOnce(state) : [])
            guard found.isEmpty else { return found }
            if scenario.plant.person != .absent, !state.openExceptions.isEmpty { return state.openExceptions }
        }
        return []
    }

    /// Whether no delivery waits for its turn or for its fate.
    func hasNothingOpen(_ hub: Int) -> Bool {
        let counts = try? StoreReader.read(hubs[hub].store) { try $0.deliveryCounts(Self.odooName) }
        guard let counts else { return false }
        return (counts[.pending] ?? 0) + (counts[.taken] ?? 0) == 0
    }

    /// What the machines made, by order.
    private var expected: [String: Int] {
        var made: [String: Int] = [:]
        for memory in machines.values { for fact in memory.made { made[fact.order, default: 0] += fact.quantity } }
        return made
    }

    /// What is wrong at the end.
    func finalViolations() throws -> [String] {
        var faults: [String] = []
        for node in [edge].compactMap(\.self) + hubs where !node.isUp {
            faults.append("the \(node.side.rawValue) does not run: \(node.refusal ?? "it gave up")")
        }
        for node in [edge].compactMap(\.self) + hubs {
            faults += try findings(node).map { "at the \(node.side.rawValue)'s end: \($0)" }
        }
        for hub in hubs.indices {
            let name = hubs.count > 1 ? "hub \(hub): " : ""
            let inOdoo = odoos[hub].orders()
            let state = try state(of: hub)
            var found = odoos[hub].posted.violations
            found += try isLossy ? lostSilently(state, hub) : accounted(state, hub, inOdoo.mapValues(\.quantity))
            if scenario.plant.retention == nil {
                // What was lost comes again behind what was not: that much is told.
                if !isLossy { found += factsOnce(state) }
                found += writesInOrder(state, hub, inOdoo.mapValues(\.record))
            }
            found += state.openExceptions.filter { _ in scenario.plant.lateOrders == 0 }
            faults += found.map { name + $0 }
        }
        return faults
    }

    private func state(of hub: Int) throws -> HubState {
        let keepsAll = scenario.plant.retention == nil
        return try StoreReader.read(hubs[hub].store) { transaction in
            var state = HubState()
            for lane in Lane.allCases where keepsAll {
                for entry in try transaction.journal(lane: lane, after: 0, limit: 100_000) {
                    let envelope = entry.document.envelope
                    let isFact = envelope.type.hasPrefix("millwright.production.completed.")
                    if isFact { state.events[envelope.source + " " + envelope.id, default: 0] += 1 }
                    state.deliveries += try transaction.deliveries(of: entry.number).map { ($0.0, $0.1) }
                }
            }
            state.deliveries.sort { $0.delivery.id < $1.delivery.id }
            // What a bad link damaged is kept for a person, and comes again whole.
            state.openExceptions = try transaction.exceptions(limit: 100).filter { $0.kind != .input }.map {
                "exception \($0.id): \($0.failure.message)"
            }
            return state
        }
    }

    /// Where what was made differs from what is in Odoo, waits for a person or was discarded by one.
    private func accounted(_ state: HubState, _ hub: Int, _ inOdoo: [String: Int]) -> [String] {
        var waiting: [String: Int] = [:]
        var discarded: [String: Int] = [:]
        // What a hub forgot and a person knows to be there is discarded rightly.
        for (delivery, what) in state.deliveries where !odoos[hub].posted.holds(delivery.identity) {
            let quantity = delivery.arguments["quantity"]?["value"]?.int ?? 0
            switch what {
            case .blocked, .rejected: waiting[delivery.key.rawValue, default: 0] += quantity
            case .discarded: discarded[delivery.key.rawValue, default: 0] += quantity
            case .pending, .taken, .accepted, .shadowed: break
            }
        }
        return expected.sorted { $0.key < $1.key }.compactMap { order, made in
            let (a, b, c) = (inOdoo[order] ?? 0, waiting[order] ?? 0, discarded[order] ?? 0)
            return made == a + b + c ? nil : "\(order): made \(made), in Odoo \(a), waiting \(b), discarded \(c)"
        }
    }

    /// Each fact is one event and one delivery, and each machine's facts are routed in the order in which they were
    /// made.
    private func factsOnce(_ state: HubState) -> [String] {
        var faults: [String] = []
        var named: [(source: String, id: String)] = []
        for machine in PlantScenario.Machine.allCases {
            for fact in machines[machine]?.made ?? [] {
                if let id = machine.eventID(fact) { named.append((machine.source, id)) }
            }
        }
        var deliveries: [String: Int] = [:]
        var latest: [String: String] = [:]
        for (delivery, _) in state.deliveries {
            deliveries[delivery.identity, default: 0] += 1
            let lane = "\(delivery.key) \(delivery.identity.prefix { $0 != " " }.split(separator: ":")[1])"
            if let before = latest[lane], before > delivery.identity {
                faults.append("\(delivery.identity) was routed behind \(before)")
            }
            latest[lane] = delivery.identity
        }
        for (source, id) in named {
            let (events, sent) = (
                state.events["\(source) \(id)"] ?? 0, deliveries["\(Self.flowName):\(source):\(id)"] ?? 0
            )
            if events != 1 || sent != 1 {
                faults.append("\(source) \(id) stands \(events) times in the journal and has \(sent) deliveries")
            }
        }
        return Array(faults.prefix(10))
    }

    /// Each quantity that was written to an order is the sum of its first so many accepted deliveries, and none was
    /// written behind a later one.
    private func writesInOrder(_ state: HubState, _ hub: Int, _ records: [String: Int]) -> [String] {
        var sums: [Int: [Int]] = [:]
        for (delivery, what) in state.deliveries where what == .accepted {
            guard let record = records[delivery.key.rawValue] else { continue }
            let quantity = delivery.arguments["quantity"]?["value"]?.int ?? 0
            sums[record, default: [0]].append((sums[record]?.last ?? 0) + quantity)
        }
        var last: [Int: Int] = [:]
        var faults: [String] = []
        for write in odoos[hub].writes {
            guard let quantity = write.quantity.intValue else { continue }
            // Where the hub forgot some of it, or a person added to it, its deliveries do not tell: ``PostedFacts`` do.
            if !isWatched, !isOdooRestored, sums[write.record]?.contains(quantity) != true {
                let known = (sums[write.record] ?? []).map(String.init).joined(separator: ", ")
                faults.append(
                    "\(quantity) was written to order \(write.record), whose accepted facts add up to \(known)")
            }
            if let before = last[write.record], before > quantity {
                faults.append("\(quantity) was written to order \(write.record) behind \(before)")
            }
            last[write.record] = quantity
        }
        return Array(faults.prefix(10))
    }
}
