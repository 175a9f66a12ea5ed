/// What the intake must know of a document without reading it whole: its CloudEvents identity and order.
package struct Envelope: Sendable, Hashable {
    package var id: String
    package var source: String
    package var type: String
    package var subject: String?
    package var time: Instant

    package init(id: String, source: String, type: String, subject: String?, time: Instant) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.time = time
    }
}

/// An event as it is stored and sent: its scanned envelope and the document's own bytes.
package struct EventDocument: Sendable, Hashable {
    package let envelope: Envelope
    /// One JSON object, UTF-8, as it came.
    package let bytes: [UInt8]

    package init(envelope: Envelope, bytes: [UInt8]) {
        self.envelope = envelope
        self.bytes = bytes
    }

    /// The document of an event made here.
    package init(_ event: Event) {
        self.init(
            envelope: Envelope(
                id: event.id, source: event.source, type: event.type, subject: event.subject, time: event.time),
            bytes: event.document)
    }
}
