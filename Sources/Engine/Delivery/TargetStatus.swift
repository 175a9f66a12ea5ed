package import Canonical
package import Contracts

/// What is going on at a target.
package struct TargetStatus: Sendable {
    package let queued: Int
    package let inFlight: Int
    package let breaker: CircuitBreaker.State
    /// What last went wrong since the start; nil where nothing did.
    package let trouble: TargetTrouble?
    /// Deliveries accepted since the start.
    package let accepted: Int
    /// Until when the settings let nothing go; nil outside the quiet hours.
    package let quietUntil: Instant?
    /// Whether a person has paused it.
    package let isPaused: Bool

    /// The failure of ``trouble``.
    package var lastFailure: Failure? { trouble?.failure }
}
