import Canonical
import Contracts
import ExactJSON
import Intake
import JQ
import JSONSchema
import NodeSettings
import Routing
import Signals
import SimulatedWorld
import Testing
import World

@testable import Store

/// Event types of the user's own: what does not fit is kept for a person, and older versions become newer ones.
@Suite("Event types of the user's own")
struct EventTypeTests {
    private static let type = "acme.torque.measured.v1"
    private static let half = JSON.number(ExactNumber(coefficient: 125, scale: 1))

    private static func schema(_ document: JSON) throws -> Schema {
        try Schema.compile(document, formats: .assertion)
    }

    private static func first() throws -> Schema {
        try schema([
            "type": "object", "required": ["nm"], "properties": ["nm": ["type": "number", "minimum": 0]],
        ])
    }

    private static func event(_ number: Int, _ data: JSON, type: String = type) -> EventDocument {
        EventDocument(
            Event(
                id: "e\(number)", source: "/lyon/wrench1", type: type, subject: "MO1",
                time: Instant(microseconds: 1_772_000_000_000_000 + Int64(number)), data: data))
    }

    private static func gate(_ store: Store, _ world: World, _ schemas: [String: Schema]) throws -> IntakeGate {
        let orders = try SignalProcessor(
            source: "orders", signals: [], plants: SignalPlants(standard: .init(plant: "lyon")))
        var settings = IntakeSettings(
            sources: ["http": .init(processor: nil, lane: .normal), "edges": .init(processor: nil, lane: .normal)],
            orders: orders, ceiling: 1 << 30)
        settings.schemas = schemas
        return IntakeGate(store: store, world: world, settings: settings, limits: Limits())
    }

    // MARK: - The door

    @Test("an event that does not fit is kept with its bytes and its faults, once; the rest goes on")
    func misfit() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let gate = try Self.gate(store, world, [Self.type: try Self.first()])
            let wrong = Self.event(2, ["nm": -1, "tool": "w1"])
            let batch = SourceBatch(
                source: "http",
                documents: [
                    Self.event(1, ["nm": Self.half]), wrong, Self.event(3, ["other": 1], type: "acme.free.fact.v1"),
                    Self.event(4, ["nm": 0]),
                ])
            let receipt = try await gate.submit(batch)
            #expect(receipt.stored == 3)
            #expect(receipt.exceptions == 1)
            #expect(receipt.refused.map(\.index) == [1])
            let again = try await gate.submit(batch)
            #expect(again.stored == 0 && again.duplicates == 3 && again.exceptions == 0)
            let exceptions = try await store.read { try $0.exceptions(limit: 10) }
            #expect(exceptions.map(\.kind) == [.input])
            #expect(exceptions.first?.original == wrong.bytes)
            #expect(exceptions.first?.failure.kind.code == IntakeFailures.misfit.code)
            #expect(exceptions.first?.failure.message == "/data/nm is -1, which is below 0")
            #expect(exceptions.first?.origin == "/lyon/wrench1 e2")
            #expect(try await store.read { try $0.journal(lane: .normal, after: 0, limit: 10).count } == 3)
            await store.close()
        }
    }

    @Test("an event that is stored stays a duplicate when its schema has changed since")
    func changed() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let batch = SourceBatch(source: "http", documents: [Self.event(1, ["nm": 5])])
            _ = try await Self.gate(store, world, [Self.type: try Self.first()]).submit(batch)
            let stricter = try Self.schema(["required": ["nm", "tool"]])
            let receipt = try await Self.gate(store, world, [Self.type: stricter]).submit(batch)
            #expect(receipt.duplicates == 1 && receipt.exceptions == 0 && receipt.refused.isEmpty)
            await store.close()
        }
    }

    @Test("an edge's stream goes on over an event that does not fit, and a repetition is no conflict")
    func stream() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let gate = try Self.gate(store, world, [Self.type: try Self.first()])
            func batch(_ numbers: ClosedRange<Int>, digest: String) -> SourceBatch {
                let documents = numbers.map { Self.event($0, $0 == 2 ? ["nm": "x"] : ["nm": 1]) }
                let segment = StreamSegment(
                    node: "edge", epoch: "e", lane: .normal, first: Int64(numbers.lowerBound), count: numbers.count,
                    digest: digest)
                return SourceBatch(source: "edges", documents: documents, segment: segment)
            }
            let first = try await gate.submit(batch(1...3, digest: "a"))
            #expect(first.stream == .stored(position: 3))
            #expect(first.stored == 2 && first.exceptions == 1)
            // The same events, cut otherwise, after an answer was lost.
            let second = try await gate.submit(batch(1...4, digest: "b"))
            #expect(second.stream == .stored(position: 4))
            #expect(second.stored == 1)
            let exceptions = try await store.read { try $0.exceptions(limit: 10) }
            #expect(exceptions.map(\.kind) == [.input])
            await store.close()
        }
    }

    // MARK: - Versions

    private static func translations(_ programs: [String]) throws -> EventTranslations {
        var steps: [String: EventTranslations.Step] = [:]
        let schemas = [
            try schema(["required": ["torque"], "properties": ["torque": ["required": ["value", "unit"]]]]),
            try schema(["required": ["torque", "tool"]]),
        ]
        for (index, program) in programs.enumerated() {
            steps["acme.torque.measured.v\(index + 1)"] = EventTranslations.Step(
                next: "acme.torque.measured.v\(index + 2)", program: try JQProgram.compile(program),
                schema: schemas[index])
        }
        return EventTranslations(steps)
    }

    private static let programs = [
        #"{torque: {value: .data.nm, unit: "N·m"}}"#, #".data + {tool: (.data.tool // "unknown")}"#,
    ]

    private static func route(
        _ document: EventDocument, _ patterns: [String], _ translations: EventTranslations
    ) throws -> [RoutingPlan.Result] {
        let rules = try patterns.enumerated().map { index, pattern in
            FlowRule(
                name: FlowName("flow\(index)"), target: "odoo", operation: "take", types: [try TypePattern(pattern)],
                map: try JQProgram.compile("{type, data, dataschema, nothing: null}"))
        }
        let plan = RoutingPlan(target: "odoo", rules: rules, operations: [], translations: translations)
        let entry = JournalEntry(
            number: JournalNumber(lane: .normal, number: 1), document: document,
            recorded: Instant(microseconds: 1_772_000_000_000_000))
        return plan.route(entry, now: Instant(microseconds: 1_772_000_000_000_001))
    }

    @Test("each flow takes an event once, in the newest version that it names")
    func newest() throws {
        let translations = try Self.translations(Self.programs)
        #expect(translations.versions(from: Self.type).map { $0.suffix(2) } == ["v1", "v2", "v3"])
        let results = try Self.route(
            Self.event(1, ["nm": Self.half]), ["acme.torque.*", "acme.torque.measured.v2", Self.type, "acme.other.*"],
            translations)
        let arguments = results.map { result -> JSON? in
            if case .delivery(let delivery) = result { delivery.arguments } else { nil }
        }
        #expect(arguments.map { $0?["type"]?.string?.suffix(2) } == ["v3", "v2", "v1"])
        let torque: JSON = ["value": Self.half, "unit": "N·m"]
        let expected: [JSON] = [["torque": torque, "tool": "unknown"], ["torque": torque], ["nm": Self.half]]
        #expect(arguments.map { $0?["data"] } == expected)
    }

    @Test("an event of the middle version goes on from there")
    func middle() throws {
        let data: JSON = ["torque": ["value": 1, "unit": "N·m"], "tool": "w1"]
        let results = try Self.route(
            Self.event(1, data, type: "acme.torque.measured.v2"), ["acme.torque.*"],
            try Self.translations(Self.programs))
        guard case .delivery(let delivery)? = results.first else { return #expect(Bool(false), "no delivery") }
        #expect(delivery.arguments["type"]?.string == "acme.torque.measured.v3")
        #expect(delivery.arguments["data"] == data)
    }

    @Test(
        "a translation that fails, gives nothing, or gives what does not fit is a failure of those flows alone",
        arguments: [
            (#"error("no")"#, "no"), ("empty", "gave 0 results"), ("{}", #"/data lacks "torque""#),
            ("1, 2", "gave 2 results"),
        ])
    func failure(program: String, words: String) throws {
        let results = try Self.route(
            Self.event(1, ["nm": 1]), ["acme.torque.*", Self.type], try Self.translations([program]))
        guard results.count == 2, case .failed(_, let failure, _) = results[0], case .delivery = results[1] else {
            return #expect(Bool(false), "\(results)")
        }
        #expect(failure.kind == RoutingFailures.translation)
        #expect(failure.message.contains(words), "\(failure.message)")
    }

    @Test("a circle of translations, which no folder can have, ends")
    func circle() throws {
        let program = try JQProgram.compile(".data")
        let schema = try Self.schema(true)
        let steps = ["a": "b", "b": "a"].mapValues {
            EventTranslations.Step(next: $0, program: program, schema: schema)
        }
        #expect(EventTranslations(steps).versions(from: "a") == ["a", "b"])
    }
}
