package import Canonical
package import Contracts
package import Delivery
package import Intake
package import Routing
package import Store
import Synchronization
package import World

/// A running node: its sources, its intake, and what carries its events to its targets, over one store.
///
/// Everything it is made of runs as children of ``run()``; cancelling that stops all of it.
package final class NodeEngine: Sendable {
    package let store: Store
    package let intake: IntakeGate
    package let runners: [TargetRunner]
    package let forwarders: [StreamForwarder]
    package let sources: [any Source]
    /// What answers questions to targets, for those targets that answer any.
    package let desks: [AnswerDesk]
    package let routers: [Router]
    private let desk: OperatorDesk
    private let trimmer: Trimmer
    private let world: World
    private let sourceIntake: any Contracts.Intake
    private let fromBeginning: Set<TargetName>
    private let settingsFiles: SettingsImage?
    private let settings: RunningSettings
    private let trouble = Mutex<(failure: Failure, time: Duration)?>(nil)
    private let sourceStates: Mutex<[SourceName: SourceState]>

    /// Opens the store and puts the parts together; starts nothing. Throws ``Failure`` where the store cannot be had.
    package init(_ parts: NodeParts, world: World) throws {
        let store = try Store(parts.store, world: world)
        let limits = parts.store.limits
        self.store = store
        self.world = world
        sources = parts.sources
        sourceStates = Mutex(
            Dictionary(parts.sources.map { ($0.name, SourceState()) }, uniquingKeysWith: { first, _ in first }))
        let intake = IntakeGate(
            store: store, world: world, settings: parts.intake, limits: limits, tracer: parts.tracer)
        self.intake = intake
        sourceIntake = parts.sourceIntake?(intake) ?? intake
        let runners = parts.targets.map { part in
            TargetRunner(
                target: part.target, store: store, world: world, policies: part.policies,
                concurrency: part.concurrency, breaker: part.breaker, limits: limits,
                quiet: parts.quiet[part.target.name], rate: part.rate, tracer: parts.tracer)
        }
        self.runners = runners
        desks = parts.targets.compactMap { part in
            part.answers.map { AnswerDesk(target: part.target, settings: $0, clock: world.clock) }
        }
        let settings = RunningSettings()
        self.settings = settings
        settingsFiles = parts.settings
        routers = parts.targets.map {
            Router(
                plan: $0.plan, store: store, world: world, limits: limits, ceiling: parts.store.ceiling,
                settings: settings, tracer: parts.tracer)
        }
        let forwarders = parts.streams.map {
            StreamForwarder(
                target: $0, store: store, world: world, retry: RetryPolicy(), limits: limits,
                quiet: parts.quiet[$0.name], tracer: parts.tracer)
        }
        self.forwarders = forwarders
        let targets = parts.targets.map(\.target.name) + parts.streams.map(\.name)
        fromBeginning = parts.fromBeginning.union(parts.streams.map(\.name)).subtracting(parts.fromNow)
        let plans = Dictionary(
            parts.targets.map { ($0.target.name, $0.plan) }, uniquingKeysWith: { first, _ in first })
        let gate = OperatorDesk.Gate { target, key in
            for runner in runners where runner.target.name == target { await runner.announce(key) }
        } released: { target, key in
            for runner in runners where runner.target.name == target { try await runner.released(key) }
        } hold: { target, key in
            for runner in runners where runner.target.name == target { return try await runner.hold(key) }
            return false
        } paused: { pauses in
            for runner in runners { await runner.setPauses(pauses) }
            for forwarder in forwarders { await forwarder.setPauses(pauses) }
        }
        let pausable = Set(
            parts.targets.flatMap { part in part.plan.rules.map { PauseSubject.flow($0.name) } }
                + targets.map { PauseSubject.target($0) })
        let ledgers = Dictionary(
            parts.targets.compactMap { part in
                (part.target as? any Reconcilable).map { (part.target.name, type(of: $0)) }
            }, uniquingKeysWith: { first, _ in first })
        desk = OperatorDesk(
            store: store, world: world, interval: parts.deskInterval, gate: gate,
            door: OperatorDesk.Door(intake: intake) { intake.misfit($0) }, pausable: pausable,
            replayable: Self.replayable(parts.targets.map(\.plan), settings, clock: world.clock),
            takingBack: { ledgers[$0]?.takingBack($1, from: $2) }
        ) { exception, entry in
            Self.remap(exception, entry, plans, settings.value, now: world.clock.now())
        }
        trimmer = Trimmer(store: store, world: world, retention: parts.retention, ceiling: parts.store.ceiling)
    }

    /// Works until cancelled. Throws ``StoreFailures/damaged`` where the store turns out to be damaged: nothing more
    /// can be done on it then, and a new engine over the same store mends it first.
    /// `begun` is called when all parts have been set going.
    package func run(_ begun: @escaping @Sendable () -> Void = {}) async throws {
        let targets = runners.map(\.target.name) + forwarders.map(\.target.name)
        let fromBeginning = fromBeginning
        try await store.write { try $0.keepCursors(of: targets, fromBeginning: fromBeginning) }
        if let files = settingsFiles {
            let now = world.clock.now()
            settings.set(try await store.write { try $0.keepSettings(files, now: now) })
        }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { if let damage = await self.store.untilDamaged() { throw damage } }
            group.addTask { await self.keepUp { try await self.intake.run() } }
            group.addTask { await self.keepUp { try await self.desk.run() } }
            group.addTask { await self.keepUp { try await self.trimmer.run() } }
            for router in routers { group.addTask { await self.keepUp { try await router.run() } } }
            for runner in runners { group.addTask { await self.keepUp { try await runner.run() } } }
            for forwarder in forwarders { group.addTask { await self.keepUp { try await forwarder.run() } } }
            for desk in desks { group.addTask { await desk.run() } }
            for source in sources { group.addTask { try await self.supervise(source) } }
            // Behind all others: they have had their turn when this one has its own.
            group.addTask { begun() }
        }
    }

    /// Begins nothing new at the targets and waits until what is under way there has an answer, but no longer than
    /// `patience`: what has none then is asked for when the node runs again.
    package func drain(patience: Duration) async {
        let end = world.clock.uptime() + patience
        for runner in runners { await runner.beginNothing() }
        for runner in runners {
            while await runner.status().inFlight > 0, world.clock.uptime() < end, !Task.isCancelled {
                try? await world.clock.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Runs a part of the engine until cancelled, and again after a while where the store refused it something: a full
    /// disk must not end the parts that make room on it.
    private func keepUp(_ part: () async throws -> Void) async {
        var attempt = 0
        let retry = RetryPolicy(base: .milliseconds(200), cap: .seconds(10))
        while !Task.isCancelled {
            do {
                return try await part()
            } catch is CancellationError where Task.isCancelled {
                return
            } catch {
                // A cancellation within: one of the part's tasks failed, and another was the first to say so.
                attempt += 1
                let failure = error as? Failure ?? RuntimeFailures.partStopped.failure("\(error)")
                let now = world.clock.uptime()
                trouble.withLock { $0 = (failure, now) }
                let wait = retry.wait(attempt: min(attempt, 8), random: world.entropy.next())
                try? await world.clock.sleep(for: wait)
            }
        }
    }

    /// Which version of the settings runs; nil until the store has it.
    package var settingsVersion: Int64? { settings.value }

    /// What stopped a part of the engine not long ago; nil while all is well.
    package var troubleWithin: Failure? {
        let now = world.clock.uptime()
        return trouble.withLock { $0.flatMap { now - $0.time < .seconds(20) ? $0.failure : nil } }
    }

    /// A source that ran this long before it gave up is started again as soon as one that gave up for the first time.
    private static let steady = Duration.seconds(300)

    /// Runs a source, and again after a while where it gave up: one source's trouble is not the node's.
    private func supervise(_ source: any Source) async throws {
        var (attempt, restarts) = (0, 0)
        let retry = RetryPolicy(base: .seconds(1), cap: .seconds(60))
        while !Task.isCancelled {
            let started = world.clock.uptime()
            do {
                try await source.run(sourceIntake)
                return
            } catch is CancellationError where Task.isCancelled {
                return
            } catch {
                // A cancellation within is one of the source's own tasks that failed. What ran for long begins anew.
                attempt = world.clock.uptime() - started > Self.steady ? 1 : attempt + 1
                restarts += 1
                let failure =
                    error as? Failure
                    ?? RuntimeFailures.sourceStopped.failure("source \(source.name) stopped: \(error)")
                let state = SourceState(failure: failure, restarts: restarts, failed: world.clock.now())
                sourceStates.withLock { $0[source.name] = state }
                try await world.clock.sleep(for: retry.wait(attempt: attempt, random: world.entropy.next()))
            }
        }
    }

    /// The same of the source of that name; nil where there is none.
    package func state(of name: SourceName) -> SourceState? {
        sources.first { $0.name == name }.map { state(of: $0) }
    }

    /// What is known of a source's health now.
    package func state(of source: any Source) -> SourceState {
        var state = sourceStates.withLock { $0[source.name] ?? SourceState() }
        if let failed = state.failed, let last = intake.activity(of: source.name).last, last > failed {
            state.failure = nil
        }
        state.failure = source.trouble ?? state.failure
        return state
    }

    /// Each flow of these plans, to put events through again.
    package static func replayable(
        _ plans: [RoutingPlan], _ settings: RunningSettings = RunningSettings(), clock: any WorldClock
    ) -> [FlowName: ReplayFlow] {
        var flows: [FlowName: ReplayFlow] = [:]
        for plan in plans {
            for rule in plan.rules {
                let alone = plan.only(rule.name)
                flows[rule.name] = ReplayFlow(flow: rule.name, target: plan.target) { entry in
                    switch alone.route(entry, now: clock.now(), settings: settings.value).first {
                    case .delivery(let delivery): .delivery(delivery)
                    case .failed(_, let failure, _): .failed(failure)
                    case nil: nil
                    }
                }
            }
        }
        return flows
    }

    private static func remap(
        _ exception: ExceptionRecord, _ entry: JournalEntry, _ plans: [TargetName: RoutingPlan], _ settings: Int64?,
        now: Instant
    ) -> Result<Delivery, Failure> {
        guard let target = exception.target, let plan = plans[target] else {
            return .failure(
                RuntimeFailures.noTarget.failure("the settings have no target \(exception.target?.rawValue ?? "")"))
        }
        switch plan.only(exception.flow ?? "").route(entry, now: now, settings: settings).first {
        case .delivery(let delivery): return .success(delivery)
        case .failed(_, let failure, _): return .failure(failure)
        case nil:
            return .failure(
                RuntimeFailures.noFlow.failure(
                    "no flow \(exception.flow?.rawValue ?? "") makes a command of this event now"))
        }
    }
}

/// What is known of a source's health.
package struct SourceState: Sendable {
    package var failure: Failure?
    /// How often it gave up and was started again.
    package var restarts = 0
    /// When it gave up last.
    package var failed: Instant?
}

/// What can go wrong with a node as a whole.
package enum RuntimeFailures {
    package static let sourceStopped = FailureKind(
        "NODE-001", "a source gave up", remedy: "It is started again by itself; mend what its message says.")
    package static let noTarget = FailureKind(
        "NODE-002", "the target is not in the settings any more", remedy: "Put it back, or discard the exception.")
    package static let noFlow = FailureKind(
        "NODE-003", "no flow makes a command of the event any more",
        remedy: "Correct the flow, or discard the exception.")
    package static let partStopped = FailureKind(
        "NODE-004", "a part of the node stopped",
        remedy: "It is started again by itself. Check the disk's space and health where the message names the store.")
    package static let all = [sourceStopped, noTarget, noFlow, partStopped]
}
