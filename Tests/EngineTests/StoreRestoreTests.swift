import Canonical
import Contracts
import Delivery
import ExactJSON
import Foundation
import Intake
import Signals
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

/// What follows where a store comes back from a backup, or from damage: between nodes nothing is lost or doubled, and
/// what may have been sent is known to be in doubt.
@Suite("Restored stores")
struct StoreRestoreTests {
    private static func gate(_ store: Store, _ world: World) throws -> IntakeGate {
        let orders = try SignalProcessor(
            source: "orders", signals: [], plants: SignalPlants(standard: .init(plant: "lyon")))
        return IntakeGate(
            store: store, world: world,
            settings: IntakeSettings(
                sources: ["edges": .init(processor: nil, lane: .normal)], orders: orders, ceiling: 1 << 30),
            limits: Limits())
    }

    /// Takes the facts `numbers` into an edge's store, each under the id that it has whenever it is read.
    private static func take(_ numbers: ClosedRange<Int>, _ store: Store, _ world: World) async throws {
        try await store.write { try $0.keepCursors(of: ["hub"], fromBeginning: ["hub"]) }
        for number in numbers {
            let note = JSON.string(String(repeating: "x", count: 2_000))
            let event = Event(
                id: "e\(1_000_000 + number)", source: "/lyon/cnc1", type: "millwright.test.v1", subject: "MO1",
                time: world.clock.now(), data: ["note": note])
            let document = EventDocument(event)
            _ = try await store.write { try $0.append([document], lane: .normal, recorded: world.clock.now()) }
        }
    }

    /// Forwards the edge's journal to the hub, until the hub has all of it.
    private static func forward(_ edge: Store, _ hub: Store, _ world: World) async throws {
        var limits = Limits()
        limits.uplinkEvents = 7
        let forwarder = StreamForwarder(
            target: Link(gate: try gate(hub, world)), store: edge, world: world, retry: RetryPolicy(), limits: limits)
        try await withThrowingTaskGroup { group in
            group.addTask { try await forwarder.run() }
            let last = try await edge.read { try $0.lastNumber(.normal) }
            for _ in 0..<1_000 {
                let (positions, failure) = await forwarder.status()
                // That the hub asks for what is trimmed is said, and gone on from.
                #expect(
                    failure.map { $0.kind == DeliveryFailures.behind } ?? true, "\(failure.map { "\($0)" } ?? "")")
                if positions[.normal] == last { break }
                try await world.clock.sleep(for: .milliseconds(10))
            }
            #expect(await forwarder.status().positions[.normal] == last)
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
    }

    private static func ids(_ store: Store) async throws -> [String] {
        try await store.read { try $0.journal(lane: .normal, after: 0, limit: 10_000).map(\.document.envelope.id) }
    }

    private static func expected(_ count: Int) -> [String] { (1...count).map { "e\(1_000_000 + $0)" } }

    /// An edge with thirty facts that its hub had, and the hub as it was when it had the first ten.
    private static func restoredHub(in folder: String, _ world: World) async throws -> (edge: Store, hub: Store) {
        let (hubPath, copy) = (folder + "/h.db", folder + "/b.db")
        let edge = try Store(StoreSettings(path: folder + "/e.db"), world: world)
        let hub = try Store(StoreSettings(path: hubPath), world: world)
        try await take(1...10, edge, world)
        try await forward(edge, hub, world)
        _ = try StoreDoctor.backup(hubPath, to: copy)
        try await take(11...30, edge, world)
        try await forward(edge, hub, world)
        #expect(try await ids(hub) == expected(30))
        await hub.close()
        _ = try StoreDoctor.restore(from: copy, to: hubPath, world: world)
        let restored = try Store(StoreSettings(path: hubPath), world: world)
        #expect(try await ids(restored) == expected(10))
        return (edge, restored)
    }

    @Test("an edge sends again what its restored hub forgot, and nothing twice")
    func hubRestored() throws {
        let scratch = try Scratch()
        try simulated { world, _ in
            let (edge, hub) = try await Self.restoredHub(in: scratch.path, world)
            try await Self.take(31...35, edge, world)
            try await Self.forward(edge, hub, world)
            #expect(try await Self.ids(hub) == Self.expected(35))
            await hub.close()
            await edge.close()
        }
    }

    @Test("a restored edge reads its sources again and sends all of it, and its hub stores nothing twice")
    func edgeRestored() throws {
        let scratch = try Scratch()
        let (edgePath, hubPath, copy) = (scratch.path + "/e.db", scratch.path + "/h.db", scratch.path + "/b.db")
        try simulated { world, _ in
            var edge = try Store(StoreSettings(path: edgePath), world: world)
            let hub = try Store(StoreSettings(path: hubPath), world: world)
            try await Self.take(1...10, edge, world)
            try await Self.forward(edge, hub, world)
            _ = try StoreDoctor.backup(edgePath, to: copy)
            try await Self.take(11...20, edge, world)
            try await Self.forward(edge, hub, world)
            await edge.close()
            let before = edge.epoch
            _ = try StoreDoctor.restore(from: copy, to: edgePath, world: world)

            edge = try Store(StoreSettings(path: edgePath), world: world)
            #expect(edge.epoch != before)
            // Its sources stand where they stood at the time of the backup, and are read from there.
            try await Self.take(11...25, edge, world)
            try await Self.forward(edge, hub, world)
            #expect(try await Self.ids(hub) == Self.expected(25))
            await hub.close()
            await edge.close()
        }
    }

    @Test("a hub with a new store says what its edge has trimmed, takes the rest, and doubts what came before")
    func hubLost() throws {
        let scratch = try Scratch()
        let (edgePath, hubPath) = (scratch.path + "/e.db", scratch.path + "/h.db")
        try simulated { world, _ in
            let edge = try Store(StoreSettings(path: edgePath), world: world)
            var hub = try Store(StoreSettings(path: hubPath), world: world)
            try await Self.take(1...30, edge, world)
            try await Self.forward(edge, hub, world)
            await hub.close()
            let soon = world.clock.now() + .seconds(60)
            #expect(try await edge.write { try $0.trim(.normal, storedBefore: soon, limit: 20) }.removed == 20)

            hub = try Store(StoreSettings(path: scratch.path + "/new.db"), world: world)
            try await Self.take(31...33, edge, world)
            try await Self.forward(edge, hub, world)
            #expect(try await Self.ids(hub) == Array(Self.expected(33).dropFirst(20)))
            let told = try await hub.read { try $0.exceptions(limit: 10) }
            #expect(told.map(\.failure.kind.code) == ["INTAKE-006"])
            #expect(told.first?.failure.message.hasPrefix("events 1…20 of lane normal of edge") == true)
            #expect(hub.doubt != nil)
            await hub.close()
            await edge.close()
        }
    }

    @Test("an edge without news finds out that its hub was put back")
    func hubRestoredInSilence() throws {
        let scratch = try Scratch()
        try simulated { world, _ in
            let (edge, hub) = try await Self.restoredHub(in: scratch.path, world)
            let forwarder = StreamForwarder(
                target: Link(gate: try Self.gate(hub, world)), store: edge, world: world, retry: RetryPolicy(),
                limits: Limits())
            try await withThrowingTaskGroup { group in
                group.addTask { try await forwarder.run() }
                try await world.clock.sleep(for: .seconds(700))
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
            #expect(try await Self.ids(hub) == Self.expected(30))
            await hub.close()
            await edge.close()
        }
    }

    @Test("a mended hub is sent again what it lost, by the edges that still have it")
    func hubMended() throws {
        let scratch = try Scratch()
        let (edgePath, hubPath) = (scratch.path + "/e.db", scratch.path + "/h.db")
        try simulated { world, _ in
            let edge = try Store(StoreSettings(path: edgePath), world: world)
            var hub = try Store(StoreSettings(path: hubPath), world: world)
            try await Self.take(1...100, edge, world)
            try await Self.forward(edge, hub, world)
            await hub.close()
            try StoreDoctorTests.flip(hubPath, at: StoreDoctorTests.place(of: "e1000050", in: hubPath))

            #expect(try StoreDoctor.repair(hubPath, world: world)?.losses.count == 1)
            hub = try Store(StoreSettings(path: hubPath), world: world)
            #expect(try await !Self.ids(hub).contains("e1000050"))
            // With the next fact the edge learns where its hub stands now.
            try await Self.take(101...101, edge, world)
            try await Self.forward(edge, hub, world)
            let ids = try await Self.ids(hub).filter { $0.hasPrefix("e") }
            #expect(ids.count == 101 && Set(ids) == Set(Self.expected(101)))
            await hub.close()
            await edge.close()
        }
    }

    /// A hub's door, as an edge's uplink sees it.
    private struct Link: StreamTarget {
        let name: TargetName = "hub"
        let gate: IntakeGate

        func forward(_ segment: JournalSegment) async throws -> StreamProgress {
            let digest = segment.documents.map(\.envelope.id).joined()
            var place = StreamSegment(
                node: "edge", epoch: segment.epoch, lane: segment.lane, first: segment.first,
                count: segment.documents.count, digest: digest)
            place.isOldest = segment.isOldest
            let receipt = try await gate.submit(
                SourceBatch(source: "edges", documents: segment.documents, segment: place))
            switch receipt.stream {
            case .stored(let position), .gap(let position): return StreamProgress(position: position)
            case .conflict, nil: throw StoreFailures.full.failure("the hub refused \(place)")
            }
        }
    }

    // MARK: - What may have been sent

    @Test("what was made before a restore may have been done, and is never coalesced with what surely was not")
    func doubted() throws {
        let scratch = try Scratch()
        let (path, copy) = (scratch.path + "/node.db", scratch.path + "/backup.db")
        try simulated { world, _ in
            func deliver(_ number: Int, to store: Store, age: Duration) async throws {
                var delivery = Delivery.sample(event: Int64(number), quantity: number)
                (delivery.time, delivery.created) = (world.clock.now() - age, world.clock.now())
                let made = delivery
                _ = try await store.write { try $0.insert(made) }
            }
            var store = try Store(StoreSettings(path: path), world: world)
            #expect(store.doubt == nil)
            try await deliver(1, to: store, age: .seconds(86_400))
            _ = try StoreDoctor.backup(path, to: copy)
            await store.close()
            _ = try StoreDoctor.restore(from: copy, to: path, world: world)
            store = try Store(StoreSettings(path: path), world: world)
            #expect(store.doubt != nil)

            try await world.clock.sleep(for: .seconds(2 * 3_600))
            // A fact that the edge sends again: made anew, but old.
            try await deliver(2, to: store, age: .seconds(3 * 3_600))
            try await deliver(3, to: store, age: .zero)
            try await deliver(4, to: store, age: .zero)
            #expect(
                try await Self.carry(store, world) == [
                    .init(quantity: 1, mayBeDone: true), .init(quantity: 2, mayBeDone: true),
                    .init(quantity: 7, mayBeDone: false),
                ])
            await store.close()
        }
    }

    private struct Seen: Sendable, Equatable {
        let quantity: Int
        let mayBeDone: Bool
    }

    /// Carries all that is pending out and says what the target saw.
    private static func carry(_ store: Store, _ world: World) async throws -> [Seen] {
        let target = Watcher()
        let coalescing = FlowPolicy.Coalescing(
            window: .milliseconds(40), maximum: 10, rule: MergeRule(sums: ["quantity"], takesLatest: ["time"]))
        let runner = TargetRunner(
            target: target, store: store, world: world,
            policies: [
                "progress": FlowPolicy(coalescing: coalescing, retry: RetryPolicy(), holdsOnReject: true, expiry: nil)
            ],
            concurrency: 1, breaker: CircuitBreaker(), limits: Limits())
        try await withThrowingTaskGroup { group in
            group.addTask { try await runner.run() }
            for _ in 0..<1_000 where await runner.status().accepted < 4 {
                try await world.clock.sleep(for: .milliseconds(10))
            }
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
        return target.seen.withLock { $0 }
    }

    private final class Watcher: Target {
        static var operations: [OperationSpec] { [] }
        let name: TargetName = "odoo"
        let settlingTime = Duration.milliseconds(200)
        let seen = Mutex<[Seen]>([])

        func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation { .ready(intent: .null) }

        func perform(_ attempt: Attempt) async -> Outcome {
            let quantity = attempt.command.arguments["quantity"]?["value"]?.int ?? 0
            seen.withLock { $0.append(Seen(quantity: quantity, mayBeDone: attempt.command.mayBeDone)) }
            return .accepted(Acceptance(reference: "1", summary: "done"))
        }

        func inquire(_ attempt: Attempt) async -> Inquiry { .notFound }
    }
}
