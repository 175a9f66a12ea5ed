import Canonical
import Contracts
import ExactJSON
import Intake
import Signals
import SimulatedWorld
import Testing
import World

@testable import Store

/// What signals wait for is durable, and comes at its time by the node's clock, whether the node runs or not.
@Suite("Deadlines of signals, in a store")
struct SignalDeadlineTests {
    private static let start = Instant(text: "2026-03-02T06:00:00Z")!

    private static func signal(_ values: [String: SettingValue]) -> Settings {
        Settings(values: values, location: SettingLocation(file: "sources/a.yaml", line: 1, column: 1))
    }

    private static func gate(_ store: Store, _ world: World) throws -> IntakeGate {
        let plants = SignalPlants(standard: .init(plant: "lyon"))
        let processor = try SignalProcessor(
            source: "a",
            signals: [
                signal([
                    "role": .text("state"), "tag": .text("exec"), "silent": .duration(.seconds(3_600)),
                    "map": .map([(key: "A", value: .text("running"))]),
                ]),
                signal([
                    "role": .text("threshold"), "tag": .text("temp"), "above": .number(ExactNumber(80)),
                    "lasts": .duration(.seconds(3)),
                ]),
            ], plants: plants)
        return IntakeGate(
            store: store, world: world,
            settings: IntakeSettings(
                sources: ["a": .init(processor: processor, lane: .normal)],
                orders: try SignalProcessor(source: "orders", signals: [], plants: plants), ceiling: 1 << 30),
            limits: Limits())
    }

    private static func say(_ name: String, _ value: JSON, _ gate: IntakeGate, _ world: World) async throws {
        let reading = Reading(
            asset: "cnc1", name: name, value: .value(value), time: world.clock.now(), origin: Origin("test"))
        _ = try await gate.submit(SourceBatch(source: "a", readings: [reading]))
    }

    /// Lets the node run over `path` while `body` works, then stops it.
    private static func run(
        _ path: String, _ world: World, _ body: @escaping @Sendable (IntakeGate, Store) async throws -> Void
    ) async throws {
        let store = try Store(StoreSettings(path: path), world: world)
        let gate = try gate(store, world)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await gate.run() } catch is CancellationError {}
            }
            try await body(gate, store)
            group.cancelAll()
        }
        await store.close()
    }

    /// Type, time and id of all events, and when each was stored.
    private static func told(_ store: Store) async throws -> [(words: String, stored: Duration)] {
        try await store.read { try $0.journal(lane: .normal, after: 0, limit: 100) }.map { entry in
            let envelope = entry.document.envelope
            return ("\(envelope.type) \(envelope.time) \(envelope.id)", entry.recorded.since(start))
        }
    }

    @Test("a silence that begins while the node is down is told once, at the next start, as it would have been")
    func down() throws {
        let scratch = try Scratch()
        let (always, restarted) = (scratch.path + "/always.db", scratch.path + "/restarted.db")
        try simulated { world, _ in
            try await Self.run(always, world) { gate, store in
                try await Self.say("exec", "A", gate, world)
                try await world.clock.sleep(for: .seconds(3 * 3_600))
                let told = try await Self.told(store)
                #expect(told.count == 2 && told[1].words.contains(" 2026-03-02T07:00:00.000000Z "), "\(told)")
                #expect(told[1].stored < .seconds(3_601), "\(told)")
            }
        }
        try simulated { world, _ in
            try await Self.run(restarted, world) { gate, _ in
                try await Self.say("exec", "A", gate, world)
                try await world.clock.sleep(for: .seconds(60))
            }
            try await world.clock.sleep(for: .seconds(2 * 3_600))
            for _ in 0..<2 {
                try await Self.run(restarted, world) { _, store in
                    try await world.clock.sleep(for: .seconds(60))
                    let told = try await Self.told(store)
                    #expect(told.count == 2, "\(told)")
                }
            }
        }
        try simulated { world, _ in
            let stores = try [always, restarted].map { try Store(StoreSettings(path: $0), world: world) }
            let (a, b) = (try await Self.told(stores[0]), try await Self.told(stores[1]))
            #expect(a.map(\.words) == b.map(\.words))
            for store in stores { await store.close() }
        }
    }

    @Test("a deadline that is set while a later one is waited for wakes the node at its own time")
    func earlier() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            try await Self.run(path, world) { gate, store in
                try await Self.say("exec", "A", gate, world)
                try await world.clock.sleep(for: .seconds(61))
                try await Self.say("temp", 81, gate, world)
                try await world.clock.sleep(for: .seconds(5))
                let told = try await Self.told(store)
                #expect(told.count == 2 && told[1].words.contains("condition-raised"), "\(told)")
                #expect(told.count == 2 && told[1].stored < .milliseconds(64_100), "\(told)")
            }
        }
    }
}
