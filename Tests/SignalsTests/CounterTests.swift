import Canonical
import Contracts
import ExactJSON
import Testing

@testable import Signals

/// What a row of values gives: deltas counted, and codes reported.
struct CounterCase: Sendable, CustomTestStringConvertible {
    let title: String
    var settings: [String: SettingValue] = [:]
    /// Values of the tag; nil is unavailable, "S" the session tag.
    let values: [String?]
    let deltas: [String]
    var codes: [String] = []
    var testDescription: String { title }
}

private func number(_ text: String) -> SettingValue { .number(ExactNumber(text: text) ?? ExactNumber(0)) }

private let counterCases: [CounterCase] = [
    .init(title: "the first value is the baseline", values: ["7", "7", "9"], deltas: ["2"]),
    .init(
        title: "the first value counts", settings: ["baseline": .text("count")], values: ["7", "9"],
        deltas: ["7", "2"]),
    .init(title: "reset to zero", values: ["7", "8", "0", "1"], deltas: ["1", "1"]),
    .init(title: "reset seen late", values: ["70", "3", "4"], deltas: ["3", "1"]),
    .init(title: "a fall to the middle", values: ["70", "40", "41"], deltas: ["1"], codes: ["SIG-003"]),
    .init(
        title: "rollover", settings: ["rollover": number("65535")], values: ["65530", "65535", "4"],
        deltas: ["5", "5"]),
    .init(
        title: "no rollover far from the end", settings: ["rollover": number("65535")], values: ["30000", "0", "2"],
        deltas: ["2"]),
    .init(
        title: "a step back within the tolerance, reported once", settings: ["tolerance": number("2")],
        values: ["10", "9", "8", "9", "12"], deltas: ["2"], codes: ["SIG-002"]),
    .init(
        title: "a jump, then the old way", settings: ["maximumStep": number("10")], values: ["1", "900", "2", "3"],
        deltas: ["1", "1"], codes: ["SIG-004"]),
    .init(
        title: "a jump that is real", settings: ["maximumStep": number("10")], values: ["1", "900", "902", "903"],
        deltas: ["2", "1"], codes: ["SIG-004"]),
    .init(title: "made while nobody listened", values: ["5", nil, nil, "9"], deltas: ["4"]),
    .init(
        title: "a gap ignored", settings: ["afterGap": .text("ignore")], values: ["5", nil, "9", "10"], deltas: ["1"]),
    .init(
        title: "a session tag is a gap", settings: ["afterGap": .text("ignore"), "session": .text("S")],
        values: ["0", "1", "S", "0", "1", "S", "2", "3", "S", "0", "1"], deltas: ["1", "1", "1", "1"]),
    .init(title: "an empty value says nothing", values: ["5", "", "6"], deltas: ["1"]),
    .init(title: "no number", values: ["5", "five", "6"], deltas: ["1"], codes: ["SIG-001"]),
    .init(title: "below zero", values: ["5", "-1", "6"], deltas: ["1"], codes: ["SIG-011"]),
    .init(title: "multiplier", settings: ["multiplier": number("0.25")], values: ["1", "5"], deltas: ["1"]),
    .init(title: "decimals keep their digits", values: ["0.10", "0.35"], deltas: ["0.25"]),
    .init(title: "beyond 64 bits", values: ["99999999999999999998", "100000000000000000000"], deltas: ["2"]),
]

@Suite("Counters")
struct CounterTests {
    @Test("a counter gives what its steps mean", arguments: counterCases)
    func steps(_ row: CounterCase) throws {
        var settings = row.settings
        settings["tag"] = .text("n")
        var bench = try Bench(signal("counter", settings))
        for (index, value) in row.values.enumerated() {
            let reading =
                value == "S" ? tag("S", "AVAILABLE", Double(index)) : tag("n", value.map { .string($0) }, Double(index))
            try bench.feed(reading)
            bench.memory.forget()  // every step over the stored state
        }
        #expect(bench.events.map { $0.amount } == row.deltas)
        #expect(bench.faults.map(\.failure.kind.code) == row.codes)
        #expect(Set(bench.events.map(\.id)).count == bench.events.count)
    }

    @Test("an event says where, what, how much and the raw value")
    func event() throws {
        var bench = try Bench(signal("counter", ["tag": .text("n"), "with": table(["operation": "20"])]))
        try bench.feed(tag("n", "7", 0), tag("n", 9, 1))
        let event = try #require(bench.events.first)
        #expect(event.id == "n:1738562400:00000000000000000009")
        #expect(event.source == "/lyon/cnc01")
        #expect(event.type == "millwright.production.completed.v1")
        #expect(event.subject == "UNASSIGNED, cnc01")
        #expect(event.time == at(1))
        #expect(
            event.attributes == [
                "plant": "lyon", "area": "milling", "line": "m1", "company": "acme",
                "dataschema": "urn:millwright:schema:production.completed:1",
            ])
        #expect(
            event.data == [
                "order": "UNASSIGNED", "operation": "20", "asset": "cnc01", "quantity": ["value": 2, "unit": "pcs"],
                "native": ["tag": "n", "value": 9],
            ])
    }

    @Test("a counter of energy covers the span since the last value")
    func energy() throws {
        var bench = try Bench(
            signal("counter", ["tag": .text("e"), "event": .text("equipment.energy-measured"), "unit": .text("kWh")]))
        try bench.feed(tag("e", "10.5", 0), tag("e", "12.0", 60))
        let data = try #require(bench.events.first?.data)
        #expect(data["energy"] == ["value": .number(ExactNumber(text: "1.5")!), "unit": "kWh"])
        #expect(data["from"]?.string == at(0).description && data["to"]?.string == at(60).description)
        #expect(bench.events.first?.subject == nil)
    }

    @Test("ids stay ascending within an epoch and never come again after the store was lost")
    func ids() throws {
        var bench = try Bench(signal("counter", ["tag": .text("n")]))
        try bench.feed((0..<150).map { tag("n", .int($0), Double($0)) })
        #expect(bench.events.map(\.id) == bench.events.map(\.id).sorted())
        var other = try Bench(signal("counter", ["tag": .text("n")]))
        try other.feed((0..<150).map { tag("n", .int($0), Double($0) + 500) })
        #expect(Set(bench.events.map(\.id)).isDisjoint(with: other.events.map(\.id)))
    }

    @Test("scrap counters carry the reason that another tag holds")
    func scrap() throws {
        var bench = try Bench(signal("scrap", ["tag": .text("bad"), "reasonTag": .text("why")]))
        try bench.feed(tag("bad", 0, 0), tag("why", "E17", 1), tag("bad", 2, 2), tag("why", "", 3), tag("bad", 3, 4))
        #expect(bench.events.map { $0.data["reason"]?.string } == ["E17", nil])
        #expect(bench.events.allSatisfy { $0.type == "millwright.production.scrapped.v1" })
    }

    @Test(
        "settings that cannot work are refused with the place and a way out",
        arguments: [
            (["tag": .text("n"), "unit": .text("bananas")], "unit: bananas is not known"),
            (["tag": .text("n"), "event": .text("production.compleeted")], "is no canonical fact"),
            (["tag": .text("n"), "event": .text("equipment.cycle-completed")], "has no quantity"),
            (["tag": .text("n"), "event": .text("quality.held")], "which this signal cannot give"),
            ([:], "tag is missing"),
        ] as [([String: SettingValue], String)])
    func refused(_ settings: [String: SettingValue], _ words: String) {
        let fault = #expect(throws: SettingFault.self) { _ = try Bench(signal("counter", settings)) }
        #expect(fault?.description.contains(words) == true)
    }

    @Test("two signals of one name are refused")
    func names() {
        let fault = #expect(throws: SettingFault.self) {
            _ = try Bench(signal("counter", ["tag": .text("n")]), signal("counter", ["tag": .text("n")], line: 9))
        }
        #expect(fault?.description.contains("sources/test.yaml:9:5") == true)
    }
}
