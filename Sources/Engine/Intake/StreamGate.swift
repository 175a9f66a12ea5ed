import Canonical
import Contracts
import ExactJSON
import Store

/// Judges an edge's batch by its place in the edge's stream: new, repeated, behind a gap, or other bytes under old numbers.
enum StreamGate {
    enum Verdict {
        /// The documents that are new.
        case store([EventDocument])
        /// The same where those of these numbers before them are neither here nor at the edge.
        case storeBehind(missing: ClosedRange<Int64>, [EventDocument])
        /// Nothing to store; with the failure of a conflict.
        case answer(StreamAnswer, conflict: Failure?)
    }

    static func judge(
        _ segment: StreamSegment, _ documents: [EventDocument], _ transaction: StoreTransaction, now: Instant
    ) throws -> Verdict {
        let position = try transaction.streamPosition(segment.node, epoch: segment.epoch, lane: segment.lane)
        if segment.first == position + 1 { return .store(documents) }
        if segment.first > position + 1, segment.isOldest {
            return .storeBehind(missing: (position + 1)...(segment.first - 1), documents)
        }
        if segment.first > position + 1 { return .answer(.gap(position: position), conflict: nil) }
        if try transaction.hasBatch(segment) { return .answer(.stored(position: position), conflict: nil) }
        // An edge that lost an answer may cut its stream anew: the same events must then stand under the old numbers.
        // Where broken documents were set aside the places do not tell, and identity alone decides what is new.
        let repeated = documents.count == segment.count ? Int(min(position, segment.last) - segment.first + 1) : 0
        for document in documents.prefix(repeated) where try !isStored(document, transaction) {
            // What damage took comes again under its old number: identity alone decides what is new.
            if let lost = try transaction.eventsLost(), now.since(lost) < StoreTransaction.heldByEdges {
                return .store(documents)
            }
            return .answer(
                .conflict(position: position),
                conflict: IntakeFailures.conflict.failure(
                    """
                    \(segment.node) sent event \(document.envelope.id) of \(document.envelope.source) under a number \
                    up to \(position), where something else is stored
                    """))
        }
        if segment.last <= position { return .answer(.stored(position: position), conflict: nil) }
        return .store(documents)
    }

    /// A node that lost its store makes the events of old facts anew: they differ in when they were recorded, in their
    /// trace, and in where they were read where the file got another name since, and in nothing else.
    private static func hasSameContent(_ a: EventDocument, _ b: EventDocument) -> Bool {
        guard var a = try? JSONReader.read(a.bytes).object, var b = try? JSONReader.read(b.bytes).object else {
            return false
        }
        for name in ["recordedtime", "traceparent", Origin.attribute] {
            a[name] = nil
            b[name] = nil
        }
        return JSON.object(a) == JSON.object(b)
    }

    /// Whether this very event is stored: by identity, and by its bytes where they are still in the journal.
    private static func isStored(_ document: EventDocument, _ transaction: StoreTransaction) throws -> Bool {
        let envelope = document.envelope
        if let entry = try transaction.document(source: envelope.source, id: envelope.id) {
            return entry.document.bytes == document.bytes || hasSameContent(entry.document, document)
        }
        return try transaction.knows(source: envelope.source, id: envelope.id)
    }
}
