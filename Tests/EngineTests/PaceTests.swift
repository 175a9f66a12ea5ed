import Canonical
import Contracts
import ExactJSON
import Intake
import NodeSettings
import Routing
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

@testable import Delivery

@Suite("flows that wait for their time")
struct PaceTests {
    private static func machine(_ pace: FlowPolicy.Pace, coalescing: Bool = false) -> DispatchMachine {
        let rule = MergeRule(sums: ["quantity"], takesLatest: ["time"])
        return DispatchMachine(policies: [
            "progress": FlowPolicy(
                coalescing: coalescing ? .init(window: .milliseconds(10), maximum: 500, rule: rule) : nil,
                retry: RetryPolicy(), holdsOnReject: true, expiry: nil, pace: pace),
            "now": FlowPolicy(coalescing: nil, retry: RetryPolicy(), holdsOnReject: true, expiry: nil),
        ])
    }

    private static func delivery(_ id: Int64, key: String, at: Instant) -> Delivery {
        var delivery = Delivery.sample(event: id, key: key, id: id)
        delivery.created = at
        return delivery
    }

    private static func nightly() throws -> FlowPolicy.Pace {
        .batch(try #require(BatchTimes(try CronText.parse("0 22 * * *"), zone: "UTC")))
    }

    private static func at(_ text: String) throws -> Instant { try #require(Instant(text: "2026-03-02T\(text)Z")) }

    @Test("a batch waits for its time, then all of it goes, and what comes later waits for the next one")
    func batch() throws {
        var machine = Self.machine(try Self.nightly())
        let morning = try Self.at("08:00:00")
        #expect(machine.next(now: morning) == nil)
        machine.offer([Self.delivery(1, key: "A", at: morning), Self.delivery(2, key: "B", at: morning)])
        #expect(machine.next(now: try Self.at("21:59:59")) == nil)
        #expect(machine.nextDue(after: try Self.at("21:00:00")) == (try Self.at("22:00:00")))
        // What is sent at once goes past it.
        var other = Self.delivery(3, key: "C", at: morning)
        other.flow = "now"
        machine.offer([other])
        #expect(machine.next(now: try Self.at("21:59:59"))?.deliveries.map(\.id) == [3])
        let evening = try Self.at("22:00:00")
        #expect(machine.next(now: evening)?.deliveries.map(\.id) == [1])
        machine.offer([Self.delivery(4, key: "D", at: evening + .seconds(1))])
        #expect(machine.next(now: evening + .seconds(2))?.deliveries.map(\.id) == [2])
        #expect(machine.next(now: evening + .seconds(3)) == nil)
        #expect(machine.next(now: evening + .seconds(86_400))?.deliveries.map(\.id) == [4])
    }

    @Test("a node that was away at the time of its batch sends it when it is back")
    func missed() throws {
        var machine = Self.machine(try Self.nightly())
        let now = try Self.at("23:30:00")
        machine.offer([
            Self.delivery(1, key: "A", at: try Self.at("21:00:00")),
            Self.delivery(2, key: "B", at: try Self.at("22:30:00")),
        ])
        #expect(machine.next(now: now)?.deliveries.map(\.id) == [1])
        #expect(machine.next(now: now) == nil)
        #expect(machine.nextDue(after: now) == (try Self.at("22:00:00")) + .seconds(86_400))
    }

    @Test("a clock that is set back sends nothing early, and nothing waits for ever")
    func clockSetBack() throws {
        var machine = Self.machine(try Self.nightly())
        machine.offer([Self.delivery(1, key: "A", at: try Self.at("20:00:00"))])
        #expect(machine.next(now: try Self.at("20:00:01")) == nil)
        #expect(machine.next(now: try Self.at("12:00:00")) == nil)
        #expect(machine.next(now: try Self.at("22:00:00"))?.deliveries.map(\.id) == [1])
        var other = Self.machine(.microBatch(size: 100, age: .seconds(30)))
        other.offer([Self.delivery(1, key: "A", at: try Self.at("20:00:00"))])
        #expect(other.next(now: try Self.at("12:00:00"))?.deliveries.map(\.id) == [1])
    }

    @Test("a micro-batch goes when there are enough of it, or when its first one is old enough")
    func microBatch() throws {
        var machine = Self.machine(.microBatch(size: 3, age: .seconds(30)))
        let start = try Self.at("08:00:00")
        machine.offer([Self.delivery(1, key: "A", at: start), Self.delivery(2, key: "B", at: start + .seconds(5))])
        #expect(machine.next(now: start + .seconds(29)) == nil)
        #expect(machine.nextDue(after: start + .seconds(29)) == start + .seconds(30))
        #expect(machine.next(now: start + .seconds(30))?.deliveries.map(\.id) == [1])
        #expect(machine.next(now: start + .seconds(30))?.deliveries.map(\.id) == [2])
        machine.offer([Self.delivery(3, key: "C", at: start + .seconds(40))])
        #expect(machine.next(now: start + .seconds(41)) == nil)
        machine.offer([
            Self.delivery(4, key: "D", at: start + .seconds(42)), Self.delivery(5, key: "E", at: start + .seconds(42)),
        ])
        var sent: [Int64] = []
        while let draft = machine.next(now: start + .seconds(42)) { sent += draft.deliveries.map(\.id) }
        #expect(sent.sorted() == [3, 4, 5])
        #expect(machine.nextDue(after: start + .seconds(42)) == nil)
    }

    @Test("what goes together becomes one command, and nothing that waits is taken along")
    func coalesced() throws {
        var machine = Self.machine(try Self.nightly(), coalescing: true)
        let day = try Self.at("08:00:00")
        #expect(machine.next(now: day) == nil)
        machine.offer((1...5).map { Self.delivery($0, key: "A", at: day) })
        let evening = try Self.at("22:00:00")
        #expect(machine.next(now: evening - .seconds(1)) == nil)
        machine.offer([Self.delivery(6, key: "A", at: evening - .seconds(1))])
        #expect(machine.turn(now: evening, returning: [], resting: Set(Lane.allCases)) == nil)
        machine.offer([Self.delivery(7, key: "A", at: evening + .seconds(1))])
        let next = machine.next(now: evening + .seconds(2))
        let draft = try #require(next)
        #expect(draft.deliveries.map(\.id) == Array(1...6))
        #expect(draft.arguments["quantity"]?["value"] == 6)
    }

    @Test("whatever comes when, each delivery of a batch goes at the first time behind it", arguments: 0..<30)
    func property(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let times = try #require(BatchTimes(try CronText.parse("*/7 * * * *"), zone: "Europe/Paris"))
        var machine = Self.machine(.batch(times))
        var now = try Self.at("08:00:00") + .seconds(Int(random.next() % 600))
        var (created, sent, store): ([Int64: Instant], [Int64: Instant], [Delivery]) = ([:], [:], [])
        for id in 1...300 as ClosedRange<Int64> {
            now = now + .milliseconds(Int(random.next() % 20_000))
            let delivery = Self.delivery(id, key: "K\(random.next() % 9)", at: now)
            created[id] = now
            store.append(delivery)
            machine.offer([delivery], in: store)
            while let draft = machine.next(now: now) {
                for delivery in draft.deliveries { sent[delivery.id] = now }
                let gone = Set(draft.deliveries.map(\.id))
                store.removeAll { gone.contains($0.id) }
                machine.finish(draft.deliveries[0].key)
            }
            // Nobody waits whose time has come.
            if let first = store.first {
                let due = try #require(times.next(after: first.created))
                #expect(due > now, "seed \(seed): \(first.id)")
            }
        }
        for (id, at) in sent {
            let made = try #require(created[id])
            #expect(try #require(times.next(after: made)) <= at, "seed \(seed): \(id)")
        }
        #expect(sent.count > 200, "seed \(seed)")
    }

    /// When each command was carried out.
    private final class NotingTarget: Target {
        static var operations: [OperationSpec] { [] }
        let name: TargetName = "slow"
        let settlingTime = Duration.seconds(1)
        let done = Mutex<[(flow: FlowName, key: OrderingKey, at: Instant)]>([])
        private let world: World

        init(world: World) { self.world = world }

        func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation { .ready(intent: .null) }

        func perform(_ attempt: Attempt) async -> Outcome {
            let now = world.clock.now()
            done.withLock { $0.append((attempt.command.flow, attempt.command.key, now)) }
            return .accepted(Acceptance(reference: "1", summary: "done"))
        }

        func inquire(_ attempt: Attempt) async -> Inquiry { .notFound }
    }

    private static func play(
        _ policies: [FlowName: FlowPolicy],
        _ body: @escaping @Sendable (World, Store, NotingTarget) async throws -> Void
    ) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let target = NotingTarget(world: world)
            let store = try Store(StoreSettings(path: path), world: world)
            let limits = Limits()
            let rules = [
                FlowRule(name: "nightly", target: "slow", operation: "take", types: [], hasOwnOrder: true),
                FlowRule(name: "now", target: "slow", operation: "take", types: []),
            ]
            let router = Router(
                plan: RoutingPlan(target: "slow", rules: rules, operations: []), store: store, world: world,
                limits: limits, ceiling: 1 << 40)
            let runner = TargetRunner(
                target: target, store: store, world: world, policies: policies, concurrency: 4,
                breaker: CircuitBreaker(), limits: limits)
            try await store.write { try $0.keepCursors(of: ["slow"]) }
            try await withThrowingTaskGroup { group in
                group.addTask { try await router.run() }
                group.addTask { try await runner.run() }
                try await body(world, store, target)
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
            await store.close()
        }
    }

    private static func take(_ store: Store, _ world: World) async throws {
        let events = (1..<31).map { EventDocument(.completed($0, order: "MO-\($0 % 3)", source: "/lyon/p")) }
        let now = world.clock.now()
        _ = try await store.write { try $0.append(events, lane: .normal, recorded: now) }
    }

    // The simulated day begins at 06:00 UTC.
    @Test(
        "a running node sends a nightly flow's commands at night, and what other flows make of the same order at once")
    func node() throws {
        let times = try #require(BatchTimes(try CronText.parse("30 6 * * *"), zone: "UTC"))
        let policies: [FlowName: FlowPolicy] = [
            "nightly": FlowPolicy(
                coalescing: nil, retry: RetryPolicy(), holdsOnReject: true, expiry: nil, pace: .batch(times)),
            "now": FlowPolicy(coalescing: nil, retry: RetryPolicy(), holdsOnReject: true, expiry: nil),
        ]
        let due = try Self.at("06:30:00")
        try Self.play(policies) { world, store, target in
            try await Self.take(store, world)
            try await world.clock.sleep(for: .seconds(29 * 60))
            let early = target.done.withLock { $0.map(\.flow) }
            #expect(early == Array(repeating: "now", count: 30))
            try await world.clock.sleep(for: .seconds(2 * 60))
            let night = target.done.withLock { $0.filter { $0.flow == "nightly" } }
            #expect(night.count == 30)
            let times = night.map(\.at)
            #expect(times.min().map { $0 >= due } ?? false)
            #expect(times.max().map { $0 < due + .seconds(10) } ?? false)
            let keys: Set<OrderingKey> = Set(night.map(\.key))
            #expect(keys == ["nightly/MO-0", "nightly/MO-1", "nightly/MO-2"])
        }
    }
}
