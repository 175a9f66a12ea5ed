import Canonical
import Contracts
import ExactJSON
import Testing

@testable import Signals

private func number(_ text: String) -> SettingValue { .number(ExactNumber(text: text)!) }

private func energy(_ more: [String: SettingValue] = [:]) -> Settings {
    signal("energy", ["tag": .text("e"), "every": .duration(.seconds(600))].merging(more) { $1 })
}

private func spans(_ events: [Event]) -> [String] {
    func second(_ event: Event, _ name: String) -> String {
        event.data[name]?.string.flatMap { Instant(text: $0) }.map { "\($0.since(at(0)).microseconds / 1_000_000)" }
            ?? "?"
    }
    return events.map {
        let amount = $0.data["energy"].flatMap { Quantity($0) }
        return "\(second($0, "from"))–\(second($0, "to")) \(amount?.value.description ?? "") \(amount?.unit ?? "")"
    }
}

@Suite("Energy")
struct EnergyTests {
    @Test("a meter's spans end with the first reading behind their border, and leave nothing out")
    func meter() throws {
        var bench = try Bench(energy())
        try bench.feed(
            tag("e", .string("100.10"), 10), tag("e", .string("100.35"), 300), tag("e", .string("100.35"), 599),
            tag("e", .string("101.1"), 605), tag("e", .string("101.1"), 1_300), tag("e", .string("103"), 1_900))
        #expect(spans(bench.events) == ["10–605 1 kWh", "605–1300 0 kWh", "1300–1900 1.9 kWh"])
        #expect(bench.events.map(\.id).first == "energy.e:00001738563005000000:0000000001")
        #expect(bench.events.allSatisfy { FactShape.of(type: $0.type)?.faults(in: $0.data) == [] })
    }

    @Test("a meter that is reset or rolls over goes on, and one that falls without reason begins a new span")
    func resets() throws {
        var bench = try Bench(energy(["rollover": number("9999"), "multiplier": number("0.1"), "unit": .text("MWh")]))
        try bench.feed(
            tag("e", 9_990, 0), tag("e", 4, 700), tag("e", 60, 1_000), tag("e", 0, 1_100), tag("e", 2, 1_300),
            tag("e", 900, 1_900), tag("e", 500, 1_950), tag("e", 510, 2_500))
        #expect(bench.faults.map(\.failure.kind.code) == ["SIG-003"])
        #expect(
            spans(bench.events) == [
                "0–700 1.4 MWh", "700–1300 5.8 MWh", "1300–1900 89.8 MWh", "1950–2500 1 MWh",
            ])
    }

    @Test("what a meter went on by in a gap counts, or ends the span where it was last read")
    func gaps() throws {
        let readings = [tag("e", 10, 0), tag("e", 12, 100), tag("e", nil, 150), tag("e", 20, 400), tag("e", 21, 700)]
        var counted = try Bench(energy())
        try counted.feed(readings)
        #expect(spans(counted.events) == ["0–700 11 kWh"])
        var ignored = try Bench(energy(["afterGap": .text("ignore")]))
        try ignored.feed(readings)
        #expect(spans(ignored.events) == ["0–100 2 kWh", "400–700 1 kWh"])
    }

    @Test("a power holds until the next reading, ends exactly at the borders, and its rounding is carried on")
    func power() throws {
        var bench = try Bench(energy(["reads": .text("power"), "hold": .duration(.seconds(900))]))
        try bench.feed(tag("e", 1, 0), tag("e", .string("2.5"), 300), tag("e", 0, 900), tag("e", 0, 1_200), now: 0)
        // (300 s × 1 kW + 300 s × 2.5 kW) / 3600 = 0.291666…, then 300 s × 2.5 kW with what was left.
        #expect(spans(bench.events) == ["0–600 0.291666 kWh", "600–1200 0.208334 kWh"])
    }

    @Test("a power that nobody says again is not known when its time is over, by either clock")
    func holds() throws {
        let settings = energy(["reads": .text("power"), "unit": .text("W"), "hold": .duration(.seconds(120))])
        var byMachine = try Bench(settings)
        try byMachine.feed(tag("e", 3_600, 0), tag("e", 3_600, 60), tag("e", 0, 1_000), now: 60)
        #expect(spans(byMachine.events) == ["0–180 0.18 kWh"])
        var byNode = try Bench(settings)
        try byNode.feed(tag("e", 3_600, 0), now: 0)
        try byNode.feed(tag("e", 3_600, 60), now: 60)
        byNode.memory.forget()
        try byNode.feed([], now: 120)
        #expect(byNode.events.isEmpty && byNode.memory.earliestDeadline == at(180))
        try byNode.feed([], now: 180)
        #expect(byNode.events == byMachine.events && byNode.memory.earliestDeadline == nil)
        var gone = try Bench(settings)
        try gone.feed(tag("e", 3_600, 0), tag("e", nil, 30), tag("e", 3_600, 20))
        #expect(spans(gone.events) == ["0–30 0.03 kWh"])
    }

    @Test("units of something else are refused")
    func units() {
        #expect(throws: SettingFault.self) { _ = try Bench(energy(["unit": .text("kW")])) }
        #expect(throws: SettingFault.self) { _ = try Bench(energy(["unit": .text("kWh"), "reads": .text("power")])) }
    }

    @Test(
        "spans never overlap, the sum is what the meter or the power says, and a restart changes nothing",
        arguments: UInt64(1)...60)
    func property(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let isPower = seed % 2 == 0
        let settings = energy(["reads": .text(isPower ? "power" : "meter"), "hold": .duration(.seconds(3_600))])
        var plain = try Bench(settings)
        var forgetful = try Bench(settings)
        var (time, shown, expected, last) = (0, 0, 0, 0)
        for step in 0..<200 {
            let pause = Int.random(in: 1...300, using: &random)
            expected += isPower ? last * pause : 0
            time += pause
            last = Int.random(in: -3...40, using: &random)
            shown += max(0, last)
            if step == 0 { expected = 0 } else if !isPower { expected += max(0, last) }
            forgetful.memory.forget()
            let readings = [tag("e", .int(isPower ? last : shown), Double(time))]
            #expect(
                try plain.feed(readings, now: Double(time)) == forgetful.feed(readings, now: Double(time)),
                "seed \(seed)")
        }
        #expect(plain.stored == forgetful.stored, "seed \(seed)")
        // The last span is not whole: a reading much later, or the word that nothing is known, ends it.
        try plain.feed(tag("e", isPower ? nil : .int(shown), Double(time) + (isPower ? 0 : 700)), now: Double(time))
        var total = ExactNumber(0)
        var end = ""
        for event in plain.events {
            let (from, to) = (event.data["from"]?.string ?? "", event.data["to"]?.string ?? "")
            #expect(end <= from && from < to, "seed \(seed)")
            end = to
            total = try ExactNumber.adding(total, event.data["energy"]?["value"]?.number ?? ExactNumber(0))
        }
        let right = try ExactNumber.dividing(
            ExactNumber(expected), by: ExactNumber(isPower ? 3_600 : 1), decimals: 6, .down)
        let difference = try ExactNumber.subtracting(right, total)
        #expect(
            !difference.isNegative && difference <= ExactNumber(text: "0.000001")!, "seed \(seed): \(right), \(total)")
        #expect(Set(plain.events.map(\.id)).count == plain.events.count)
    }
}
