import Canonical
import Contracts
import Delivery
import ExactJSON
import Intake
import Signals
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

/// A target that knows some orders, refuses the others for one of several reasons, and counts what it took.
final class PickyTarget: Target {
    static var operations: [OperationSpec] { [] }
    static let reasons = (0..<20).map {
        FailureKind("PICKY-\($0)", "refused for reason \($0)", remedy: "Put reason \($0) right.")
    }
    let name: TargetName = "odoo"
    let settlingTime = Duration.milliseconds(200)
    /// Orders that are unknown to it.
    let unknown = Mutex<Set<String>>([])
    /// What it took, by the command's key.
    let taken = Mutex<[(identity: String, key: OrderingKey, arguments: JSON)]>([])

    func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        let order = command.arguments["order"]?.string ?? ""
        guard unknown.withLock({ $0.contains(order) }) else { return .ready(intent: .null) }
        let reason = Self.reasons[(command.arguments["reason"]?.int ?? 0) % Self.reasons.count]
        return .settled(.rejected(Failure(reason, "there is no order \"\(order)\"")))
    }

    func perform(_ attempt: Attempt) async -> Outcome {
        let command = attempt.command
        taken.withLock { $0.append((command.idempotencyKey, command.key, command.arguments)) }
        return .accepted(Acceptance(reference: "1", summary: "done"))
    }

    func inquire(_ attempt: Attempt) async -> Inquiry { .notFound }
}

/// A store with a journal, a target and a desk, as far as an operator sees it.
struct DeskPlant: Sendable {
    let store: Store
    let world: World
    let target: PickyTarget
    let intake: IntakeGate

    /// Runs `body` beside a desk and a runner; `lives` ends and begins them anew every so often.
    /// `ceiling`: bytes from which on nothing more is taken in.
    static func run(
        _ path: String, seed: UInt64 = 1, lives: Duration? = nil, ceiling: Int = 1 << 40,
        _ body: @escaping @Sendable (DeskPlant) async throws -> Void
    ) throws {
        try simulated(seed: seed) { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let orders = try SignalProcessor(
                source: "orders", signals: [],
                plants: SignalPlants(standard: .init(plant: "lyon", company: nil), assets: [:]))
            let intake = IntakeGate(
                store: store, world: world,
                settings: IntakeSettings(sources: [:], orders: orders, ceiling: ceiling), limits: Limits())
            let plant = DeskPlant(store: store, world: world, target: PickyTarget(), intake: intake)
            try await withThrowingTaskGroup { group in
                group.addTask { try await plant.work(lives: lives) }
                try await body(plant)
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
            #expect(try await store.read { try $0.auditBreak() } == nil)
            await store.close()
        }
    }

    private func work(lives: Duration?) async throws {
        while !Task.isCancelled {
            let policy = FlowPolicy(
                coalescing: nil, retry: RetryPolicy(base: .milliseconds(20)), holdsOnReject: true, expiry: nil)
            let runner = TargetRunner(
                target: target, store: store, world: world, policies: ["progress": policy], concurrency: 4,
                breaker: CircuitBreaker(), limits: Limits())
            let gate = OperatorDesk.Gate {
                await runner.announce($1)
            } released: {
                try await runner.released($1)
            }
            let desk = OperatorDesk(
                store: store, world: world, gate: gate, door: .init(intake: intake) { _ in nil }
            ) { Self.map($1) }
            try await withThrowingTaskGroup { group in
                group.addTask { try await runner.run() }
                group.addTask { try await desk.run() }
                if let lives { group.addTask { [world] in try await world.clock.sleep(for: lives) } }
                let ended = await group.nextResult()
                group.cancelAll()
                if case .failure(let error) = ended, !(error is CancellationError) { throw error }
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
        }
    }

    /// The map of the plant's one flow: the event's data are the arguments, its subject is the key.
    private static func map(_ entry: JournalEntry) -> Result<Delivery, Failure> {
        guard let data = try? JSONReader.read(entry.document.bytes)["data"], data["order"]?.string != nil else {
            return .failure(StoreFailures.full.failure("the event names no order"))
        }
        var delivery = Delivery.sample(
            event: entry.number.number, key: entry.document.envelope.subject ?? entry.document.envelope.source)
        delivery.arguments = data
        return .success(delivery)
    }

    /// Stores events and what the flow makes of them, as a router does.
    func bring(_ events: [Event]) async throws {
        let now = world.clock.now()
        try await store.write(weight: events.count) { transaction in
            for event in events {
                let document = EventDocument(event)
                _ = try transaction.append([document], lane: .normal, recorded: now)
                let number = JournalNumber(lane: .normal, number: try transaction.lastNumber(.normal))
                let entry = JournalEntry(number: number, document: document, recorded: now)
                switch Self.map(entry) {
                case .success(let delivery): try transaction.insert(delivery)
                case .failure(let failure):
                    let delivery = Delivery.sample(event: number.number, key: event.subject ?? event.source)
                    let id = try transaction.insert(delivery, as: .rejected)
                    let exception = try transaction.insert(
                        ExceptionRecord(
                            kind: .map, created: now, source: event.source, flow: delivery.flow,
                            target: delivery.target, key: delivery.key, event: number, eventID: event.id,
                            failure: failure, original: event.document))
                    if let exception {
                        try transaction.block(delivery.target, delivery.key, exception: exception, from: id, now: now)
                    }
                }
            }
        }
    }

    /// Asks the desk for something and waits for its answer.
    @discardableResult
    func ask(
        _ kind: OperatorRequest.Kind, _ subject: Int64, note: String? = "because", _ detail: JSON? = nil
    ) async throws -> String {
        let now = world.clock.now()
        let request = try await store.write {
            try $0.insertRequest(kind, subject: subject, by: "anna", note: note, detail: detail, now: now)
        }
        return try await answer(to: request)
    }

    func answer(to request: Int64) async throws -> String {
        while true {
            if let result = try await store.read({ try $0.requestResult(request) }) { return result }
            try await world.clock.sleep(for: .milliseconds(100))
        }
    }

    /// Waits until so many exceptions are open.
    func untilOpen(_ count: Int) async throws {
        while try await store.read({ try $0.openExceptionCount() }) != count {
            try await world.clock.sleep(for: .milliseconds(50))
        }
    }

    /// Waits until the target has so many commands.
    func untilTaken(_ count: Int) async throws {
        while target.taken.withLock({ $0.count }) < count { try await world.clock.sleep(for: .milliseconds(50)) }
    }
}

extension Event {
    /// A piece made for an order that the target refuses for a reason.
    static func refused(_ n: Int, order: String, reason: Int = 0) -> Event {
        var event = Event.completed(n, order: order)
        event.data = ["order": .string(order), "reason": .int(reason)]
        return event
    }
}
