package import Canonical
import Foundation

/// What the clock on the wall of a zone shows, and when. Pure: it knows the zone's rules, not what time it is.
package struct WallClock: Sendable {
    private let zone: TimeZone
    /// Of a day on which no clock is changed.
    package static let secondsOfDay: Int64 = 86_400

    /// Nil where there is no such IANA zone.
    package init?(_ zone: String) {
        guard let zone = TimeZone(identifier: zone) else { return nil }
        self.zone = zone
    }

    /// Seconds that the wall is ahead of UTC at an instant, in seconds since 1970.
    package func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }

    /// The day that the wall shows at an instant, counted from 1970-01-01.
    package func day(at instant: Instant) -> Int64 {
        let seconds = Self.floor(instant.microseconds, 1_000_000)
        return Self.floor(seconds + offset(at: seconds), Self.secondsOfDay)
    }

    /// When the wall shows `wall`, in seconds since 1970 on it: the first and the last time. Where it never does, as
    /// clocks were put forward, when they were.
    package func times(_ wall: Int64) -> (first: Int64, last: Int64) {
        // No zone changes its offset twice within two days, so those a day before and after are all there can be.
        let before = wall - offset(at: wall - Self.secondsOfDay)
        let after = wall - offset(at: wall + Self.secondsOfDay)
        let shown = [before, after].filter { $0 + offset(at: $0) == wall }
        if let first = shown.min(), let last = shown.max() { return (first, last) }
        var (low, high) = (min(before, after), max(before, after))
        let old = offset(at: low)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == old { low = middle } else { high = middle }
        }
        return (high, high)
    }

    /// Whether the wall ever shows `wall`.
    package func shows(_ wall: Int64) -> Bool {
        let first = times(wall).first
        return first + offset(at: first) == wall
    }

    /// 0 for Monday to 6 for Sunday, of a day counted from 1970-01-01, which was a Thursday.
    package static func weekday(_ day: Int64) -> Int { Int(((day + 3) % 7 + 7) % 7) }

    /// Of seconds since 1970.
    package static func instant(_ seconds: Int64) -> Instant { Instant(microseconds: seconds * 1_000_000) }

    private static func floor(_ value: Int64, _ unit: Int64) -> Int64 {
        value >= 0 ? value / unit : -((unit - 1 - value) / unit)
    }
}
