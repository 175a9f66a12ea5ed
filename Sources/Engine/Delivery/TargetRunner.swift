package import Canonical
package import Contracts
import ExactJSON
package import Store
package import Telemetry
package import World

/// Carries the deliveries of one target out: loads them, lets the machine decide, and performs what it decided.
package actor TargetRunner {
    package nonisolated let target: any Target
    let store: Store
    let world: World
    private let policies: [FlowName: FlowPolicy]
    let concurrency: Int
    let limits: Limits
    var machine: DispatchMachine
    var breaker: CircuitBreaker
    /// The command that was let through last to see whether the target is back.
    var prober: Int64?
    /// Commands that wait to hear what became of them.
    var inDoubt: Set<Int64> = []
    /// The last delivery that was looked at as it came.
    var noticedThrough: Int64 = 0
    var slotsInUse = 0
    /// Commands that come back from a wait, first come first served within their lane.
    var slotWaiters: [Lane: [CheckedContinuation<Void, Never>]] = [:]
    let activity = Bell()
    /// What last went wrong, with its time.
    var trouble: TargetTrouble?
    /// Keys that a person is about to free: nothing new of them goes before what waited.
    private var announced: Set<OrderingKey> = []
    private var acceptedCount = 0
    var quiet: QuietWatch
    /// The node is about to stop: nothing is begun any more.
    var isDraining = false
    var rate: CommandRate?
    /// What a person has paused.
    var paused = PauseWatch()
    var tally = TargetTally()
    let tracer: Tracer

    /// `quiet`: when nothing is sent; `rate`: how many commands are begun at most.
    package init(
        target: any Target, store: Store, world: World, policies: [FlowName: FlowPolicy], concurrency: Int,
        breaker: CircuitBreaker, limits: Limits, quiet: QuietHours? = nil, rate: CommandRate? = nil,
        tracer: Tracer = Tracer(node: "")
    ) {
        self.tracer = tracer
        self.quiet = QuietWatch(quiet)
        self.rate = rate
        self.target = target
        self.store = store
        self.world = world
        self.policies = policies
        self.concurrency = max(1, concurrency)
        self.breaker = breaker
        self.limits = limits
        machine = Self.makeMachine(policies, limits, doubt: store.doubt)
    }

    private static func makeMachine(
        _ policies: [FlowName: FlowPolicy], _ limits: Limits, doubt: Instant?
    ) -> DispatchMachine {
        DispatchMachine(
            policies: policies, capacity: limits.pendingDeliveries, openCommands: limits.openCommands, doubt: doubt)
    }

    /// Works until cancelled. What was under way when the process ended is asked for first.
    package func run() async throws {
        let name = target.name
        let mark = paused.mark
        let (open, shares, last, pauses) = try await store.read { transaction in
            (
                try transaction.openCommands(name), try transaction.waitingShares(name),
                try transaction.lastDeliveryID(), Pauses(try transaction.pauses())
            )
        }
        paused.begin(pauses, since: mark)
        // What waits behind a person's decision is not pending in the store, so no key is blocked here from the start.
        machine = Self.makeMachine(policies, limits, doubt: store.doubt)
        machine.paused = paused.pauses.flows
        machine.begin(shares)
        noticedThrough = last
        for key in announced.sorted(by: { $0.rawValue < $1.rawValue }) { _ = machine.beginReading(key) }
        for stored in open {
            let share = DeliveryShare(lane: stored.command.lane, flow: stored.command.flow, origin: "")
            machine.resume(stored.command.key, of: share, conflicts: stored.conflicts)
        }
        try await withThrowingDiscardingTaskGroup { group in
            defer {
                group.cancelAll()
                endWaiting()
            }
            for stored in open { group.addTask { try await self.carry(stored) } }
            // A command that fails cancels the group, and the group alone: this loop must end with it.
            while !Task.isCancelled, !group.isCancelled {
                let rings = (store: store.bell.rings, activity: activity.rings)
                let isThrough = try await load()
                while let turn = nextTurn() {
                    slotsInUse += 1
                    switch turn {
                    case .returning(let lane): slotWaiters[lane]?.removeFirst().resume()
                    case .new(let draft): group.addTask { try await self.carry(draft) }
                    }
                }
                guard isThrough else { continue }
                await wait(rings.store, rings.activity, until: nextWake())
            }
        }
    }

    /// What waits for a person may become pending any moment, with numbers below those that were loaded already: until
    /// ``released(_:)`` nothing of `key` that is loaded goes.
    package func announce(_ key: OrderingKey) {
        announced.insert(key)
        _ = machine.beginReading(key)
    }

    /// Lets nothing of `key` go until ``released(_:)``, and waits until its command under way is settled; false where
    /// that takes too long.
    package func hold(_ key: OrderingKey) async throws -> Bool {
        announce(key)
        machine.letGo(key)
        for _ in 0..<Self.holdLooks where machine.isBusy(key) {
            try await world.clock.sleep(for: Self.holdPause)
        }
        return !machine.isBusy(key)
    }

    private static let holdLooks = 200
    private static let holdPause = Duration.milliseconds(50)

    /// A person has freed `key`, or left it as it was: what is pending is taken in, in its order.
    package func released(_ key: OrderingKey) async throws {
        announced.remove(key)
        try await release(key)
    }

    /// Begins no further command; those under way go on.
    package func beginNothing() { isDraining = true }

    /// What is going on, for the overview.
    package func status() -> TargetStatus {
        var state = breaker.state
        if case .open(let until) = state { state = .open(until: world.clock.now() + until.since(steady)) }
        return TargetStatus(
            queued: machine.count, inFlight: slotsInUse, breaker: state, trouble: trouble,
            accepted: acceptedCount, quietUntil: quiet.end(world.clock.now()), isPaused: isPaused)
    }

    private func wait(_ storeRings: Int, _ activityRings: Int, until: Instant?) async {
        let clock = world.clock
        let store = store
        let activity = activity
        await withTaskGroup { group in
            group.addTask { await store.bell.wait(beyond: storeRings) }
            group.addTask { await activity.wait(beyond: activityRings) }
            if let until {
                group.addTask { try? await clock.sleep(for: max(.milliseconds(1), until.since(clock.now()))) }
            }
            _ = await group.next()
            group.cancelAll()
        }
    }

    // MARK: - One command

    /// Carries a new command through; a slot is held already.
    private func carry(_ held: CommandDraft) async throws {
        var draft = held
        try await widen(&draft)
        guard let first = draft.deliveries.first, let last = draft.deliveries.last else { return }
        var command = Command(
            id: store.makeCommandID(), target: target.name, flow: first.flow, operation: first.operation,
            key: first.key, lane: first.lane, arguments: draft.arguments, idempotencyKey: draft.identity,
            time: last.time, traceparent: first.traceparent)
        command.mark(draft.deliveries, doubt: store.doubt, isLedgerDoubted: store.isLedgerDoubted)
        let carried = CarriedCommand(
            command: command, conflicts: first.conflicts, deliveries: draft.deliveries.map(\.id),
            created: world.clock.now(), started: nil, isStored: false,
            mayBeOld: draft.deliveries.contains(where: \.isResubmitted),
            isShadow: draft.deliveries.contains(where: \.isShadow), traces: CarriedCommand.traces(of: draft.deliveries))
        let lifecycle = CommandLifecycle(retry: policy(first.flow).retry, settlingTime: target.settlingTime)
        try await drive(carried, lifecycle, first: .prepare(after: .zero))
    }

    /// Goes on with a command of before the restart.
    private func carry(_ stored: StoredCommand) async throws {
        var command = stored.command
        let id = command.id
        let deliveries = try await store.read { try $0.deliveries(ofCommand: id) }
        command.mark(deliveries, doubt: store.doubt, isLedgerDoubted: store.isLedgerDoubted)
        await takeSlot(command.lane)
        let carried = CarriedCommand(
            command: command, conflicts: stored.conflicts, deliveries: stored.deliveries,
            created: stored.created, started: stored.started, isStored: true, mayBeOld: stored.isResubmitted,
            isShadow: deliveries.contains(where: \.isShadow), intent: stored.intent ?? .null, ledgerKeys: stored.ledger,
            traces: CarriedCommand.traces(of: deliveries))
        let retry = policy(stored.command.flow).retry
        switch stored.state {
        case .deferred:
            let lifecycle = CommandLifecycle(retry: retry, settlingTime: target.settlingTime)
            try await drive(carried, lifecycle, first: .prepare(after: .zero))
        default:
            let lifecycle = CommandLifecycle.resumed(
                retry: retry, settlingTime: target.settlingTime, started: steady)
            try await drive(carried, lifecycle, first: .inquire(after: .zero))
        }
    }

    func policy(_ flow: FlowName) -> FlowPolicy {
        // A command of a flow that is gone from the settings is still brought to its end.
        policies[flow] ?? FlowPolicy(coalescing: nil, retry: RetryPolicy(), holdsOnReject: true, expiry: nil)
    }

    private func drive(_ carried: CarriedCommand, _ machine: CommandLifecycle, first: CommandLifecycle.Action)
        async throws
    {
        var carried = carried
        var lifecycle = machine
        var action: CommandLifecycle.Action? = first
        defer { leave(carried) }
        do {
            while let current = action {
                try Task.checkCancellation()
                note(current, of: carried)
                action = try await step(current, &carried, &lifecycle)
                if case .storeAndPerform? = action { continue }
                giveProbeBack(carried)
            }
        } catch let failure as Failure where failure.kind == StoreFailures.notPending && !carried.isStored {
            // What was held here is older than the store; nothing was sent.
            try await readAnew(carried.command.key)
        } catch is GivenBack {
            try await readAnew(carried.command.key)
        }
        activity.ring()
    }

    /// A key whose command turned out to be none. Who holds it reads it when letting it go.
    private func readAnew(_ key: OrderingKey) async throws {
        if machine.void(key), !announced.contains(key) { try await release(key) }
    }

    /// Does one action and answers with the next; nil where the command is settled.
    private func step(
        _ action: CommandLifecycle.Action, _ carried: inout CarriedCommand, _ lifecycle: inout CommandLifecycle
    ) async throws -> CommandLifecycle.Action? {
        switch action {
        case .prepare(let delay):
            try await rest(delay, carried.command)
            if let failure = try await clearance(carried) { return .reject(failure) }
            let preparation = await prepare(carried)
            note(preparation)
            if isShadow(carried), let outcome = ShadowOutcome(preparation) {
                try await settle(carried, shadow: outcome)
                return nil
            }
            return lifecycle.prepared(preparation, now: steady, random: world.entropy.next())
        case .loadLedger(let keys):
            carried.ledgerKeys = keys
            let name = target.name
            carried.ledger = try await store.read { try $0.ledger(name, keys) }
            return .prepare(after: .zero)
        case .storeAndPerform(let intent):
            // Looking up took its time: a person may have paused it meanwhile.
            if isHeld(carried.command) {
                guard carried.isStored else { throw GivenBack() }
                return .prepare(after: .zero)
            }
            try await store(intent, &carried)
            let outcome = await perform(carried, attempt(carried))
            note(outcome)
            return lifecycle.performed(outcome, now: steady, random: world.entropy.next())
        case .doubt(let delay, let failure):
            trouble = TargetTrouble(failure, at: world.clock.now())
            let id = carried.command.id
            try await store.write { try $0.setState(.doubt, of: id) }
            return .inquire(after: delay)
        case .inquire(let delay):
            try await rest(delay, carried.command)
            _ = try await clearance(carried, expires: false)
            if carried.ledger.isEmpty, !carried.ledgerKeys.isEmpty {
                let (name, keys) = (target.name, carried.ledgerKeys)
                carried.ledger = try await store.read { try $0.ledger(name, keys) }
            }
            let inquiry = await inquire(carried, attempt(carried))
            note(inquiry)
            return lifecycle.inquired(inquiry, now: steady, random: world.entropy.next())
        case .retreat(let delay):
            let id = carried.command.id
            try await store.write { try $0.setState(.deferred, of: id) }
            carried.ledger = []
            return .prepare(after: delay)
        case .accept(let acceptance):
            try await settle(carried, acceptance)
            return nil
        case .reject(let failure) where isShadow(carried):
            try await settle(carried, shadow: .wouldBeRefused(failure))
            return nil
        case .reject(let failure):
            try await settle(carried, refused: failure, kind: .rejected)
            return nil
        case .giveUp(let failure):
            try await settle(carried, refused: failure, kind: .doubt)
            return nil
        }
    }

    /// Time that no setting of the clock moves, for how long something has been under way.
    var steady: Instant { Instant(microseconds: world.clock.uptime().microseconds) }

    private func attempt(_ carried: CarriedCommand) -> Attempt {
        Attempt(
            command: carried.command, intent: carried.intent, ledger: carried.ledger,
            started: carried.started ?? carried.created, writer: store.epoch)
    }

    func expiry(of carried: CarriedCommand) -> Failure? {
        guard !carried.mayBeOld, let expiry = policy(carried.command.flow).expiry else { return nil }
        let age = world.clock.now().since(carried.command.time)
        guard age > expiry else { return nil }
        return Failure(
            DeliveryFailures.expired,
            "\(carried.command.operation) for \(carried.command.key) is \(age.components.seconds) s old; its flow \(carried.command.flow) allows \(expiry.components.seconds) s"
        )
    }

    // MARK: - Durable steps

    private func store(_ intent: JSON, _ carried: inout CarriedCommand) async throws {
        carried.intent = intent
        let started = world.clock.now()
        carried.started = started
        let now = carried
        if carried.isStored {
            try await store.write {
                try $0.restart(now.command.id, intent: intent, ledger: now.ledgerKeys, now: started)
            }
        } else {
            let stored = StoredCommand(
                command: now.command, conflicts: now.conflicts, deliveries: now.deliveries, state: .inFlight,
                intent: intent, ledger: now.ledgerKeys, created: now.created, started: started, attempts: 1)
            try await store.write { try $0.insert(stored) }
            carried.isStored = true
        }
    }

    /// Stores a command that was settled before anything was sent.
    nonisolated func ensureStored(_ carried: CarriedCommand, _ transaction: StoreTransaction) throws {
        guard !carried.isStored else { return }
        try transaction.insert(
            StoredCommand(
                command: carried.command, conflicts: carried.conflicts, deliveries: carried.deliveries,
                state: .deferred, intent: nil, ledger: carried.ledgerKeys, created: carried.created, started: nil,
                attempts: 0))
    }

    private func settle(_ carried: CarriedCommand, _ acceptance: Acceptance) async throws {
        let now = world.clock.now()
        let times = try await store.write { transaction in
            try self.ensureStored(carried, transaction)
            try transaction.accept(carried.command.id, target: carried.command.target, acceptance, now: now)
            return try transaction.times(ofCommand: carried.command.id)
        }
        acceptedCount += carried.deliveries.count
        trouble?.isOver = true
        tally.accept(carried.command.flow, carried.deliveries.count, times, now: now)
        recordSettled(carried, "accepted", reference: acceptance.reference, failure: nil)
        machine.finish(carried.command.key)
    }

    private func settle(_ carried: CarriedCommand, refused failure: Failure, kind: ExceptionRecord.Kind) async throws {
        let command = carried.command
        let now = world.clock.now()
        let holds = kind == .doubt || policy(command.flow).holdsOnReject
        let originalBytes = limits.originalBytes
        // Before it can be seen: a person who is quick must not free what is blocked here only then.
        if holds { machine.block(command.key) }
        try await store.write { transaction in
            try self.ensureStored(carried, transaction)
            try transaction.reject(command.id, now: now)
            let first = try transaction.deliveries(ofCommand: command.id).first
            let event = first?.event
            let entry = try event.flatMap { try transaction.entry($0) }
            let exception = ExceptionRecord(
                kind: kind, created: now, source: entry?.document.envelope.source, flow: command.flow,
                target: command.target, key: command.key, event: event, eventID: entry?.document.envelope.id,
                command: command.id, failure: failure,
                original: Array((entry?.document.bytes ?? []).prefix(originalBytes)), arguments: command.arguments)
            if let id = try transaction.insert(exception), holds, let first {
                try transaction.block(command.target, command.key, exception: id, from: first.id, now: now)
            }
        }
        trouble = TargetTrouble(failure, at: now)
        tally.refuse(command.flow, carried.deliveries.count, inDoubt: kind == .doubt)
        recordSettled(carried, kind == .doubt ? "unknown" : "rejected", reference: nil, failure: failure)
        if !holds { machine.finish(command.key) }
    }
}
