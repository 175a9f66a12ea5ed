package import Canonical
package import Contracts

/// What last went wrong at a target, and when: a failure without its time says nothing of now.
package struct TargetTrouble: Sendable {
    package let failure: Failure
    package let time: Instant
    /// Whether the target has taken something since.
    package var isOver = false

    package init(_ failure: Failure, at time: Instant) {
        self.failure = failure
        self.time = time
    }
}
