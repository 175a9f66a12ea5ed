import Canonical
import Contracts
import Delivery
import NodeConnector
import Runtime

/// Which edges a hub has, and when it last heard of each: from its way in, from its ways down, and, of the time before
/// it started, from what it has stored.
enum EdgePresence {
    /// An edge that has nothing to send asks after ``StreamForwarder/quiet`` at the latest; the rest is for a network
    /// that is slow and a request that has to be sent again.
    static let offlineAfter = StreamForwarder.quiet + .seconds(300)

    /// The edges of a node. `stored`: when each stream of an edge last moved.
    static func edges(of engine: NodeEngine, stored: [NodeID: Instant]) -> [EdgeContact] {
        var contacts: [EdgeContact] = []
        var isComplete = true
        for source in engine.sources.compactMap({ $0 as? NodeIntakeSource }) {
            do throws(Failure) {
                contacts += try source.edges()
            } catch {
                // Who may send cannot be told now: what is stored says who did.
                isComplete = false
            }
        }
        let polls = engine.runners.compactMap { $0.target as? DownlinkTarget }.compactMap { target in
            target.lastPoll.map { EdgeContact(node: target.edge, last: $0) }
        }
        return merged(isComplete ? contacts : nil, polls: polls, stored: stored)
    }

    /// `contacts`: the edges that may send; nil where that is not known, and then those that are in `stored`.
    static func merged(
        _ contacts: [EdgeContact]?, polls: [EdgeContact], stored: [NodeID: Instant]
    ) -> [EdgeContact] {
        var edges: [NodeID: EdgeContact] = [:]
        for contact in contacts ?? stored.keys.map({ EdgeContact(node: $0) }) {
            var edge = edges[contact.node] ?? contact
            edge.plants.formUnion(contact.plants)
            if let last = contact.last, last >= edge.last ?? last { (edge.last, edge.skew) = (last, contact.skew) }
            edges[contact.node] = edge
        }
        // Of an edge whose key has ended since, an old question proves nothing.
        for poll in polls {
            guard let last = poll.last, let edge = edges[poll.node] else { continue }
            edges[poll.node]?.last = max(last, edge.last ?? last)
        }
        for (node, time) in stored where edges[node] != nil && edges[node]?.last == nil { edges[node]?.last = time }
        return edges.values.sorted { $0.node < $1.node }
    }

    /// When the streams of each edge last moved.
    static func stored(
        _ streams: [(node: NodeID, lane: Lane, position: Int64, updated: Instant)]
    ) -> [NodeID: Instant] {
        Dictionary(streams.map { ($0.node, $0.updated) }, uniquingKeysWith: max)
    }
}
