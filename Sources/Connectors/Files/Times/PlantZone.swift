import Canonical
import Foundation

/// A plant's time zone: turns what a clock on its wall shows into an instant.
struct PlantZone: Sendable {
    /// What a time on the wall stands for.
    enum Reading: Sendable, Hashable {
        case once(Instant)
        /// The hour that comes twice in autumn: in daylight saving time first, in standard time an hour later.
        case twice(Instant, Instant)
        /// The hour that the clock skips in spring: shifted on by as much as the clock was.
        case never(Instant, shift: Duration)
    }

    private let zone: TimeZone
    let name: String

    /// Nil where there is no such IANA zone.
    init?(_ name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.zone = zone
        self.name = name
    }

    /// `seconds` since 1970-01-01T00:00:00 on the wall.
    func read(_ seconds: Int64) -> Reading {
        // No zone changes its offset twice within two days, so the offsets a day before and after are all there can be.
        let before = offset(at: seconds - 86_400)
        let after = offset(at: seconds + 86_400)
        if before == after { return .once(Self.instant(seconds - before)) }
        let isBefore = offset(at: seconds - before) == before
        let isAfter = offset(at: seconds - after) == after
        switch (isBefore, isAfter) {
        case (true, true): return .twice(Self.instant(seconds - before), Self.instant(seconds - after))
        case (true, false): return .once(Self.instant(seconds - before))
        case (false, true): return .once(Self.instant(seconds - after))
        case (false, false):
            return .never(Self.instant(seconds - before), shift: .seconds(after - before))
        }
    }

    private func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }

    private static func instant(_ seconds: Int64) -> Instant { Instant(microseconds: seconds * 1_000_000) }
}
