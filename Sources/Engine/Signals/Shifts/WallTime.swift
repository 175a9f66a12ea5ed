import Canonical
import Foundation

/// A zone's clock on the wall. Pure: it knows the zone's rules, not what time it is.
struct WallTime: Sendable {
    static let secondsOfDay: Int64 = 86_400
    private let zone: TimeZone

    /// Nil where there is no such IANA zone.
    init?(_ name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.zone = zone
    }

    /// The first time at which the wall shows `minute` minutes after the midnight with which `day` begins, in days
    /// since 1970-01-01; where it never does, as clocks were put forward, when they were.
    ///
    /// The first one for begin and end alike, so that a shift begins where the one before it ends.
    func instant(day: Int, minute: Int) -> Instant {
        let wall = Int64(day) * Self.secondsOfDay + Int64(minute) * 60
        // No zone changes its offset twice within two days, so those a day before and after are all there can be.
        let before = wall - offset(at: wall - Self.secondsOfDay)
        let after = wall - offset(at: wall + Self.secondsOfDay)
        let shown = [before, after].filter { $0 + offset(at: $0) == wall }
        if let first = shown.min() { return Instant(microseconds: first * 1_000_000) }
        var (low, high) = (min(before, after), max(before, after))
        let old = offset(at: low)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == old { low = middle } else { high = middle }
        }
        return Instant(microseconds: high * 1_000_000)
    }

    /// The day that the wall shows at `instant`, in days since 1970-01-01.
    func day(at instant: Instant) -> Int {
        let seconds = Self.floor(instant.microseconds, 1_000_000)
        return Int(Self.floor(seconds + offset(at: seconds), Self.secondsOfDay))
    }

    /// 0 for Monday to 6 for Sunday. The first of January 1970 was a Thursday.
    static func weekday(_ day: Int) -> Int { ((day + 3) % 7 + 7) % 7 }

    private func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }

    private static func floor(_ value: Int64, _ unit: Int64) -> Int64 {
        value >= 0 ? value / unit : -((unit - 1 - value) / unit)
    }
}
