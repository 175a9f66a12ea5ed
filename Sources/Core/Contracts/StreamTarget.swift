package import Canonical

/// A target that takes every event of a lane in order, as it stands: another node, a file. It needs no deliveries, only a cursor.
package protocol StreamTarget: Sendable {
    var name: TargetName { get }
    /// Takes the events, which are consecutive in their lane. Returns how far the target has them durably, which may be
    /// less or more than was handed over; the cursor moves there. Throws ``Deferral`` where nothing is known to have arrived.
    func forward(_ segment: JournalSegment) async throws -> StreamProgress
    func close() async
}

extension StreamTarget {
    package func close() async {}
}

/// A run of journal entries of one lane.
package struct JournalSegment: Sendable {
    package let lane: Lane
    /// The store's epoch, which names the stream together with node and lane.
    package let epoch: String
    /// Sequence within the lane of the first entry, from 1, gap-free.
    package let first: Int64
    package let documents: [EventDocument]
    /// Whether nothing before ``first`` is held any more, though the target asked for it.
    package var isOldest = false

    package init(lane: Lane, epoch: String, first: Int64, documents: [EventDocument]) {
        self.lane = lane
        self.epoch = epoch
        self.first = first
        self.documents = documents
    }

    package var last: Int64 { first + Int64(documents.count) - 1 }
}

/// How far a stream target is.
package struct StreamProgress: Sendable, Hashable {
    /// Everything of the lane up to here is durable at the target.
    package let position: Int64

    package init(position: Int64) { self.position = position }
}

extension Deferral: Error {}
