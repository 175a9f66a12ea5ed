import Canonical
import Contracts
import Delivery
import ExactJSON
import Intake
import JQ
import Routing
import Runtime
import Signals
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

@Suite("events that are put through a flow again")
struct ReplayTests {
    /// Takes whatever comes, and knows it.
    private final class Taker: Target {
        static var operations: [OperationSpec] { [] }
        let name: TargetName = "erp"
        let settlingTime = Duration.milliseconds(200)
        let taken = Mutex<[(identity: String, key: OrderingKey, arguments: JSON)]>([])

        func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation { .ready(intent: .null) }
        func perform(_ attempt: Attempt) async -> Outcome {
            taken.withLock {
                $0.append((attempt.command.idempotencyKey, attempt.command.key, attempt.command.arguments))
            }
            return .accepted(Acceptance(reference: "1", summary: "done"))
        }
        func inquire(_ attempt: Attempt) async -> Inquiry { .notFound }
    }

    private struct Plant: Sendable {
        let world: World
        let taker: Taker
        let path: String

        /// Runs a node whose one flow has this map, beside `body`.
        func run(_ map: String, isShadow: Bool = false, _ body: @escaping @Sendable (NodeEngine) async throws -> Void)
            async throws
        {
            let orders = try SignalProcessor(
                source: "orders", signals: [],
                plants: SignalPlants(standard: .init(plant: "lyon", company: nil), assets: [:]))
            var rule = FlowRule(
                name: "counts", target: "erp", operation: "take", types: [], map: try JQProgram.compile(map))
            rule.isShadow = isShadow
            let policy = FlowPolicy(
                coalescing: nil, retry: RetryPolicy(base: .milliseconds(50)), holdsOnReject: true, expiry: nil,
                isShadow: isShadow)
            var parts = NodeParts(
                store: StoreSettings(path: path),
                intake: IntakeSettings(sources: [:], orders: orders, ceiling: 1 << 40),
                targets: [
                    .init(
                        target: taker, plan: RoutingPlan(target: "erp", rules: [rule], operations: []),
                        policies: ["counts": policy], concurrency: 3)
                ])
            parts.fromBeginning = ["erp"]
            let engine = try NodeEngine(parts, world: world)
            try await withThrowingTaskGroup { group in
                group.addTask { try await engine.run() }
                try await body(engine)
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
            await engine.store.close()
        }

        func bring(_ numbers: ClosedRange<Int>, _ engine: NodeEngine) async throws {
            let documents = numbers.map { EventDocument(.completed($0, order: "MO\($0 % 4)", quantity: $0)) }
            let now = world.clock.now()
            _ = try await engine.store.write { try $0.append(documents, lane: .normal, recorded: now) }
        }

        func settle(_ engine: NodeEngine) async throws {
            try await world.clock.sleep(for: .milliseconds(500))
            for _ in 0..<1_000 {
                let isIdle = try await engine.store.read {
                    try $0.pendingCount("erp", upTo: 1) == 0 && $0.openCommands("erp").isEmpty
                        && $0.cursor("erp", .normal) == $0.lastNumber(.normal)
                }
                if isIdle { return }
                try await world.clock.sleep(for: .milliseconds(100))
            }
            Issue.record("the node did not settle")
        }

        func ask(_ kind: OperatorRequest.Kind, _ detail: JSON, _ engine: NodeEngine) async throws -> String {
            let now = world.clock.now()
            let request = try await engine.store.write {
                try $0.insertRequest(kind, subject: 0, by: "ann", note: "a try", detail: detail, now: now)
            }
            for _ in 0..<2_000 {
                if let result = try await engine.store.read({ try $0.requestResult(request) }) { return result }
                try await world.clock.sleep(for: .milliseconds(50))
            }
            return "not carried out"
        }

        func replay(
            _ engine: NodeEngine, since: Instant, again: ReplayOrder.Again = .no, rate: Int? = nil
        ) async throws -> String {
            let order = ReplayOrder(flow: "counts", since: since, until: world.clock.now(), again: again, rate: rate)
            return try await ask(.replay, order.json, engine)
        }

        /// How many pieces each order got.
        var sums: [String: Int] {
            taker.taken.withLock { taken in
                taken.reduce(into: [:]) { $0[$1.key.rawValue, default: 0] += $1.arguments["pieces"]?.int ?? 0 }
            }
        }
    }

    private static func plant(_ body: @escaping @Sendable (Plant) async throws -> Void) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in try await body(Plant(world: world, taker: Taker(), path: path)) }
    }

    private static let map = "{pieces: .data.quantity.value}"
    /// Counts dozens where the other counts pieces, and passes over the last order.
    private static let other = "if .subject == \"MO3\" then null else {pieces: (.data.quantity.value * 12)} end"

    @Test("what waits while its flow is paused is changed where it stands, or taken back, when the map was wrong")
    func changesWhatWaits() throws {
        try Self.plant { plant in
            let start = plant.world.clock.now()
            try await plant.run(Self.map) { engine in
                try await plant.bring(1...40, engine)
                try await plant.settle(engine)
                #expect(try await plant.ask(.pause, PauseSubject.flow("counts").json, engine).hasPrefix("ok"))
                try await plant.bring(41...80, engine)
                try await plant.world.clock.sleep(for: .seconds(2))
            }
            let before = plant.sums
            try await plant.run(Self.other) { engine in
                let words = try await plant.replay(engine, since: start)
                #expect(words == "ok: 80 events looked at, 40 commands sent, changed or taken back")
                #expect(plant.sums == before)
                _ = try await plant.ask(.resume, PauseSubject.flow("counts").json, engine)
                try await plant.settle(engine)
            }
            for order in 0..<4 {
                let late = (41...80).filter { $0 % 4 == order }.reduce(0, +) * (order == 3 ? 0 : 12)
                #expect(plant.sums["MO\(order)"] == (before["MO\(order)"] ?? 0) + late)
            }
            let identities = plant.taker.taken.withLock { $0.map(\.identity) }
            #expect(Set(identities).count == identities.count)
        }
    }

    @Test("what was carried out stays, unless it is wanted once more, and then it is another effect")
    func again() throws {
        try Self.plant { plant in
            let start = plant.world.clock.now()
            try await plant.run(Self.map) { engine in
                try await plant.bring(1...40, engine)
                try await plant.settle(engine)
            }
            let once = plant.sums
            try await plant.run(Self.other) { engine in
                _ = try await plant.replay(engine, since: start)
                try await plant.settle(engine)
                #expect(plant.sums == once)
                #expect(try await plant.replay(engine, since: start, again: .changed).hasPrefix("ok: 40 events"))
                try await plant.settle(engine)
                // What was dropped from the map was carried out, and stays so.
                for order in 0..<4 {
                    let sum = once["MO\(order)"] ?? 0
                    #expect(plant.sums["MO\(order)"] == (order == 3 ? sum : 13 * sum))
                }
                // Now nothing differs any more.
                #expect(
                    try await plant.replay(engine, since: start, again: .changed)
                        == "ok: 40 events looked at, 0 commands sent, changed or taken back")
                _ = try await plant.replay(engine, since: start, again: .all, rate: 40)
                try await plant.settle(engine)
                #expect(plant.sums["MO0"] == 25 * (once["MO0"] ?? 0))
            }
            let identities = plant.taker.taken.withLock { $0.map(\.identity) }
            #expect(Set(identities).count == identities.count)
        }
    }

    @Test("what a shadow worked out is sent when it is one no more, and a map that makes more sends what there was not")
    func sendsWhatThereWasNot() throws {
        try Self.plant { plant in
            let start = plant.world.clock.now()
            try await plant.run(Self.other, isShadow: true) { engine in
                try await plant.bring(1...40, engine)
                try await plant.settle(engine)
            }
            #expect(plant.sums.isEmpty)
            // What a shadow still had waiting is not sent by its going live.
            try await plant.run(Self.other, isShadow: true) { engine in
                _ = try await plant.ask(.pause, PauseSubject.target("erp").json, engine)
                try await plant.bring(41...44, engine)
                try await plant.world.clock.sleep(for: .seconds(1))
            }
            try await plant.run(Self.map) { engine in
                _ = try await plant.ask(.resume, PauseSubject.target("erp").json, engine)
                try await plant.settle(engine)
                #expect(plant.sums.isEmpty)
                #expect(
                    try await plant.replay(engine, since: start)
                        == "ok: 44 events looked at, 44 commands sent, changed or taken back")
                try await plant.settle(engine)
            }
            for order in 0..<4 {
                #expect(plant.sums["MO\(order)"] == (1...44).filter { $0 % 4 == order }.reduce(0, +))
            }
        }
    }

    @Test("what was made of an event and is not kept any more is sent again by nothing but the word for all")
    func forgotten() throws {
        try Self.plant { plant in
            let start = plant.world.clock.now()
            try await plant.run(Self.map) { engine in
                try await plant.bring(1...20, engine)
                try await plant.settle(engine)
                let now = plant.world.clock.now()
                let trimmed = try await engine.store.write { try $0.trimSettled(before: now, limit: 1_000) }
                #expect(trimmed == 20)
                let once = plant.sums
                for again in [ReplayOrder.Again.no, .changed] {
                    #expect(
                        try await plant.replay(engine, since: start, again: again)
                            == "ok: 20 events looked at, 0 commands sent, changed or taken back")
                    try await plant.settle(engine)
                    #expect(plant.sums == once)
                }
                _ = try await plant.replay(engine, since: start, again: .all)
                try await plant.settle(engine)
                #expect(plant.sums["MO1"] == 2 * (once["MO1"] ?? 0))
            }
        }
    }

    @Test("the time of a replay is that of storing, to the event", arguments: 1...20)
    func spans(seed: Int) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated(seed: UInt64(seed)) { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            var random = SeededRandom(seed: UInt64(seed))
            var times: [Instant] = []
            for number in 1...60 {
                let now = world.clock.now()
                let document = EventDocument(.completed(number))
                _ = try await store.write { try $0.append([document], lane: .normal, recorded: now) }
                times.append(now)
                if random.next() % 3 != 0 { try await world.clock.sleep(for: .milliseconds(Int(random.next() % 50))) }
            }
            for _ in 0..<40 {
                let moment = times[Int(random.next() % 60)] + .microseconds(Int(random.next() % 3) - 1)
                let found = try await store.read { try $0.lastNumber(.normal, before: moment) }
                #expect(found == Int64(times.count { $0 < moment }))
            }
            let late = world.clock.now()
            #expect(try await store.read { try $0.lastNumber(.bulk, before: late) } == 0)
            await store.close()
        }
    }
}
