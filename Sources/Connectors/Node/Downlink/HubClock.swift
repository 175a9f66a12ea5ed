package import Canonical

/// What time it is at the hub, as an edge knows it: whether a command has expired must not depend on the edge's own
/// clock.
///
/// Each answer of the hub's says what time it was there, some moments before it arrived. Of the last answers the one
/// that came the fastest counts: an answer that was held up on its way cannot make the hub's time look earlier than
/// it is.
package struct HubClock: Sendable {
    /// Answers that are remembered.
    private static let memory = 8

    /// The hub's time when this node's uptime was zero, by each answer; never later than the truth.
    private var anchors: [Instant] = []

    package init() {}

    /// An answer with the hub's time arrived when this node had been up for `uptime`.
    package mutating func observe(_ hubTime: Instant, uptime: Duration) {
        anchors.append(hubTime - uptime)
        if anchors.count > Self.memory { anchors.removeFirst() }
    }

    /// The time at the hub when this node has been up for `uptime`; nil before the hub answered.
    package func now(uptime: Duration) -> Instant? { anchors.max().map { $0 + uptime } }
}
