import Canonical
import Contracts
import ExactJSON
import Testing

@testable import Signals

/// Lyon works from 6 to 14 and from 14 to 22, with a break from 9:00 to 9:30: `at(-3600)` is the early shift's begin.
private let works = SignalPlants(
    standard: lyon.standard, assets: lyon.assets,
    calendars: [
        "lyon": ShiftCalendar(
            ShiftPlan(shifts: [
                .init(
                    name: "early", times: [window(6, 14, 0...4)],
                    breaks: [QuietWindow(days: Set(0...6), start: 540, length: 30)]),
                .init(name: "late", times: [window(14, 22, 0...4)]),
            ]), zone: "Europe/Paris")!
    ])

private let (begin, end, hour) = (-3_600.0, 25_200.0, 3_600.0)

private func source(_ more: [String: SettingValue] = [:], state: [String: SettingValue] = [:]) -> [Settings] {
    [
        signal("window", more),
        signal(
            "state",
            [
                "tag": .text("exec"), "map": table(["A": "running", "B": "idle", "D": "down"]),
                "overrides": .map([(key: "estop", value: table(["X": "down"]))]),
            ].merging(state) { $1 }),
        signal("counter", ["tag": .text("n")]),
        signal("scrap", ["tag": .text("bad")]),
    ]
}

private func shiftBench(_ more: [String: SettingValue] = [:], state: [String: SettingValue] = [:]) throws -> Bench {
    try Bench(signals: source(more, state: state), plants: works)
}

private func summaries(_ events: [Event]) -> [Event] { events.filter { $0.type == "millwright.shift.summarized.v1" } }

private func seconds(_ event: Event, _ name: String) -> Double? {
    event.data[name]?.number.flatMap { Double($0.description) }
}

@Suite("The summary of a shift")
struct WindowTests {
    @Test("counts and states of a shift become one event, with the figures of ISO 22400")
    func whole() throws {
        var bench = try shiftBench([
            "runTimePerUnit": .duration(.seconds(30)), "grace": .duration(.seconds(600)),
            "microStop": .duration(.seconds(60)),
        ])
        try bench.feed(tag("exec", "A", begin), tag("n", 0, begin), tag("bad", 0, begin), now: begin)
        // An hour down, half of it in the break; a micro-stop; and an hour idle.
        try bench.feed(tag("exec", "D", 2 * hour - 1_800), tag("exec", "A", 2 * hour + 1_800), now: 3 * hour)
        try bench.feed(tag("exec", "B", 4 * hour), tag("exec", "A", 4 * hour + 59), now: 5 * hour)
        try bench.feed(tag("exec", "B", 5 * hour), tag("exec", "A", 6 * hour), now: 6 * hour)
        try bench.feed(tag("n", 570, 6 * hour), tag("bad", 30, 6 * hour), now: 6 * hour)
        #expect(bench.memory.earliestDeadline == at(end + 600) && summaries(bench.events).isEmpty)
        bench.memory.forget()
        #expect(try summaries(bench.feed([], now: end + 599)).isEmpty)
        let event = try #require(try summaries(bench.feed([], now: end + 600)).first)
        #expect(event.time == at(end) && event.source == "/lyon/cnc01" && event.subject == nil)
        #expect(event.data["shift"] == "early" && event.data["day"] == "2025-02-03" && event.data["revision"] == 1)
        #expect(event.data["from"]?.string == at(begin).description && event.data["to"]?.string == at(end).description)
        #expect(seconds(event, "planned") == 7.5 * hour && seconds(event, "running") == 6 * hour)
        #expect(event.data["states"] == ["running": 21_600, "idle": 3_600, "down": 1_800])
        #expect(seconds(event, "down") == 1_800 && seconds(event, "unknown") == 0)
        #expect(seconds(event, "microStops") == 1 && seconds(event, "microStopped") == 59)
        #expect(
            event.data["good"] == ["value": 570, "unit": "pcs"] && event.data["scrap"] == ["value": 30, "unit": "pcs"])
        #expect(seconds(event, "availability") == 0.8 && seconds(event, "effectiveness") == 0.8333)
        // 6/7.5 × 600 × 30/21600 × 570/600: rounded once.
        #expect(seconds(event, "qualityRatio") == 0.95 && seconds(event, "oee") == 0.6333)
        #expect(event.id == "shift:00001738587600000000:0000000001:early@1738558800")
        #expect(FactShape.of(type: event.type)?.faults(in: event.data) == [])
        #expect(bench.memory.earliestDeadline == at(end + 8 * hour + 600))
    }

    @Test("what comes within the grace is in its shift, whatever the order; what comes in the next one is there")
    func grace() throws {
        var bench = try shiftBench()
        try bench.feed(tag("n", 0, begin), now: begin)
        try bench.feed(tag("n", 5, end + 10), now: end + 10)
        // Told late, by another clock's order: the counter went on before the shift was over.
        try bench.feed(tag("n", 7, end - 1), now: end + 300)
        // Something came that belongs before the end, so it is waited for as long again.
        #expect(try summaries(bench.feed([], now: end + 600)).isEmpty)
        let first = try summaries(bench.feed([], now: end + 900))
        #expect(first.map { $0.data["good"] } == [["value": 2, "unit": "pcs"]])
        let second = try summaries(bench.feed([], now: end + 8 * hour + 600))
        #expect(second.map { $0.data["good"] } == [["value": 5, "unit": "pcs"]])
        #expect(second.first?.data["shift"] == "late")
    }

    @Test("the machine's own times end a shift too, so that a backlog is told shift by shift")
    func backlog() throws {
        var bench = try shiftBench()
        // Two days of readings at once, days later.
        let readings = stride(from: begin, through: 48 * hour, by: 900).enumerated().map {
            tag("n", .int($0.offset), $0.element)
        }
        try bench.feed(readings, now: 100 * hour)
        let told = summaries(bench.events)
        #expect(told.map { $0.data["shift"]?.string } == ["early", "late", "early", "late"])
        #expect(told.map { $0.data["good"]?["value"]?.int } == [31, 32, 32, 32])
        #expect(told.allSatisfy { $0.data["revision"] == 1 } && bench.faults.isEmpty)
        // A clock that runs ahead ends nothing.
        var wild = try shiftBench()
        try wild.feed(tag("n", 0, begin), now: begin)
        try wild.feed(tag("n", 1, 900 * hour), now: begin + 10)
        #expect(summaries(wild.events).isEmpty)
    }

    @Test("what comes behind the summary is told in a further revision, once for all of it, and nothing new is none")
    func amended() throws {
        var bench = try shiftBench()
        try bench.feed(tag("exec", "A", begin), tag("n", 0, begin), now: begin)
        try bench.feed([], now: end + 600)
        try bench.feed(tag("n", 3, end - 60), now: end + 1_000)
        try bench.feed(tag("n", 4, end - 50), tag("exec", "D", end - 1_800), now: end + 1_200)
        #expect(summaries(bench.events).count == 1 && bench.memory.earliestDeadline == at(end + 1_600))
        bench.memory.forget()
        try bench.feed([], now: end + 1_600)
        let told = summaries(bench.events)
        #expect(told.map { $0.data["revision"]?.int } == [1, 2] && Set(told.map(\.id)).count == 2)
        #expect(told.last?.data["good"]?["value"]?.int == 4 && seconds(told[1], "down") == 1_800)
        // The same state said again, late, changes nothing.
        try bench.feed(tag("exec", "D", end - 900), now: end + 2_000)
        try bench.feed([], now: end + 2_600)
        #expect(summaries(bench.events).count == 2 && bench.faults.isEmpty)
        // The event itself went its way all the while.
        #expect(bench.events.compactMap(\.amount) == ["3", "1"])
    }

    @Test("what is older than the amendments is reported once a shift, and its own event goes its way")
    func tooLate() throws {
        var bench = try shiftBench(["amend": .duration(.zero)])
        try bench.feed(tag("n", 0, begin), now: begin)
        try bench.feed([], now: end + 600)
        try bench.feed(tag("n", 3, end - 60), tag("n", 4, end - 50), now: end + 1_000)
        #expect(bench.faults.map(\.failure.kind.code) == ["SIG-016", "SIG-016"])
        #expect(Set(bench.faults.map(\.factID)).count == 1)
        #expect(bench.events.compactMap(\.amount) == ["3", "1"] && summaries(bench.events).count == 1)
        var old = try shiftBench(["amend": .duration(.seconds(3_600))])
        try old.feed(tag("n", 0, begin), now: begin)
        for shift in 0..<9 {
            try old.feed(tag("n", .int(shift), end + Double(shift) * 8 * hour), now: end + Double(shift) * 8 * hour)
        }
        try old.feed(tag("n", 99, begin + 10), now: end + 65 * hour)
        #expect(old.faults.map(\.failure.kind.code) == ["SIG-016"])
    }

    @Test("a stop at the shift's border is told by its whole length, and one of unknown state is no micro-stop")
    func borders() throws {
        var bench = try shiftBench(["microStop": .duration(.seconds(120))])
        try bench.feed(
            tag("exec", "A", begin), tag("exec", "B", end - 60), tag("exec", "A", end + 30),
            tag("exec", nil, end + 100),
            tag("exec", "A", end + 110), now: end + 200)
        try bench.feed(tag("exec", "B", end + 7 * hour), tag("exec", "A", end + 7 * hour + 120), now: end + 8 * hour)
        try bench.feed([], now: end + 9 * hour)
        let told = summaries(bench.events)
        #expect(told.map { seconds($0, "microStops") } == [1, 0])
        #expect(told.map { seconds($0, "microStopped") } == [60, 30])
        #expect(told[1].data["states"] == ["running": 28_670, "idle": 120, "unavailable": 10])
    }

    @Test("equipment that is silent, or stops by another tag, is so in the summary")
    func voices() throws {
        var bench = try shiftBench(state: ["silent": .duration(.seconds(3_600))])
        try bench.feed(
            tag("exec", "A", begin), tag("estop", "X", 0), tag("exec", "B", 600), tag("estop", "ok", 1_200), now: 1_200)
        try bench.feed([], now: 1_200 + hour)
        try bench.feed(tag("exec", "A", 6 * hour), tag("exec", "A", end - 60), now: end)
        try bench.feed([], now: end + 600)
        let event = try #require(summaries(bench.events).first)
        // 7:00–7:20 down, then idle for an hour, then not heard of until 13:00; the break is from 9:00 to 9:30.
        #expect(
            event.data["states"] == ["running": 7_200, "down": 1_200, "idle": 3_600, "unavailable": 15_000])
        #expect(seconds(event, "planned") == 27_000)
    }

    @Test("a plant whose calendar is over says nothing, and one without shifts cannot be summarised")
    func calendars() throws {
        #expect(throws: SettingFault.self) { _ = try Bench(signals: source()) }
        for more: [String: SettingValue] in [
            ["shifts": texts("noon")], ["state": .text("nobody")], ["good": texts("exec")],
            ["good": texts("n"), "scrap": texts("n")], ["microStop": .duration(.seconds(900))],
        ] {
            #expect(throws: SettingFault.self, "\(more)") { _ = try shiftBench(more) }
        }
        #expect(throws: SettingFault.self) { _ = try Bench(signals: [signal("window")], plants: works) }
        var never = try Bench(
            signals: source(),
            plants: SignalPlants(
                standard: lyon.standard, assets: lyon.assets,
                calendars: ["lyon": ShiftCalendar(ShiftPlan(shifts: []), zone: "Europe/Paris")!]))
        try never.feed(tag("n", 1, 0), tag("n", 2, 1), now: 1)
        #expect(summaries(never.events).isEmpty && never.memory.earliestDeadline == at(86_401))
        try never.feed([], now: 86_401)
        #expect(never.memory.earliestDeadline == at(2 * 86_400 + 1))
    }

    @Test("a clock that begins in 1970 makes no shifts of half a century, and a machine long unheard of has none")
    func longQuiet() throws {
        var bench = try shiftBench()
        let then = instant("1970-01-05T08:00:00Z").since(at(0)).microseconds / 1_000_000
        try bench.feed(tag("exec", "A", Double(then)), now: begin)
        try bench.feed(tag("exec", "A", begin + 60), tag("n", 0, begin + 60), tag("n", 3, begin + 90), now: begin + 90)
        // The shifts of 31 days, of which nothing says that they were not.
        let before = summaries(bench.events).count
        #expect(before > 20 && before < 50)
        try bench.feed([], now: end + 600)
        #expect(summaries(bench.events).count == before + 1)
        #expect(summaries(bench.events).last?.data["good"]?["value"] == 3)
        for day in 1..<100 { try bench.feed([], now: end + Double(day) * 86_400) }
        let month = summaries(bench.events).count
        #expect(month > before + 40 && month < before + 50 && bench.memory.earliestDeadline == nil)
        let later = end + 200 * 86_400 - 8 * hour
        bench.memory.forget()
        try bench.feed(tag("n", 5, later), now: later)
        try bench.feed([], now: later + 9 * hour)
        #expect(summaries(bench.events).count - month <= 2)
        #expect(summaries(bench.events).suffix(2).contains { $0.data["good"]?["value"] == 2 }, "\(later)")
    }

    @Test("numbers that no sum could hold are reported, and hold nothing up")
    func monsters() throws {
        var bench = try shiftBench()
        try bench.feed(tag("n", 0, begin), tag("n", .string("1E+900"), 0), tag("n", .string("1E+901"), 1), now: 1)
        #expect(bench.faults.map(\.failure.kind.code).contains("SIG-013") && bench.events.count == 2)
        try bench.feed([], now: end + 600)
        #expect(summaries(bench.events).first?.data["good"]?["value"] == 0)
    }

    @Test("only one shift of the plant, and each asset for itself")
    func someShifts() throws {
        var bench = try shiftBench(["shifts": texts("late")])
        for asset: AssetID in ["cnc01", "cnc02"] {
            try bench.feed(tag("n", 0, begin, asset: asset), tag("n", 2, end + hour, asset: asset), now: end + hour)
        }
        try bench.feed([], now: end + 9 * hour)
        #expect(summaries(bench.events).map(\.source) == ["/lyon/cnc01", "/lyon/cnc02"])
        #expect(
            summaries(bench.events).allSatisfy { $0.data["shift"] == "late" && $0.data["good"]?["value"]?.int == 2 })
    }
}
