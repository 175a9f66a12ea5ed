package import Canonical

/// How many batches of edges are inflated and stored at one time: not all of one edge, and never so many that a
/// critical one finds no place. Pure.
package struct BatchTurns: Sendable {
    /// At one time, of all edges.
    package static let maximum = 32
    /// Of these, kept for the critical lane.
    package static let reserved = 8
    /// Of one edge: its lanes, and repeats of batches whose answers were lost.
    package static let maximumPerNode = 6

    private var underWay = 0
    private var nodes: [NodeID: Int] = [:]

    package init() {}

    /// Takes a place for a batch; false where there is none for it now.
    package mutating func begin(_ node: NodeID, _ lane: Lane) -> Bool {
        let maximum = lane == .critical ? Self.maximum : Self.maximum - Self.reserved
        guard underWay < maximum, nodes[node, default: 0] < Self.maximumPerNode else { return false }
        underWay += 1
        nodes[node, default: 0] += 1
        return true
    }

    /// Gives the place back.
    package mutating func end(_ node: NodeID) {
        underWay -= 1
        let left = nodes[node, default: 0] - 1
        nodes[node] = left > 0 ? left : nil
    }
}
