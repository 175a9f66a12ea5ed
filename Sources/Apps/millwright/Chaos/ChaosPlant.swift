import Canonical
import Foundation
import Store
import World

/// A plant of real processes that lives through many rounds of chaos and keeps its stores.
actor ChaosPlant {
    let site: ChaosSite
    private let world: World
    private let isolation: ChaosIsolation
    private let machines: ChaosMachines
    private let striker: ChaosStriker
    private let odoo: ChaosOdoo
    /// How long a plant may take to drain once the faults have ended.
    private let bound: Duration
    private var lastRound = 0

    /// What came of one round.
    struct Outcome: Sendable {
        var differences: [String] = []
        var lost = 0
        var doubled = 0
        var outOfOrder = 0
        /// From the end of the last fault until everything was where it belongs; the machines work on meanwhile.
        var recovery = Duration.zero
        var exceptions = 0
        /// How often a node gave up because its disk was full, and was started again.
        var refusedStarts = 0
    }

    init(site: ChaosSite, isolation: ChaosIsolation, world: World, seed: UInt64, bound: Duration) {
        self.site = site
        self.world = world
        self.isolation = isolation
        self.bound = bound
        machines = ChaosMachines(site: site, world: world, seed: seed)
        striker = ChaosStriker(site: site, isolation: isolation)
        odoo = ChaosOdoo(site: site, world: world)
    }

    /// Stands from before `body` until after it, and starts again what dies meanwhile: what a supervisor does.
    func live(_ body: @escaping @Sendable () async throws -> Void) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for relay in site.relays.values { group.addTask { try await relay.run() } }
                group.addTask { try await self.site.adapter.serve() }
                group.addTask { try await self.keepAlive() }
                group.addTask {
                    try await self.start()
                    try await body()
                }
                // The first one to end is the body, or what cannot work.
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            await stop()
            throw error
        }
        await stop()
    }

    private func start() async throws {
        try await site.standIn.start()
        try await eventually("Odoo") { try await self.odoo.prepare() }
        await machines.introduceCounter()
        try await site.hub.start()
        try await site.edge.start()
        try await machines.releaseTurningOrder(until: world.clock.uptime() + bound)
    }

    private func stop() async {
        for process in site.processes.reversed() { await process.stop() }
    }

    private func keepAlive() async throws {
        while true {
            for process in site.processes where await process.shouldRestart { try await process.start() }
            try await world.clock.sleep(for: .milliseconds(20))
        }
    }

    private func eventually(_ what: String, _ body: @Sendable () async throws -> Void) async throws {
        let deadline = world.clock.uptime() + bound
        while true {
            do {
                return try await body()
            } catch {
                try Task.checkCancellation()
                if world.clock.uptime() > deadline { throw ChaosFailure("\(what) did not answer: \(error)") }
            }
            try await world.clock.sleep(for: .milliseconds(50))
        }
    }

    // MARK: - Rounds

    /// One round: the machines work, the faults happen, and everything must then be where it belongs within the bound.
    func round(_ round: ChaosRound) async throws -> Outcome {
        lastRound += 1
        let number = lastRound
        try await eventually("Odoo") { try await self.odoo.add(orders: ChaosMachines.orders(number)) }
        let begun = world.clock.uptime()
        let faultsEnd = round.faults.map(\.end).max() ?? .zero
        let deadline = begun + faultsEnd + bound
        let exits = await exits()
        var ended = begun
        do {
            async let strike: Duration = strike(round)
            try await machines.work(number, until: deadline)
            ended = try await strike
        } catch let failure as ChaosFailure {
            return Outcome(differences: [failure.description], lost: 1)
        }
        var outcome = try await drain(number, since: ended, until: deadline)
        let isDiskFull = round.faults.contains { [.diskFullEdge, .diskFullHub].contains($0.kind) }
        outcome.refusedStarts = isDiskFull ? await self.exits() - exits : 0
        return outcome
    }

    /// Lets the faults happen; returns when the last one has ended.
    private func strike(_ round: ChaosRound) async throws -> Duration {
        try await striker.strike(round)
        return world.clock.uptime()
    }

    private func exits() async -> Int {
        var exits = 0
        for process in site.processes { exits += await process.exits }
        return exits
    }

    private func drain(_ number: Int, since ended: Duration, until deadline: Duration) async throws -> Outcome {
        while true {
            if let outcome = try? await look(number, isEnd: false) {
                return Outcome(recovery: world.clock.uptime() - ended, exceptions: outcome.exceptions)
            }
            try Task.checkCancellation()
            if world.clock.uptime() > deadline { break }
            try await world.clock.sleep(for: .milliseconds(60))
        }
        var outcome = Outcome()
        do {
            outcome = try await look(number, isEnd: true) ?? outcome
        } catch {
            outcome.differences.append("the plant cannot be read: \(error)")
        }
        outcome.recovery = world.clock.uptime() - ended
        if outcome.differences.isEmpty { outcome.differences = ["the plant did not drain within \(bound.short)"] }
        return outcome
    }

    /// Nil where not everything is where it belongs; at the end, what is amiss.
    private func look(_ number: Int, isEnd: Bool) async throws -> Outcome? {
        let ledger = await machines.ledger
        let current = ChaosMachines.orders(number) + [ChaosMachines.turningOrder]
        if !isEnd {
            // The round's own orders first: all of them are looked at only when these are right.
            let found = try await findings(of: current)
            guard ChaosVerdict(ledger.only(current), found).isExact, try await isIdle(ledger) else { return nil }
        }
        let found = try await findings(of: ledger.orders.keys.sorted())
        let verdict = ChaosVerdict(ledger, found)
        guard isEnd || verdict.isExact else { return nil }
        var outcome = Outcome(
            differences: verdict.differences, lost: verdict.lost, doubled: verdict.doubled,
            outOfOrder: verdict.outOfOrder, exceptions: found.exceptions)
        if isEnd, !(try await isIdle(ledger)) { outcome.differences.append("work is left: \(try counts())") }
        return outcome
    }

    private func findings(of orders: [String]) async throws -> ChaosFindings {
        var found = try await odoo.findings(of: orders)
        let (waiting, exceptions) = try site.reader("hub").read {
            (try $0.waitingDeliveries(limit: 100_000), try $0.openExceptionCount())
        }
        found.exceptions = try exceptions + site.reader("edge").read { try $0.openExceptionCount() }
        for (operation, key, arguments) in waiting {
            let order = arguments["order"]?.string ?? key.rawValue
            let isCounted = ["downtime.record", "maintenance.request"].contains(operation)
            let amount = isCounted ? 1 : arguments["quantity"]?["value"]?.int ?? 0
            if isCounted || orders.contains(order) {
                found.waiting[operation, default: [:]][order, default: 0] += amount
            }
        }
        return found
    }

    /// Whether nothing is under way between the machines and Odoo, and the edge has the order that was released last.
    private func isIdle(_ ledger: ChaosLedger) async throws -> Bool {
        for process in site.processes where await !process.isRunning { return false }
        if let released = ledger.released, site.context(of: "press-1")?.contains("\"\(released)\"") != true {
            return false
        }
        return try counts() == [0, 0, 0]
    }

    /// Not forwarded by the edge; not routed, and not settled, in the hub.
    private func counts() throws -> [Int] {
        let edge = try site.reader("edge").read { transaction in
            let forwarded = try transaction.cursors().filter { $0.target == "uplink" }.map(\.position).reduce(0, +)
            return try transaction.storedCount() - Int(forwarded)
        }
        let hub = try site.reader("hub").read { transaction in
            var unrouted = 0
            for cursor in try transaction.cursors() {
                unrouted += Int(try transaction.lastNumber(cursor.lane) - cursor.position)
            }
            let counts = try ["odoo", "lyon"].map { try transaction.deliveryCounts(TargetName($0)) }
            return [unrouted, counts.map { ($0[.pending] ?? 0) + ($0[.taken] ?? 0) }.reduce(0, +)]
        }
        return [edge] + hub
    }

    // MARK: - What it says of itself

    func dropNextFact() async { await machines.dropNext() }

    /// Adds a piece behind the nodes' back.
    func tamper() async throws {
        try await OdooTampering(address: site.odoo("admin"), network: world.network)
            .addOne(to: ChaosMachines.orders(lastRound)[0])
    }

    var factCounts: [String: Int] { get async { await machines.ledger.facts } }
    var forcedStops: Int { get async { await striker.forcedStops } }

    /// How often each process ended without having been asked to.
    func crashes() async -> [String: Int] {
        var crashes: [String: Int] = [:]
        for process in site.processes {
            let count = await process.crashes
            if count > 0 { crashes[process.name] = count }
        }
        return crashes
    }

    /// Deliveries that Odoo accepted.
    func accepted() -> Int {
        (try? site.reader("hub").read { try $0.deliveryCounts("odoo")[.accepted] ?? 0 }) ?? 0
    }
}
