/// A point in time, in microseconds since 1970-01-01T00:00:00Z (UTC, leap seconds not counted).
package struct Instant: Sendable, Hashable, Comparable {
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }

    /// The instant `duration` later; saturates at the ends of time.
    package static func + (instant: Instant, duration: Duration) -> Instant {
        let (sum, overflow) = instant.microseconds.addingReportingOverflow(duration.microseconds)
        return overflow ? Instant(microseconds: duration < .zero ? .min : .max) : Instant(microseconds: sum)
    }

    /// The instant `duration` earlier; saturates at the ends of time.
    package static func - (instant: Instant, duration: Duration) -> Instant {
        let (difference, overflow) = instant.microseconds.subtractingReportingOverflow(duration.microseconds)
        return overflow ? Instant(microseconds: duration > .zero ? .min : .max) : Instant(microseconds: difference)
    }

    /// How long after `earlier` this instant is; negative where it is before.
    package func since(_ earlier: Instant) -> Duration {
        .microseconds(microseconds.subtractingReportingOverflow(earlier.microseconds).partialValue)
    }
}

extension Duration {
    /// The duration in whole microseconds, cut towards zero, saturating.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        return whole.addingReportingOverflow(attoseconds / 1_000_000_000_000).partialValue
    }
}
