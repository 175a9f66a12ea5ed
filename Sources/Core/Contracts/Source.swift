package import Canonical
package import ExactJSON

/// Brings facts in: a machine, a folder, an edge node, an HTTP client.
///
/// A source reads, hands each batch to the ``Intake``, and acknowledges to its peer only after ``Intake/submit(_:)`` has returned.
package protocol Source: Sendable {
    var name: SourceName { get }
    /// HTTP routes that this source answers on the node's one listener; empty for most.
    var routes: [Route] { get }
    /// Works until cancelled. Connection trouble is waited out inside; throwing means that the source cannot work at all
    /// and a person is needed; the engine reports it and starts the source again after a while.
    func run(_ intake: any Intake) async throws
    /// What it waits out: a machine that cannot be reached, a hub that is away. Nil while all is well.
    var trouble: Failure? { get }
}

extension Source {
    package var routes: [Route] { [] }
    package var trouble: Failure? { nil }
}

/// Where sources hand in what they read. Everything of one batch is stored in one transaction, or nothing is.
package protocol Intake: Sendable {
    /// Returns when the batch is durable; only then may the peer be told. Waits while the node is full (back-pressure).
    /// Throws ``Failure`` where the batch was not stored: the caller keeps it and tries again.
    func submit(_ batch: SourceBatch) async throws -> IntakeReceipt
    /// What this source last stored under `name`, or nil.
    func position(_ source: SourceName, _ name: String) async throws -> JSON?
}

/// What one call of a source hands in.
package struct SourceBatch: Sendable {
    package var source: SourceName
    /// Raw tags, records and states: signals turn them into events.
    package var readings: [Reading]
    /// Events that came ready-made.
    package var documents: [EventDocument]
    /// Input that could not be read: kept for a person, with its bytes.
    package var faults: [InputFault]
    /// Where the source stands after this batch: stored in the same transaction.
    package var positions: [SourcePosition]
    /// For an edge's batch: its place in the edge's stream.
    package var segment: StreamSegment?

    package init(
        source: SourceName, readings: [Reading] = [], documents: [EventDocument] = [], faults: [InputFault] = [],
        positions: [SourcePosition] = [], segment: StreamSegment? = nil
    ) {
        self.source = source
        self.readings = readings
        self.documents = documents
        self.faults = faults
        self.positions = positions
        self.segment = segment
    }
}

/// One named position of a source: a file's offset, a connection's last line.
package struct SourcePosition: Sendable {
    package let name: String
    /// Null forgets the position.
    package let value: JSON

    package init(name: String, value: JSON) {
        self.name = name
        self.value = value
    }
}

/// The place of a batch in an edge's stream: (edge, epoch, lane), gap-free from 1.
package struct StreamSegment: Sendable, Hashable {
    package let node: NodeID
    /// The edge store's epoch: new when its store was made anew or restored.
    package let epoch: String
    package let lane: Lane
    /// Sequence of the first document.
    package let first: Int64
    package let count: Int
    /// SHA-256 of the compressed body: tells a repeated batch from another one under the same numbers.
    package let digest: String
    /// Whether the edge holds nothing before ``first`` any more: what is not stored of that is not asked for.
    package var isOldest = false

    package init(node: NodeID, epoch: String, lane: Lane, first: Int64, count: Int, digest: String) {
        self.node = node
        self.epoch = epoch
        self.lane = lane
        self.first = first
        self.count = count
        self.digest = digest
    }

    package var last: Int64 { first + Int64(count) - 1 }
}

/// What became of a batch.
package struct IntakeReceipt: Sendable, Hashable {
    /// Events stored by this call.
    package var stored: Int
    /// Events that had been stored before, by (source, id) or by the edge's sequence.
    package var duplicates: Int
    /// Facts set aside as exceptions.
    package var exceptions: Int
    /// Of the events, those that were other ones than what is stored under their name.
    package var conflicts = 0
    /// Ready-made events that were set aside, by their index in the batch; counted in ``exceptions`` as well.
    package var refused: [RefusedDocument] = []
    /// For a segment: how far the edge's stream is stored now, and whether the batch fitted.
    package var stream: StreamAnswer?

    package init(stored: Int = 0, duplicates: Int = 0, exceptions: Int = 0, stream: StreamAnswer? = nil) {
        self.stored = stored
        self.duplicates = duplicates
        self.exceptions = exceptions
        self.stream = stream
    }
}

/// An event that the intake set aside, and why.
package struct RefusedDocument: Sendable, Hashable {
    /// Among ``SourceBatch/documents``.
    package let index: Int
    package let failure: Failure

    package init(index: Int, failure: Failure) {
        self.index = index
        self.failure = failure
    }
}

/// The intake's word on an edge's batch.
package enum StreamAnswer: Sendable, Hashable {
    /// Stored, now or before: everything up to `position` is durable.
    case stored(position: Int64)
    /// The batch begins behind a gap: send again from `position` + 1.
    case gap(position: Int64)
    /// The same numbers came with other bytes: refused and audited.
    case conflict(position: Int64)
}
