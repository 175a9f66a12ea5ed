package import Canonical
package import Contracts
package import ExactJSON
package import Store
package import World

/// Carries out what operators asked for, each step audited. Requests are rows of the store, so that they survive a
/// restart and can be made while the node is down.
package actor OperatorDesk {
    let store: Store
    let world: World
    /// Maps an event again for the flow of an exception, by the settings of today.
    let remap: Remap
    let gate: Gate
    let door: Door?
    private let interval: Duration
    /// From when on the next step of a decision about many may be made.
    var due: [Int64: Duration] = [:]
    /// Takes counts that a target forgot back from a line of its ledger; nil where the line has moved on.
    let takingBack: @Sendable (TargetName, _ order: JSON, LedgerEntry) -> LedgerEntry?

    /// What there is to pause.
    let pausable: Set<PauseSubject>
    /// What events can be put through again, by name.
    let replayable: [FlowName: ReplayFlow]

    /// Maps an event for the flow of an exception.
    package typealias Remap = @Sendable (ExceptionRecord, JournalEntry) -> Result<Delivery, Failure>

    /// Where events that a person put right come in.
    package struct Door: Sendable {
        let intake: any Intake
        /// Why an event would be set aside; nil where it fits.
        let misfit: @Sendable (EventDocument) -> Failure?

        package init(intake: any Intake, misfit: @escaping @Sendable (EventDocument) -> Failure?) {
            self.intake = intake
            self.misfit = misfit
        }
    }

    /// What carries a target's commands out, as far as a person's decisions concern it.
    package struct Gate: Sendable {
        /// Called before what waits for a key can become pending.
        let announce: @Sendable (TargetName, OrderingKey) async -> Void
        /// Called when it has, or has not.
        let released: @Sendable (TargetName, OrderingKey) async throws -> Void
        /// Holds a key until ``released`` and waits for its command under way; false where that does not end.
        let hold: @Sendable (TargetName, OrderingKey) async throws -> Bool
        /// Called when something was paused or goes on.
        let paused: @Sendable (Pauses) async -> Void

        package init(
            announce: @escaping @Sendable (TargetName, OrderingKey) async -> Void,
            released: @escaping @Sendable (TargetName, OrderingKey) async throws -> Void,
            hold: @escaping @Sendable (TargetName, OrderingKey) async throws -> Bool = { _, _ in false },
            paused: @escaping @Sendable (Pauses) async -> Void = { _ in }
        ) {
            self.paused = paused
            self.announce = announce
            self.released = released
            self.hold = hold
        }
    }

    package init(
        store: Store, world: World, interval: Duration = .milliseconds(500),
        gate: Gate, door: Door? = nil, pausable: Set<PauseSubject> = [],
        replayable: [FlowName: ReplayFlow] = [:],
        takingBack: @escaping @Sendable (TargetName, _ order: JSON, LedgerEntry) -> LedgerEntry? = { _, _, _ in nil },
        remap: @escaping Remap
    ) {
        self.door = door
        self.pausable = pausable
        self.replayable = replayable
        self.takingBack = takingBack
        self.store = store
        self.world = world
        self.interval = interval
        self.remap = remap
        self.gate = gate
    }

    /// Works until cancelled; looks for requests every `interval`, as they may come from another process.
    package func run() async throws {
        while !Task.isCancelled {
            let requests = try await store.read { try $0.openRequests(limit: 500) }
            for request in requests {
                switch request.kind {
                case .repost: try await postAgain(request)
                case .resubmit, .discard: try await carryOut(request)
                case .edit: try await edit(request)
                case .assign, .comment: try await note(request)
                case .stop: try await stop(request)
                case .pause, .resume: try await pause(request)
                case .many, .replay: continue
                }
            }
            let wait = try await goOnWithMany()
            guard requests.isEmpty else { continue }
            try await world.clock.sleep(for: min(interval, wait ?? interval))
        }
    }

    private func carryOut(_ request: OperatorRequest) async throws {
        let exception = try await store.read { try $0.exception(request.subject) }
        let now = world.clock.now()
        guard let exception else {
            let result = "there is no exception \(request.subject)"
            return try await store.write { try $0.finishRequest(request.id, result: result, now: now) }
        }
        try await freeing([exception]) { transaction, remap in
            let result = try Self.decide(
                request.kind, exception.id, Decider(by: request.by, note: request.note, now: now), transaction, remap)
            try transaction.finishRequest(request.id, result: result, now: now)
        }
    }

    /// Runs `body` in a transaction that may make pending what waits for the keys of `exceptions`; whoever carries
    /// commands out is told before and after.
    func freeing<R: Sendable>(
        _ exceptions: [ExceptionRecord], _ body: @escaping @Sendable (StoreTransaction, Remap) throws -> R
    ) async throws -> R {
        let remap = remap
        let concerned = try await store.read { transaction in
            var concerned: [TargetName: Set<OrderingKey>] = [:]
            for exception in exceptions {
                guard let target = exception.target else { continue }
                concerned[target, default: []].formUnion(try Self.concerned(exception, transaction, remap))
            }
            return concerned.flatMap { target, keys in keys.map { (target: target, key: $0) } }
                .sorted { ($0.target.rawValue, $0.key.rawValue) < ($1.target.rawValue, $1.key.rawValue) }
        }
        for (target, key) in concerned { await gate.announce(target, key) }
        let result: Result<R, any Error>
        do {
            result = .success(
                try await store.write(weight: exceptions.count) { transaction in
                    let result = try body(transaction, remap)
                    for (target, key) in concerned { try transaction.order(target, key) }
                    return result
                })
        } catch {
            result = .failure(error)
        }
        try await release(concerned)
        return try result.get()
    }

    /// Lets all of these keys go, also where one of them cannot be read: throws the first failure then.
    func release(_ keys: [(target: TargetName, key: OrderingKey)]) async throws {
        var failure: (any Error)?
        for (target, key) in keys {
            do { try await gate.released(target, key) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// The keys whose deliveries a decision about `exception` can move: those of now, and those that today's maps give.
    private static func concerned(
        _ exception: ExceptionRecord, _ transaction: StoreTransaction, _ remap: Remap
    ) throws -> Set<OrderingKey> {
        var keys = Set([exception.key].compactMap { $0 })
        var events: Set<JournalNumber> = []
        for delivery in try deliveries(of: exception, transaction) {
            keys.insert(delivery.key)
            if !delivery.isEdited { events.insert(delivery.event) }
        }
        for event in events {
            if let entry = try transaction.entry(event), case .success(let delivery) = remap(exception, entry) {
                keys.insert(delivery.key)
            }
        }
        return keys
    }

    /// What an exception holds: the deliveries of its command, or the one that its flow made of its event.
    static func deliveries(of exception: ExceptionRecord, _ transaction: StoreTransaction) throws -> [Delivery] {
        if let command = exception.command { return try transaction.deliveries(ofCommand: command) }
        guard let event = exception.event, let flow = exception.flow, let target = exception.target else { return [] }
        return try [transaction.delivery(of: event, flow: flow, target: target)].compactMap { $0 }
    }
}
