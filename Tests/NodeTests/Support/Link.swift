import Canonical
import Contracts
import ExactJSON
import NodeConnector
import NodeSecurity
import SimulatedWorld
import Synchronization
import World

/// An edge and a hub with the way between them, all in memory.
struct Link: Sendable {
    static let edge: NodeID = "lyon-edge"
    static let key = (try? NodeKey(seed: Array(repeating: 7, count: 32)))!

    let hubClock = ManualClock()
    let edgeClock = ManualClock()
    let network = RouteNetwork()
    let intake = MemoryIntake()
    let enrolled: EnrolledNodes
    let source: NodeIntakeSource
    let uplink: UplinkTarget
    let limits: Limits

    init(
        limits: Limits = Limits(), plants: [NodeID: Set<String>] = [:], key: NodeKey = Link.key, enrols: Bool = true,
        compression: Compression = .gzip
    ) throws {
        self.limits = limits
        enrolled = EnrolledNodes(path: "/data/enrolled.json", disk: SimulatedDisk())
        if enrols { try enrolled.enrol(Self.edge, Self.key.publicKey, by: "test", now: hubClock.now()) }
        let hubWorld = World.test(clock: hubClock, network: RouteNetwork())
        source = NodeIntakeSource(
            name: "edges", enrolled: enrolled, node: "hub", plant: "lyon", plants: plants, world: hubWorld,
            limits: limits)
        network.serve(source.routes)
        uplink = try UplinkTarget(
            name: "uplink", hub: HubAddress("https://hub.test", node: Self.edge, key: key, trust: .system),
            compression: compression, world: .test(clock: edgeClock, network: network), limits: limits)
    }

    /// Runs the hub's source while `body` works.
    func whileRunning<R: Sendable>(_ body: @Sendable () async throws -> R) async throws -> R {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let source = source
            let intake = intake
            group.addTask { try await source.run(intake) }
            // The source takes its intake in its first step; a request before that is answered 503.
            while !source.isOpen { await Task.yield() }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// `count` events whose ids tell their number in the stream.
    static func documents(_ first: Int64, _ count: Int, tag: String = "e", asset: String = "cnc01") -> [EventDocument] {
        (0..<count).map { offset in
            let number = first + Int64(offset)
            return EventDocument(
                Event(
                    id: "\(tag)-\(String(repeating: "0", count: max(0, 9 - "\(number)".count)))\(number)",
                    source: "/lyon/\(asset)", type: "millwright.production.completed.v1", subject: "MO/1",
                    time: Instant(microseconds: 1_750_000_000_000_000 + number),
                    data: ["order": "MO/1", "item": "P-1", "quantity": ["value": 1, "unit": "pcs"]]))
        }
    }

    static func segment(
        _ first: Int64, _ count: Int, lane: Lane = .normal, epoch: String = "epoch-1", tag: String = "e"
    )
        -> JournalSegment
    {
        JournalSegment(lane: lane, epoch: epoch, first: first, documents: documents(first, count, tag: tag))
    }

    /// A signed request of that edge with this body as it is to be sent compressed.
    func request(
        _ body: [UInt8], header: String = "epoch=\"epoch-1\", lane=normal, first=1, count=1", key: NodeKey = Link.key,
        compressed: [UInt8]? = nil, node: NodeID = Link.edge, coding: String = "gzip",
        change: (inout HTTPRequest) -> Void = { _ in }
    ) throws -> HTTPRequest {
        let now = edgeClock.now()
        var request = HTTPRequest(
            method: "POST", target: NodeLink.batchPath(node),
            headers: [
                "Content-Type": NodeLink.batchType, "Content-Encoding": coding, "Millwright-Stream": header,
                "Millwright-Time": now.description,
            ], body: try compressed ?? Compression.gzip.compress(body))
        change(&request)
        try NodeLink.batchSignature.sign(&request, key: key, created: now, nonce: "n1")
        return request
    }

    static func body(_ documents: [EventDocument]) -> [UInt8] {
        var body = Array("[".utf8)
        for (index, document) in documents.enumerated() { body += (index > 0 ? [0x2C] : []) + document.bytes }
        return body + Array("]".utf8)
    }
}
