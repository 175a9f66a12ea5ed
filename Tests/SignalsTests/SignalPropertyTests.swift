import Canonical
import Contracts
import ExactJSON
import Testing

@testable import Signals

/// One signal of every role, over a few tags and kinds of records.
private func everyRole() -> [Settings] {
    [
        signal(
            "context",
            [
                "tags": table(["program": "p"]), "on": texts("Start"),
                "set": .map([(key: "order", value: texts("Job"))]), "clearOn": texts("End"),
            ]),
        signal(
            "counter",
            ["tag": .text("n"), "tolerance": .number(ExactNumber(1)), "maximumStep": .number(ExactNumber(50))]),
        signal(
            "counter",
            [
                "tag": .text("n"), "name": .text("cycles"), "afterGap": .text("ignore"),
                "rollover": .number(ExactNumber(99)),
            ]),
        signal("scrap", ["tag": .text("bad"), "reasonTag": .text("why")]),
        signal(
            "state",
            [
                "tag": .text("exec"), "map": table(["A": "running", "B": "idle"]), "debounce": .duration(.seconds(3)),
                "overrides": .map([(key: "p", value: table(["X": "setup"]))]),
            ]),
        signal("cycle", ["tag": .text("exec"), "starts": texts("A"), "ends": texts("B")]),
        signal("condition", ["tags": texts("c*"), "maintenance": group(["codes": texts("*")])]),
        signal(
            "count",
            [
                "on": texts("End"), "order": texts("Job"),
                "quantity": group(["field": .text("Pieces"), "counts": .text("total")]),
            ]),
        signal(
            "material",
            [
                "on": texts("Counter"), "resets": texts("Start"), "within": texts("End"), "subject": texts("Job"),
                "items": table(["Wire": "mm"]),
            ]),
        signal("record", ["on": texts("End"), "event": .text("production.finished"), "order": texts("Job")]),
    ]
}

private func randomReading(_ index: Int, _ random: inout Seeded) -> Reading {
    let time = Double(index) + Double(Int.random(in: -3...3, using: &random))
    func value(_ name: String, _ choices: [JSON?]) -> Reading {
        tag(name, choices.randomElement(using: &random) ?? nil, time)
    }
    let job: JSON = Bool.random(using: &random) ? "J1" : "J2"
    switch Int.random(in: 0..<9, using: &random) {
    case 0, 1: return value("n", [nil, "x", "", "-1"] + (0..<20).map { .int($0 * 5) } + [.string("\(index)")])
    case 2: return value("bad", (0..<9).map { .int($0) })
    case 3: return value("why", ["E1", "E2", "", nil])
    case 4: return value("exec", ["A", "B", "C", nil])
    case 5: return value("p", ["X", "O1", nil])
    case 6:
        return value(
            "c1",
            [nil]
                + ["NORMAL", "WARNING", "FAULT"].flatMap { level in
                    ["", "E1", "E2"].map { ["level": .string(level), "nativeCode": .string($0)] as JSON }
                })
    case 7:
        return record(
            ["Start", "End"].randomElement(using: &random)!,
            ["Job": job, "Pieces": .int(Int.random(in: 0...30, using: &random))], time, fact: "f:\(index)")
    default:
        return record(
            "Counter",
            [
                "Wire": .string(
                    "W\(Int.random(in: 1...2, using: &random)), \(Int.random(in: 0...99, using: &random)), 0")
            ], time, fact: "f:\(index)")
    }
}

@Suite("Signals under any readings")
struct SignalPropertyTests {
    @Test("deriving is repeatable, survives forgetting, and every event fits its shape", arguments: UInt64(1)...60)
    func properties(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        var plain = try Bench(signals: everyRole())
        var forgetful = try Bench(signals: everyRole())
        for index in 0..<120 {
            let readings = (0..<Int.random(in: 0...4, using: &random)).map { randomReading(index * 5 + $0, &random) }
            // A first try that is rolled back leaves no trace.
            if Bool.random(using: &random) {
                _ = try forgetful.processor.derive(
                    readings, memory: &forgetful.memory, load: forgetful.load, now: at(Double(index)))
            }
            forgetful.memory.forget()
            let a = try plain.feed(readings, now: Double(index))
            let b = try forgetful.feed(readings, now: Double(index))
            #expect(a == b, "seed \(seed), step \(index)")
            #expect(plain.memory.earliestDeadline == forgetful.memory.earliestDeadline)
        }
        #expect(plain.stored == forgetful.stored, "seed \(seed)")
        #expect(plain.faults.map(\.factID) == forgetful.faults.map(\.factID))
        #expect(
            Set(plain.events.map { $0.source + $0.id }).count == plain.events.count, "seed \(seed): an id came twice")
        for event in plain.events {
            let shape = try #require(FactShape.of(type: event.type))
            #expect(shape.faults(in: event.data).isEmpty, "seed \(seed): \(event.data)")
            #expect(try Event(document: JSONReader.read(event.document)) == event)
            if let amount = event.data["quantity"]?["value"]?.number { #expect(!amount.isNegative && !amount.isZero) }
        }
    }

    @Test("a sum of deltas is what the counter went up by, whatever gaps and batches", arguments: UInt64(1)...40)
    func sums(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        var bench = try Bench(signal("counter", ["tag": .text("n")]))
        var made = 0
        var shown = 0
        var time = 0.0
        try bench.feed(tag("n", 0, time))
        for _ in 0..<200 {
            let step = Int.random(in: 0...3, using: &random)
            made += step
            shown += step
            time += 1
            switch Int.random(in: 0..<12, using: &random) {
            case 0:
                try bench.feed(tag("n", .int(shown), time), tag("n", 0, time + 0.5))
                shown = 0
            case 1: try bench.feed(tag("n", nil, time))
            case 2: bench.memory.forget()
            default: try bench.feed(tag("n", .int(shown), time))
            }
        }
        try bench.feed(tag("n", .int(shown), time + 1))
        let counted = bench.events.compactMap { $0.data["quantity"]?["value"]?.int }.reduce(0, +)
        #expect(counted == made, "seed \(seed)")
    }

    @Test("state that is none is refused, with its key")
    func brokenState() throws {
        var bench = try Bench(signal("counter", ["tag": .text("n")]))
        bench.stored["counter/cnc01/n"] = Array("[]".utf8)
        let failure = #expect(throws: Failure.self) { try bench.feed(tag("n", 1, 0)) }
        #expect(failure?.kind.code == "SIG-012" && failure?.message.contains("counter/cnc01/n") == true)
    }

    @Test("every setting has a summary, and every role its own example fields")
    func spec() {
        guard case .variants(let by, let variants) = SignalSpec.kind else {
            Issue.record("no variants")
            return
        }
        #expect(by == "role")
        #expect(
            variants.map(\.word).sorted() == [
                "condition", "context", "count", "counter", "cycle", "energy", "material", "rate", "record", "scrap",
                "state",
                "threshold", "window",
            ])
        for variant in variants {
            #expect(Set(variant.fields.map(\.name)).count == variant.fields.count, "\(variant.word)")
            for field in variant.fields {
                #expect(
                    !field.summary.isEmpty
                        && (field.example != nil || field.defaultText != nil || field.name == "quantity"
                            || field.name == "maintenance"),
                    "\(variant.word).\(field.name)")
            }
        }
        #expect(Set(SignalFailures.all.map(\.code)).count == SignalFailures.all.count)
    }
}
