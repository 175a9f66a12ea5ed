import Canonical
import Contracts
import Delivery
import Intake
import Routing
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

@Suite("a target with quiet hours and a rate")
struct QuietTargetTests {
    /// When each command was asked about or carried out.
    private final class ClockedTarget: Target {
        static var operations: [OperationSpec] { [] }
        let name: TargetName = "slow"
        let settlingTime = Duration.seconds(1)
        let touched = Mutex<[(lane: Lane, at: Instant)]>([])
        let done = Mutex(0)
        let failing = Mutex(false)
        private let world: World

        init(world: World) { self.world = world }

        private func touch(_ lane: Lane) {
            let now = world.clock.now()
            touched.withLock { $0.append((lane, now)) }
        }

        func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
            touch(command.lane)
            return .ready(intent: .null)
        }

        func perform(_ attempt: Attempt) async -> Outcome {
            touch(attempt.command.lane)
            if failing.withLock({ $0 }) {
                return .deferred(Deferral(StoreFailures.full.failure("busy"), isTargetDown: false))
            }
            try? await world.clock.sleep(for: .milliseconds(20))
            done.withLock { $0 += 1 }
            return .accepted(Acceptance(reference: "1", summary: "done"))
        }

        func inquire(_ attempt: Attempt) async -> Inquiry {
            touch(attempt.command.lane)
            return .notFound
        }
    }

    private static func play(
        _ quiet: QuietHours?, rate: CommandRate? = nil,
        _ body: @escaping @Sendable (World, Store, ClockedTarget, TargetRunner) async throws -> Void
    ) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let target = ClockedTarget(world: world)
            let store = try Store(StoreSettings(path: path), world: world)
            let limits = Limits()
            let rule = FlowRule(name: "counts", target: "slow", operation: "take", types: [])
            let router = Router(
                plan: RoutingPlan(target: "slow", rules: [rule], operations: []), store: store, world: world,
                limits: limits, ceiling: 1 << 40)
            let policy = FlowPolicy(
                coalescing: nil, retry: RetryPolicy(base: .milliseconds(100), cap: .seconds(5)), holdsOnReject: true,
                expiry: nil)
            let runner = TargetRunner(
                target: target, store: store, world: world, policies: ["counts": policy], concurrency: 4,
                breaker: CircuitBreaker(), limits: limits, quiet: quiet, rate: rate)
            try await store.write { try $0.keepCursors(of: ["slow"]) }
            try await withThrowingTaskGroup { group in
                group.addTask { try await router.run() }
                group.addTask { try await runner.run() }
                try await body(world, store, target, runner)
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
            await store.close()
        }
    }

    private static func take(_ store: Store, _ world: World, _ numbers: Range<Int>, _ lane: Lane) async throws {
        let events = numbers.map {
            EventDocument(.completed($0, order: "\(lane.name)\($0 % 7)", source: "/lyon/\(lane.name)"))
        }
        let now = world.clock.now()
        _ = try await store.write { try $0.append(events, lane: lane, recorded: now) }
    }

    // The simulated day begins at 06:00 UTC on a Monday.
    private static let window = QuietWindow(days: [0], start: 6 * 60 + 10, length: 30)

    @Test("nothing is sent within them, also of what had begun before, and everything afterwards", arguments: [false, true])
    func waits(_ exempts: Bool) throws {
        let quiet = try #require(QuietHours(windows: [Self.window], zone: "UTC", exemptsCritical: exempts))
        try Self.play(quiet) { world, store, target, runner in
            #expect(await runner.status().quietUntil == nil)
            // Commands that are tried again and again come into the quiet hours.
            target.failing.withLock { $0 = true }
            try await Self.take(store, world, 1..<20, .normal)
            try await world.clock.sleep(for: .seconds(9 * 60 + 58))
            target.failing.withLock { $0 = false }
            let begin = Instant(text: "2026-03-02T06:10:00Z")!, end = begin + .seconds(30 * 60)
            try await world.clock.sleep(for: .seconds(60))
            try await Self.take(store, world, 100..<200, .normal)
            try await Self.take(store, world, 300..<320, .critical)
            try await Self.take(store, world, 400..<420, .bulk)
            #expect(await runner.status().quietUntil == end)
            try await world.clock.sleep(for: .seconds(20 * 60))
            let within = target.touched.withLock { $0.filter { $0.at >= begin && $0.at < end } }
            let isExempt = within.allSatisfy { $0.lane == .critical }
            #expect(isExempt && within.isEmpty == !exempts, "\(within.count)")
            try await world.clock.sleep(for: .seconds(11 * 60))
            #expect(target.done.withLock { $0 } == 159)
            let after = target.touched.withLock { $0.filter { $0.lane != .critical && $0.at >= begin }.map(\.at).min() }
            #expect(try #require(after).since(end) < .seconds(1))
            #expect(await runner.status().quietUntil == nil)
        }
    }

    @Test("a rate holds what is new back, evenly, and loses nothing")
    func rate() throws {
        try Self.play(nil, rate: CommandRate(commands: 120, per: .seconds(60))) { world, store, target, _ in
            try await Self.take(store, world, 1..<301, .normal)
            try await world.clock.sleep(for: .seconds(60))
            let soon = target.done.withLock { $0 }
            #expect((110...123).contains(soon), "\(soon)")
            try await world.clock.sleep(for: .seconds(100))
            #expect(target.done.withLock { $0 } == 300)
        }
    }
}
