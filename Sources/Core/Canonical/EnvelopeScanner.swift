import ExactJSON

/// Finds the envelope of a CloudEvents JSON document in one pass over its bytes, without building a tree of values.
///
/// It validates what it passes over: nesting, strings (UTF-8, escapes by JSON's rules), literals and numbers, so that a
/// document it accepts is JSON. Bounded by `maximumDepth`; linear in the document's length.
package struct EnvelopeScanner {
    /// Why a document was refused, and at which of its bytes.
    package struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        package let offset: Int
        package let reason: String
        package var description: String { "\(reason) (byte \(offset))" }
    }

    private var reader: JSONSkimmer
    /// The last source and type: in a batch they repeat, and are not made anew.
    private var lastSource = ""
    private var lastType = ""

    private init(_ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        reader = JSONSkimmer(bytes, maximumDepth: maximumDepth)
    }

    /// The envelope of the single document in `bytes`.
    package static func scan(_ bytes: [UInt8], maximumDepth: Int = 64) throws(Fault) -> EventDocument {
        let envelope = try bytes.withUnsafeBufferPointer { buffer throws(Fault) -> Envelope in
            var scanner = EnvelopeScanner(buffer, maximumDepth: maximumDepth)
            do {
                scanner.reader.skipSpace()
                let envelope = try scanner.envelope()
                scanner.reader.skipSpace()
                guard scanner.reader.atEnd else {
                    throw JSONSkimmer.Fault(offset: scanner.reader.index, reason: "more text behind the event")
                }
                return envelope
            } catch let fault as JSONSkimmer.Fault {
                throw Fault(offset: fault.offset, reason: fault.reason)
            } catch {
                throw Fault(offset: scanner.reader.index, reason: "\(error)")
            }
        }
        return EventDocument(envelope: envelope, bytes: bytes)
    }

    /// Each document of a JSON array of events (`application/cloudevents-batch+json`), in order.
    /// A broken array throws; an element that is JSON but no event is handed to `fault` and the rest goes on.
    package static func scanBatch(
        _ bytes: [UInt8], maximumEvents: Int, maximumDepth: Int = 64,
        fault: (_ index: Int, _ range: Range<Int>, _ fault: Fault) -> Void
    ) throws(Fault) -> [EventDocument] {
        try bytes.withUnsafeBufferPointer { buffer throws(Fault) -> [EventDocument] in
            var scanner = EnvelopeScanner(buffer, maximumDepth: maximumDepth)
            do {
                return try scanner.batch(buffer, maximumEvents: maximumEvents, fault: fault)
            } catch let fault as JSONSkimmer.Fault {
                throw Fault(offset: fault.offset, reason: fault.reason)
            } catch {
                throw Fault(offset: scanner.reader.index, reason: "\(error)")
            }
        }
    }

    private mutating func batch(
        _ buffer: UnsafeBufferPointer<UInt8>, maximumEvents: Int,
        fault: (_ index: Int, _ range: Range<Int>, _ fault: Fault) -> Void
    ) throws -> [EventDocument] {
        var documents: [EventDocument] = []
        reader.skipSpace()
        guard reader.consume(UInt8(ascii: "[")) else {
            throw JSONSkimmer.Fault(offset: reader.index, reason: "a JSON array of events is expected")
        }
        reader.skipSpace()
        if reader.consume(UInt8(ascii: "]")) { return documents }
        var count = 0
        while true {
            reader.skipSpace()
            count += 1
            guard count <= maximumEvents else {
                throw JSONSkimmer.Fault(offset: reader.index, reason: "more than \(maximumEvents) events in one batch")
            }
            let start = reader.index
            do {
                let envelope = try envelope()
                documents.append(EventDocument(envelope: envelope, bytes: Array(buffer[start..<reader.index])))
            } catch let found as JSONSkimmer.Fault where found.isContent {
                // The element is JSON, only no event: it is set aside and the rest goes on.
                reader.index = start
                try reader.skipValue(depth: 1)
                fault(count - 1, start..<reader.index, Fault(offset: found.offset, reason: found.reason))
            }
            reader.skipSpace()
            if reader.consume(UInt8(ascii: ",")) { continue }
            guard reader.consume(UInt8(ascii: "]")) else {
                throw JSONSkimmer.Fault(offset: reader.index, reason: "a comma or ] is expected")
            }
            reader.skipSpace()
            guard reader.atEnd else {
                throw JSONSkimmer.Fault(offset: reader.index, reason: "more text behind the batch")
            }
            return documents
        }
    }

    private mutating func envelope() throws -> Envelope {
        let start = reader.index
        guard reader.consume(UInt8(ascii: "{")) else {
            throw JSONSkimmer.Fault(offset: start, reason: "an event must be a JSON object", isContent: true)
        }
        var id: String?
        var source: String?
        var type: String?
        var subject: String?
        var time: Instant?
        var version = false
        reader.skipSpace()
        if !reader.consume(UInt8(ascii: "}")) {
            repeat {
                reader.skipSpace()
                let name = try reader.stringRange()
                if name.escaped { try refuseDisguise(name) }
                reader.skipSpace()
                guard reader.consume(UInt8(ascii: ":")) else {
                    throw JSONSkimmer.Fault(offset: reader.index, reason: "a colon is expected")
                }
                reader.skipSpace()
                if reader.matches(name, "id") {
                    id = try text("id")
                } else if reader.matches(name, "source") {
                    lastSource = try text("source", orSame: lastSource)
                    source = lastSource
                } else if reader.matches(name, "type") {
                    lastType = try text("type", orSame: lastType)
                    type = lastType
                } else if reader.matches(name, "subject") {
                    subject = try text("subject")
                } else if reader.matches(name, "specversion") {
                    version = try text("specversion") == "1.0"
                } else if reader.matches(name, "time") {
                    let offset = reader.index
                    let range = try attribute("time")
                    time = reader.slice(range) { Instant(bytes: $0) }
                    if time == nil {
                        throw JSONSkimmer.Fault(
                            offset: offset, reason: "time must be an RFC 3339 time with a zone", isContent: true)
                    }
                } else {
                    try reader.skipValue(depth: 2)
                }
                reader.skipSpace()
            } while reader.consume(UInt8(ascii: ","))
            guard reader.consume(UInt8(ascii: "}")) else {
                throw JSONSkimmer.Fault(offset: reader.index, reason: "a comma or } is expected")
            }
        }
        guard version else {
            throw JSONSkimmer.Fault(offset: start, reason: "specversion must be \"1.0\"", isContent: true)
        }
        guard let id, !id.isEmpty else {
            throw JSONSkimmer.Fault(offset: start, reason: "id is missing or empty", isContent: true)
        }
        guard let source, !source.isEmpty else {
            throw JSONSkimmer.Fault(offset: start, reason: "source is missing or empty", isContent: true)
        }
        guard let type, !type.isEmpty else {
            throw JSONSkimmer.Fault(offset: start, reason: "type is missing or empty", isContent: true)
        }
        guard let time else { throw JSONSkimmer.Fault(offset: start, reason: "time is missing", isContent: true) }
        return Envelope(id: id, source: source, type: type, subject: subject, time: time)
    }

    /// The names that the envelope is made of.
    private static let attributes: Set<String> = ["id", "source", "type", "subject", "specversion", "time"]

    /// Refuses an attribute whose name is written with escapes: here it would be passed over, and whoever reads the
    /// document whole would find another id, source or time in it.
    private func refuseDisguise(_ name: JSONSkimmer.StringRange) throws {
        let text = try reader.text(name)
        guard Self.attributes.contains(text) else { return }
        throw JSONSkimmer.Fault(
            offset: name.start, reason: "the name \(text) must be written without escapes", isContent: true)
    }

    private mutating func attribute(_ name: StaticString) throws -> JSONSkimmer.StringRange {
        guard reader.peek == UInt8(ascii: "\"") else {
            throw JSONSkimmer.Fault(offset: reader.index, reason: "\(name) must be a string", isContent: true)
        }
        return try reader.stringRange()
    }

    private mutating func text(_ name: StaticString) throws -> String {
        try reader.text(attribute(name))
    }

    private mutating func text(_ name: StaticString, orSame last: String) throws -> String {
        let range = try attribute(name)
        let isSame = last.utf8.withContiguousStorageIfAvailable { reader.matches(range, $0) } ?? false
        return isSame && !range.escaped ? last : try reader.text(range)
    }
}
