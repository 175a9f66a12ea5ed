package import Canonical

/// How many of the requests that strangers send are kept as evidence: the first ones, and then one now and then, so
/// that nobody can fill the store by sending what is refused anyway.
package struct EvidenceBudget: Sendable {
    /// Kept at once.
    static let burst = 20
    /// Then one more after each of these.
    static let interval = Duration.seconds(60)

    private var left = EvidenceBudget.burst
    private var counted: Instant?
    private var passedOver = 0

    package init() {}

    /// Whether one that came now is kept. If so: how many were passed over since the last one that was kept; nil if
    /// not.
    package mutating func take(now: Instant) -> Int? {
        refill(now)
        guard left > 0 else {
            passedOver += 1
            return nil
        }
        left -= 1
        defer { passedOver = 0 }
        return passedOver
    }

    private mutating func refill(_ now: Instant) {
        guard let last = counted, last <= now else {
            // The first time, or the clock was set back: count from here.
            counted = now
            return
        }
        let steps = now.since(last).microseconds / Self.interval.microseconds
        guard steps > 0 else { return }
        left = min(Self.burst, left + Int(min(steps, Int64(Self.burst))))
        counted = last + .microseconds(steps * Self.interval.microseconds)
    }
}
