package import Canonical

/// Notices when the clock of an edge goes wrong, changes, or is right again, so that each is reported once.
package struct ClockWatch: Sendable {
    /// A clock that is off by more is reported, and so is a change of more than this.
    package static let threshold = Duration.seconds(60)
    /// Nodes that are remembered; beyond that the memory starts anew, and a report may come twice.
    private static let maximumNodes = 10_000

    private var reported: [NodeID: Duration] = [:]

    package init() {}

    /// What to report of a node whose clock is ahead by `skew` (negative: behind); nil where nothing is new.
    package mutating func observe(_ node: NodeID, skew: Duration) -> Report? {
        let isWrong = Self.length(skew) > Self.threshold
        let last = reported[node]
        if let last, isWrong, Self.length(skew - last) <= Self.threshold { return nil }
        if last == nil, !isWrong { return nil }
        if reported.count >= Self.maximumNodes { reported = [:] }
        reported[node] = isWrong ? skew : nil
        return Report(node: node, skew: skew, isWrong: isWrong, before: last)
    }

    /// The report could not be stored: the next batch brings it again.
    package mutating func undo(_ report: Report) { reported[report.node] = report.before }

    /// One piece of news about a clock.
    package struct Report: Sendable, Hashable {
        package let node: NodeID
        package let skew: Duration
        /// Whether it is wrong now; if not, it was before.
        package let isWrong: Bool
        fileprivate let before: Duration?
    }

    private static func length(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
}
