package import Canonical
package import Contracts

/// When a flow's batches go: a cron expression by the clock on the wall of a zone. Pure.
///
/// An expression that names its hours happens once for each time that it names: the first time where the wall shows it
/// twice, and when clocks are put forward where the wall skips it. One of every hour happens whenever the wall shows
/// one of its minutes, so in each real hour.
package struct BatchTimes: Sendable {
    package let expression: CronExpression
    private let wall: WallClock

    /// Nil where there is no such IANA zone.
    package init?(_ expression: CronExpression, zone: String) {
        guard let wall = WallClock(zone) else { return nil }
        self.expression = expression
        self.wall = wall
    }

    /// The first time behind `instant`; nil where it never happens.
    package func next(after instant: Instant) -> Instant? {
        var day = wall.day(at: instant) - 1
        // Days on which the wall skips all of it are passed over; two of them never follow each other.
        for _ in 0..<8 {
            guard let found = expression.nearestDay(day, step: 1) else { return nil }
            if let first = times(on: found).filter({ $0 > instant }).min() { return first }
            day = found + 1
        }
        return nil
    }

    /// The last time up to `instant`; nil where it never happens.
    package func last(upTo instant: Instant) -> Instant? {
        var day = wall.day(at: instant) + 1
        for _ in 0..<8 {
            guard let found = expression.nearestDay(day, step: -1) else { return nil }
            if let last = times(on: found).filter({ $0 <= instant }).max() { return last }
            day = found - 1
        }
        return nil
    }

    /// When it happens on a day of the wall.
    private func times(on day: Int64) -> [Instant] {
        let midnight = day * WallClock.secondsOfDay
        let offset = wall.offset(at: midnight - WallClock.secondsOfDay)
        // No zone changes its offset twice within three days: where both ends have one, so has all between.
        if offset == wall.offset(at: midnight + 2 * WallClock.secondsOfDay) {
            return expression.minutesOfDay.map { WallClock.instant(midnight + Int64($0) * 60 - offset) }
        }
        return expression.minutesOfDay.flatMap { minute -> [Instant] in
            let time = midnight + Int64(minute) * 60
            let (first, last) = wall.times(time)
            guard expression.isEveryHour else { return [WallClock.instant(first)] }
            guard wall.shows(time) else { return [] }
            return first == last ? [WallClock.instant(first)] : [WallClock.instant(first), WallClock.instant(last)]
        }
    }
}
