import Canonical
import Contracts
import Foundation
import Testing

@testable import Signals

func instant(_ text: String) -> Instant { Instant(text: text)! }

func civil(_ year: Int, _ month: Int, _ day: Int) -> CivilDate { CivilDate(year: year, month: month, day: day)! }

/// `22:00-06:00` on these days, 0 for Monday.
func window(_ start: Int, _ end: Int, _ days: ClosedRange<Int> = 0...6) -> QuietWindow {
    QuietWindow(days: Set(days), start: start * 60, length: (end > start ? end - start : end - start + 24) * 60)
}

private let threeShifts = ShiftPlan(shifts: [
    .init(
        name: "early", times: [window(6, 14, 0...4)], breaks: [QuietWindow(days: Set(0...6), start: 540, length: 15)]),
    .init(name: "late", times: [window(14, 22, 0...4)]),
    .init(name: "night", times: [window(22, 6)], breaks: [QuietWindow(days: Set(0...6), start: 120, length: 60)]),
])

private func hours(_ shift: ShiftCalendar.Occurrence) -> [Double] {
    [shift.from..<shift.to].map { Double($0.upperBound.since($0.lowerBound).microseconds) / 3.6e9 }
        + [shift.planned.reduce(0) { $0 + Double($1.upperBound.since($1.lowerBound).microseconds) / 3.6e9 }]
}

@Suite("Shifts by the plant's clock")
struct ShiftCalendarTests {
    @Test("shifts follow each other without a gap, over midnight and the week's end")
    func week() throws {
        let calendar = try #require(ShiftCalendar(threeShifts, zone: "Europe/Berlin"))
        let shifts = calendar.ending(
            after: instant("2026-03-05T21:00:00Z"), through: instant("2026-03-07T05:00:00Z"), in: calendar.names)
        #expect(
            shifts.map { "\($0.shift) \($0.from)" } == [
                "night 2026-03-05T21:00:00.000000Z", "early 2026-03-06T05:00:00.000000Z",
                "late 2026-03-06T13:00:00.000000Z", "night 2026-03-06T21:00:00.000000Z",
            ])
        #expect(shifts.map(\.day.day) == [5, 6, 6, 6])
        #expect(zip(shifts, shifts.dropFirst()).allSatisfy { $0.to == $1.from })
        #expect(shifts.map { hours($0) } == [[8, 7], [8, 7.75], [8, 8], [8, 7]])
        #expect(
            calendar.nextEnd(after: instant("2026-03-07T05:00:00Z"), in: ["early"]) == instant("2026-03-09T13:00:00Z"))
        #expect(calendar.covering(instant("2026-03-06T13:00:00Z"), in: calendar.names).map(\.shift) == ["late"])
    }

    @Test(
        "the night in which clocks are put forward is an hour shorter, that in which they are put back an hour longer",
        arguments: [
            ("Europe/Berlin", "2026-03-28T20:00:00Z", [7.0, 7.0]), ("Europe/Berlin", "2026-10-24T19:00:00Z", [9, 7]),
            ("America/New_York", "2026-03-08T02:00:00Z", [7, 7]), ("America/New_York", "2026-11-01T01:00:00Z", [9, 8]),
        ])
    func clocks(_ zone: String, _ before: String, _ expected: [Double]) throws {
        let calendar = try #require(ShiftCalendar(threeShifts, zone: zone))
        let night = try #require(
            calendar.ending(
                after: instant(before), through: instant(before) + .seconds(15 * 3_600), in: ["night"]
            ).first)
        // The break from 2 to 3 is not there in spring, and comes twice in Berlin's autumn, where it is taken as two hours.
        let planned = expected == [9, 7] ? 7.0 : expected[1]
        #expect(hours(night) == [expected[0], planned], "\(night)")
    }

    @Test("no shift begins on a holiday, but for an exception; an exception moves a shift or takes it away")
    func exceptions() throws {
        let plan = ShiftPlan(
            shifts: threeShifts.shifts, holidays: [civil(2026, 5, 1), civil(2026, 5, 25)],
            exceptions: [
                civil(2026, 5, 1): ["night": .at(window(20, 2))], civil(2026, 5, 2): ["early": .at(window(7, 11))],
                civil(2026, 5, 4): ["late": .off],
            ])
        let calendar = try #require(ShiftCalendar(plan, zone: "Europe/Berlin"))
        let shifts = calendar.ending(
            after: instant("2026-05-01T04:00:00Z"), through: instant("2026-05-04T22:00:00Z"),
            in: ["early", "late", "night"])
        #expect(
            shifts.map { "\($0.shift) \($0.from.description.dropLast(11)) \(Int(hours($0)[0]))" } == [
                "night 2026-05-01T18:00 6", "early 2026-05-02T05:00 4", "night 2026-05-02T20:00 8",
                "night 2026-05-03T20:00 8", "early 2026-05-04T04:00 8",
            ])
        let empty = try #require(ShiftCalendar(ShiftPlan(shifts: []), zone: "Europe/Berlin"))
        #expect(empty.nextEnd(after: instant("2026-05-04T22:00:00Z"), in: []) == nil)
        #expect(ShiftCalendar(plan, zone: "Europe/Nowhere") == nil)
    }

    @Test("any calendar is what a slow look at each minute says", arguments: UInt64(1)...240)
    func reference(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let wall = try #require(MinuteWall.all.randomElement(using: &random))
        let plan = wall.plan(&random)
        let calendar = try #require(ShiftCalendar(plan, zone: wall.zone))
        let (after, through) = (wall.instant(3 * 1_440), wall.instant(9 * 1_440))
        let slow = wall.occurrences(plan)
        let expected = slow.filter { after < $0.to && $0.to <= through }
        let found = calendar.ending(after: after, through: through, in: calendar.names)
        #expect(Set(found) == Set(expected), "seed \(seed), \(wall.zone)")
        #expect(found.count == expected.count && found.map(\.to) == found.map(\.to).sorted(), "seed \(seed)")
        for _ in 0..<20 {
            let time = wall.instant(Int.random(in: 4 * 1_440..<8 * 1_440, using: &random))
            #expect(
                Set(calendar.covering(time, in: calendar.names))
                    == Set(slow.filter { $0.from <= time && time < $0.to }),
                "seed \(seed)")
            if let next = slow.map(\.to).filter({ $0 > time }).min() {
                #expect(calendar.nextEnd(after: time, in: calendar.names) == next, "seed \(seed)")
            }
        }
    }
}

/// Twelve days around a change of the clocks, minute by minute, as Foundation's calendar shows them.
private struct MinuteWall {
    let zone: String
    private let start: Int
    /// Days since 1970 × 1440 + the minute of the day, of each minute.
    private let labels: [Int]

    static let all = [
        MinuteWall("Europe/Berlin", "2026-03-23T00:00:00Z"), MinuteWall("Europe/Berlin", "2026-10-19T00:00:00Z"),
        MinuteWall("America/New_York", "2026-03-02T00:00:00Z"), MinuteWall("America/New_York", "2026-10-26T00:00:00Z"),
    ]

    init(_ zone: String, _ start: String) {
        self.zone = zone
        self.start = Int(Instant(text: start)!.microseconds / 60_000_000)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: zone)!
        var labels: [Int] = []
        for minute in 0..<(12 * 1_440) {
            let date = Date(timeIntervalSince1970: Double((self.start + minute) * 60))
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
            labels.append(
                civil(parts.year!, parts.month!, parts.day!).daysSinceEpoch * 1_440 + parts.hour! * 60 + parts.minute!)
        }
        self.labels = labels
    }

    func instant(_ minute: Int) -> Instant { Instant(microseconds: Int64(start + minute) * 60_000_000) }

    /// The first minute at which the wall shows this or more.
    private func first(_ label: Int) -> Int { labels.firstIndex { $0 >= label } ?? labels.count }

    func plan(_ random: inout Seeded) -> ShiftPlan {
        func window(_ lengths: ClosedRange<Int>) -> QuietWindow {
            // Near the change of the clocks as often as anywhere.
            let start =
                Bool.random(using: &random)
                ? Int.random(in: 60..<240, using: &random) : Int.random(in: 0..<1_440, using: &random)
            return QuietWindow(
                days: Set((0..<7).filter { _ in Bool.random(using: &random) }), start: start,
                length: Int.random(in: lengths, using: &random))
        }
        let day = labels[6 * 1_440] / 1_440
        func date() -> CivilDate { CivilDate(daysSinceEpoch: day + Int.random(in: -4...4, using: &random)) }
        let shifts = (0..<Int.random(in: 1...3, using: &random)).map { number in
            ShiftPlan.Shift(
                name: "s\(number)", times: (0..<Int.random(in: 1...2, using: &random)).map { _ in window(1...1_440) },
                breaks: (0..<Int.random(in: 0...3, using: &random)).map { _ in window(1...120) })
        }
        var exceptions: [CivilDate: [String: ShiftPlan.Exception]] = [:]
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            exceptions[date(), default: [:]]["s\(Int.random(in: 0...2, using: &random))"] =
                Bool.random(using: &random) ? .off : .at(window(30...900))
        }
        return ShiftPlan(
            shifts: shifts, holidays: Set((0..<Int.random(in: 0...2, using: &random)).map { _ in date() }),
            exceptions: exceptions)
    }

    /// All shifts whose days lie well within the twelve, by their definition.
    func occurrences(_ plan: ShiftPlan) -> [ShiftCalendar.Occurrence] {
        let days = (labels[0] / 1_440 + 1)...(labels[labels.count - 1] / 1_440 - 3)
        return days.flatMap { day in
            plan.shifts.flatMap { shift -> [ShiftCalendar.Occurrence] in
                let date = CivilDate(daysSinceEpoch: day)
                let weekday = (day + 3) % 7
                var times = plan.holidays.contains(date) ? [] : shift.times.filter { $0.days.contains(weekday) }
                if let exception = plan.exceptions[date]?[shift.name] {
                    if case .at(let window) = exception { times = [window] } else { times = [] }
                }
                return times.compactMap { time in occurrence(shift, date, day * 1_440 + time.start, time.length) }
            }
        }
    }

    private func occurrence(
        _ shift: ShiftPlan.Shift, _ date: CivilDate, _ start: Int, _ length: Int
    ) -> ShiftCalendar.Occurrence? {
        let minutes = first(start)..<max(first(start), first(start + length))
        guard !minutes.isEmpty else { return nil }
        var isPause = Array(repeating: false, count: minutes.count)
        for day in (start / 1_440 - 1)...(start / 1_440 + 2) {
            for pause in shift.breaks where pause.days.contains((day + 3) % 7) {
                let (from, to) = (first(day * 1_440 + pause.start), first(day * 1_440 + pause.start + pause.length))
                for minute in minutes where from <= minute && minute < to {
                    isPause[minute - minutes.lowerBound] = true
                }
            }
        }
        var planned: [Range<Instant>] = []
        for minute in minutes where !isPause[minute - minutes.lowerBound] {
            if let last = planned.last, last.upperBound == instant(minute) {
                planned[planned.count - 1] = last.lowerBound..<instant(minute + 1)
            } else {
                planned.append(instant(minute)..<instant(minute + 1))
            }
        }
        return ShiftCalendar.Occurrence(
            shift: shift.name, day: date, from: instant(minutes.lowerBound), to: instant(minutes.upperBound),
            planned: planned)
    }
}
