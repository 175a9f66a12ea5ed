import Canonical
import Contracts
import ExactJSON
import Testing

@testable import Signals

private func number(_ value: Int) -> SettingValue { .number(ExactNumber(value)) }

/// Pieces per hour over ten minutes, which are looked at every thirty seconds.
private func rate(_ more: [String: SettingValue] = [:]) -> Settings {
    signal("rate", ["tag": .text("n"), "below": number(60), "belowUntil": number(90)].merging(more) { $1 })
}

private func steps(_ events: [Event]) -> [String] {
    events.map {
        let second = $0.time.since(at(0)).microseconds / 1_000_000
        return
            "\($0.type.split(separator: ".")[2].dropFirst(10)) \($0.data["value"]?.number?.description ?? "-")@\(second)"
    }
}

@Suite("Rates of counters")
struct RateTests {
    @Test("a counter that slows down is a condition, and is over when it is as fast again; one that stands still too")
    func slow() throws {
        var bench = try Bench(rate())
        // Two a minute for twenty minutes, then none, then two a minute again.
        var count = 0
        for half in 0...80 {
            let second = Double(half) * 30
            count += half > 0 && half <= 40 || half > 60 ? 1 : 0
            try bench.feed(tag("n", .int(count), second + 1), now: second + 1)
        }
        // 10 in ten minutes are 60 an hour, and 9 are fewer. One of each step was counted within it.
        #expect(steps(bench.events) == ["raised 54@1560", "cleared -@2280"])
        #expect(bench.events[0].data["message"] == "n is 54 per 1 h, below 60 per 1 h")
        #expect(bench.events[0].data["condition"] == "n.low" && bench.events[0].data["threshold"] == 60)
        for event in bench.events { #expect(FactShape.of(type: event.type)?.faults(in: event.data) == []) }
    }

    @Test("a counter of which nothing more is heard stands still, which the node's clock says a step later")
    func silence() throws {
        var bench = try Bench(rate())
        for minute in 0...20 {
            try bench.feed(tag("n", .int(minute * 2), Double(minute) * 60), now: Double(minute) * 60)
        }
        var moments: [Double] = []
        for second in stride(from: 1_200.0, through: 3_600, by: 10) {
            bench.memory.forget()
            if try !bench.feed([], now: second).isEmpty { moments.append(second) }
        }
        #expect(steps(bench.events) == ["raised 48@1590"] && moments == [1_620])
        // Nothing changes any more, so nobody wakes up for it.
        #expect(bench.memory.earliestDeadline == nil)
    }

    @Test("before it was known for a whole window, and behind a gap, there is no rate; too fast is one")
    func gaps() throws {
        var bench = try Bench(rate(["above": number(600)]))
        for second in stride(from: 0.0, through: 590, by: 30) { try bench.feed(tag("n", 5, second), now: second) }
        #expect(bench.events.isEmpty)
        try bench.feed(tag("n", nil, 595), now: 595)
        for second in stride(from: 900.0, through: 1_520, by: 30) {
            try bench.feed(tag("n", .int(500 + Int(second)), second), now: second)
        }
        #expect(bench.events.isEmpty)
        for second in stride(from: 1_530.0, through: 1_560, by: 30) {
            try bench.feed(tag("n", .int(500 + Int(second)), second), now: second)
        }
        #expect(steps(bench.events) == ["raised 3600@1530"] && bench.events[0].data["condition"] == "n.high")
    }

    @Test("a restart changes nothing, and the rate is that of a slow count", arguments: UInt64(1)...16)
    func property(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        var plain = try Bench(rate(["above": number(400)]))
        var forgetful = try Bench(rate(["above": number(400)]))
        var (time, shown) = (0, 0)
        var counted: [(second: Int, amount: Int)] = []
        while time < 20_000 {
            let amount = Int.random(in: 0...(time / 3_000 % 2 == 0 ? 1 : 12), using: &random)
            if time > 0 { counted.append((time, amount)) }
            shown += amount
            let readings = [tag("n", .int(shown), Double(time))]
            forgetful.memory.forget()
            #expect(
                try plain.feed(readings, now: Double(time)) == forgetful.feed(readings, now: Double(time)),
                "seed \(seed)")
            time += Int.random(in: 1...50, using: &random)
        }
        #expect(plain.stored == forgetful.stored && !plain.events.isEmpty, "seed \(seed)")
        for event in plain.events where event.type.contains("raised") {
            let end = Int(event.time.since(at(0)).microseconds / 1_000_000)
            #expect(end % 30 == 0)
            let sum = counted.filter { end - 600 <= $0.second && $0.second < end }.reduce(0) { $0 + $1.amount }
            #expect(event.data["value"]?.int == sum * 6, "seed \(seed) at \(end)")
        }
    }
}
