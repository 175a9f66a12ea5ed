import Canonical
import Contracts
import Delivery
import ExactJSON
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

@Suite("Releasing a key")
struct ReleaseTests {
    @Test(
        "what waits behind an exception is sent once and in order when a person resubmits or discards it, whatever comes meanwhile",
        arguments: 0..<36 as Range<UInt64>)
    func releasing(seed: UInt64) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated(seed: seed) { world, simulator in
            let store = try Store(StoreSettings(path: path), world: world)
            let target = MoodyTarget(world: world, random: SeededRandom(seed: seed &+ 1_000))
            let coalescing = FlowPolicy.Coalescing(
                window: .milliseconds(40), maximum: 6, rule: MergeRule(sums: ["quantity"], takesLatest: ["time"]))
            let policy = FlowPolicy(
                coalescing: seed % 2 == 0 ? coalescing : nil, retry: RetryPolicy(base: .milliseconds(20)),
                holdsOnReject: true, expiry: nil)
            var limits = Limits()
            // Small enough that keys must leave some of their deliveries in the store.
            if seed % 3 == 0 { limits.pendingDeliveries = 20 }
            let runner = TargetRunner(
                target: target, store: store, world: world, policies: ["progress": policy], concurrency: 3,
                breaker: CircuitBreaker(), limits: limits)
            let gate = OperatorDesk.Gate {
                await runner.announce($1)
            } released: {
                try await runner.released($1)
            }
            let desk = OperatorDesk(store: store, world: world, gate: gate) { _, _ in
                .failure(StoreFailures.full.failure("not asked"))
            }
            try await withThrowingTaskGroup { group in
                group.addTask { try await seed < 18 ? runner.run() : Self.restart(runner, seed, world) }
                group.addTask { try await desk.run() }
                try await Self.play(seed, store, world)
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
            try await Self.verify(seed, store, target)
            await store.close()
        }
    }

    /// Runs it with an end every now and then, as a process has that is restarted.
    private static func restart(_ runner: TargetRunner, _ seed: UInt64, _ world: World) async throws {
        var random = SeededRandom(seed: seed &+ 2_000)
        while !Task.isCancelled {
            let life = Duration.milliseconds(Int64(random.next() % 800))
            try await withThrowingTaskGroup { group in
                group.addTask { try await runner.run() }
                group.addTask { try await world.clock.sleep(for: life) }
                _ = await group.nextResult()
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
        }
    }

    private static let facts = 200

    /// Facts come in while a person settles exceptions, until nothing is left to do.
    private static func play(_ seed: UInt64, _ store: Store, _ world: World) async throws {
        var random = SeededRandom(seed: seed)
        var next = 1
        var asked: Set<Int64> = []
        while true {
            try await world.clock.sleep(for: .milliseconds(Int64(random.next() % 60)))
            for _ in 0..<(random.next() % 4) where next <= facts {
                let delivery = Delivery.sample(event: Int64(next), key: "K\(random.next() % 3)", quantity: next)
                _ = try await store.write { try $0.insert(delivery) }
                next += 1
            }
            let open = try await store.read { try $0.exceptions(limit: 100).map(\.id) }
            if let id = open.first(where: { !asked.contains($0) }), random.next() % 4 == 0 {
                asked.insert(id)
                let kind: OperatorRequest.Kind = random.next() % 3 == 0 ? .discard : .resubmit
                let now = world.clock.now()
                _ = try await store.write { try $0.insertRequest(kind, subject: id, by: "test", note: "-", now: now) }
            }
            let settled = try await store.read { transaction in
                let counts = try transaction.deliveryCounts("odoo")
                return (counts[.accepted] ?? 0) + (counts[.discarded] ?? 0)
            }
            if next > facts, settled == facts { return }
        }
    }

    private static func verify(_ seed: UInt64, _ store: Store, _ target: MoodyTarget) async throws {
        let states = try await store.read { transaction in
            try (1...facts).flatMap { try transaction.deliveries(of: JournalNumber(lane: .normal, number: Int64($0))) }
        }
        #expect(states.count == facts, "seed \(seed)")
        var expected: [OrderingKey: [Int]] = [:]
        for (delivery, state, _) in states where state == .accepted {
            expected[delivery.key, default: []].append(delivery.arguments["quantity"]?["value"]?.int ?? 0)
        }
        let done = target.done.withLock { $0 }
        for (key, quantities) in expected {
            // Each fact counts its own number, so that one sent twice or left out shows in the sum.
            #expect(done[key]?.map(\.quantity).reduce(0, +) == quantities.reduce(0, +), "seed \(seed), \(key)")
            let firsts = done[key]?.map(\.first) ?? []
            #expect(firsts == firsts.sorted(), "seed \(seed), \(key)")
        }
    }
}

/// Takes its time, refuses now and then, and sometimes does not answer.
private final class MoodyTarget: Target {
    struct Done: Sendable {
        /// The number of the first fact of the command.
        let first: Int
        let quantity: Int
    }

    static var operations: [OperationSpec] { [] }
    let name: TargetName = "odoo"
    let settlingTime = Duration.milliseconds(200)
    let done = Mutex<[OrderingKey: [Done]]>([:])
    private let world: World
    private let random: Mutex<SeededRandom>
    private let happened = Mutex<Set<Int64>>([])

    init(world: World, random: SeededRandom) {
        self.world = world
        self.random = Mutex(random)
    }

    private func dice(_ sides: UInt64) -> UInt64 { random.withLock { $0.next() % sides } }

    func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        try? await world.clock.sleep(for: .milliseconds(Int64(dice(40))))
        return dice(6) == 0 ? .settled(.rejected(refusal)) : .ready(intent: .null)
    }

    func perform(_ attempt: Attempt) async -> Outcome {
        try? await world.clock.sleep(for: .milliseconds(Int64(dice(40))))
        if dice(8) == 0 { return .rejected(refusal) }
        if dice(10) == 0 { return .unknown(refusal) }
        take(attempt.command)
        return dice(6) == 0 ? .unknown(refusal) : .accepted(Acceptance(reference: "1", summary: "done"))
    }

    func inquire(_ attempt: Attempt) async -> Inquiry {
        happened.withLock { $0.contains(attempt.command.id) }
            ? .happened(Acceptance(reference: "1", summary: "done")) : .notFound
    }

    private func take(_ command: Command) {
        happened.withLock { _ = $0.insert(command.id) }
        let first = command.idempotencyKey.split(separator: "+").first?.split(separator: ":").last.flatMap { Int($0) }
        done.withLock {
            $0[command.key, default: []].append(
                Done(first: first ?? 0, quantity: command.arguments["quantity"]?["value"]?.int ?? 0))
        }
    }

    private var refusal: Failure { StoreFailures.full.failure("moody") }
}
