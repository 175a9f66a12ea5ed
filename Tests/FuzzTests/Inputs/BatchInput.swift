import NodeSecurity
import World

@testable import Canonical
@testable import Contracts
@testable import NodeConnector

/// A byte that chooses, then what of the node link it says: a stream header, a hub's answer, a report in a query, a
/// compressed batch, or a batch that is compressed here.
enum BatchInput {
    private static let limits: Limits = {
        var limits = Limits()
        limits.inflatedBytes = 64 << 10
        limits.batchEvents = 64
        limits.eventBytes = 2_048
        return limits
    }()
    private static let inspector = BatchInspector(
        limits: limits, tolerance: .seconds(300), plants: ["edge-1": ["lyon"]], hub: "hub-1")
    private static let now = Instant(microseconds: 1_700_000_000_000_000)

    static func check(_ input: [UInt8]) throws {
        guard let choice = input.first else { return }
        let rest = Array(input.dropFirst())
        switch choice & 7 {
        case 0: try header(rest)
        case 1:
            if let answer = HubAnswer(rest) { _ = answer.json.bytes }
            if let answer = PollAnswer(rest, maximumDepth: 64, broken: { _ in }) { _ = answer.json.bytes }
        case 2: try report(rest)
        case 3, 4:
            let compression: Compression = choice & 7 == 3 ? .gzip : .deflate
            if let inflated = try? compression.inflate(rest, limit: limits.inflatedBytes) {
                try require(inflated.count <= limits.inflatedBytes, "more than the limit was inflated")
            }
            try open(rest, compression, choice)
        default:
            guard let body = try? Compression.deflate.compress(rest) else { return }
            let inflated = try? Compression.deflate.inflate(body, limit: rest.count)
            try require(inflated == rest, "it inflates to something else")
            let bounded = rest.isEmpty ? nil : try? Compression.deflate.inflate(body, limit: rest.count - 1)
            try require(bounded == nil, "the limit does not hold")
            try open(body, .deflate, choice)
        }
    }

    private static func header(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let header = try? StreamHeader(text, maximumCount: 5_000) else { return }
        try require((try? StreamHeader(header.text, maximumCount: 5_000)) == header, "\(header.text) reads otherwise")
    }

    private static func report(_ bytes: [UInt8]) throws {
        let request = HTTPRequest(method: "GET", target: "/v1?" + String(decoding: bytes, as: UTF8.self))
        guard let report = PollReport(request.query) else { return }
        let again = HTTPRequest(method: "GET", target: "/v1" + report.query)
        try require(PollReport(again.query) == report, "\(report.query) reads otherwise")
    }

    private static func open(_ body: [UInt8], _ compression: Compression, _ choice: UInt8) throws {
        let header = StreamHeader(epoch: "e", lane: .normal, first: 1, count: 1 + Int(choice >> 3))
        let sealed = BatchInspector.Sealed(
            node: choice & 0x40 == 0 ? "edge-1" : "edge-2", header: header, compression: compression, skew: .zero,
            body: body, digest: "")
        guard let opened = try? inspector.open(sealed, now: now) else { return }
        let count = opened.documents.count + opened.faults.count
        try require(count <= header.count, "\(count) events came out of \(header.count)")
    }
}
