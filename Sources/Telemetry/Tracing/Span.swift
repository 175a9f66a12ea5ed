package import Canonical

/// One piece of work of a trace: what, for how long, and how it ended. (OpenTelemetry trace API 1.x.)
package struct Span: Sendable, Hashable {
    /// The part that a span has between others. Raw values as in `opentelemetry.proto.trace.v1.Span.SpanKind`.
    package enum Kind: Int, Sendable { case inner = 1, server, client, producer, consumer }

    /// Another span that this one has to do with.
    package struct Link: Sendable, Hashable {
        package let trace: String
        package let span: String

        package init(trace: String, span: String) {
            self.trace = trace
            self.span = span
        }
    }

    /// Links that one span has at most: what is coalesced into one command beyond them is not named.
    package static let maximumLinks = 32

    package let trace: String
    package let id: String
    package let parent: String?
    package let name: String
    package let kind: Kind
    package let start: Instant
    package let end: Instant
    package let attributes: [(name: String, value: String)]
    /// What went wrong; nil where nothing did.
    package let error: String?
    package let links: [Link]

    package init(
        _ name: String, _ kind: Kind, trace: String, id: String, parent: String?, start: Instant, end: Instant,
        attributes: [(name: String, value: String)] = [], error: String? = nil, links: [Link] = []
    ) {
        self.name = name
        self.kind = kind
        self.trace = trace
        self.id = id
        self.parent = parent
        self.start = start
        self.end = max(start, end)
        self.attributes = attributes
        self.error = error
        self.links = Array(links.prefix(Self.maximumLinks))
    }

    package static func == (a: Span, b: Span) -> Bool { a.trace == b.trace && a.id == b.id && a.name == b.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
