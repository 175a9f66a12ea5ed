package import Canonical

/// How much of what strangers send, and nothing can be made of, is kept as evidence: the first ones, and then one now
/// and then, so that nobody can fill the store by sending what is refused anyway.
package struct EvidenceBudget: Sendable {
    private let burst: Int
    private let interval: Duration
    private var left: Int
    private var counted: Instant?
    private var passedOver = 0

    /// `burst`: how many are kept at once; then one more after each `interval`.
    package init(burst: Int, interval: Duration) {
        self.burst = burst
        self.interval = interval
        left = burst
    }

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
        let steps = now.since(last).microseconds / interval.microseconds
        guard steps > 0 else { return }
        left = min(burst, left + Int(min(steps, Int64(burst))))
        counted = last + .microseconds(steps * interval.microseconds)
    }
}
