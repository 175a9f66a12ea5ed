import Canonical
import Contracts
import ExactJSON

/// Decides whether a CloudEvents document may go in: a canonical type's data must have its fact's shape and its source
/// must be `/plant/asset` of a plant that the node knows. Documents of the user's own types pass as they are: the
/// intake looks at those.
struct EventCheck: Sendable {
    /// What is wrong, and at which byte of the document where that is known.
    struct Finding: Error {
        let kind: FailureKind
        let message: String
    }

    /// Faults of one event that are named; more are counted.
    private static let maximumFaults = 5

    let limits: Limits
    /// The plants of the node's settings; empty where none is known, and any will do.
    let plants: Set<String>

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
                    kind: HTTPFailures.type,
                    message: "type \(Self.short(envelope.type)) is no canonical type"
                        + Self.meant(envelope.type, among: FactShape.all.map(\.type)))
                : nil
        }
        guard let plant = Self.plant(of: envelope.source) else {
            return Finding(
                kind: HTTPFailures.source,
                message: "source is \(Self.short(envelope.source)), and \(envelope.type) needs /{plant}/{asset}")
        }
        guard plants.isEmpty || plants.contains(plant) else {
            return Finding(
                kind: HTTPFailures.source,
                message: "source is \(Self.short(envelope.source)), and plants.yaml names no plant \(Self.short(plant))"
                    + Self.meant(plant, among: plants))
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

    private static func meant(_ name: String, among known: some Sequence<String>) -> String {
        NearestName.of(name, among: known).map { "; did you mean \($0)?" } ?? ""
    }

    /// The plant of `/plant/asset`; nil for anything else.
    private static func plant(of source: String) -> String? {
        let text = source.utf8
        guard text.first == UInt8(ascii: "/"), let middle = text.dropFirst().firstIndex(of: UInt8(ascii: "/")) else {
            return nil
        }
        let (plant, asset) = (source[source.index(after: source.startIndex)..<middle], text[middle...].dropFirst())
        guard !plant.isEmpty, !asset.isEmpty, !asset.contains(UInt8(ascii: "/")) else { return nil }
        return String(plant)
    }

    static func short(_ text: String, _ count: Int = 120) -> String {
        text.utf8.count > count ? String(text.prefix(count)) + "…" : text
    }
}
