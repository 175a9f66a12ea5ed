import Canonical
package import Contracts

/// What a store has done since it was opened.
package struct StoreTally: Sendable {
    /// Transactions that are on the disk.
    package private(set) var commits = 0
    /// Callers that they were for: several share one.
    package private(set) var writes = 0
    /// Transactions that could not be committed.
    package private(set) var failures = 0
    /// From the begin of a transaction to its end on the disk.
    package private(set) var times = Histogram.ofCommits
    /// Why the last commit failed; nil where it did not.
    package private(set) var trouble: Failure?

    mutating func committed(_ callers: Int, in time: Duration) {
        commits += 1
        writes += callers
        times.note(time)
        trouble = nil
    }

    mutating func failed(_ failure: Failure) {
        failures += 1
        trouble = failure
    }
}
