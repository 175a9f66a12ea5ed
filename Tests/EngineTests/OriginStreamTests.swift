import Canonical
import Contracts
import ExactJSON
import Intake
import Signals
import Store
import Testing
import World

@Suite("where events were read, over a stream")
struct OriginStreamTests {
    private static func batch(_ origin: String, quantity: Int = 1, digest: String) -> SourceBatch {
        var event = Event.completed(1, quantity: quantity)
        event.attributes[Origin.attribute] = origin
        let segment = StreamSegment(node: "edge", epoch: "e", lane: .normal, first: 1, count: 1, digest: digest)
        return SourceBatch(source: "edges", documents: [EventDocument(event)], segment: segment)
    }

    @Test("an event made anew from a file that was renamed is the same one, and another fact is another")
    func renamed() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let orders = try SignalProcessor(
                source: "orders", signals: [], plants: SignalPlants(standard: .init(plant: "lyon")))
            let gate = IntakeGate(
                store: store, world: world,
                settings: IntakeSettings(
                    sources: ["edges": .init(processor: nil, lane: .normal)], orders: orders, ceiling: 1 << 30),
                limits: Limits())
            let first = try await gate.submit(Self.batch("Job.sdc line 7", digest: "a"))
            #expect(first.stored == 1 && first.stream == .stored(position: 1))
            let again = try await gate.submit(Self.batch("Job.old line 7", digest: "b"))
            #expect(again.stored == 0 && again.exceptions == 0 && again.stream == .stored(position: 1))
            let other = try await gate.submit(Self.batch("Job.sdc line 7", quantity: 2, digest: "c"))
            #expect(other.stored == 0 && other.exceptions == 1 && other.stream == .conflict(position: 1))
            await store.close()
        }
    }
}
