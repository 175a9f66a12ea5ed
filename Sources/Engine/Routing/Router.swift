package import Canonical
package import Contracts
package import Store
package import Telemetry
package import World

/// Reads the journal for one target and stores what its flows make of each event, together with how far it is.
package actor Router {
    package nonisolated let plan: RoutingPlan
    private let store: Store
    private let world: World
    private let limits: Limits
    private let settings: RunningSettings
    /// Bytes that the store may use.
    private let ceiling: Int
    /// Events read in one step.
    private static let step = 200
    /// Deliveries of a lane that keep any target busy for a while.
    private static let enough = 1_000
    private let tracer: Tracer
    /// What each flow did.
    private var tallies: [FlowName: FlowTally] = [:]
    /// Until when a lane is not routed further ahead.
    private var rests: [Lane: Duration] = [:]

    package init(
        plan: RoutingPlan, store: Store, world: World, limits: Limits, ceiling: Int,
        settings: RunningSettings = RunningSettings(), tracer: Tracer = Tracer(node: "")
    ) {
        self.tracer = tracer
        self.plan = plan
        self.store = store
        self.world = world
        self.limits = limits
        self.ceiling = ceiling
        self.settings = settings
    }

    /// Works until cancelled. What is routed waits in the store: so nobody's events wait behind a backlog of others
    /// that their target has yet to work off. A lane whose target has enough to do is routed ahead at a third of the
    /// time, so that the target is not kept waiting for the store; where the store gets full, no further than keeps the
    /// target busy.
    package func run() async throws {
        while !Task.isCancelled {
            let rings = store.bell.rings
            var moved = false
            for lane in Lane.allCases {
                let begun = world.clock.uptime()
                guard begun >= rests[lane, default: .zero], try await mayAdvance(lane), try await advance(lane) else {
                    continue
                }
                moved = true
                guard try await isPending(lane, atLeast: Self.enough) else { continue }
                let now = world.clock.uptime()
                rests[lane] = now + (now - begun) * 2
            }
            if !moved { await wait(beyond: rings) }
        }
    }

    /// Waits for news, or until a lane has rested.
    private func wait(beyond rings: Int) async {
        let now = world.clock.uptime()
        let rest = rests.values.filter { $0 > now }.min().map { $0 - now }
        await store.bell.wait(beyond: rings, atMost: rest, world.clock)
    }

    private func mayAdvance(_ lane: Lane) async throws -> Bool {
        guard StoreFill(used: store.usedBytes, ceiling: ceiling).isScarce else { return true }
        return try await !isPending(lane, atLeast: limits.pendingDeliveries)
    }

    private func isPending(_ lane: Lane, atLeast count: Int) async throws -> Bool {
        let target = plan.target
        return try await store.read { try $0.pendingCount(target, lane, upTo: count) } >= count
    }

    /// Routes the next events of a lane; false where there are none.
    private func advance(_ lane: Lane) async throws -> Bool {
        let target = plan.target
        let (cursor, entries) = try await store.read { transaction in
            let cursor = try transaction.cursor(target, lane)
            return (cursor, try transaction.journal(lane: lane, after: cursor, limit: Self.step, bytes: 4 << 20))
        }
        guard let last = entries.last else { return false }
        let now = world.clock.now()
        let results = entries.map { entry in
            let answers = plan.answers(to: entry, now: now, settings: settings.value)
            return (entry, answers.map { (flow: $0.flow, result: $0.result?.bearing { traceparent(entry, $0) }) })
        }
        let originalBytes = limits.originalBytes
        let isDone = try await store.write(weight: entries.count) { transaction in
            // Another step may have come first: then this one is void.
            guard try transaction.cursor(target, lane) == cursor else { return false }
            for (entry, answers) in results {
                for (_, answer) in answers {
                    if let answer { try Self.store(answer, entry, now, originalBytes, transaction) }
                }
            }
            try transaction.setCursor(target, lane, last.number.number)
            return true
        }
        if isDone { for (entry, answers) in results { note(answers, of: entry, since: now) } }
        return true
    }

    private func traceparent(_ entry: JournalEntry, _ flow: FlowName) -> String {
        tracer.mapped(entry.document, flow: flow.rawValue, target: plan.target.rawValue).description
    }

    private func note(
        _ answers: [(flow: FlowName, result: RoutingPlan.Result?)], of entry: JournalEntry, since start: Instant
    ) {
        for (flow, result) in answers {
            tallies[flow, default: FlowTally()].note(result)
            guard tracer.isOn, let result else { continue }
            var words: String?
            if case .failed(_, let failure, _) = result { words = failure.description }
            tracer.mapped(
                entry.document, flow: flow.rawValue, target: plan.target.rawValue, start: start, end: world.clock.now(),
                failure: words)
        }
    }

    /// What each flow did since the node started.
    package func tally() -> [FlowName: FlowTally] { tallies }

    private static func store(
        _ answer: RoutingPlan.Result, _ entry: JournalEntry, _ now: Instant, _ originalBytes: Int,
        _ transaction: StoreTransaction
    ) throws {
        switch answer {
        case .delivery(let delivery): try transaction.insert(delivery)
        case .failed(let delivery, let failure, let holds):
            let first = try transaction.insert(delivery, as: .rejected)
            let exception = ExceptionRecord(
                kind: .map, created: now, source: entry.document.envelope.source, flow: delivery.flow,
                target: delivery.target, key: delivery.key, event: entry.number, eventID: entry.document.envelope.id,
                failure: failure, original: Array(entry.document.bytes.prefix(originalBytes)))
            if let id = try transaction.insert(exception), holds {
                try transaction.block(delivery.target, delivery.key, exception: id, from: first, now: now)
            }
        }
    }
}
