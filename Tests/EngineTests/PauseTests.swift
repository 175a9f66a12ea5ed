import Canonical
import Contracts
import Delivery
import ExactJSON
import Intake
import Routing
import Runtime
import Signals
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

@Suite("what a person pauses")
struct PauseTests {
    /// Knows when each flow's commands were begun, and what was done.
    private final class HonestTarget: Target {
        static var operations: [OperationSpec] { [] }
        let name: TargetName = "press"
        let settlingTime = Duration.seconds(1)
        let begun = Mutex<[(flow: FlowName, at: Instant)]>([])
        let done = Mutex<[(flow: FlowName, key: OrderingKey, identity: String)]>([])
        let isBusy = Mutex(false)
        private let world: World

        init(world: World) { self.world = world }

        func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
            let now = world.clock.now()
            begun.withLock { $0.append((command.flow, now)) }
            guard !isBusy.withLock({ $0 }) else {
                return .settled(.deferred(Deferral(StoreFailures.full.failure("busy"), isTargetDown: false)))
            }
            return .ready(intent: .null)
        }

        func perform(_ attempt: Attempt) async -> Outcome {
            let command = attempt.command
            done.withLock { $0.append((command.flow, command.key, command.idempotencyKey)) }
            try? await world.clock.sleep(for: .milliseconds(30))
            return .accepted(Acceptance(reference: "1", summary: "done"))
        }

        func inquire(_ attempt: Attempt) async -> Inquiry {
            let isDone = done.withLock { $0.contains { $0.identity == attempt.command.idempotencyKey } }
            return isDone ? .happened(Acceptance(reference: "1", summary: "done")) : .notFound
        }
    }

    /// Takes events as they stand, and knows when.
    private final class Copy: StreamTarget {
        let name: TargetName = "copy"
        let taken = Mutex<[(number: Int64, at: Instant)]>([])
        private let world: World

        init(world: World) { self.world = world }

        func forward(_ segment: JournalSegment) async throws -> StreamProgress {
            let now = world.clock.now()
            return taken.withLock { taken in
                for offset in segment.documents.indices {
                    let number = segment.first + Int64(offset)
                    if number == (taken.last?.number ?? 0) + 1 { taken.append((number, now)) }
                }
                return StreamProgress(position: taken.last?.number ?? 0)
            }
        }
    }

    private struct Plant: Sendable {
        let world: World
        let target: HonestTarget
        let copy: Copy
        let path: String

        func engine() throws -> NodeEngine {
            let orders = try SignalProcessor(
                source: "orders", signals: [],
                plants: SignalPlants(standard: .init(plant: "lyon", company: nil), assets: [:]))
            let rules = ["counts", "labels"].map {
                FlowRule(name: FlowName($0), target: "press", operation: "take", types: [])
            }
            let policy = FlowPolicy(
                coalescing: nil, retry: RetryPolicy(base: .milliseconds(50), cap: .seconds(2)), holdsOnReject: true,
                expiry: nil)
            var parts = NodeParts(
                store: StoreSettings(path: path),
                intake: IntakeSettings(sources: [:], orders: orders, ceiling: 1 << 40),
                targets: [
                    .init(
                        target: target, plan: RoutingPlan(target: "press", rules: rules, operations: []),
                        policies: ["counts": policy, "labels": policy], concurrency: 3)
                ], streams: [copy])
            parts.fromBeginning = ["press"]
            return try NodeEngine(parts, world: world)
        }
    }

    private static let subjects: [PauseSubject] = [
        .flow("counts"), .flow("labels"), .target("press"), .target("copy"),
    ]

    /// Asks the node and waits until it says that it is done.
    private static func ask(
        _ kind: OperatorRequest.Kind, _ subject: PauseSubject, _ engine: NodeEngine, _ world: World
    ) async throws -> String {
        let now = world.clock.now()
        let request = try await engine.store.write {
            try $0.insertRequest(kind, subject: 0, by: "ann", note: "a try", detail: subject.json, now: now)
        }
        for _ in 0..<1_000 {
            if let result = try await engine.store.read({ try $0.requestResult(request) }) { return result }
            try await world.clock.sleep(for: .milliseconds(20))
        }
        return "not carried out"
    }

    /// Runs an engine beside `body`, which decides when its life ends.
    private static func life(_ plant: Plant, _ body: @escaping @Sendable (NodeEngine) async throws -> Void) async throws
    {
        let engine = try plant.engine()
        try await withThrowingTaskGroup { group in
            group.addTask { try await engine.run() }
            try await body(engine)
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
        #expect(try await engine.store.read { try $0.auditBreak() } == nil)
        await engine.store.close()
    }

    @Test("nothing of it begins while it is paused, over restarts too, and all of it is done once and in order behind")
    func holds() throws {
        for seed in UInt64(1)...8 { try Self.holds(seed) }
    }

    private static func holds(_ seed: UInt64) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated(seed: seed) { world, _ in
            let plant = Plant(world: world, target: HonestTarget(world: world), copy: Copy(world: world), path: path)
            let rounds = Mutex((random: SeededRandom(seed: seed), number: 0, paused: [PauseSubject: Instant]()))
            @Sendable func draw(_ count: Int) -> Int { rounds.withLock { Int($0.random.next() % UInt64(count)) } }
            for _ in 0..<4 {
                try await Self.life(plant) { engine in
                    for _ in 0..<6 {
                        let numbers = rounds.withLock { state in
                            let first = state.number + 1
                            state.number += Int(state.random.next() % 12)
                            return first..<(state.number + 1)
                        }
                        let documents = numbers.map { EventDocument(.completed($0, order: "MO\($0 % 5)")) }
                        let now = world.clock.now()
                        _ = try await engine.store.write {
                            try $0.append(documents, lane: .normal, recorded: now)
                        }
                        plant.target.isBusy.withLock { $0 = draw(3) == 0 }
                        let subject = Self.subjects[draw(Self.subjects.count)]
                        if rounds.withLock({ $0.paused[subject] }) == nil {
                            #expect(try await Self.ask(.pause, subject, engine, world).hasPrefix("ok"))
                            let now = world.clock.now()
                            rounds.withLock { $0.paused[subject] = now }
                        } else {
                            Self.check(plant, rounds.withLock { $0.paused }, seed)
                            #expect(try await Self.ask(.resume, subject, engine, world).hasPrefix("ok"))
                            rounds.withLock { $0.paused[subject] = nil }
                        }
                        try await world.clock.sleep(for: .milliseconds(draw(5_000)))
                        Self.check(plant, rounds.withLock { $0.paused }, seed)
                    }
                }
            }
            plant.target.isBusy.withLock { $0 = false }
            let count = rounds.withLock { $0.number }
            try await Self.life(plant) { engine in
                for subject in Self.subjects { _ = try await Self.ask(.resume, subject, engine, world) }
                for _ in 0..<600 where plant.target.done.withLock({ $0.count }) < count * 2 {
                    try await world.clock.sleep(for: .milliseconds(100))
                }
                for _ in 0..<600 where plant.copy.taken.withLock({ $0.count }) < count {
                    try await world.clock.sleep(for: .milliseconds(100))
                }
            }
            let done = plant.target.done.withLock { $0 }
            #expect(done.count == count * 2 && Set(done.map(\.identity)).count == count * 2, "seed \(seed)")
            for (_, line) in Dictionary(grouping: done, by: { "\($0.flow) \($0.key)" }) {
                #expect(line.map(\.identity) == line.map(\.identity).sorted(), "seed \(seed)")
            }
            #expect(plant.copy.taken.withLock { $0.map(\.number) } == Array(1...Int64(max(1, count))), "seed \(seed)")
        }
    }

    private static func check(_ plant: Plant, _ paused: [PauseSubject: Instant], _ seed: UInt64) {
        for (subject, since) in paused {
            switch subject {
            case .flow(let flow):
                let late = plant.target.begun.withLock { $0.filter { $0.flow == flow && $0.at > since } }
                #expect(late.isEmpty, "seed \(seed): \(late.count) of \(flow) began behind \(since)")
            case .target("press"):
                let late = plant.target.begun.withLock { $0.filter { $0.at > since } }
                #expect(late.isEmpty, "seed \(seed): \(late.count) began behind \(since)")
            case .target:
                let late = plant.copy.taken.withLock { $0.filter { $0.at > since } }
                #expect(late.isEmpty, "seed \(seed): \(late.count) were forwarded behind \(since)")
            }
        }
    }

    @Test("what there is not cannot be paused, and what is gone from the settings can go on")
    func unknown() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let plant = Plant(world: world, target: HonestTarget(world: world), copy: Copy(world: world), path: path)
            try await Self.life(plant) { engine in
                #expect(try await Self.ask(.pause, .flow("gone"), engine, world) == "the settings have no flow gone")
                let now = world.clock.now()
                _ = try await engine.store.write { try $0.pause(.flow("gone"), by: "ann", note: nil, now: now) }
                #expect(try await Self.ask(.resume, .flow("gone"), engine, world) == "ok: flow gone goes on")
                #expect(try await Self.ask(.resume, .flow("gone"), engine, world) == "ok: flow gone is not paused")
                #expect(try await engine.store.read { try $0.pauses() }.isEmpty)
            }
        }
    }
}
