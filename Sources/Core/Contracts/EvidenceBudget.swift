package import Canonical
package import ExactJSON

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

    /// Gives `count` back that were taken, and were not stored after all.
    package mutating func giveBack(_ count: Int) { left = min(burst, left + count) }

    /// How much is left, to be stored.
    package var stored: JSON {
        ["left": .int(left), "counted": counted.map { .int(Int($0.microseconds)) } ?? .null]
    }

    /// Goes on from what was ``stored``; from the beginning where that says nothing.
    package init(burst: Int, interval: Duration, stored: JSON) {
        self.init(burst: burst, interval: interval)
        guard let left = stored["left"]?.int, let counted = stored["counted"]?.int else { return }
        self.left = min(burst, max(0, left))
        self.counted = Instant(microseconds: Int64(counted))
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
