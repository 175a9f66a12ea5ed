package import Contracts

/// What a flow says about its deliveries.
package struct FlowPolicy: Sendable {
    /// Like deliveries become one command.
    package struct Coalescing: Sendable {
        /// How long the first one waits for others.
        package let window: Duration
        package let maximum: Int
        package let rule: MergeRule

        package init(window: Duration, maximum: Int, rule: MergeRule) {
            self.window = window
            self.maximum = maximum
            self.rule = rule
        }
    }

    /// When deliveries go.
    package enum Pace: Sendable {
        /// As soon as it is their turn.
        case realTime
        /// Together, when so many are there or the first one is so old.
        case microBatch(size: Int, age: Duration)
        /// Together, at these times.
        case batch(BatchTimes)
    }

    package let coalescing: Coalescing?
    package let retry: RetryPolicy
    /// Whether a rejection holds the key's later deliveries until a person has decided.
    package let holdsOnReject: Bool
    /// After this long since the fact a command is not sent any more.
    package let expiry: Duration?
    package let pace: Pace
    /// Whether what it would do is worked out and recorded, and nothing is sent.
    package let isShadow: Bool

    package init(
        coalescing: Coalescing?, retry: RetryPolicy, holdsOnReject: Bool, expiry: Duration?, pace: Pace = .realTime,
        isShadow: Bool = false
    ) {
        self.isShadow = isShadow
        self.pace = pace
        self.coalescing = coalescing
        self.retry = retry
        self.holdsOnReject = holdsOnReject
        self.expiry = expiry
    }
}
