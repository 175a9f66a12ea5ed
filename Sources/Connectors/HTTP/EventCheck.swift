import Canonical
import Contracts
import ExactJSON

/// Decides whether a CloudEvents document may go in: a canonical type's data must have its fact's shape and its source
/// must be `/plant/asset`. Documents of the user's own types pass as they are: the intake looks at those.
struct EventCheck: Sendable {
    /// What is wrong, and at which byte of the document where that is known.
    struct Finding: Error {
        let kind: FailureKind
        let message: String
    }

    /// Faults of one event that are named; more are counted.
    private static let maximumFaults = 5

    let limits: Limits

    func finding(in document: EventDocument) -> Finding? {
        guard document.bytes.count <= limits.eventBytes else {
            return Finding(
                kind: HTTPFailures.tooLarge,
                message: "the event has \(document.bytes.count) bytes; \(limits.eventBytes) are taken")
        }
        let envelope = document.envelope
        guard let shape = FactShape.of(type: envelope.type) else {
            // A type that looks canonical and is none is a misspelling, not a type of the user's own.
            return envelope.type.hasPrefix("millwright.")
                ? Finding(
                    kind: HTTPFailures.notEvent, message: "type \(Self.short(envelope.type)) is no canonical type")
                : nil
        }
        guard Self.isPlantAndAsset(envelope.source) else {
            return Finding(
                kind: HTTPFailures.source,
                message: "source is \(Self.short(envelope.source)), and \(envelope.type) needs /{plant}/{asset}")
        }
        if shape.surelyFits(document.bytes) { return nil }
        do {
            let event = try JSONReader.read(document.bytes, maximumDepth: limits.jsonDepth)
            let faults = shape.faults(in: event["data"] ?? .null)
            guard !faults.isEmpty else { return nil }
            let named = faults.prefix(Self.maximumFaults).map { "/data\($0.pointer) \(Self.short($0.reason, 160))" }
                .joined(separator: "; ")
            let more = faults.count > Self.maximumFaults ? "; and \(faults.count - Self.maximumFaults) more" : ""
            return Finding(kind: HTTPFailures.data, message: named + more)
        } catch {
            return Finding(kind: HTTPFailures.notJSON, message: error.description)
        }
    }

    private static func isPlantAndAsset(_ source: String) -> Bool {
        let text = source.utf8
        guard text.first == UInt8(ascii: "/"), let middle = text.dropFirst().firstIndex(of: UInt8(ascii: "/")) else {
            return false
        }
        let asset = text[middle...].dropFirst()
        return middle > text.index(after: text.startIndex) && !asset.isEmpty && !asset.contains(UInt8(ascii: "/"))
    }

    static func short(_ text: String, _ count: Int = 120) -> String {
        text.utf8.count > count ? String(text.prefix(count)) + "…" : text
    }
}
