package import Canonical
package import Contracts

/// When the shifts of a plant are: its plan, in its zone. Pure.
///
/// Between the clocks' changes a shift is as long as its times say. In the night in which clocks are put forward it is
/// an hour shorter, in that in which they are put back an hour longer, as the people who work in it know.
package struct ShiftCalendar: Sendable {
    /// One shift on one day.
    package struct Occurrence: Sendable, Hashable {
        package let shift: String
        /// The day on which it begins, by the wall.
        package let day: CivilDate
        package let from: Instant
        package let to: Instant
        /// When work is planned: the shift without its breaks, in order.
        package let planned: [Range<Instant>]
    }

    /// How far ahead the next shift is looked for.
    private static let horizonDays = 400
    private let plan: ShiftPlan
    private let wall: WallClock

    /// Nil where there is no such IANA zone.
    package init?(_ plan: ShiftPlan, zone: String) {
        guard let wall = WallClock(zone) else { return nil }
        self.plan = plan
        self.wall = wall
    }

    /// The names of the shifts.
    package var names: Set<String> { Set(plan.shifts.map(\.name)) }

    /// The shifts that end behind `after`, up to `end` and with it, in the order of their ends.
    package func ending(after: Instant, through end: Instant, in names: Set<String>) -> [Occurrence] {
        guard after < end else { return [] }
        var found: [Occurrence] = []
        // A shift is at most a day long, and with it a change of the clocks.
        for day in (day(at: after) - 2)...(day(at: end) + 1) {
            found += beginning(on: day, names).filter { after < $0.to && $0.to <= end }
        }
        return found.sorted { ($0.to, $0.from, $0.shift) < ($1.to, $1.from, $1.shift) }
    }

    /// The shifts that `instant` is in; one that begins then, not one that ends then.
    package func covering(_ instant: Instant, in names: Set<String>) -> [Occurrence] {
        let today = day(at: instant)
        return ((today - 2)...(today + 1)).flatMap { beginning(on: $0, names) }
            .filter { $0.from <= instant && instant < $0.to }
    }

    /// When the next shift ends; nil where none does for more than a year.
    package func nextEnd(after instant: Instant, in names: Set<String>) -> Instant? {
        let today = day(at: instant)
        var next: Instant?
        for day in (today - 2)...(today + Self.horizonDays) {
            // What begins later ends later.
            if let next, start(day: day, minute: 0) >= next { break }
            for shift in beginning(on: day, names) where shift.to > instant { next = min(next ?? shift.to, shift.to) }
        }
        return next
    }

    private func beginning(on day: Int, _ names: Set<String>) -> [Occurrence] {
        let date = CivilDate(daysSinceEpoch: day)
        let isHoliday = plan.holidays.contains(date)
        let weekday = WallClock.weekday(Int64(day))
        var found: [Occurrence] = []
        for shift in plan.shifts where names.contains(shift.name) {
            let times: [QuietWindow]
            switch plan.exceptions[date]?[shift.name] {
            case .off: times = []
            case .at(let window): times = [window]
            case nil: times = isHoliday ? [] : shift.times.filter { $0.days.contains(weekday) }
            }
            for time in times {
                let span = span(time, on: day)
                // In the night in which clocks are put forward nothing may be left of it.
                guard span.lowerBound < span.upperBound else { continue }
                found.append(
                    Occurrence(
                        shift: shift.name, day: date, from: span.lowerBound, to: span.upperBound,
                        planned: planned(span, shift.breaks, day)))
            }
        }
        return found
    }

    /// What is left of `span`, a shift that begins on `day`, without its breaks.
    private func planned(_ span: Range<Instant>, _ breaks: [QuietWindow], _ day: Int) -> [Range<Instant>] {
        var left = [span]
        for candidate in (day - 1)...(day + 2) {
            for pause in breaks where pause.days.contains(WallClock.weekday(Int64(candidate))) {
                let out = self.span(pause, on: candidate)
                guard !out.isEmpty else { continue }
                left = left.flatMap { piece -> [Range<Instant>] in
                    [
                        piece.lowerBound..<max(piece.lowerBound, min(piece.upperBound, out.lowerBound)),
                        min(piece.upperBound, max(piece.lowerBound, out.upperBound))..<piece.upperBound,
                    ].filter { !$0.isEmpty }
                }
            }
        }
        return left
    }

    private func day(at instant: Instant) -> Int { Int(wall.day(at: instant)) }

    /// The first time for begin and end alike, so that a shift begins where the one before it ends.
    private func start(day: Int, minute: Int) -> Instant {
        WallClock.instant(wall.times(Int64(day) * WallClock.secondsOfDay + Int64(minute) * 60).first)
    }

    private func span(_ window: QuietWindow, on day: Int) -> Range<Instant> {
        let begin = start(day: day, minute: window.start)
        return begin..<max(begin, start(day: day, minute: window.start + window.length))
    }
}
