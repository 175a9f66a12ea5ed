import Canonical
import Contracts
import ExactJSON
import JSONSchema

/// Holds events of the user's own types against their schemas. What does not fit is kept for a person as it came.
struct EventScreen {
    let schemas: [String: Schema]
    let limits: Limits

    /// Faults of one event that are named; more are counted.
    private static let named = 5
    /// Characters of one fault that are shown.
    private static let shown = 240

    /// The documents that do not fit, in their order.
    func refused(_ documents: [EventDocument]) -> [RefusedDocument] {
        guard !schemas.isEmpty else { return [] }
        return documents.enumerated().compactMap { index, document in
            failure(of: document).map { RefusedDocument(index: index, failure: $0) }
        }
    }

    /// Why an event's data does not fit its type; nil where it does, and for a type without a schema.
    func failure(of document: EventDocument) -> Failure? {
        guard let schema = schemas[document.envelope.type] else { return nil }
        let event: JSON
        do {
            event = try JSONReader.read(document.bytes, maximumDepth: limits.jsonDepth)
        } catch {
            return IntakeFailures.misfit.failure("the event cannot be read: \(error)")
        }
        let faults = schema.faults(in: event["data"] ?? .null, prefix: "/data")
        guard !faults.isEmpty else { return nil }
        let sentences = faults.prefix(Self.named).map { fault in
            fault.message.count > Self.shown ? fault.message.prefix(Self.shown) + "…" : fault.message
        }
        let more = faults.count - sentences.count
        return IntakeFailures.misfit.failure(
            sentences.joined(separator: "; ") + (more > 0 ? "; and \(more) more" : ""))
    }

    /// The event as input for a person, with its bytes. The same event that comes again is not reported twice.
    func fault(_ failure: Failure, _ document: EventDocument, _ now: Instant) -> InputFault {
        InputFault(
            failure: failure, origin: Origin("\(document.envelope.source) \(document.envelope.id)"),
            original: Array(document.bytes.prefix(limits.originalBytes)), time: now,
            factID: "misfit:" + Fingerprint.text(of: document.bytes))
    }
}
