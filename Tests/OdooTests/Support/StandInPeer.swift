#if canImport(OdooStandIn)
    import Canonical
    import OdooConnector
    import OdooStandIn
    import World

    /// The stand-in behind the network's protocol: the same tests run against it without a server.
    actor StandInNetwork: RequestNetwork {
        private var server: OdooStandIn
        private var lag = Duration.zero
        private var now = Instant(microseconds: 1_770_000_000_000_000)

        init(_ version: OdooStandInVersion, hasGateway: Bool) {
            var settings = OdooStandInSettings()
            settings.hasGateway = hasGateway
            settings.users += [
                .init(login: "trader", password: "trader", name: "Trader", role: .trade, apiKeys: ["key-trader"]),
                .init(login: "clerk", password: "clerk", name: "Clerk", role: .office, apiKeys: ["key-clerk"]),
            ]
            server = OdooStandIn(version: version, settings: settings)
        }

        func send(
            _ request: HTTPRequest, timeout: Duration, maximumBody: Int
        ) async throws(NetworkFailure) -> HTTPResponse {
            guard request.target.hasPrefix("http://stand-in") else {
                throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "connection refused")
            }
            now = now + .milliseconds(100)
            var inner = request
            inner.target = String(request.target.dropFirst("http://stand-in".count))
            return server.handle(inner, now: now - lag)
        }

        /// Does to the server itself what no request can.
        func bend(_ change: @Sendable (inout OdooStandIn) -> Void) { change(&server) }

        /// Lets transactions from now on have begun so long ago.
        func lag(_ duration: Duration) { lag = duration }
    }

    extension Peer {
        static let standIns: [Peer] =
            OdooStandInVersion.allCases.map { standIn($0, hasGateway: false) }
            + OdooStandInVersion.allCases.map { standIn($0, hasGateway: true) }

        /// A server of its own.
        static func standIn(_ version: OdooStandInVersion, hasGateway: Bool) -> Peer {
            let secret = version >= .v19 ? "key-mes" : "mes"
            return Peer(
                description: "stand-in \(version.series)\(hasGateway ? " with the addon" : "")",
                network: StandInNetwork(version, hasGateway: hasGateway),
                user: OdooAddress(endpoint: "http://stand-in", database: "demo", login: "mes", secret: secret),
                admin: OdooAddress(
                    endpoint: "http://stand-in", database: "demo", login: "admin", secret: "admin"),
                run: "sim", hasGateway: hasGateway)
        }
    }
#else
    extension Peer {
        static let standIns: [Peer] = []
    }
#endif
