// The distributed tracing extension of CloudEvents: the attribute `traceparent`, found and added without reading the
// document whole.
extension EventDocument {
    /// What a look at a document's attributes found.
    private enum Look { case found(String), absent, unclear }

    /// The trace that the event says it belongs to; nil where it says none, or none that can be read.
    package var traceparent: Traceparent? {
        if case .found(let text) = look() { Traceparent(text) } else { nil }
    }

    /// The same event with that trace, where it says none itself: its first attribute. The rest stays byte for byte.
    package func bearing(_ traceparent: Traceparent) -> EventDocument {
        guard case .absent = look(), bytes.first == UInt8(ascii: "{") else { return self }
        return EventDocument(
            envelope: envelope, bytes: Array("{\"traceparent\":\"\(traceparent)\",".utf8) + bytes.dropFirst())
    }

    private func look() -> Look {
        bytes.withUnsafeBufferPointer { buffer in
            // An event has been accepted when it gets here, so it is JSON within the bounds; what is not is unclear.
            var reader = JSONSkimmer(buffer, maximumDepth: 64)
            return (try? Self.look(&reader)) ?? .unclear
        }
    }

    private static func look(_ reader: inout JSONSkimmer) throws -> Look {
        reader.skipSpace()
        guard reader.consume(UInt8(ascii: "{")) else { return .unclear }
        repeat {
            reader.skipSpace()
            let name = try reader.stringRange()
            // Written with escapes it may be any name.
            guard !name.escaped else { return .unclear }
            reader.skipSpace()
            guard reader.consume(UInt8(ascii: ":")) else { return .unclear }
            reader.skipSpace()
            if reader.matches(name, "traceparent") {
                guard reader.peek == UInt8(ascii: "\"") else { return .unclear }
                return .found(try reader.text(try reader.stringRange()))
            }
            try reader.skipValue(depth: 2)
            reader.skipSpace()
        } while reader.consume(UInt8(ascii: ","))
        return .absent
    }
}
