import Canonical
import Contracts
import Delivery
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

@Suite("a target that does not take what is sent")
struct BreakerTests {
    /// How what is sent fails.
    enum Trouble: CaseIterable, Sendable {
        /// It is not reached, or says no to whoever sends.
        case down
        /// It takes what is sent and answers nothing.
        case silent
    }

    private let start = Instant(microseconds: 1_000_000_000)

    @Test(
        "is left alone after some failures, though preparing asks nobody, and gets everything when it is back",
        arguments: Trouble.allCases, [false, true])
    func leftAlone(_ trouble: Trouble, needsLedger: Bool) throws {
        try Self.play(settlingTime: .seconds(1), needsLedger: needsLedger) { world, store, target, runner in
            target.trouble.withLock { $0 = trouble }
            try await Self.deliver(1...30, store)
            try await world.clock.sleep(for: .seconds(600))
            // Those that were under way as it opened, and one after each ten seconds.
            let sent = target.sent.withLock { $0 }
            #expect((20...75).contains(sent), "\(trouble): \(sent) in ten minutes")
            if case .closed = await runner.status().breaker { Issue.record("\(trouble): the breaker is closed") }
            #expect(await runner.status().lastFailure != nil)
            target.trouble.withLock { $0 = nil }
            try await world.clock.sleep(for: .seconds(60))
            #expect(target.done.withLock { $0 } == 30)
            guard case .closed(failures: 0) = await runner.status().breaker else {
                Issue.record("\(trouble): the breaker is open behind what was taken")
                return
            }
        }
    }

    @Test("what went wrong keeps the time at which it did, and is over as soon as something is taken")
    func trouble() throws {
        try Self.play(settlingTime: .seconds(1)) { world, store, target, runner in
            let begun = world.clock.now()
            target.trouble.withLock { $0 = .down }
            try await Self.deliver(1...1, store)
            try await world.clock.sleep(for: .seconds(1))
            let during = await runner.status()
            #expect(during.trouble?.isOver == false)
            target.trouble.withLock { $0 = nil }
            try await world.clock.sleep(for: .seconds(86_400))
            let after = await runner.status()
            let trouble = try #require(after.trouble)
            #expect(trouble.isOver && trouble.time < begun + .seconds(20), "\(trouble)")
            #expect(trouble.failure.kind == StoreFailures.full)
            target.trouble.withLock { $0 = .down }
            try await Self.deliver(2...2, store)
            try await world.clock.sleep(for: .seconds(1))
            let again = await runner.status()
            let second = try #require(again.trouble)
            #expect(!second.isOver && second.time.since(trouble.time) > .seconds(86_000), "\(second)")
        }
    }

    @Test("does not hold up what is new for as long as nobody knows what became of the old")
    func doubtsHoldUpNobody() throws {
        try Self.play(settlingTime: .seconds(600)) { world, store, target, _ in
            target.lost.withLock { $0 = 8 }
            try await Self.deliver(1...24, store)
            try await world.clock.sleep(for: .seconds(60))
            #expect(target.done.withLock { $0 } == 16)
            try await world.clock.sleep(for: .seconds(600))
            #expect(target.done.withLock { $0 } == 24)
        }
    }

    @Test("that looking goes well ends what failed at looking, and nothing that failed at doing")
    func lookingAndDoing() {
        var breaker = CircuitBreaker(threshold: 3, cooldown: .seconds(10))
        for _ in 0..<2 { breaker.failed(.looking, now: start) }
        breaker.succeeded(.looking)
        #expect(breaker.state == .closed(failures: 0))
        for _ in 0..<2 {
            breaker.failed(now: start)
            breaker.succeeded(.looking)
        }
        #expect(breaker.state == .closed(failures: 2))
        breaker.failed(.looking, now: start)
        #expect(breaker.isOpen)
        #expect(breaker.permit(now: start + .seconds(10)).isAllowed)
        breaker.succeeded(.looking)
        #expect(breaker.state == .probing(since: start + .seconds(10)))
        breaker.succeeded()
        #expect(breaker.state == .closed(failures: 0))
        // What came before it is over: looking counts again.
        breaker.failed(.looking, now: start)
        breaker.succeeded(.looking)
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test("who was let through to see and sends nothing lets the next one see at once")
    func givenBack() {
        var breaker = CircuitBreaker(threshold: 1, cooldown: .seconds(10))
        breaker.giveBack(now: start)
        #expect(breaker.state == .closed(failures: 0))
        breaker.failed(now: start)
        breaker.giveBack(now: start)
        #expect(!breaker.permit(now: start + .seconds(9)).isAllowed)
        #expect(breaker.permit(now: start + .seconds(10)).isAllowed)
        #expect(!breaker.permit(now: start + .seconds(10)).isAllowed)
        breaker.giveBack(now: start + .seconds(10))
        #expect(breaker.isOpen)
        #expect(breaker.permit(now: start + .seconds(10)).isAllowed)
        #expect(!breaker.permit(now: start + .seconds(10)).isAllowed)
    }

    // MARK: - The plant

    private static func play(
        settlingTime: Duration, needsLedger: Bool = false,
        _ body: @escaping @Sendable (World, Store, SelfCentredTarget, TargetRunner) async throws -> Void
    ) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let target = SelfCentredTarget(world: world, settlingTime: settlingTime, needsLedger: needsLedger)
            let store = try Store(StoreSettings(path: path), world: world)
            let policy = FlowPolicy(
                coalescing: nil, retry: RetryPolicy(base: .milliseconds(100), cap: .seconds(5)), holdsOnReject: true,
                expiry: nil)
            let runner = TargetRunner(
                target: target, store: store, world: world, policies: ["progress": policy], concurrency: 4,
                breaker: CircuitBreaker(threshold: 5, cooldown: .seconds(10)), limits: Limits())
            try await withThrowingTaskGroup { group in
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

    private static func deliver(_ numbers: ClosedRange<Int>, _ store: Store) async throws {
        for number in numbers {
            let delivery = Delivery.sample(event: Int64(number), key: "K\(number)", quantity: 1)
            _ = try await store.write { try $0.insert(delivery) }
        }
    }
}

/// Prepares without asking anybody, and cannot be asked what became of anything, as a receiver over HTTP.
private final class SelfCentredTarget: Target {
    static var operations: [OperationSpec] { [] }
    let name: TargetName = "odoo"
    let settlingTime: Duration
    let trouble = Mutex<BreakerTests.Trouble?>(nil)
    /// How many of the next ones get no answer.
    let lost = Mutex(0)
    let sent = Mutex(0)
    let done = Mutex(0)
    private let world: World
    private let needsLedger: Bool

    init(world: World, settlingTime: Duration, needsLedger: Bool) {
        self.world = world
        self.settlingTime = settlingTime
        self.needsLedger = needsLedger
    }

    func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        needsLedger && ledger.isEmpty ? .needsLedger([LedgerKey("count/\(command.key)")]) : .ready(intent: .null)
    }

    func perform(_ attempt: Attempt) async -> Outcome {
        sent.withLock { $0 += 1 }
        let isLost = lost.withLock { lost in
            defer { lost = max(0, lost - 1) }
            return lost > 0
        }
        try? await world.clock.sleep(for: .milliseconds(20))
        let trouble = isLost ? .silent : trouble.withLock { $0 }
        switch trouble {
        case .down: return .deferred(Deferral(failure, isTargetDown: true))
        case .silent: return .unknown(failure)
        case nil:
            done.withLock { $0 += 1 }
            return .accepted(Acceptance(reference: "1", summary: "done"))
        }
    }

    func inquire(_ attempt: Attempt) async -> Inquiry { .notFound }

    private var failure: Failure { StoreFailures.full.failure("away") }
}
