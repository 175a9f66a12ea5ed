import ExactJSON

@testable import Canonical

/// A CloudEvents document or a batch of them. What the scanner takes is JSON with the same envelope; what the skim
/// surely accepts, the closer look accepts.
enum EnvelopeInput {
    private static let shapes = Array(FactShape.all.prefix(6))

    static func check(_ input: [UInt8]) throws {
        if let document = try? EnvelopeScanner.scan(input) { try compare(document) }
        var broken: [Range<Int>] = []
        let documents = try? EnvelopeScanner.scanBatch(input, maximumEvents: 100) { _, range, _ in
            broken.append(range)
        }
        for range in broken {
            try require(range.lowerBound >= 0 && range.upperBound <= input.count, "a range beyond the input: \(range)")
            try accepts(Array(input[range]))
        }
        for document in documents ?? [] { try compare(document) }
        for shape in shapes where shape.surelyFits(input) {
            // It is asked about JSON alone.
            guard let whole = try? JSONReader.read(input), let data = whole["data"] else { continue }
            try require(shape.faults(in: data).isEmpty, "\(shape.type): \(shape.faults(in: data))")
        }
    }

    private static func compare(_ document: EventDocument) throws {
        guard let whole = try accepts(document.bytes) else { return }
        let said = document.envelope
        try require(whole["id"]?.string == said.id, "id \(said.id), not \(whole["id"] ?? .null)")
        try require(whole["source"]?.string == said.source, "source \(said.source), not \(whole["source"] ?? .null)")
        try require(whole["type"]?.string == said.type, "type \(said.type), not \(whole["type"] ?? .null)")
        let subject = whole["subject"]?.string
        try require(subject == said.subject, "subject \(said.subject ?? "-"), not \(subject ?? "-")")
        let time = whole["time"]?.string.flatMap { Instant(text: $0) }
        try require(time == said.time, "time \(said.time), not \(whole["time"] ?? .null)")
        guard let shape = FactShape.of(type: said.type), shape.surelyFits(document.bytes) else { return }
        let faults = shape.faults(in: whole["data"] ?? .null)
        try require(faults.isEmpty, "surely fits, and \(faults)")
    }

    /// The full reader's value. It may refuse only a number beyond what is exact, which the scanner does not look at.
    @discardableResult
    private static func accepts(_ bytes: [UInt8]) throws -> JSON? {
        do {
            return try JSONReader.read(bytes)
        } catch {
            try require(
                error.reason.hasPrefix("not a number, or one beyond"), "the scanner took it, the reader says: \(error)")
            return nil
        }
    }
}
