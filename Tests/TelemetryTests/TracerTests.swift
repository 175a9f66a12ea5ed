import Canonical
import Contracts
import Testing

@testable import Telemetry

@Suite("The traces of events")
struct TracerTests {
    private static let start = Instant(microseconds: 1_772_000_000_000_000)

    private static func event(_ id: String, _ attributes: [String: String] = [:]) -> EventDocument {
        EventDocument(
            Event(
                id: id, source: "/lyon/press-1", type: "millwright.production.completed.v1", subject: "MO1",
                time: start, attributes: attributes, data: ["traceparent": "not this one"]))
    }

    private static func tracer(_ node: String, _ buffer: BoundedBuffer<Span>, percent: Double = 100) -> Tracer {
        Tracer(node: node, share: TraceShare(percent: percent), spans: buffer)
    }

    @Test("an event has the same trace at every node, and another event another one")
    func identity() {
        let buffer = BoundedBuffer<Span>(capacity: 9)
        let (edge, hub) = (Self.tracer("edge", buffer), Self.tracer("hub", buffer))
        let trace = edge.trace(of: Self.event("1"))
        #expect(trace == hub.trace(of: Self.event("1")))
        #expect(trace.trace != hub.trace(of: Self.event("2")).trace)
        // What is made of it is a trace parent that others read.
        let text = edge.origin(of: Self.event("1").envelope).description
        #expect(Traceparent(text)?.traceID == trace.trace && Traceparent(text)?.isSampled == true, "\(text)")
    }

    @Test("an event keeps the trace that it came with, and one that cannot be read is none")
    func incoming() {
        let tracer = Self.tracer("hub", BoundedBuffer(capacity: 9))
        let own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let trace = tracer.trace(of: Self.event("1", ["traceparent": own]))
        #expect(trace.trace == "0af7651916cd43dd8448eb211c80319c" && trace.parent == "b7ad6b7169203331")
        for broken in [
            "00-0-0-01", "", "00-00000000000000000000000000000000-b7ad6b7169203331-01", String(own.dropLast()),
        ] {
            let trace = tracer.trace(of: Self.event("1", ["traceparent": broken]))
            #expect(
                trace.trace == TraceIdentity.trace(of: Self.event("1").envelope) && trace.parent == nil, "\(broken)")
        }
    }

    @Test("a document bears a trace that it is given where it says none, and is the same event otherwise")
    func bearing() throws {
        let trace = try #require(Traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        let bearing = Self.event("1").bearing(trace)
        #expect(bearing.traceparent == trace)
        #expect(bearing.bytes.count == Self.event("1").bytes.count + 72 && bearing.envelope == Self.event("1").envelope)
        #expect(try EnvelopeScanner.scan(bearing.bytes).envelope == bearing.envelope)
        #expect(bearing.bearing(trace) == bearing)
        let other = Self.event("1", ["traceparent": "garbled"])
        #expect(other.bearing(trace) == other)
    }

    @Test("the share of traces that is recorded is the one that is wanted, and the same at every node")
    func share() {
        let traces = (0..<20_000).map { TraceIdentity.trace(of: Self.event("\($0)").envelope) }
        for percent in [0.0, 1.5, 10, 50, 100] {
            let taken = traces.filter { TraceShare(percent: percent).takes($0) }.count
            let wanted = 20_000 * percent / 100
            #expect(
                abs(Double(taken) - wanted) <= 5 * (wanted * (1 - percent / 100)).squareRoot(), "\(percent): \(taken)")
            if percent == 0 || percent == 100 { #expect(Double(taken) == wanted) }
        }
        // Whoever began a trace and recorded it is followed; who did not leaves it to the share.
        let none = Self.tracer("hub", BoundedBuffer(capacity: 9), percent: 0)
        let id = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"
        #expect(none.trace(of: Self.event("1", ["traceparent": id + "-01"])).isRecorded)
        #expect(!none.trace(of: Self.event("1", ["traceparent": id + "-00"])).isRecorded)
        #expect(!Tracer(node: "hub").trace(of: Self.event("1", ["traceparent": id + "-01"])).isRecorded)
    }

    @Test("what an edge stores and forwards and its hub stores and maps is one trace, each step below the one before")
    func chain() throws {
        let buffer = BoundedBuffer<Span>(capacity: 99)
        let (edge, hub) = (Self.tracer("edge", buffer), Self.tracer("hub", buffer))
        // As the intake of an edge makes it of a reading.
        let bare = Self.event("1")
        let event = Self.event("1", ["traceparent": edge.origin(of: bare.envelope).description])
        edge.stored([event], source: "press-1", edge: nil, start: Self.start, end: Self.start)
        edge.forwarded([event], to: "hub", start: Self.start, end: Self.start, failure: "away")
        edge.forwarded([event], to: "hub", start: Self.start + .seconds(1), end: Self.start, failure: nil)
        hub.stored([event], source: "edges", edge: "edge", start: Self.start, end: Self.start)
        hub.mapped(event, flow: "progress", target: "odoo", start: Self.start, end: Self.start, failure: nil)
        let spans = buffer.first(99)
        #expect(Set(spans.map(\.trace)) == [TraceIdentity.trace(of: bare.envelope)])
        #expect(Set(spans.map(\.id)).count == 5)
        let (stored, forwarded, at, mapped) = (spans[0], spans[2], spans[3], spans[4])
        #expect(stored.parent == nil && forwarded.parent == stored.id && at.parent == forwarded.id)
        #expect(mapped.parent == at.id && spans[1].parent == stored.id && spans[1].error == "away")
        #expect(hub.mapped(event, flow: "progress", target: "odoo").spanID == mapped.id)
    }

    @Test("a buffer keeps what came first, counts what found no room, and never grows")
    func buffer() {
        let buffer = BoundedBuffer<Int>(capacity: 5)
        buffer.put(Array(0..<3))
        buffer.put(Array(3..<9))
        #expect(buffer.first(99) == [0, 1, 2, 3, 4])
        #expect(buffer.counts.waiting == 5 && buffer.counts.taken == 5 && buffer.counts.dropped == 4)
        buffer.remove(2)
        buffer.put([7])
        #expect(buffer.first(99) == [2, 3, 4, 7])
    }
}
