import Canonical
import ExactJSON
import OdooConnector
import Testing
import World

extension PeersRecords {
    @Suite(
        "what another node does between two looks", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
    struct RacePeerTests {
        /// An operation, and the model whose look comes too late.
        private static let races = [
            ("transfer.complete", "stock.move"), ("purchase.receive", "stock.move"), ("quality.hold", "stock.quant"),
        ]

        @Test("a command that was carried out meanwhile is not refused for what it left", arguments: Peer.all, races)
        func overtaken(_ peer: Peer, _ race: (operation: String, model: String)) async throws {
            let one = try #require(CatalogCase.all.first { $0.operation == race.operation })
            guard try await peer.has(one.models) else { return }
            let user = try await peer.allowed(one.groups)
            let name = "race\(race.operation.replacing(".", with: ""))\(peer.run)\(peer.hasGateway ? "g" : "r")"
            let other = user.desk("race/\(name)", node: "b")
            let command = await other.command(one.operation, try await one.begin(peer, user, name), key: name)
            let network = OvertakenNetwork(user.network, at: race.model) {
                let outcome = await other.attempt(command).0
                #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            }
            let desk = user.desk("race/\(name)", through: network, node: "a")
            let outcome = await desk.attempt(command).0
            // It is done, or it is known to be done already: what a second sending is answered.
            #expect(
                ["accepted", "rejected ODOO-048", "rejected ODOO-049"].contains(outcome.brief),
                "\(String(describing: outcome.failure))")
            #expect(try await one.effect(peer, name) == 1)
            await other.clock.advance(.seconds(131))
            await other.target.leave()
        }
    }
}

/// Lets something happen once, just before the first call on a model.
private actor OvertakenNetwork: Network {
    private let inner: any Network
    private let model: String
    private var meanwhile: (@Sendable () async -> Void)?

    init(_ inner: any Network, at model: String, _ meanwhile: @escaping @Sendable () async -> Void) {
        self.inner = inner
        self.model = model
        self.meanwhile = meanwhile
    }

    nonisolated func connect(
        host: String, port: Int, timeout: Duration
    ) async throws(NetworkFailure) -> any ByteStream {
        try await inner.connect(host: host, port: port, timeout: timeout)
    }

    func send(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) async throws(NetworkFailure) -> HTTPResponse {
        let isCall =
            request.target.contains("/\(model)/")
            || String(decoding: request.body, as: UTF8.self).contains("\"\(model)\"")
        if isCall, let meanwhile {
            self.meanwhile = nil
            await meanwhile()
        }
        return try await inner.send(request, timeout: timeout, maximumBody: maximumBody)
    }
}
