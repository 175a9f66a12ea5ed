import Canonical
package import Contracts
package import ExactJSON
package import Store
package import World

/// How flows, targets and sources stand now: gathered from the store and from what runs.
package struct RunningView: Sendable {
    let store: Store
    let plan: RunningPlan
    let clock: any WorldClock
    let snapshot: @Sendable () async -> OverviewSnapshot
    let tags: @Sendable (_ source: String) -> TagLines

    /// What is counted as of late: an hour, in stretches of five minutes.
    static let stretch = Duration.seconds(300)
    static let stretches = 12

    package init(
        store: Store, plan: RunningPlan, clock: any WorldClock,
        snapshot: @escaping @Sendable () async -> OverviewSnapshot,
        tags: @escaping @Sendable (_ source: String) -> TagLines
    ) {
        self.store = store
        self.plan = plan
        self.clock = clock
        self.snapshot = snapshot
        self.tags = tags
    }

    func facts() async throws -> RunningFacts {
        let now = clock.now()
        let (plan, snapshot) = (plan, await snapshot())
        let span = FactSpan(upTo: now, stretch: Self.stretch, stretches: Self.stretches)
        let (pauses, byTarget) = try await store.look { transaction in
            (
                try transaction.pauses(),
                try plan.targets.map { ($0, try transaction.flowFacts($0, span)) }
            )
        }
        let facts = Dictionary(byTarget, uniquingKeysWith: { first, _ in first })
        func pause(_ subject: PauseSubject) -> Pause? { pauses.first { $0.subject == subject } }
        return RunningFacts(
            now: now,
            flows: plan.flows.map { flow in
                RunningFacts.Flow(
                    plan: flow, facts: facts[flow.target]?[flow.name] ?? FlowFacts(), pause: pause(.flow(flow.name)),
                    targetPause: pause(.target(flow.target)))
            },
            targets: snapshot.targets.map { target in
                let name = TargetName(target.name)
                return RunningFacts.Target(
                    state: target, verdict: OverviewJudgement(snapshot).verdict(target),
                    facts: (facts[name] ?? [:]).values.reduce(into: FlowFacts()) { $0.add($1) },
                    pause: pause(.target(name)))
            },
            sources: snapshot.sources.map { source in
                RunningFacts.Source(
                    state: source, verdict: OverviewJudgement(snapshot).verdict(source), tags: tags(source.name))
            })
    }
}

/// This moment of everything that runs.
struct RunningFacts: Sendable {
    struct Flow: Sendable {
        let plan: RunningPlan.Flow
        let facts: FlowFacts
        let pause: Pause?
        /// Of the target that it leads to.
        let targetPause: Pause?

        var verdict: OverviewJudgement.Verdict {
            if pause != nil || targetPause != nil { return .init(level: .notice, word: "Paused") }
            if plan.isShadow { return .init(level: .good, word: "Shadow") }
            if facts.exceptions > 0 { return .init(level: .notice, word: "Needs attention") }
            return .init(level: .good, word: facts.lastSettled == nil && facts.waiting == 0 ? "Idle" : "Running")
        }
    }

    struct Target: Sendable {
        let state: OverviewSnapshot.Target
        let verdict: OverviewJudgement.Verdict
        let facts: FlowFacts
        let pause: Pause?
    }

    struct Source: Sendable {
        let state: OverviewSnapshot.Source
        let verdict: OverviewJudgement.Verdict
        let tags: TagLines
    }

    let now: Instant
    let flows: [Flow]
    let targets: [Target]
    let sources: [Source]
}

extension FlowFacts {
    /// Counts what another flow of the same target did as well.
    package mutating func add(_ other: FlowFacts) {
        waiting += other.waiting
        blocked += other.blocked
        underWay += other.underWay
        exceptions += other.exceptions
        accepted += other.accepted
        rejected += other.rejected
        shadowed += other.shadowed
        latencies = (latencies + other.latencies).sorted()
        if rates.isEmpty { rates = other.rates } else { rates = zip(rates, other.rates).map(+) }
        lastSettled = [lastSettled, other.lastSettled].compactMap { $0 }.max()
    }
}

// MARK: - For programs

extension RunningFacts {
    var flowsJSON: JSON { ["flows": .array(flows.map(\.json))] }
    var targetsJSON: JSON { ["targets": .array(targets.map(\.json))] }
    var sourcesJSON: JSON { ["sources": .array(sources.map(\.json))] }
}

extension RunningFacts.Flow {
    var json: JSON {
        var json: JSONObject = [
            "flow": .string(plan.name.rawValue), "target": .string(plan.target.rawValue),
            "operation": plan.operation.map { .string($0) } ?? .null,
            "types": .array(plan.types.map { .string($0) }), "state": .string(verdict.word),
            "shadow": .bool(plan.isShadow), "paused": pause?.json ?? .null,
        ]
        json.merge(facts.json) { first, _ in first }
        return .object(json)
    }
}

extension RunningFacts.Target {
    var json: JSON {
        var json: JSONObject = [
            "target": .string(state.name), "connector": .string(state.connector), "state": .string(verdict.word),
            "waitingEvents": .int(state.waiting), "inFlight": .int(state.inFlight), "paused": pause?.json ?? .null,
        ]
        json.merge(facts.json) { first, _ in first }
        return .object(json)
    }
}

extension RunningFacts.Source {
    var json: JSON {
        [
            "source": .string(state.name), "connector": .string(state.connector), "state": .string(verdict.word),
            "reason": verdict.detail.map { .string($0) } ?? .null,
            "lastReading": state.lastReading.map { .string($0.description) } ?? .null,
            "tags": .array(
                tags.lines.map {
                    [
                        "asset": .string($0.asset), "tag": .string($0.tag),
                        "value": $0.value.flatMap { try? JSONReader.read($0) } ?? .null,
                        "time": .string($0.time.description), "count": .int($0.count),
                    ]
                }), "isCut": .bool(tags.isCut),
        ]
    }
}

extension FlowFacts {
    fileprivate var json: JSONObject {
        func milliseconds(_ duration: Duration?) -> JSON {
            duration.map { .int(Int($0.microseconds / 1_000)) } ?? .null
        }
        return [
            "waiting": .int(waiting), "blocked": .int(blocked), "underWay": .int(underWay),
            "exceptions": .int(exceptions), "accepted": .int(accepted), "rejected": .int(rejected),
            "shadowed": .int(shadowed),
            "latencyMs": ["p50": milliseconds(latency(0.5)), "p99": milliseconds(latency(0.99))],
            "lastSettled": lastSettled.map { .string($0.description) } ?? .null,
            "rates": .array(rates.map { .int($0) }),
        ]
    }
}

extension Pause {
    /// `{"since": …, "by": …, "note": …}`
    package var json: JSON {
        [
            "since": .string(since.description), "by": .string(by), "note": note.map { .string($0) } ?? .null,
        ]
    }
}
