import Canonical
import Contracts
import ExactJSON
import Testing

@testable import Signals

/// A plant that works around the clock in shifts of any length, with breaks.
private func plant(_ random: inout Seeded) -> (plants: SignalPlants, plan: ShiftPlan) {
    var shifts: [ShiftPlan.Shift] = []
    var start = 0
    while start < 1_440 {
        let length = min(Int.random(in: 60...600, using: &random), 1_440 - start)
        let pause = QuietWindow(
            days: Set(0...6), start: start + Int.random(in: 0..<length, using: &random),
            length: Int.random(in: 1...45, using: &random))
        shifts.append(
            ShiftPlan.Shift(
                name: "s\(shifts.count)", times: [QuietWindow(days: Set(0...6), start: start, length: length)],
                breaks: Bool.random(using: &random) ? [pause] : []))
        start += length
    }
    let plan = ShiftPlan(shifts: shifts)
    return (
        SignalPlants(
            standard: lyon.standard, assets: lyon.assets,
            calendars: ["lyon": ShiftCalendar(plan, zone: "Europe/Paris")!]),
        plan
    )
}

private func settings(
    microStop: Int, debounce: Int, grace: Int, amend: Int = 86_400, silent: Int? = nil
) -> [Settings] {
    var state: [String: SettingValue] = [
        "tag": .text("exec"), "map": table(["A": "running", "B": "idle", "D": "down"]),
        "debounce": .duration(.seconds(debounce)),
        "overrides": .map([(key: "estop", value: table(["X": "down"])), (key: "door", value: table(["O": "setup"]))]),
    ]
    state["silent"] = silent.map { .duration(.seconds($0)) }
    return [
        signal("state", state),
        signal(
            "count",
            [
                "on": texts("Good"), "order": texts("job"), "quantity": group(["field": .text("n")]),
                "name": .text("good"),
            ]),
        signal(
            "count",
            [
                "on": texts("Bad"), "order": texts("job"), "quantity": group(["field": .text("n")]),
                "name": .text("bad"),
                "event": .text("production.scrapped"),
            ]),
        signal(
            "window",
            [
                "microStop": .duration(.seconds(microStop)), "grace": .duration(.seconds(grace)),
                "amend": .duration(.seconds(amend)), "runTimePerUnit": .duration(.seconds(20)),
            ]),
    ]
}

/// What happens on a machine over some hours, in the order of its times: whole seconds, ten and more apart by tag.
private func happenings(_ random: inout Seeded, hours: Int) -> [Reading] {
    var readings: [Reading] = []
    var time = 0
    while time < hours * 3_600 {
        time += [11, 25, 60, 130, 700, 2_000].randomElement(using: &random)!
        let second = Double(time)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: readings.append(tag("estop", Bool.random(using: &random) ? "X" : "ok", second))
        case 1: readings.append(tag("door", Bool.random(using: &random) ? "O" : nil, second))
        case 2:
            readings.append(
                record(
                    "Good", ["job": "J", "n": .int(Int.random(in: 1...9, using: &random))], second, fact: "g:\(time)"))
        case 3: readings.append(record("Bad", ["job": "J", "n": .int(1)], second, fact: "b:\(time)"))
        default:
            readings.append(tag("exec", ["A", "A", "B", "D", nil].randomElement(using: &random)!, second))
        }
    }
    return readings
}

private func summaries(_ events: [Event]) -> [Event] { events.filter { $0.type == "millwright.shift.summarized.v1" } }

/// What a shift was, second by second.
private struct Slow {
    /// The state of each second from 0 on; nil: not known.
    let states: [String?]

    init(_ readings: [Reading], seconds: Int, microStop: Int) {
        var states: [String?] = Array(repeating: nil, count: seconds)
        var (main, estop, door): (String?, String?, String?)
        var next = 0
        for second in 0..<seconds {
            while next < readings.count, readings[next].time <= at(Double(second)) {
                let reading = readings[next]
                let word: String? = if case .value(let value) = reading.value { value.plainText } else { nil }
                switch reading.name {
                case "exec": main = word.map { ["A": "running", "B": "idle", "D": "down"][$0] ?? "" } ?? "unavailable"
                case "estop": estop = word == "X" ? "down" : nil
                case "door": door = word == "O" ? "setup" : nil
                default: break
                }
                next += 1
            }
            states[second] = estop ?? door ?? main
        }
        // A stop between two stretches of running.
        var begin: Int?
        for second in 1..<seconds {
            let (before, now) = (states[second - 1], states[second])
            let isStop = now != nil && now != "running" && now != "unavailable"
            if isStop, before == "running" { begin = second }
            if !isStop {
                if let begin, now == "running", second - begin < microStop {
                    for part in begin..<second { states[part] = "running*" }
                }
                begin = nil
            }
        }
        self.states = states
    }

    /// `planned`, by state, running in breaks, micro-stops.
    func shift(_ planned: [Range<Int>], _ whole: Range<Int>) -> (states: [String: Int], breaks: Int, micro: Int) {
        var table: [String: Int] = [:]
        for piece in planned { for second in piece { table[states[second] ?? "unknown", default: 0] += 1 } }
        table["running", default: 0] += table.removeValue(forKey: "running*") ?? 0
        table = table.filter { $0.value > 0 }
        let running = whole.filter { states[$0]?.hasPrefix("running") == true }.count
        let micro = whole.filter { states[$0] == "running*" && $0 > 0 && states[$0 - 1] != "running*" }.count
        return (table, running - (table["running"] ?? 0), micro)
    }
}

@Suite("The summary of a shift, under anything that happens")
struct WindowPropertyTests {
    @Test("is what a slow look at each second says", arguments: UInt64(1)...24)
    func reference(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let (plants, _) = plant(&random)
        let microStop = [0, 30, 120, 600].randomElement(using: &random)!
        let readings = happenings(&random, hours: 30)
        var bench = try Bench(
            signals: settings(microStop: microStop, debounce: 0, grace: 900), plants: plants)
        for reading in readings { try bench.feed(reading, now: reading.time.since(at(0)).seconds) }
        let hours = 40
        for quarter in 0..<(4 * hours) where Double(quarter) * 900 > 30 * 3_600 {
            try bench.feed([], now: Double(quarter) * 900)
        }
        let slow = Slow(readings, seconds: hours * 3_600, microStop: microStop)
        let told = summaries(bench.events)
        #expect(told.count > 3 && told.allSatisfy { $0.data["revision"] == 1 }, "seed \(seed)")
        let calendar = try #require(plants.calendars["lyon"])
        for event in told {
            #expect(FactShape.of(type: event.type)?.faults(in: event.data) == [], "seed \(seed)")
            let shift = try #require(
                calendar.ending(after: event.time - .seconds(1), through: event.time, in: calendar.names).first)
            func second(_ time: Instant) -> Int { Int(time.since(at(0)).seconds) }
            // What was before the first reading is not known.
            guard shift.from >= at(0) else { continue }
            let whole = second(shift.from)..<second(shift.to)
            let expected = slow.shift(shift.planned.map { second($0.lowerBound)..<second($0.upperBound) }, whole)
            var found: [String: Int] = [:]
            for (state, value) in event.data["states"]?.object ?? [:] where value.int != 0 { found[state] = value.int }
            found["unknown"] = event.data["unknown"]?.int == 0 ? nil : event.data["unknown"]?.int
            #expect(found == expected.states, "seed \(seed), \(shift)")
            #expect(event.data["breakRunning"]?.int == expected.breaks, "seed \(seed)")
            #expect(event.data["microStops"]?.int == expected.micro, "seed \(seed), \(shift)")
            let planned = shift.planned.reduce(0) { $0 + second($1.upperBound) - second($1.lowerBound) }
            #expect(
                event.data["planned"]?.int == planned && expected.states.values.reduce(0, +) == planned, "seed \(seed)")
            for (member, kind) in [("good", "Good"), ("scrap", "Bad")] {
                let sum = readings.filter { $0.name == kind && shift.from <= $0.time && $0.time < shift.to }
                    .reduce(0) { sum, reading in
                        if case .record(let record) = reading.value { sum + (record["n"]?.int ?? 0) } else { sum }
                    }
                #expect(event.data[member]?["value"]?.int == sum, "seed \(seed) \(member)")
            }
        }
    }

    @Test("is the same whatever order things come in within the grace", arguments: UInt64(1)...24)
    func order(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let (plants, _) = plant(&random)
        let signals = settings(
            microStop: [0, 120].randomElement(using: &random)!, debounce: [0, 45].randomElement(using: &random)!,
            grace: 900)
        let readings = happenings(&random, hours: 20)
        // What sets the scene comes first in any case.
        let late =
            readings.prefix(1).map { (reading: $0, now: $0.time) }
            + readings.dropFirst().map {
                (reading: $0, now: $0.time + .seconds(Int.random(in: 0...800, using: &random)))
            }.sorted { $0.now < $1.now }
        var inOrder = try Bench(signals: signals, plants: plants)
        var shuffled = try Bench(signals: signals, plants: plants)
        for reading in readings { try inOrder.feed(reading, now: reading.time.since(at(0)).seconds) }
        for (reading, now) in late {
            shuffled.memory.forget()
            try shuffled.feed(reading, now: now.since(at(0)).seconds)
        }
        for hour in 21...30 {
            try inOrder.feed([], now: Double(hour) * 3_600)
            try shuffled.feed([], now: Double(hour) * 3_600)
        }
        let (a, b) = (summaries(inOrder.events), summaries(shuffled.events))
        #expect(a.count > 1 && a.map(\.id) == b.map(\.id), "seed \(seed)")
        for (a, b) in zip(a, b) { #expect(a.data == b.data, "seed \(seed)") }
    }

    @Test("in order it agrees with the state's own events, debounce, silence and all", arguments: UInt64(1)...24)
    func agrees(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let (plants, _) = plant(&random)
        var bench = try Bench(
            signals: settings(
                microStop: 0, debounce: [0, 20, 90].randomElement(using: &random)!, grace: 900,
                silent: Bool.random(using: &random) ? 1_500 : nil), plants: plants)
        for reading in happenings(&random, hours: 30) {
            try bench.feed(reading, now: reading.time.since(at(0)).seconds)
        }
        let changes = bench.events.filter { $0.type == "millwright.equipment.state-changed.v1" }
        let calendar = try #require(plants.calendars["lyon"])
        for event in summaries(bench.events) {
            let shift = try #require(
                calendar.ending(after: event.time - .seconds(1), through: event.time, in: calendar.names).first)
            var table: [String: Int64] = [:]
            for (index, change) in changes.enumerated() {
                let end = index + 1 < changes.count ? changes[index + 1].time : at(1e9)
                for piece in shift.planned {
                    let (from, to) = (max(piece.lowerBound, change.time), min(piece.upperBound, end))
                    if from < to {
                        table[change.data["state"]?.string ?? "", default: 0] += to.since(from).microseconds
                    }
                }
            }
            var found: [String: Int64] = [:]
            for (state, value) in event.data["states"]?.object ?? [:] where value.int != 0 {
                found[state] = Int64(value.int ?? 0) * 1_000_000
            }
            #expect(found == table.filter { $0.value > 0 }, "seed \(seed), \(shift)")
        }
        #expect(summaries(bench.events).count > 2)
    }

    @Test("survives restarts, and what it keeps is bounded", arguments: UInt64(1)...24)
    func restarts(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let (plants, _) = plant(&random)
        let signals = settings(
            microStop: 60, debounce: 15, grace: 600, amend: [0, 7_200, 86_400].randomElement(using: &random)!,
            silent: 3_000)
        var plain = try Bench(signals: signals, plants: plants)
        var forgetful = try Bench(signals: signals, plants: plants)
        var now = Instant(microseconds: 0)
        for reading in happenings(&random, hours: 40) {
            // Some come very late.
            let delay = Int.random(in: 0..<30, using: &random) == 0 ? Int.random(in: 0...90_000, using: &random) : 0
            now = max(now, reading.time + .seconds(delay / 10))
            var reading = reading
            reading.time = reading.time - .seconds(delay)
            forgetful.memory.forget()
            let moment = now.since(at(0)).seconds
            #expect(try plain.feed(reading, now: moment) == forgetful.feed(reading, now: moment), "seed \(seed)")
            #expect(plain.memory.earliestDeadline == forgetful.memory.earliestDeadline, "seed \(seed)")
        }
        for hour in 1...100 {
            forgetful.memory.forget()
            let moment = now.since(at(0)).seconds + Double(hour) * 3_600
            #expect(try plain.feed([], now: moment) == forgetful.feed([], now: moment), "seed \(seed)")
        }
        #expect(plain.stored == forgetful.stored, "seed \(seed)")
        #expect(plain.faults.map(\.factID) == forgetful.faults.map(\.factID), "seed \(seed)")
        #expect(Set(plain.events.map { $0.source + $0.id }).count == plain.events.count, "seed \(seed)")
        let told = summaries(plain.events)
        for shift in Set(told.map { $0.data["from"]?.string ?? "" }) {
            let revisions = told.filter { $0.data["from"]?.string == shift }.compactMap { $0.data["revision"]?.int }
            #expect(revisions == Array(1...revisions.count), "seed \(seed)")
        }
        // Nothing has come for four days.
        let held = plain.stored.filter { $0.value != Array("null".utf8) && $0.key.hasPrefix("window-slot/") }
        #expect(held.count < 2, "seed \(seed): \(held.count)")
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(microseconds) / 1_000_000 }
}
