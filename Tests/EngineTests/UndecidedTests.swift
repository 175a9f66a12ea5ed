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

@Suite("What waits for a person")
struct UndecidedTests {
    private static let failure = StoreFailures.full.failure("refused")

    /// A delivery whose map failed, its exception and the block that it puts on its key.
    private static func failed(_ event: Int64, _ transaction: StoreTransaction, now: Instant) throws -> Int64 {
        let delivery = Delivery.sample(event: event)
        let id = try transaction.insert(delivery, as: .rejected)
        let exception = try #require(
            try transaction.insert(
                ExceptionRecord(
                    kind: .map, created: now, source: "s", flow: delivery.flow, target: delivery.target,
                    key: delivery.key, event: delivery.event, eventID: "\(event)", failure: failure, original: [])))
        try transaction.block(delivery.target, delivery.key, exception: exception, from: id, now: now)
        return exception
    }

    /// What the desk does where a map that failed works now.
    private static func correct(_ event: Int64, _ exception: Int64, _ transaction: StoreTransaction) throws {
        let number = JournalNumber(lane: .normal, number: event)
        let delivery = try #require(try transaction.delivery(of: number, flow: "progress", target: "odoo"))
        try transaction.remap(delivery.id, with: .sample(event: event))
        try transaction.unblock("odoo", exception: exception)
        try transaction.order("odoo", "MO1")
    }

    private static func states(_ transaction: StoreTransaction, _ events: ClosedRange<Int64>) throws -> [DeliveryState]
    {
        try events.flatMap { try transaction.deliveries(of: JournalNumber(lane: .normal, number: $0)).map(\.1) }
    }

    @Test("a key with several undecided facts goes on only as far as the first of them")
    func severalUndecided() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let now = world.clock.now()
            let (first, second) = try await store.write { transaction in
                try transaction.insert(.sample(event: 1))
                let first = try Self.failed(2, transaction, now: now)
                try transaction.insert(.sample(event: 3))
                let second = try Self.failed(4, transaction, now: now)
                try transaction.insert(.sample(event: 5))
                return (first, second)
            }
            #expect(
                try await store.read { try Self.states($0, 1...5) }
                    == [.pending, .rejected, .blocked, .rejected, .blocked])
            // The second one is decided first: it must not pass the first.
            try await store.write { try Self.correct(4, second, $0) }
            #expect(
                try await store.read { try Self.states($0, 1...5) }
                    == [.pending, .rejected, .blocked, .blocked, .blocked])
            try await store.write { try Self.correct(2, first, $0) }
            #expect(
                try await store.read { try Self.states($0, 1...5) }
                    == Array(repeating: DeliveryState.pending, count: 5))
            await store.close()
        }
    }

    @Test("a refused command that is resubmitted carries what the map makes of its event today, also under a new key")
    func corrected() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let now = world.clock.now()
            let freed = Mutex<[OrderingKey]>([])
            let gate = OperatorDesk.Gate { _, _ in
            } released: { _, key in
                freed.withLock { $0.append(key) }
            }
            let desk = OperatorDesk(store: store, world: world, gate: gate) { _, entry in
                var corrected = Delivery.sample(event: entry.number.number, key: "MO2")
                corrected.arguments = ["item": "corrected"]
                return .success(corrected)
            }
            let exception = try await store.write { transaction in
                _ = try transaction.append([EventDocument(.completed(1))], lane: .normal, recorded: now)
                let delivery = Delivery.sample(event: 1)
                let id = try transaction.insert(delivery)
                let command = Command(
                    id: 7, target: "odoo", flow: "progress", operation: delivery.operation, key: delivery.key,
                    lane: .normal, arguments: delivery.arguments, idempotencyKey: delivery.identity,
                    time: delivery.time, traceparent: nil)
                try transaction.insert(
                    StoredCommand(
                        command: command, conflicts: [], deliveries: [id], state: .inFlight, intent: nil, ledger: [],
                        created: now, started: now, attempts: 1))
                try transaction.reject(7, now: now)
                let exception = try #require(
                    try transaction.insert(
                        ExceptionRecord(
                            kind: .rejected, created: now, source: "s", flow: "progress", target: "odoo",
                            key: delivery.key, event: delivery.event, eventID: "1", command: 7,
                            failure: Self.failure, original: [])))
                try transaction.block("odoo", delivery.key, exception: exception, from: id, now: now)
                return exception
            }
            _ = try await store.write {
                try $0.insertRequest(.resubmit, subject: exception, by: "test", note: nil, now: now)
            }
            try await withThrowingTaskGroup { group in
                group.addTask { try await desk.run() }
                while freed.withLock({ $0.isEmpty }) { try await world.clock.sleep(for: .milliseconds(50)) }
                group.cancelAll()
            }
            let delivery = try await store.read { transaction in
                var bytes = 100_000
                return try transaction.pendingDeliveries("odoo", key: "MO2", after: 0, limit: 10, bytes: &bytes).found
            }.first
            #expect(delivery?.arguments == ["item": "corrected"])
            #expect(delivery?.key == "MO2" && delivery?.isResubmitted == true)
            #expect(freed.withLock { $0 } == ["MO1", "MO2"])
            await store.close()
        }
    }

    @Test("an event whose fact waits for a person is not trimmed, however old it is and however full the store")
    func keptForAPerson() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let now = world.clock.now()
            try await store.write { transaction in
                try transaction.keepCursors(of: ["odoo"])
                let old = now - .seconds(1_000)
                _ = try transaction.append((1...6).map { EventDocument(.completed($0)) }, lane: .normal, recorded: old)
                try transaction.setCursor("odoo", .normal, 6)
                _ = try Self.failed(3, transaction, now: now)
            }
            let trimmed = try await store.write { try $0.trim(.normal, storedBefore: now, limit: 4) }
            #expect(trimmed.removed == 3 && !trimmed.isDone)
            let rest = try await store.write { try $0.trim(.normal, after: trimmed.last, storedBefore: now, limit: 4) }
            #expect(rest.removed == 1 && rest.isDone)
            let left = try await store.read { try $0.journal(lane: .normal, after: 0, limit: 10).map(\.number.number) }
            #expect(left == [3, 6])
            await store.close()
        }
    }

    @Test("a target that was taken out goes on where it stood; a new one begins now, unless it asks for the beginning")
    func targetsComeAndGo() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let now = world.clock.now()
            try await store.write { transaction in
                try transaction.keepCursors(of: ["odoo"])
                _ = try transaction.append((1...4).map { EventDocument(.completed($0)) }, lane: .normal, recorded: now)
                try transaction.setCursor("odoo", .normal, 3)
                try transaction.keepCursors(of: ["other", "archive"], fromBeginning: ["archive"])
            }
            let cursors = try await store.read { transaction in
                try (["odoo", "other", "archive"] as [TargetName]).map { try transaction.cursor($0, .normal) }
            }
            #expect(cursors == [3, 4, 0])
            // It holds nothing back while it is out.
            try await store.write { try $0.setCursor("archive", .normal, 4) }
            let trimmed = try await store.write { try $0.trim(.normal, storedBefore: now + .seconds(1), limit: 10) }
            #expect(trimmed.removed == 3)
            try await store.write { try $0.keepCursors(of: ["odoo"]) }
            #expect(try await store.read { try $0.cursor("odoo", .normal) } == 3)
            await store.close()
        }
    }

    @Test("a flow makes one delivery of an event, however often it is routed")
    func oneDelivery() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let ids = try await store.write { transaction in
                [try transaction.insert(.sample(event: 1)), try transaction.insert(.sample(event: 1))]
            }
            #expect(ids[0] == ids[1])
            #expect(try await store.read { try $0.deliveryCounts("odoo") } == [.pending: 1])
            await store.close()
        }
    }

    @Test("another event under an id that is taken waits for a person; the same event again is a duplicate")
    func otherEvent() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let orders = try SignalProcessor(
                source: "orders", signals: [], plants: SignalPlants(standard: .init(plant: "lyon")))
            let gate = IntakeGate(
                store: store, world: world, settings: IntakeSettings(sources: [:], orders: orders, ceiling: 1 << 30),
                limits: Limits())
            let first = EventDocument(.completed(1))
            let other = EventDocument(.completed(1, quantity: 5))
            let receipts = [
                try await gate.submit(SourceBatch(source: "http", documents: [first])),
                try await gate.submit(SourceBatch(source: "http", documents: [first])),
                try await gate.submit(SourceBatch(source: "http", documents: [other, EventDocument(.completed(2))])),
                try await gate.submit(SourceBatch(source: "http", documents: [other])),
            ]
            #expect(receipts.map(\.stored) == [1, 0, 1, 0])
            #expect(receipts.map(\.duplicates) == [0, 1, 0, 0])
            #expect(receipts.map(\.conflicts) == [0, 0, 1, 1])
            let exceptions = try await store.read { try $0.exceptions(limit: 10) }
            #expect(exceptions.map(\.failure.kind.code) == ["INTAKE-005"])
            #expect(exceptions.first?.original == other.bytes)
            await store.close()
        }
    }
}
