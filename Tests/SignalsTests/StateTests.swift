import Canonical
import Contracts
import ExactJSON
import Testing

@testable import Signals

private let execution: [String: SettingValue] = [
    "tag": .text("exec"), "map": table(["ACTIVE": "running", "READY": "idle", "STOPPED": "held"]),
    "overrides": .map([(key: "estop", value: table(["TRIGGERED": "down"]))]),
]

private func steps(_ events: [Event]) -> [String] {
    events.map {
        let second = $0.time.since(at(0)).microseconds / 1_000_000
        return "\($0.data["previous"]?.string ?? "-")>\($0.data["state"]?.string ?? "")@\(second)"
    }
}

@Suite("States, cycles, conditions and context")
struct StateTests {
    @Test("codes become states, an unmapped one is reported once and changes nothing")
    func codes() throws {
        var bench = try Bench(signal("state", execution))
        try bench.feed(
            tag("exec", "READY", 0), tag("exec", "ACTIVE", 1), tag("exec", "DANCING", 2), tag("exec", "DANCING", 3),
            tag("exec", "ACTIVE", 4), tag("exec", nil, 5), tag("exec", "ACTIVE", 6))
        #expect(
            steps(bench.events) == ["->idle@0", "idle>running@1", "running>unavailable@5", "unavailable>running@6"])
        #expect(bench.faults.map(\.failure.kind.code) == ["SIG-005"])
        let event = bench.events[1]
        #expect(
            event.data["since"]?.string == at(1).description && event.data["previousSince"]?.string == at(0).description
        )
        #expect(event.data["native"] == ["code": "ACTIVE"] && event.subject == nil)
        #expect(event.id == "exec:00001738562401000000:0000000002")
    }

    @Test("an override decides while it holds, and what it hid comes back")
    func overrides() throws {
        var bench = try Bench(signal("state", execution))
        try bench.feed(
            tag("exec", "ACTIVE", 0), tag("estop", "TRIGGERED", 1), tag("exec", "STOPPED", 2), tag("estop", "ARMED", 3),
            tag("estop", "ARMED", 4))
        #expect(steps(bench.events) == ["->running@0", "running>down@1", "down>held@3"])
    }

    @Test("a state that does not last is not reported, one that lasts is, with the time at which it began")
    func debounce() throws {
        var settings = execution
        settings["debounce"] = .duration(.seconds(5))
        var bench = try Bench(signal("state", settings))
        try bench.feed(tag("exec", "READY", 0), tag("exec", "READY", 10), now: 100)
        #expect(steps(bench.events) == ["->idle@0"])
        try bench.feed(tag("exec", "ACTIVE", 20), tag("exec", "READY", 23), tag("exec", "ACTIVE", 30), now: 100)
        #expect(bench.memory.earliestDeadline == at(105))
        #expect(bench.events.count == 1)
        // The node starts again: the deadline comes back from the store with the first call.
        bench.memory.forget()
        #expect(try bench.feed([], now: 104).isEmpty)
        #expect(bench.memory.earliestDeadline == at(105))
        try bench.feed([], now: 105)
        #expect(steps(bench.events) == ["->idle@0", "idle>running@30"])
        #expect(bench.memory.earliestDeadline == nil)
    }

    @Test("the machine's clock and the wall clock give the same event")
    func sameEvent() throws {
        var settings = execution
        settings["debounce"] = .duration(.seconds(5))
        var byMachine = try Bench(signal("state", settings))
        var byWall = byMachine
        try byMachine.feed(tag("exec", "ACTIVE", 0), tag("exec", "STOPPED", 60), now: 0)
        try byWall.feed(tag("exec", "ACTIVE", 0), now: 0)
        try byWall.feed([], now: 5)
        #expect(byMachine.events == byWall.events && byWall.events.count == 1)
    }

    @Test("records are states too, with their reason")
    func records() throws {
        var bench = try Bench(
            signal("state", ["on": table(["JobStarted": "running", "JobPaused": "held"]), "reason": .text("Reason")]))
        try bench.feed(
            record("JobStarted", [:], 1, fact: "a:1"), record("JobPaused", ["Reason": "4"], 2, fact: "a:2"),
            record("JobPaused", ["Reason": "4"], 3))
        #expect(bench.events.map(\.id) == ["a:1:state", "a:2:state"])
        #expect(bench.events[1].data["reason"] == "4" && bench.events[1].data["state"] == "held")
    }

    @Test("a cycle runs from its start to its end, over holds, and an aborted one is none")
    func cycles() throws {
        var bench = try Bench(
            signal(
                "cycle",
                [
                    "tag": .text("exec"), "starts": texts("ACTIVE"), "ends": texts("DONE"), "aborts": texts("READY"),
                ]), signal("context", ["tags": table(["program": "prog"])]))
        try bench.feed(
            tag("prog", "O1", 0), tag("exec", "ACTIVE", 1), tag("exec", "HOLD", 2), tag("exec", "ACTIVE", 3),
            tag("exec", "DONE", 61.5), tag("exec", "ACTIVE", 70), tag("exec", "READY", 71), tag("exec", "DONE", 72),
            tag("exec", "ACTIVE", 80), tag("exec", "DONE", 79))
        #expect(bench.events.map { $0.data["duration"]?.number?.description } == ["60.5"])
        #expect(bench.events.first?.data["program"] == "O1")
        #expect(bench.faults.map(\.failure.kind.code) == ["SIG-009"])
        var pairs = try Bench(signal("cycle", ["startOn": texts("A"), "endOn": texts("B")]))
        try pairs.feed(record("A", [:], 0), record("B", [:], 2.25))
        #expect(pairs.events.map { $0.data["duration"]?.number?.description } == ["2.25"])
    }

    @Test("MTConnect conditions are raised and cleared once, over a lost connection too")
    func conditions() throws {
        var bench = try Bench(
            signal(
                "condition",
                [
                    "tags": texts("*_cond"),
                    "maintenance": group(["codes": texts("LUB*"), "priority": .text("high")]),
                ]))
        func condition(_ level: String, _ code: String, _ time: Double) -> Reading {
            tag("sys_cond", ["level": .string(level), "nativeCode": .string(code), "message": "oil low"], time)
        }
        try bench.feed(
            condition("NORMAL", "", 0), condition("WARNING", "LUB1", 1), condition("WARNING", "LUB1", 2),
            condition("FAULT", "E9", 3), tag("sys_cond", nil, 4), condition("WARNING", "LUB1", 5))
        bench.memory.forget()
        try bench.feed(
            condition("FAULT", "LUB1", 6), condition("NORMAL", "E9", 7), condition("NORMAL", "", 8),
            condition("PURPLE", "", 9))
        let words = bench.events.map {
            let subject = $0.data["condition"]?.string ?? $0.data["description"]?.string ?? ""
            return "\($0.type.split(separator: ".")[2]) \(subject)"
        }
        #expect(
            words == [
                "condition-raised LUB1", "requested LUB1: oil low", "condition-raised E9", "condition-raised LUB1",
                "requested LUB1: oil low", "condition-cleared E9", "condition-cleared LUB1",
            ])
        #expect(bench.faults.map(\.failure.kind.code) == ["SIG-010"])
        #expect(bench.events.last?.data["since"]?.string == at(1).description)
        try bench.feed(tag("b_cond", "FAULT", 10), tag("b_cond", "NORMAL", 11), tag("b_cond", "TEXT", 12))
        #expect(bench.events.suffix(2).map { $0.data["condition"]?.string } == ["b_cond", "b_cond"])
        #expect(Set(bench.events.map(\.id)).count == bench.events.count)
    }

    @Test("an error record stands for itself unless another kind clears it")
    func errors() throws {
        let settings: [String: SettingValue] = [
            "on": texts("Error"), "code": .text("Code"), "message": .text("Text"), "severity": .text("warning"),
        ]
        let error: JSONObject = ["Code": "27", "Text": "Crimp force"]
        var single = try Bench(signal("condition", settings))
        try single.feed(record("Error", error, 1), record("Error", error, 2))
        #expect(single.events.count == 2)
        var pair = try Bench(signal("condition", settings.merging(["clearOn": texts("Reset")]) { $1 }))
        try pair.feed(record("Error", error, 1), record("Error", error, 2), record("Reset", error, 3))
        #expect(
            pair.events.map { String($0.type.split(separator: ".")[2]) } == ["condition-raised", "condition-cleared"])
    }

    @Test("the order at hand travels with the asset's events until it is closed")
    func context() throws {
        var bench = try Bench(
            signal("counter", ["tag": .text("n")]),
            signal("context", ["tags": table(["program": "prog", "operator": "who"])], line: 2))
        try bench.feed(tag("n", 0, 0), tag("prog", "O7", 0), tag("who", "Ada", 0))
        let released = Event(
            id: "1", source: "/lyon/odoo", type: "millwright.production-order.released.v1", time: at(1),
            data: [
                "order": "MO/7", "item": "P", "operation": "10", "asset": "cnc01",
                "quantity": ["value": 1, "unit": "pcs"],
            ])
        try bench.processor.absorb(released, memory: &bench.memory, load: bench.load)
        bench.commit()
        bench.memory.forget()
        try bench.feed(tag("n", 1, 2), tag("n", 3, 3, asset: "other"))
        let data = try #require(bench.events.first?.data)
        #expect(
            ["order", "item", "operation", "program", "operator"].map { data[$0]?.string } == [
                "MO/7", "P", "10", "O7", "Ada",
            ])
        #expect(bench.events.first?.subject == "MO/7")
        var closed = released
        closed.type = "millwright.production-order.closed.v1"
        closed.data = ["order": "MO/8", "asset": "cnc01"]
        try bench.processor.absorb(closed, memory: &bench.memory, load: bench.load)
        #expect(try bench.feed(tag("n", 2, 4)).first?.data["order"] == "MO/7")
        closed.data = ["order": "MO/7", "asset": "cnc01"]
        try bench.processor.absorb(closed, memory: &bench.memory, load: bench.load)
        #expect(try bench.feed(tag("n", 3, 5)).first?.data["order"] == "UNASSIGNED")
    }

    @Test("records set and clear the context, and the clearing record still has it")
    func contextRecords() throws {
        var bench = try Bench(
            signal(
                "context",
                [
                    "on": texts("JobStarted"), "clearOn": texts("JobTerminated"),
                    "set": .map([(key: "order", value: texts("Job", "Line")), (key: "operator", value: texts("User"))]),
                    "clears": texts("order"),
                ]),
            signal(
                "record", ["on": texts("JobTerminated", "JobStarted"), "event": .text("production.interrupted")],
                line: 2))
        try bench.feed(
            record("JobStarted", ["Job": "A", "Line": 1, "User": "Ada"], 1), record("JobTerminated", [:], 2),
            record("JobTerminated", [:], 3))
        #expect(bench.events.map { $0.data["order"]?.string } == ["A, 1", "A, 1", "UNASSIGNED"])
        #expect(bench.events.allSatisfy { $0.data["operator"] == "Ada" })
    }

    @Test("an unknown tag is reported once, and only where the source is strict")
    func strict() throws {
        var bench = try Bench(signal("counter", ["tag": .text("n")]), strict: true)
        try bench.feed(tag("x", 1, 0), tag("x", 2, 1), tag("n", 1, 2), record("Foo", [:], 3))
        #expect(bench.faults.map(\.failure.kind.code) == ["SIG-008", "SIG-008"])
        var relaxed = try Bench(signal("counter", ["tag": .text("n")]))
        try relaxed.feed(tag("x", 1, 0))
        #expect(relaxed.faults.isEmpty)
    }
}
