import Canonical
import Contracts
import ExactJSON
import Testing

@testable import Signals

private func watched(_ more: [String: SettingValue] = [:]) -> Settings {
    signal(
        "state",
        [
            "tag": .text("exec"), "map": table(["A": "running", "B": "idle"]), "silent": .duration(.seconds(60)),
            "overrides": .map([(key: "estop", value: table(["X": "down"]))]),
        ].merging(more) { $1 })
}

private func steps(_ events: [Event]) -> [String] {
    events.map {
        let second = $0.time.since(at(0)).microseconds / 1_000_000
        return "\($0.data["previous"]?.string ?? "-")>\($0.data["state"]?.string ?? "")@\(second)"
    }
}

@Suite("Equipment of which nothing is heard")
struct SilenceTests {
    @Test("silence is reported once, at its time, also over a restart, and ends with the next reading")
    func silence() throws {
        var bench = try Bench(watched())
        try bench.feed(tag("exec", "A", 0), now: 0)
        try bench.feed(tag("exec", "A", 30), now: 30)
        bench.memory.forget()
        #expect(try bench.feed([], now: 89).isEmpty)
        #expect(bench.memory.earliestDeadline == at(90))
        try bench.feed([], now: 95)
        try bench.feed([], now: 500)
        #expect(steps(bench.events) == ["->running@0", "running>unavailable@90"])
        #expect(bench.events[1].data["reason"] == "silent" && bench.memory.earliestDeadline == nil)
        bench.memory.forget()
        try bench.feed(tag("exec", "A", 600), now: 600)
        #expect(steps(bench.events).last == "unavailable>running@600" && bench.memory.earliestDeadline == at(660))
    }

    @Test("a gap between two readings says the same as the node's clock")
    func sameEvents() throws {
        var byNode = try Bench(watched())
        try byNode.feed(tag("exec", "A", 0), now: 0)
        try byNode.feed([], now: 60)
        try byNode.feed(tag("exec", "B", 100), now: 100)
        var byMachine = try Bench(watched())
        try byMachine.feed(tag("exec", "A", 0), tag("exec", "B", 100), now: 1_000)
        #expect(byNode.events == byMachine.events)
        #expect(steps(byMachine.events) == ["->running@0", "running>unavailable@60", "unavailable>idle@100"])
    }

    @Test("an override speaks too; what it says comes back behind the silence")
    func overrides() throws {
        var bench = try Bench(watched())
        try bench.feed(tag("exec", "A", 0), tag("estop", "X", 50), now: 50)
        try bench.feed([], now: 110)
        try bench.feed(tag("exec", "B", 120), now: 120)
        try bench.feed(tag("estop", "ok", 130), now: 130)
        #expect(
            steps(bench.events) == [
                "->running@0", "running>down@50", "down>unavailable@110", "unavailable>down@120", "down>idle@130",
            ])
    }

    @Test("other tags are signs of life where they are named, and bring the state before back")
    func heartbeat() throws {
        var bench = try Bench(watched(["heartbeat": texts("pos*", "Tick")]))
        try bench.feed(tag("exec", "A", 0), now: 0)
        for second in 1...3 { try bench.feed(tag("position", 1, Double(second) * 40), now: Double(second) * 40) }
        try bench.feed(tag("other", 1, 150), now: 150)
        try bench.feed([], now: 180)
        try bench.feed(record("Tick", [:], 200, fact: "f:9"), now: 200)
        #expect(steps(bench.events) == ["->running@0", "running>unavailable@180", "unavailable>running@200"])
        #expect(bench.events.last?.id == "f:9:exec")
    }

    @Test("without `silent` no deadline stands, and a heartbeat without it is refused")
    func none() throws {
        var settings = watched(["heartbeat": texts("*")])
        var values = settings.values
        values["silent"] = nil
        settings = Settings(values: values, location: settings.location)
        #expect(throws: SettingFault.self) { _ = try Bench(settings) }
        values["heartbeat"] = nil
        var bench = try Bench(Settings(values: values, location: settings.location))
        try bench.feed(tag("exec", "A", 0))
        #expect(bench.memory.earliestDeadline == nil)
    }

    @Test("a restart at any place changes nothing, and no state follows itself", arguments: UInt64(1)...80)
    func property(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let settings = watched([
            "debounce": .duration(.seconds(Int.random(in: 0...20, using: &random))), "heartbeat": texts("tick"),
        ])
        var plain = try Bench(settings)
        var forgetful = try Bench(settings)
        var time = 0.0
        for _ in 0..<250 {
            time += Double([1, 5, 20, 50, 200].randomElement(using: &random)!)
            let name = ["exec", "exec", "estop", "tick"].randomElement(using: &random)!
            let value: JSON? = [nil, "A", "B", "X", "Y"].randomElement(using: &random)!
            let readings =
                Bool.random(using: &random)
                ? [tag(name, value, time - Double(Int.random(in: 0...10, using: &random)))] : []
            forgetful.memory.forget()
            #expect(try plain.feed(readings, now: time) == forgetful.feed(readings, now: time), "seed \(seed)")
        }
        #expect(plain.stored == forgetful.stored && plain.events.count > 5, "seed \(seed)")
        #expect(Set(plain.events.map(\.id)).count == plain.events.count, "seed \(seed)")
        for event in plain.events { #expect(event.data["state"] != event.data["previous"], "seed \(seed)") }
    }
}
