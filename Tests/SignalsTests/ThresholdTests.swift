import Canonical
import Contracts
import ExactJSON
import Testing

@testable import Signals

private func number(_ text: String) -> SettingValue { .number(ExactNumber(text: text)!) }

private func hot(_ more: [String: SettingValue] = [:]) -> Settings {
    signal(
        "threshold",
        ["tag": .text("temp"), "above": number("80"), "aboveUntil": number("75"), "unit": .text("°C")]
            .merging(more) { $1 })
}

private func steps(_ events: [Event]) -> [String] {
    events.map {
        let second = $0.time.since(at(0)).microseconds / 1_000_000
        return "\($0.type.split(separator: ".")[2].dropFirst(10)) \($0.data["condition"]?.string ?? "")@\(second)"
    }
}

@Suite("Limits of numbers")
struct ThresholdTests {
    @Test("a crossing is raised once, with value and limit, and is over only at its other limit")
    func hysteresis() throws {
        var bench = try Bench(hot())
        try bench.feed(
            tag("temp", 80, 0), tag("temp", .string("80.5"), 1), tag("temp", 90, 2), tag("temp", 76, 3),
            tag("temp", 81, 4), tag("temp", nil, 5), tag("temp", 75, 6), tag("temp", 81, 7))
        #expect(steps(bench.events) == ["raised temp.high@1", "cleared temp.high@6", "raised temp.high@7"])
        let event = bench.events[0]
        #expect(event.data["value"] == ["value": .number(ExactNumber(text: "80.5")!), "unit": "°C"])
        #expect(event.data["threshold"] == ["value": 80, "unit": "°C"])
        #expect(event.data["message"] == "temp is 80.5 °C, above 80 °C" && event.data["severity"] == "fault")
        #expect(bench.events[1].data["since"]?.string == at(1).description)
        #expect(event.id == "threshold.temp:00001738562401000000:0000000001:raised:temp.high")
    }

    @Test("both limits are watched, each with its own end, and a code of the user's own stands for both")
    func bothSides() throws {
        var bench = try Bench(
            hot([
                "below": number("5"), "belowUntil": number("8"), "condition": .text("OIL"),
                "severity": .text("warning"),
            ]))
        try bench.feed(
            tag("temp", 4, 0), tag("temp", 6, 1), tag("temp", 8, 2), tag("temp", 99, 3), tag("temp", 1, 4))
        #expect(
            steps(bench.events) == [
                "raised OIL.low@0", "cleared OIL.low@2", "raised OIL.high@3", "cleared OIL.high@4", "raised OIL.low@4",
            ])
        #expect(Set(bench.events.map(\.id)).count == 5)
    }

    @Test("a peak that does not last is nothing; one that lasts is told with the time of its begin, by either clock")
    func lasts() throws {
        let settings = hot(["lasts": .duration(.seconds(30))])
        var machine = try Bench(settings)
        try machine.feed(tag("temp", 90, 0), tag("temp", 79, 10), tag("temp", 91, 20), now: 20)
        #expect(machine.events.isEmpty && machine.memory.earliestDeadline == at(50))
        var node = machine
        // The next reading is not beyond the limit, but comes after it was beyond for long enough.
        try machine.feed(tag("temp", 70, 60), now: 60)
        #expect(steps(machine.events) == ["raised temp.high@20", "cleared temp.high@60"])
        // No further reading comes, and the node starts anew meanwhile.
        node.memory.forget()
        #expect(try node.feed([], now: 49).isEmpty)
        try node.feed([], now: 50)
        #expect(node.events == [machine.events[0]] && node.memory.earliestDeadline == nil)
        try node.feed(tag("temp", 70, 60), now: 60)
        #expect(node.events == machine.events)
    }

    @Test("what is not known ends a wait, and a reading from before the crossing changes nothing")
    func gaps() throws {
        var bench = try Bench(hot(["lasts": .duration(.seconds(30))]))
        try bench.feed(tag("temp", 90, 0), tag("temp", nil, 10), tag("temp", 90, 20), tag("temp", 60, 15), now: 20)
        #expect(bench.memory.earliestDeadline == at(50))
        try bench.feed(tag("temp", 90, 50), tag("temp", 60, 45), now: 50)
        #expect(steps(bench.events) == ["raised temp.high@20", "cleared temp.high@45"])
        try bench.feed(tag("temp", "hot", 60))
        #expect(bench.faults.map(\.failure.kind.code) == ["SIG-001"])
    }

    @Test("a record's field is a number too, and its fact names the event")
    func records() throws {
        var bench = try Bench(
            signal("threshold", ["on": texts("Measure"), "field": .text("Force"), "below": number("2.5")]))
        try bench.feed(
            record("Measure", ["Force": "2.4"], 1, fact: "f:1"), record("Measure", [:], 2, fact: "f:2"),
            record("Measure", ["Force": "2.5"], 3, fact: "f:3"))
        #expect(bench.events.map(\.id) == ["f:1:threshold:raised:Force.low", "f:3:threshold:cleared:Force.low"])
        #expect(bench.events[0].data["value"] == .number(ExactNumber(text: "2.4")!))
        #expect(bench.faults.map(\.failure.kind.code) == ["SIG-006"])
    }

    @Test(
        "limits that cannot be are refused",
        arguments: [
            ["tag": SettingValue.text("t")], ["above": number("1")],
            ["tag": .text("t"), "above": number("1"), "aboveUntil": number("2")],
            ["tag": .text("t"), "below": number("1"), "belowUntil": number("0")],
            ["tag": .text("t"), "above": number("1"), "below": number("1")],
            ["tag": .text("t"), "above": number("1"), "unit": .text("furlong")],
        ])
    func refused(_ settings: [String: SettingValue]) {
        #expect(throws: SettingFault.self) { _ = try Bench(signal("threshold", settings)) }
    }

    @Test(
        "however readings come, raised and cleared take turns, and a restart changes nothing", arguments: UInt64(1)...60
    )
    func property(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let settings = hot([
            "lasts": .duration(.seconds(Int.random(in: 0...8, using: &random))), "below": number("20"),
        ])
        var plain = try Bench(settings)
        var forgetful = try Bench(settings)
        var time = 0.0
        for _ in 0..<300 {
            time += Double(Int.random(in: 0...5, using: &random))
            let value: JSON? =
                Int.random(in: 0..<9, using: &random) == 0 ? nil : .int(Int.random(in: 0...100, using: &random))
            let readings = Bool.random(using: &random) ? [tag("temp", value, time)] : []
            forgetful.memory.forget()
            #expect(try plain.feed(readings, now: time) == forgetful.feed(readings, now: time), "seed \(seed)")
        }
        for side in ["temp.high", "temp.low"] {
            let own = plain.events.filter { $0.data["condition"]?.string == side }
            for (index, event) in own.enumerated() {
                #expect(event.type.contains("raised") == (index % 2 == 0), "seed \(seed)")
            }
        }
        #expect(!plain.events.isEmpty && Set(plain.events.map(\.id)).count == plain.events.count, "seed \(seed)")
        for event in plain.events { #expect(FactShape.of(type: event.type)?.faults(in: event.data) == []) }
    }
}
