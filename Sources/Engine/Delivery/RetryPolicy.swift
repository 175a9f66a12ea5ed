/// Exponential backoff with full jitter: a random wait between 0 and min(cap, base × 2^n), so that many clients of a
/// target that comes back do not come all at once (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
package struct RetryPolicy: Sendable, Hashable {
    package let base: Duration
    package let cap: Duration
    /// Tries in a row after which a person is asked; nil for no end.
    package let attempts: Int?

    package init(base: Duration = .milliseconds(500), cap: Duration = .seconds(60), attempts: Int? = nil) {
        self.base = base
        self.cap = cap
        self.attempts = attempts
    }

    /// The wait before try `attempt` (from 1), with `random` as its dice.
    package func wait(attempt: Int, random: UInt64) -> Duration {
        let doubled = base * (1 << min(max(0, attempt - 1), 20))
        let ceiling = max(1, min(doubled, cap) / .microseconds(1))
        return .microseconds(Int64(random % UInt64(ceiling) + 1))
    }
}
