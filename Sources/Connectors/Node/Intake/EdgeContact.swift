package import Canonical
package import Contracts

/// When a hub last heard of one of its edges.
package struct EdgeContact: Sendable, Hashable {
    package let node: NodeID
    /// Nil where it was not heard of since the hub started.
    package var last: Instant?
    /// How far the edge's clock is ahead of the hub's; nil where it did not say.
    package var skew: Duration?
    /// The plants that it may send of, where the settings say so; empty where it may of any.
    package var plants: Set<String> = []

    package init(node: NodeID, last: Instant? = nil, skew: Duration? = nil) {
        self.node = node
        self.last = last
        self.skew = skew
    }
}
