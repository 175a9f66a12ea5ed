package import Canonical
package import Contracts
package import NodeSecurity
package import World

/// Looks at an edge's batch, the cheap and safe first: who sent it, when, then what is in it. Decides only; stores
/// nothing.
///
/// The order of the checks is the point: nothing is inflated or scanned before an enrolled key of that very node has
/// signed it.
package struct BatchInspector: Sendable {
    package let limits: Limits
    /// How far an edge's clock may be off.
    package let tolerance: Duration
    /// The plants of each node that has them limited; a node that is not named may send of any.
    package let plants: [NodeID: Set<String>]
    /// The hub's own name: what it told an edge comes back with the edge's stream, and is known.
    package let hub: NodeID

    package init(limits: Limits, tolerance: Duration, plants: [NodeID: Set<String>] = [:], hub: NodeID) {
        self.limits = limits
        self.tolerance = tolerance
        self.plants = plants
        self.hub = hub
    }

    /// A batch whose sender is known and whose bytes are the ones that were signed.
    package struct Sealed: Sendable {
        package let node: NodeID
        package let header: StreamHeader
        package let compression: Compression
        /// How far the edge's clock is ahead of the hub's.
        package let skew: Duration
        package let body: [UInt8]
        /// SHA-256 of the compressed body, in hexadecimal digits.
        package let digest: String
    }

    /// What is in a batch.
    package struct Opened: Sendable {
        package let documents: [EventDocument]
        /// Events of the batch that are set aside; the rest is stored, and the stream goes on.
        package let faults: [InputFault]
    }

    /// Why a batch is not taken.
    package struct Refusal: Error, Sendable {
        /// The HTTP status that says so.
        package let status: Int
        package let failure: Failure
        /// Whether the sender is known: a stranger's bytes are kept sparingly.
        package let isAuthentic: Bool
        package var skew: Duration?
    }

    // MARK: - Who

    /// Checks size, header fields, signature, digest and clock, in this order. `keys` is the list of enrolled nodes.
    package func authenticate(
        _ request: HTTPRequest, from node: NodeID, keys: EnrolledNodes, now: Instant
    ) throws(Refusal) -> Sealed {
        guard request.body.count <= limits.requestBytes else {
            throw Refusal(
                status: 413,
                failure: Failure(
                    NodeFailures.tooLarge,
                    "\(request.body.count) bytes are more than the \(limits.requestBytes) of a batch"),
                isAuthentic: false)
        }
        guard NodeLink.isName(node) else {
            throw Refusal(
                status: 404, failure: Failure(NodeFailures.batch, "the path names no node"), isAuthentic: false)
        }
        let (header, sent, compression) = try readFields(request)
        let parameters: SignatureParameters
        do throws(Failure) {
            parameters = try NodeLink.batchSignature.verify(request, now: now) { id throws(Failure) in
                try keys.key(of: node, id: id)
            }
        } catch {
            throw Refusal(
                status: Self.status(of: error), failure: error, isAuthentic: error.kind == SecurityFailures.digest)
        }
        let skew = sent.since(now)
        let bounds = (.zero - tolerance)...tolerance
        guard bounds.contains(skew), bounds.contains(parameters.created.since(now)) else {
            throw Refusal(
                status: 403,
                failure: Failure(
                    NodeFailures.clock,
                    """
                    the clock of \(node) is \(NodeLink.words(skew)) \(skew < .zero ? "behind" : "ahead of") this hub's \
                    (\(sent) here at \(now)); at most \(NodeLink.words(tolerance)) are tolerated
                    """),
                isAuthentic: true, skew: skew)
        }
        return Sealed(
            node: node, header: header, compression: compression, skew: skew, body: request.body,
            digest: Digest.hex(request.body))
    }

    private func readFields(
        _ request: HTTPRequest
    ) throws(Refusal) -> (header: StreamHeader, sent: Instant, compression: Compression) {
        func refusal(_ reason: String) -> Refusal {
            Refusal(status: 400, failure: Failure(NodeFailures.batch, reason), isAuthentic: false)
        }
        guard let text = request.headers[StreamHeader.field] else { throw refusal("\(StreamHeader.field) is missing") }
        let header: StreamHeader
        do {
            header = try StreamHeader(text, maximumCount: limits.batchEvents)
        } catch {
            throw Refusal(status: error.kind == NodeFailures.tooLarge ? 413 : 400, failure: error, isAuthentic: false)
        }
        guard let sent = request.headers[NodeLink.timeField].flatMap({ Instant(text: $0) }) else {
            throw refusal("\(NodeLink.timeField) is missing or no RFC 3339 time")
        }
        let coding = request.headers["Content-Encoding"] ?? ""
        guard let compression = Compression(rawValue: coding.lowercased()) else {
            throw refusal("Content-Encoding must be gzip or deflate, not \"\(coding.prefix(40))\"")
        }
        let type = (request.headers["Content-Type"] ?? "").prefix { $0 != ";" }.lowercased()
        guard type == NodeLink.batchType else {
            throw Refusal(
                status: 415,
                failure: Failure(
                    NodeFailures.batch, "Content-Type must be \(NodeLink.batchType), not \"\(type.prefix(80))\""),
                isAuthentic: false)
        }
        return (header, sent, compression)
    }

    private static func status(of failure: Failure) -> Int {
        switch failure.kind {
        case SecurityFailures.notEnrolled: 403
        case SecurityFailures.digest: 400
        // The hub cannot read its own list: that is not the edge's fault, and passes.
        case SecurityFailures.enrolment: 503
        default: 401
        }
    }

    // MARK: - What

    /// Inflates and scans a batch. Events that are broken, too large, or of a plant that is not the node's, become
    /// faults; throws where the batch as a whole cannot be read.
    package func open(_ sealed: Sealed, now: Instant) throws(Refusal) -> Opened {
        func refusal(_ status: Int, _ failure: Failure) -> Refusal {
            Refusal(status: status, failure: failure, isAuthentic: true, skew: sealed.skew)
        }
        let header = sealed.header
        let body: [UInt8]
        do {
            body = try sealed.compression.inflate(sealed.body, limit: limits.inflatedBytes)
        } catch {
            throw refusal(error.kind == NodeFailures.tooLarge ? 413 : 400, error)
        }
        var faults: [Int: InputFault] = [:]
        let found: [EventDocument]
        do {
            found = try EnvelopeScanner.scanBatch(
                body, maximumEvents: limits.batchEvents, maximumDepth: limits.jsonDepth
            ) { index, range, reason in
                let failure = Failure(NodeFailures.batch, "\(sealed.node) sent what is no event: \(reason.reason)")
                faults[index] = fault(failure, sealed, index, body[range], now)
            }
        } catch {
            throw refusal(
                422, Failure(NodeFailures.batch, "the batch is no JSON array of events: \(error) of \(body.count)"))
        }
        guard found.count + faults.count == header.count else {
            throw refusal(
                422,
                Failure(
                    NodeFailures.batch,
                    "the batch has \(found.count + faults.count) events, and its header says \(header.count)"))
        }
        return sort(found, faults, sealed, now)
    }

    private func sort(
        _ found: [EventDocument], _ broken: [Int: InputFault], _ sealed: Sealed, _ now: Instant
    ) -> Opened {
        var faults = broken
        var documents: [EventDocument] = []
        documents.reserveCapacity(found.count)
        var index = 0
        for document in found {
            while broken[index] != nil { index += 1 }
            if let failure = objection(to: document, of: sealed.node) {
                faults[index] = fault(failure, sealed, index, document.bytes[...], now)
            } else if !isEcho(document.envelope) {
                documents.append(document)
            }
            index += 1
        }
        return Opened(documents: documents, faults: faults.sorted { $0.key < $1.key }.map(\.value))
    }

    /// Whether this is what the hub told the edge, come back with the edge's journal.
    private func isEcho(_ envelope: Envelope) -> Bool {
        DownlinkDocument.types.contains(envelope.type) && NodeLink.system(of: envelope.source) == hub.rawValue[...]
    }

    private func objection(to document: EventDocument, of node: NodeID) -> Failure? {
        guard document.bytes.count <= limits.eventBytes else {
            return Failure(
                NodeFailures.tooLarge,
                "event \(document.envelope.id) has \(document.bytes.count) bytes, more than \(limits.eventBytes)"
            )
        }
        guard let allowed = plants[node] else { return nil }
        let plant = NodeLink.plant(of: document.envelope.source).map { String($0) }
        guard plant.map({ allowed.contains($0) }) != true else { return nil }
        return Failure(
            NodeFailures.foreign,
            """
            \(node) sent an event of \(document.envelope.source.prefix(120)), and may send only of \
            \(allowed.sorted().joined(separator: ", "))
            """)
    }

    private func fault(
        _ failure: Failure, _ sealed: Sealed, _ index: Int, _ original: ArraySlice<UInt8>, _ now: Instant
    ) -> InputFault {
        let header = sealed.header
        let sequence = header.first + Int64(index)
        return InputFault(
            failure: failure, origin: Origin("\(sealed.node) lane \(header.lane.name) number \(sequence)"),
            original: Array(original.prefix(limits.originalBytes)), time: now,
            // By its number in the stream: the same however the edge cuts its batches.
            factID: "\(sealed.node):\(header.epoch):\(header.lane.name):\(sequence)")
    }
}
