package import Canonical

/// Stops calling a target that does not answer, and lets one call through now and then to see whether it is back.
package struct CircuitBreaker: Sendable {
    package enum State: Sendable, Hashable {
        case closed(failures: Int)
        case open(until: Instant)
        /// One call is under way to see.
        case probing(since: Instant)
    }

    package private(set) var state: State = .closed(failures: 0)
    /// Failures in a row that open it.
    package let threshold: Int
    /// How long it stays open.
    package let cooldown: Duration

    package init(threshold: Int = 5, cooldown: Duration = .seconds(10)) {
        self.threshold = max(1, threshold)
        self.cooldown = cooldown
    }

    /// Whether a call may go now; otherwise when to ask again.
    package mutating func permit(now: Instant) -> (isAllowed: Bool, retry: Instant?) {
        switch state {
        case .closed: return (true, nil)
        case .open(let until):
            guard now >= until else { return (false, until) }
            state = .probing(since: now)
            return (true, nil)
        case .probing(let since):
            // A probe that never reported back (its task was cancelled) must not hold the target closed for ever.
            if now.since(since) > cooldown * 20 {
                state = .probing(since: now)
                return (true, nil)
            }
            return (false, now + min(cooldown, .seconds(1)))
        }
    }

    /// The target answered.
    package mutating func succeeded() { state = .closed(failures: 0) }

    /// The target did not answer.
    package mutating func failed(now: Instant) {
        switch state {
        case .closed(let failures) where failures + 1 < threshold: state = .closed(failures: failures + 1)
        case .open(let until) where until > now: break
        default: state = .open(until: now + cooldown)
        }
    }

    package var isOpen: Bool { if case .closed = state { false } else { true } }
}
