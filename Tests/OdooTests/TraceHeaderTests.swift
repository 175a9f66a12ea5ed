import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import OdooConnector

@Suite("What Odoo is told of a command's trace")
struct TraceHeaderTests {
    @Test(
        "each call that belongs to a command bears its trace, and one that belongs to none bears none",
        arguments: Peer.standIns)
    func header(_ peer: Peer) async throws {
        let network = HeaderNetwork(peer.network)
        let desk = Desk(peer.user, network, options: OdooOptions(orderBy: .origin), run: "trace")
        let order = try await peer.order("trace", quantity: 5)
        let trace = Traceparent(
            traceID: "0af7651916cd43dd8448eb211c80319c", spanID: "b7ad6b7169203331", isSampled: true)
        let outcome = await Traceparent.$current.withValue(trace) {
            await desk.deliver("production.progress", ["order": order.origin.json, "quantity": pieces(1)])
        }
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        let borne = await network.traces
        #expect(borne.count > 3 && borne.allSatisfy { $0 == trace.description }, "\(borne)")
        _ = await desk.deliver("production.progress", ["order": order.origin.json, "quantity": pieces(1)])
        let later = await network.traces.dropFirst(borne.count)
        #expect(!later.isEmpty && later.allSatisfy { $0 == nil }, "\(later)")
    }
}

extension String {
    fileprivate var json: JSON { .string(self) }
}

/// Keeps which trace each request bears.
private actor HeaderNetwork: RequestNetwork {
    private let network: any Network
    private(set) var traces: [String?] = []

    init(_ network: any Network) { self.network = network }

    func send(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) async throws(NetworkFailure) -> HTTPResponse {
        traces.append(request.headers["traceparent"])
        return try await network.send(request, timeout: timeout, maximumBody: maximumBody)
    }
}
