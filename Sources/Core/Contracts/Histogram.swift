import Canonical

/// How many durations fell below each of some bounds: exact counts, and a sum that loses nothing.
package struct Histogram: Sendable, Hashable {
    /// Upper bounds, ascending; what is longer than the last one is counted beyond it.
    package let bounds: [Duration]
    /// How many were at most as long as the bound of the same index and longer than the one before; the last beyond
    /// all.
    package private(set) var counts: [Int]
    /// Of all durations, in microseconds.
    package private(set) var sum: Int64 = 0

    package init(_ bounds: [Duration]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// How many there were.
    package var count: Int { counts.reduce(0, +) }

    /// Counts one. A clock that was put back makes no negative time: such a duration counts as none.
    package mutating func note(_ duration: Duration) {
        let microseconds = max(0, duration.microseconds)
        let index = bounds.firstIndex { $0.microseconds >= microseconds } ?? bounds.count
        counts[index] += 1
        sum = sum.addingReportingOverflow(microseconds).partialValue
    }
}

extension Histogram {
    /// For one call over the network: five milliseconds to a minute.
    package static let ofCalls = Histogram(
        [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000].map { .milliseconds($0) })
    /// For one commit to the disk: half a millisecond to two and a half seconds.
    package static let ofCommits = Histogram(
        [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000].map {
            .microseconds($0)
        })
    /// For the way of an event to its target, which an outage makes long: a tenth of a second to a day.
    package static let ofWays = Histogram(
        [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 1_800_000, 3_600_000, 21_600_000].map {
            .milliseconds($0)
        } + [.seconds(86_400)])
}
