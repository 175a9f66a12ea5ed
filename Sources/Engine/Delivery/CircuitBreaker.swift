package import Canonical

/// Stops calling a target that does not answer, and lets one call through now and then to see whether it is back.
package struct CircuitBreaker: Sendable {
    package enum State: Sendable, Hashable {
        case closed(failures: Int)
        case open(until: Instant)
        /// One call is under way to see.
        case probing(since: Instant)
    }

    /// What was asked of the target. Many look before they do, and others look at themselves alone: that looking went
    /// well says nothing about what was sent.
    package enum Call: Sendable {
        /// What changes nothing: preparing a command, asking what became of one.
        case looking
        /// What was sent to have an effect.
        case doing
    }

    package private(set) var state: State = .closed(failures: 0)
    /// Whether any of the failures in a row was of something sent: then only something sent shows that it is over.
    private var isDoingInDoubt = false
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

    /// The target answered. Where it failed at doing, that looking goes well changes nothing.
    package mutating func succeeded(_ call: Call = .doing) {
        guard call == .doing || !isDoingInDoubt else { return }
        state = .closed(failures: 0)
        isDoingInDoubt = false
    }

    /// Who was let through to see has not found out: somebody else may.
    package mutating func giveBack(now: Instant) {
        if case .probing = state { state = .open(until: now) }
    }

    /// The target did not answer, or it is not known what became of what was sent.
    package mutating func failed(_ call: Call = .doing, now: Instant) {
        if call == .doing { isDoingInDoubt = true }
        switch state {
        case .closed(let failures) where failures + 1 < threshold: state = .closed(failures: failures + 1)
        case .open(let until) where until > now: break
        default: state = .open(until: now + cooldown)
        }
    }

    package var isOpen: Bool { if case .closed = state { false } else { true } }
}
