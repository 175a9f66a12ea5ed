package import Canonical

/// Who sent how much of late, so that a store that fills up takes in first of those who sent little. Pure.
package struct IntakeShares: Sendable {
    /// What was sent counts half after this long.
    private static let halfLife: Duration = .seconds(600)
    /// Less than this is nothing.
    private static let least = 0.5

    /// A sender: a source of this node, or an edge.
    private var lanes: [Lane: [String: Double]] = [:]
    private var counted = Duration.zero

    package init() {}

    /// `sender` handed in `events` at `now`, by a clock that nobody sets.
    package mutating func note(_ sender: String, _ lane: Lane, events: Int, now: Duration) {
        fade(now)
        lanes[lane, default: [:]][sender, default: 0] += Double(events)
    }

    /// Whether `sender` sent more than an equal share of what came in that lane.
    package mutating func isOver(_ sender: String, _ lane: Lane, now: Duration) -> Bool {
        fade(now)
        let sent = lanes[lane] ?? [:]
        let others = sent[sender] == nil ? sent.count + 1 : sent.count
        // In the order of their names, so that the sum is the same wherever it is made.
        let all = sent.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
        return (sent[sender] ?? 0) * Double(others) > all
    }

    private mutating func fade(_ now: Duration) {
        // In steps of a second: what happens within one is of the same time.
        let seconds = (now - counted).components.seconds
        guard seconds > 0 else { return }
        counted = now
        var factor = 1.0
        let halvings = Double(seconds) / Double(Self.halfLife.components.seconds)
        // 2 to the power of a fraction, by squaring its binary digits away: the same on every machine.
        var root = 0.5
        var rest = halvings
        while rest >= 1, factor > 0 {
            factor /= 2
            rest -= 1
        }
        for _ in 0..<20 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                factor *= root
                rest -= 1
            }
        }
        for lane in lanes.keys {
            lanes[lane] = lanes[lane]?.mapValues { $0 * factor }.filter { $0.value >= Self.least }
        }
    }
}
