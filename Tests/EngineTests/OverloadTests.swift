import Canonical
import Contracts
import Delivery
import ExactJSON
import Intake
import Routing
import Signals
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

@Suite("Overload")
struct OverloadTests {
    @Test(
        "behind a backlog that takes the target hours, a critical event and one of a quiet asset wait for next to nothing"
    )
    func liveBeforeBacklog() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let target = SlowTarget(world: world, takes: .seconds(1))
            let node = try LoadedNode(path, target, world: world)
            try await node.run {
                for first in stride(from: 1, to: 6_000, by: 1_000) {
                    try await node.take(first..<(first + 1_000), "/lyon/noisy", .normal)
                    try await node.take(first..<(first + 1_000), "/lyon/oven", .bulk)
                }
                try await world.clock.sleep(for: .seconds(60))
                for n in 1...20 {
                    let now = world.clock.now()
                    try await node.take(n..<(n + 1), "/lyon/lab", .critical)
                    try await node.take(n..<(n + 1), "/lyon/quiet", .normal)
                    try await world.clock.sleep(for: .seconds(10))
                    let done = target.done.withLock { $0 }
                    for source in ["/lyon/lab", "/lyon/quiet"] {
                        let wait = done["\(source):\(n)"].map { $0.since(now) }
                        // The target takes a second for each, four at a time.
                        #expect(wait.map { $0 < .seconds(3) } ?? false, "\(source) \(n): \(String(describing: wait))")
                    }
                }
                // The bulk lane is not starved meanwhile.
                let bulk = target.done.withLock { $0.keys.count { $0.hasPrefix("/lyon/oven") } }
                #expect(bulk > 30)
            }
        }
    }

    @Test("a target that is down is asked by as many commands as it could take at once, however much waits for it")
    func targetDown() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let target = SlowTarget(world: world, takes: .milliseconds(100))
            target.isDown.withLock { $0 = true }
            let node = try LoadedNode(path, target, world: world)
            try await node.run {
                // Each of a key of its own, so that all of them could go.
                for first in stride(from: 1, to: 4_000, by: 1_000) {
                    try await node.take(first..<(first + 1_000), "/lyon/noisy", .normal, orders: 100_000)
                }
                try await world.clock.sleep(for: .seconds(120))
                let asked = target.asked.withLock { $0.count }
                #expect(asked > 0 && asked < 20, "\(asked) commands were under way")
                target.isDown.withLock { $0 = false }
                try await world.clock.sleep(for: .seconds(300))
                #expect(target.done.withLock { $0.count } == 4_000)
            }
        }
    }

    @Test("keys that wait for their next try hold nobody else up, and each goes on in its order")
    func stuckKeys() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let target = SlowTarget(world: world, takes: .milliseconds(10))
            target.stuck.withLock { $0 = "/lyon/stuck" }
            let node = try LoadedNode(path, target, world: world)
            try await node.run {
                for first in stride(from: 1, to: 4_500, by: 500) {
                    try await node.take(first..<(first + 500), "/lyon/stuck", .normal, orders: 3)
                }
                try await node.take(1..<201, "/lyon/free", .normal, orders: 5)
                try await world.clock.sleep(for: .seconds(20))
                #expect(target.done.withLock { $0.count } == 200)
                target.stuck.withLock { $0 = nil }
                try await world.clock.sleep(for: .seconds(300))
                #expect(target.done.withLock { $0.count } == 4_700)
                #expect(target.wrongOrder.withLock { $0 } == 0)
            }
        }
    }

    @Test("a full store closes its lanes one after the other, the critical one last, and opens them by itself")
    func ceilings() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let ceiling = 4 << 20
            let gate = try Self.gate(store, world, ceiling: ceiling)
            var closed: [Lane: Int] = [:]
            for round in 0..<4_000 {
                for lane in Lane.allCases where closed[lane] == nil {
                    let events = (0..<10).map { EventDocument(.completed(round * 10 + $0, source: "/lyon/\(lane)")) }
                    do {
                        _ = try await gate.submit(SourceBatch(source: SourceName(lane.name), documents: events))
                    } catch let failure as Failure {
                        #expect(failure.kind == IntakeFailures.full)
                        closed[lane] = store.usedBytes * 100 / ceiling
                    }
                }
                if closed.count == 3 { break }
            }
            #expect(closed[.bulk].map { (80..<84).contains($0) } ?? false, "\(closed)")
            #expect(closed[.normal].map { (90..<94).contains($0) } ?? false, "\(closed)")
            #expect(closed[.critical].map { (100..<104).contains($0) } ?? false, "\(closed)")
            try await store.write { transaction in
                for lane in Lane.allCases { try transaction.setCursor("odoo", lane, 1_000_000) }
                for lane in Lane.allCases {
                    _ = try transaction.trim(lane, storedBefore: world.clock.now() + .seconds(1), limit: 100_000)
                }
            }
            let receipt = try await gate.submit(
                SourceBatch(source: "normal", documents: [EventDocument(.completed(1_000_000))]))
            #expect(receipt.stored == 1)
            await store.close()
        }
    }

    @Test("while a store fills up, who sent most is told to wait, and who sends little is not")
    func shares() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let gate = try Self.gate(store, world, ceiling: 4 << 20)
            var (noisy, quiet) = (0, 0)
            while true {
                let events = (0..<100).map { EventDocument(.completed(noisy + $0, source: "/lyon/noisy")) }
                guard (try? await gate.submit(SourceBatch(source: "noisy", documents: events))) != nil else { break }
                noisy += 100
                quiet += 1
                let event = EventDocument(.completed(quiet, source: "/lyon/quiet"))
                _ = try await gate.submit(SourceBatch(source: "quiet", documents: [event]))
            }
            #expect((80..<90).contains(store.usedBytes * 100 / (4 << 20)))
            for n in 1...100 {
                let event = EventDocument(.completed(quiet + n, source: "/lyon/quiet"))
                _ = try await gate.submit(SourceBatch(source: "quiet", documents: [event]))
            }
            await store.close()
        }
    }

    @Test("equal senders take turns where there is room for one, and what was sent long ago counts no more")
    func shareOfSenders() {
        var shares = IntakeShares()
        func isOver(_ sender: String, _ lane: Lane, _ seconds: Int) -> Bool {
            shares.isOver(sender, lane, now: .seconds(seconds))
        }
        #expect(!isOver("a", .normal, 0))
        shares.note("a", .normal, events: 1_000, now: .zero)
        // Alone it has the lane to itself.
        #expect(!isOver("a", .normal, 0))
        #expect(!isOver("b", .normal, 0))
        shares.note("b", .normal, events: 10, now: .seconds(1))
        #expect(isOver("a", .normal, 1))
        #expect(!isOver("b", .normal, 1))
        #expect(!isOver("a", .bulk, 1))
        // Ten half-lives on it has sent one event, beside ten new ones.
        shares.note("b", .normal, events: 10, now: .seconds(6_001))
        #expect(!isOver("a", .normal, 6_001))
        #expect(isOver("b", .normal, 6_001))
    }

    @Test("history goes before anybody is refused, and what is nearly full keeps the least of it")
    func fill() {
        let years = Duration.seconds(700 * 86_400)
        var last = years
        for permille in 0...1_000 {
            let fill = StoreFill(used: permille, ceiling: 1_000)
            let kept = fill.history(years)
            #expect(kept <= last)
            last = kept
            if Lane.allCases.contains(where: fill.isNarrow) { #expect(kept <= .seconds(60)) }
            for (first, second) in zip(Lane.allCases, Lane.allCases.dropFirst()) where fill.isClosed(first) {
                #expect(fill.isClosed(second) && fill.isNarrow(second))
            }
            #expect(fill.identities(years) >= .seconds(30 * 86_400))
        }
        #expect(StoreFill(used: 599, ceiling: 1_000).history(years) == years)
        #expect(StoreFill(used: 1, ceiling: 0).isClosed(.critical))
    }

    private static func gate(_ store: Store, _ world: World, ceiling: Int) throws -> IntakeGate {
        let orders = try SignalProcessor(
            source: "orders", signals: [], plants: SignalPlants(standard: .init(plant: "lyon")))
        var sources = Dictionary(
            uniqueKeysWithValues: Lane.allCases.map {
                (SourceName($0.name), IntakeSettings.PerSource(processor: nil, lane: $0))
            })
        for name in ["noisy", "quiet"] as [SourceName] {
            sources[name] = IntakeSettings.PerSource(processor: nil, lane: .normal)
        }
        return IntakeGate(
            store: store, world: world,
            settings: IntakeSettings(sources: sources, orders: orders, ceiling: ceiling), limits: Limits())
    }
}

/// A store with a router and a runner for one target.
private struct LoadedNode: Sendable {
    let store: Store
    private let router: Router
    private let runner: TargetRunner
    private let world: World

    init(_ path: String, _ target: SlowTarget, world: World) throws {
        store = try Store(StoreSettings(path: path), world: world)
        self.world = world
        let limits = Limits()
        let rule = FlowRule(name: "counts", target: "slow", operation: "take", types: [])
        router = Router(
            plan: RoutingPlan(target: "slow", rules: [rule], operations: []), store: store, world: world,
            limits: limits, ceiling: 1 << 40)
        let policy = FlowPolicy(
            coalescing: nil, retry: RetryPolicy(base: .milliseconds(100), cap: .seconds(5)), holdsOnReject: true,
            expiry: nil)
        runner = TargetRunner(
            target: target, store: store, world: world, policies: ["counts": policy], concurrency: 4,
            breaker: CircuitBreaker(), limits: limits)
    }

    /// Stores events of one asset, of as many orders in turn.
    func take(_ numbers: Range<Int>, _ source: String, _ lane: Lane, orders: Int = 50) async throws {
        let events = numbers.map {
            EventDocument(.completed($0, order: "\(source)\($0 % orders)", source: source))
        }
        let now = world.clock.now()
        _ = try await store.write { try $0.append(events, lane: lane, recorded: now) }
    }

    /// Runs the router and the runner while `body` plays.
    func run(_ body: () async throws -> Void) async throws {
        try await store.write { try $0.keepCursors(of: ["slow"]) }
        try await withThrowingTaskGroup { group in
            group.addTask { try await router.run() }
            group.addTask { try await runner.run() }
            try await body()
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
        await store.close()
    }
}

/// Takes its time, or does not answer.
private final class SlowTarget: Target {
    static var operations: [OperationSpec] { [] }
    let name: TargetName = "slow"
    let settlingTime = Duration.seconds(1)
    /// When each event was done: "source:number".
    let done = Mutex<[String: Instant]>([:])
    let asked = Mutex<Set<Int64>>([])
    let isDown = Mutex(false)
    /// An asset whose commands are put off.
    let stuck = Mutex<String?>(nil)
    /// Commands that were done before an older one of their key.
    let wrongOrder = Mutex(0)
    private let last = Mutex<[OrderingKey: Int]>([:])
    private let world: World
    private let takes: Duration

    init(world: World, takes: Duration) {
        self.world = world
        self.takes = takes
    }

    func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        _ = asked.withLock { $0.insert(command.id) }
        if isDown.withLock({ $0 }) {
            return .settled(.deferred(Deferral(StoreFailures.full.failure("down"), isTargetDown: true)))
        }
        if let stuck = stuck.withLock({ $0 }), command.key.rawValue.hasPrefix(stuck) {
            return .settled(.deferred(Deferral(StoreFailures.full.failure("locked"), isTargetDown: false)))
        }
        return .ready(intent: .null)
    }

    func perform(_ attempt: Attempt) async -> Outcome {
        try? await world.clock.sleep(for: takes)
        let words = attempt.command.idempotencyKey.split(separator: ":")
        let number = words.last.flatMap { Int($0) } ?? 0
        let earlier = last.withLock { last in
            defer { last[attempt.command.key] = number }
            return last[attempt.command.key]
        }
        if let earlier, earlier >= number { wrongOrder.withLock { $0 += 1 } }
        let now = world.clock.now()
        done.withLock { $0["\(words[1]):\(number)"] = now }
        return .accepted(Acceptance(reference: "1", summary: "done"))
    }

    func inquire(_ attempt: Attempt) async -> Inquiry { .notFound }
}
