package import Canonical
package import Contracts

/// When a target is left alone: maintenance, backups. Pure: decides from the instant and the zone's rules.
///
/// A window lasts from the first time that the wall shows its beginning to the last time that it shows its end: it is
/// longer where clocks are put back within it, and shorter where they are put forward.
package struct QuietHours: Sendable {
    /// What holds at an instant.
    package struct State: Sendable, Hashable {
        /// Until when nothing goes; nil where everything may go.
        package let end: Instant?
        /// Until when that is so.
        package let until: Instant
    }

    package let windows: [QuietWindow]
    /// Whether the lane `critical` goes all the same.
    package let exemptsCritical: Bool
    private let wall: WallClock

    /// Windows that follow each other without a gap are one; so many of them at most.
    private static let maximumJoined = 512
    /// How long an answer holds at most where no window is near.
    private static let horizon = Duration.seconds(86_400)

    /// Nil where there is no such IANA zone.
    package init?(windows: [QuietWindow], zone: String, exemptsCritical: Bool) {
        guard let wall = WallClock(zone) else { return nil }
        self.windows = windows
        self.wall = wall
        self.exemptsCritical = exemptsCritical
    }

    /// What holds at `now`.
    package func state(at now: Instant) -> State {
        var end: Instant?
        for _ in 0..<Self.maximumJoined {
            let at = end ?? now
            guard
                let next = spans(around: at).filter({ $0.lowerBound <= at && at < $0.upperBound }).map(\.upperBound)
                    .max()
            else { break }
            end = next
        }
        if let end { return State(end: end, until: end) }
        let begin = spans(around: now).map(\.lowerBound).filter { $0 > now }.min()
        return State(end: nil, until: min(begin ?? now + Self.horizon, now + Self.horizon))
    }

    /// The windows that begin from a day before to two days after.
    private func spans(around now: Instant) -> [Range<Instant>] {
        let today = wall.day(at: now)
        return (today - 1...today + 2).flatMap { day in
            let weekday = WallClock.weekday(day)
            return windows.filter { $0.days.contains(weekday) }.compactMap { window -> Range<Instant>? in
                let start = day * WallClock.secondsOfDay + Int64(window.start) * 60
                let (begin, end) = (wall.times(start).first, wall.times(start + Int64(window.length) * 60).last)
                guard begin < end else { return nil }
                return WallClock.instant(begin)..<WallClock.instant(end)
            }
        }
    }
}

/// Remembers what holds until it changes, as zones take their time.
struct QuietWatch: Sendable {
    let hours: QuietHours?
    private var known: (from: Instant, state: QuietHours.State)?

    init(_ hours: QuietHours?) { self.hours = hours }

    /// Until when nothing goes; nil where everything may go.
    mutating func end(_ now: Instant) -> Instant? {
        guard let hours else { return nil }
        if let known, known.from <= now, now < known.state.until { return known.state.end }
        let state = hours.state(at: now)
        known = (now, state)
        return state.end
    }

    /// Until when nothing of `lane` goes.
    mutating func end(_ now: Instant, _ lane: Lane) -> Instant? {
        lane == .critical && hours?.exemptsCritical == true ? nil : end(now)
    }
}
