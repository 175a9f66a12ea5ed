package import Canonical

/// Knows the trace of each event, and records the spans of those that are to be recorded.
///
/// Every event has a trace, recorded or not, so that logs and other systems can name it; what is recorded costs, and is
/// a setting. Recording never waits: see ``BoundedBuffer``.
package struct Tracer: Sendable {
    /// The node's name, which is part of each span's id: two nodes do the same step of one trace.
    package let node: String
    private let share: TraceShare
    private let spans: BoundedBuffer<Span>?

    /// `spans`: where spans are put; without it nothing is recorded.
    package init(node: String, share: TraceShare = .none, spans: BoundedBuffer<Span>? = nil) {
        self.node = node
        self.share = share
        self.spans = spans
    }

    /// Whether anything is recorded at all.
    package var isOn: Bool { spans != nil }

    /// The trace that an event belongs to.
    package struct EventTrace: Sendable, Hashable {
        package let trace: String
        /// The span of who made the event; nil where it named none.
        package let parent: String?
        package let isRecorded: Bool
    }

    /// Whether a trace is recorded here: where whoever began it recorded it, or where it is in this node's share.
    private func records(_ trace: String, _ wasSampled: Bool) -> Bool { isOn && (wasSampled || share.takes(trace)) }

    /// The trace of an event: its own (`traceparent`, the CloudEvents distributed tracing extension), or the one that
    /// follows from its identity.
    package func trace(of document: EventDocument) -> EventTrace {
        if let own = document.traceparent {
            return EventTrace(
                trace: own.traceID, parent: own.spanID, isRecorded: records(own.traceID, own.isSampled))
        }
        let trace = TraceIdentity.trace(of: document.envelope)
        return EventTrace(trace: trace, parent: nil, isRecorded: records(trace, false))
    }

    // MARK: - The steps of an event

    /// The span of an event's being stored at `node`.
    private func storedSpan(_ trace: String, at node: String) -> String { TraceIdentity.span(trace, "stored", node) }

    /// What an event that is made here bears: whoever gets it goes on from its being stored here.
    package func origin(of envelope: Envelope) -> Traceparent {
        let trace = TraceIdentity.trace(of: envelope)
        return Traceparent(
            traceID: trace, spanID: storedSpan(trace, at: node), isSampled: records(trace, false))
    }

    /// Notes that events were stored. `source`: which of the node's sources brought them; `edge`: the node that they
    /// come from, which stored them before; `start`: when they were handed in.
    package func stored(_ documents: [EventDocument], source: String, edge: String?, start: Instant, end: Instant) {
        guard let spans else { return }
        spans.put(
            documents.compactMap { document -> Span? in
                let trace = trace(of: document)
                guard trace.isRecorded else { return nil }
                let id = storedSpan(trace.trace, at: node)
                let parent = edge.map { TraceIdentity.span(trace.trace, "forwarded", $0) }
                // An event that was made here bears its own span.
                return Span(
                    "store \(document.envelope.type)", .consumer, trace: trace.trace, id: id,
                    parent: parent ?? (trace.parent == id ? nil : trace.parent), start: start, end: end,
                    attributes: Self.attributes(of: document.envelope) + [("millwright.source", source)])
            })
    }

    /// Notes that events were handed to another node, or were not (`failure`).
    package func forwarded(
        _ documents: [EventDocument], to target: String, start: Instant, end: Instant, failure: String?
    ) {
        guard let spans else { return }
        spans.put(
            documents.compactMap { document -> Span? in
                let trace = trace(of: document)
                guard trace.isRecorded else { return nil }
                // A try that failed has an id of its own; the one that came through is what the other node goes on
                // from.
                let id =
                    failure == nil
                    ? TraceIdentity.span(trace.trace, "forwarded", node)
                    : TraceIdentity.span(trace.trace, "forwarded", node, String(start.microseconds))
                return Span(
                    "forward to \(target)", .producer, trace: trace.trace, id: id,
                    parent: storedSpan(trace.trace, at: node), start: start, end: end,
                    attributes: Self.attributes(of: document.envelope) + [("millwright.target", target)],
                    error: failure)
            })
    }

    /// What a delivery of an event bears: whoever carries it out goes on from its being mapped.
    package func mapped(_ document: EventDocument, flow: String, target: String) -> Traceparent {
        let trace = trace(of: document)
        return Traceparent(
            traceID: trace.trace, spanID: mappedSpan(trace.trace, flow, target), isSampled: trace.isRecorded)
    }

    private func mappedSpan(_ trace: String, _ flow: String, _ target: String) -> String {
        TraceIdentity.span(trace, "mapped", node, flow, target)
    }

    /// Notes that a flow made a delivery of an event, or failed to.
    package func mapped(
        _ document: EventDocument, flow: String, target: String, start: Instant, end: Instant, failure: String?
    ) {
        guard let spans else { return }
        let trace = trace(of: document)
        guard trace.isRecorded else { return }
        spans.put([
            Span(
                "map \(flow)", .inner, trace: trace.trace, id: mappedSpan(trace.trace, flow, target),
                parent: storedSpan(trace.trace, at: node), start: start, end: end,
                attributes: Self.attributes(of: document.envelope) + [
                    ("millwright.flow", flow), ("millwright.target", target),
                ], error: failure)
        ])
    }

    /// Records spans that somebody else has put together.
    package func record(_ found: [Span]) { spans?.put(found) }

    /// The names of OpenTelemetry's semantic conventions for CloudEvents.
    private static func attributes(of envelope: Envelope) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = [
            ("cloudevents.event_id", envelope.id), ("cloudevents.event_source", envelope.source),
            ("cloudevents.event_type", envelope.type),
        ]
        if let subject = envelope.subject { pairs.append(("cloudevents.event_subject", subject)) }
        return pairs
    }
}
