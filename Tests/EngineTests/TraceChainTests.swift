import Canonical
import Contracts
import ExactJSON
import Intake
import Routing
import Signals
import SimulatedWorld
import Store
import Synchronization
import Telemetry
import Testing
import World

@testable import Delivery

/// An event's way through one node, as its trace and its counts tell it.
@Suite("The trace of an event")
struct TraceChainTests {
    /// Takes what it is given at the second try, and notes which trace its calls belong to.
    private final class Traced: Target {
        static var operations: [OperationSpec] { [] }
        let name: TargetName = "odoo"
        let settlingTime = Duration.seconds(1)
        let calls = Mutex<[(step: String, trace: Traceparent?)]>([])

        private func note(_ step: String) -> Int {
            calls.withLock { calls in
                calls.append((step, Traceparent.current))
                return calls.filter { $0.step == step }.count
            }
        }

        func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
            _ = note("prepare")
            return .ready(intent: .null)
        }

        func perform(_ attempt: Attempt) async -> Outcome {
            guard note("perform") > 1 else {
                return .unknown(Failure(DeliveryFailures.unknownOutcome, "the answer was lost"))
            }
            return .accepted(Acceptance(reference: "7", summary: "done"))
        }

        func inquire(_ attempt: Attempt) async -> Inquiry {
            _ = note("inquire")
            return .notFound
        }
    }

    /// What came of one event at a node: the target with its calls, the spans and the counts.
    private struct Way: Sendable {
        let target: Traced
        let spans: [Span]
        let calls: TargetTally
        let flows: [FlowName: FlowTally]
        let source: SourceActivity
    }

    private static func play(
        _ batch: SourceBatch, percent: Double = 100, _ judge: @escaping @Sendable (Way) throws -> Void
    ) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let spans = BoundedBuffer<Span>(capacity: 99)
            let tracer = Tracer(node: "hub", share: TraceShare(percent: percent), spans: spans)
            let orders = try SignalProcessor(
                source: "orders", signals: [], plants: SignalPlants(standard: .init(plant: "lyon")))
            let gate = IntakeGate(
                store: store, world: world,
                settings: IntakeSettings(
                    sources: [batch.source: .init(processor: nil, lane: .normal)], orders: orders, ceiling: 1 << 30),
                limits: Limits(), tracer: tracer)
            let target = Traced()
            let router = Router(
                plan: RoutingPlan(
                    target: "odoo", rules: [FlowRule(name: "progress", target: "odoo", operation: "take", types: [])],
                    operations: []), store: store, world: world, limits: Limits(), ceiling: 1 << 40, tracer: tracer)
            let runner = TargetRunner(
                target: target, store: store, world: world,
                policies: [
                    "progress": FlowPolicy(
                        coalescing: nil, retry: RetryPolicy(), holdsOnReject: true, expiry: nil)
                ], concurrency: 4, breaker: CircuitBreaker(), limits: Limits(), tracer: tracer)
            try await store.write { try $0.keepCursors(of: ["odoo"]) }
            try await withThrowingTaskGroup { group in
                group.addTask { try await router.run() }
                group.addTask { try await runner.run() }
                _ = try await gate.submit(batch)
                _ = try await gate.submit(batch)
                try await world.clock.sleep(for: .seconds(60))
                try judge(
                    Way(
                        target: target, spans: spans.first(99), calls: await runner.counts(),
                        flows: await router.tally(), source: gate.activity(of: batch.source)))
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
            await store.close()
        }
    }

    private static func batch(_ attributes: [String: String] = [:]) -> SourceBatch {
        var event = Event.completed(1)
        event.attributes = attributes
        return SourceBatch(source: "door", documents: [EventDocument(event)])
    }

    @Test(
        "from its being stored to its being accepted, each step hangs below the one before, and what goes out says so")
    func chain() throws {
        try Self.play(Self.batch()) { way in
            let names = way.spans.map(\.name)
            #expect(
                names == [
                    "store millwright.production.completed.v1", "map progress", "prepare take", "perform take",
                    "inquire take", "inquire take", "prepare take", "perform take", "deliver take",
                ]
                    || names.filter { $0 != "inquire take" } == [
                        "store millwright.production.completed.v1", "map progress", "prepare take", "perform take",
                        "prepare take", "perform take", "deliver take",
                    ], "\(names)")
            #expect(Set(way.spans.map(\.trace)) == [TraceIdentity.trace(of: EventDocument(.completed(1)).envelope)])
            #expect(Set(way.spans.map(\.id)).count == way.spans.count)
            let delivered = try #require(way.spans.last)
            #expect(way.spans[0].parent == nil && way.spans[1].parent == way.spans[0].id)
            #expect(delivered.parent == way.spans[1].id && delivered.attributes.contains { $0.value == "7" })
            for span in way.spans.dropFirst(2).dropLast() { #expect(span.parent == delivered.id, "\(span.name)") }
            let outcomes = way.spans.compactMap { span in
                span.attributes.first { $0.name == "millwright.outcome" }?.value
            }
            #expect(outcomes.contains("unknown") && outcomes.contains("not_found") && outcomes.last == "accepted")
            #expect(way.spans.contains { $0.name == "perform take" && $0.error != nil })
            // What the target was called with is the very span that was recorded of the call.
            let called = way.target.calls.withLock { $0.compactMap { $0.trace?.spanID } }
            #expect(called == way.spans.dropFirst(2).dropLast().map(\.id))
        }
    }

    @Test("the counts say the same: one event, one delivery, two writes, one of them lost")
    func counts() throws {
        try Self.play(Self.batch()) { way in
            #expect(way.source.documents == 2 && way.source.events == 1 && way.source.duplicates == 1)
            #expect(way.flows["progress"]?.events == 1 && way.flows["progress"]?.deliveries == 1)
            let attempts = way.calls.attempts
            #expect(attempts[.init(step: .perform, outcome: "unknown")] == 1)
            #expect(attempts[.init(step: .perform, outcome: "accepted")] == 1)
            #expect(attempts[.init(step: .prepare, outcome: "ready")] == 2)
            let flow = way.calls.flows["progress"]
            #expect(flow?.accepted == 1 && flow?.sinceStored.count == 1 && flow?.rejected == 0)
            // It was asked for until the settling time was over, so it took at least as long.
            #expect((flow?.sinceStored.sum ?? 0) >= 1_000_000)
            #expect(way.calls.times[.perform]?.count == 2)
        }
    }

    @Test("a trace that is not recorded costs no span, and what goes out names it all the same")
    func unsampled() throws {
        let id = "0af7651916cd43dd8448eb211c80319c"
        try Self.play(Self.batch(["traceparent": "00-\(id)-b7ad6b7169203331-00"]), percent: 0) { way in
            #expect(way.spans.isEmpty)
            let traces = way.target.calls.withLock { $0.map(\.trace) }
            #expect(traces.count >= 4 && traces.allSatisfy { $0?.traceID == id && $0?.isSampled == false })
        }
        try Self.play(Self.batch(["traceparent": "00-\(id)-b7ad6b7169203331-01"]), percent: 0) { way in
            #expect(way.spans.first?.parent == "b7ad6b7169203331" && Set(way.spans.map(\.trace)) == [id])
        }
    }
}
