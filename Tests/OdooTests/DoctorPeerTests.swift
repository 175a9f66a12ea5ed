import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import OdooConnector

#if canImport(OdooStandIn)
    import OdooStandIn
#endif

/// A target whose set-up is broken on purpose, in one thing.
struct BrokenTarget: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What must be found.
    let topic: String
    var severity = OdooFinding.Severity.fault
    /// What its mend must name, one of these.
    let mend: [String]
    var operations: [String] = []
    let spoil: @Sendable (Peer, inout OdooAddress, inout OdooOptions) -> Void

    static func address(
        _ peer: Peer, endpoint: String? = nil, database: String? = nil, login: String? = nil, secret: String? = nil,
        timeout: Duration? = nil
    ) -> OdooAddress {
        OdooAddress(
            endpoint: endpoint ?? peer.user.endpoint, database: database ?? peer.user.database,
            login: login ?? peer.user.login, secret: secret ?? peer.user.secret,
            timeout: timeout ?? peer.user.timeout)
    }

    /// An internal user without any further group.
    static func low(_ peer: Peer) -> OdooAddress {
        address(peer, login: "low", secret: peer.isLive ? "low" : peer.user.secret.replacing("mes", with: "low"))
    }

    static let all: [BrokenTarget] = [
        BrokenTarget(
            testDescription: "an endpoint that nobody listens at", topic: "connection",
            mend: ["reaches its endpoint"]
        ) { peer, address, _ in address = BrokenTarget.address(peer, endpoint: "http://127.0.0.1:1") },
        // Some versions say of a database that is not there what they say of a wrong key.
        BrokenTarget(
            testDescription: "a database that is not there", topic: "connection",
            mend: ["`database`", "login and secret"]
        ) { peer, address, _ in address = BrokenTarget.address(peer, database: "nowhere") },
        BrokenTarget(
            testDescription: "a wrong secret", topic: "connection", mend: ["login and secret"]
        ) { peer, address, _ in address = BrokenTarget.address(peer, secret: "wrong") },
        BrokenTarget(
            testDescription: "a company that is not the user's", topic: "company", mend: ["`company`"]
        ) { _, address, _ in address.company = "No Such Works" },
        BrokenTarget(
            testDescription: "an administrator", topic: "user", severity: .warning, mend: ["plain user"]
        ) { peer, address, _ in address = peer.admin },
        BrokenTarget(
            testDescription: "less patience than Odoo's", topic: "timeout", severity: .warning, mend: ["120s"]
        ) { peer, address, _ in address = BrokenTarget.address(peer, timeout: .seconds(30)) },
        BrokenTarget(
            testDescription: "a user that may not write", topic: "production.progress",
            mend: ["Manufacturing / User"], operations: ["production.progress"]
        ) { peer, address, _ in address = BrokenTarget.low(peer) },
        BrokenTarget(
            testDescription: "an operation that there is not", topic: "nothing.at-all",
            mend: ["`millwright odoo operations`"], operations: ["nothing.at-all"]
        ) { _, _, _ in },
        BrokenTarget(
            testDescription: "an addon that is required and not there for this user", topic: "addon",
            mend: ["`millwright_gateway`"]
        ) { peer, address, options in
            address = BrokenTarget.low(peer)
            options.gateway = .required
        },
        BrokenTarget(
            testDescription: "a loss reason that there is not", topic: "loss", mend: ["`loss`"],
            operations: ["downtime.record"]
        ) { _, _, options in options.loss = "Bad Luck" },
    ]
}

/// Says another time than it is in every answer.
private struct DatedNetwork: RequestNetwork {
    let inner: any Network
    let date: String

    func send(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) async throws(NetworkFailure) -> HTTPResponse {
        var response = try await inner.send(request, timeout: timeout, maximumBody: maximumBody)
        response.headers["Date"] = date
        return response
    }
}

extension PeersRecords {
    @Suite(
        "a look at each Odoo at hand", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
    struct DoctorPeerTests {
        private func examine(
            _ peer: Peer, _ operations: [String], change: (inout OdooAddress, inout OdooOptions) -> Void = { _, _ in }
        ) async -> [OdooFinding] {
            var address = peer.user
            var options = OdooOptions()
            options.gateway = peer.hasGateway ? .required : .off
            change(&address, &options)
            let world = World.test(peer.network)
            return await OdooDoctor(address: address, options: options, world: world).examine(operations)
        }

        @Test("what works is said to work", arguments: Peer.all)
        func well(_ peer: Peer) async throws {
            let findings = await examine(peer, ["production.progress", "scrap.record"])
            let ill = findings.filter { $0.severity == .fault && $0.topic != "clock" && $0.topic != "backorders" }
            #expect(ill.isEmpty, "\(ill)")
            let topics = findings.filter { $0.severity == .fine }.map(\.topic)
            #expect(Set(topics).isSuperset(of: ["production.progress", "scrap.record"]), "\(findings)")
        }

        @Test("set-ups that are broken on purpose are found, each with its code", arguments: Peer.all)
        func broken(_ peer: Peer) async throws {
            var codes: [String] = []
            for broken in [
                BrokenTarget.address(peer, endpoint: "http://127.0.0.1:1"),
                BrokenTarget.address(peer, database: "nowhere"), BrokenTarget.address(peer, secret: "wrong"),
            ] {
                let findings = await examine(peer, []) { address, _ in address = broken }
                #expect(findings.count == 1 && findings.first?.mend?.isEmpty == false, "\(findings)")
                codes.append(String(findings.first?.words.prefix(8) ?? ""))
            }
            // Some versions say of a database that is not there what they say of a wrong key.
            #expect(codes[0] == "ODOO-001" && ["ODOO-002", "ODOO-003"].contains(codes[1]), "\(codes)")
            #expect(codes[2] == "ODOO-002", "\(codes)")
        }

        @Test("a secret of another user than the settings name is found", arguments: Peer.all)
        func otherUser(_ peer: Peer) async throws {
            let findings = await examine(peer, []) { address, _ in
                address = BrokenTarget.address(peer, login: "messenger")
            }
            // Where the key alone says who it is, the look goes on; elsewhere nobody gets in.
            let faults = findings.filter { $0.severity == .fault && $0.topic != "addon" }
            #expect(faults.map(\.topic).allSatisfy { ["user", "connection"].contains($0) }, "\(findings)")
            #expect(faults.count == 1 && faults[0].mend?.isEmpty == false, "\(findings)")
        }

        @Test(
            "whatever is broken on purpose is found, and what mends it is named", arguments: Peer.all, BrokenTarget.all)
        func named(_ peer: Peer, _ broken: BrokenTarget) async {
            let findings = await examine(peer, broken.operations) { broken.spoil(peer, &$0, &$1) }
            let found = findings.filter { $0.topic == broken.topic && $0.severity == broken.severity }
            let mend = found.first?.mend ?? ""
            #expect(found.count == 1 && broken.mend.contains { mend.contains($0) }, "\(findings)")
        }

        @Test("a clock that is off is found, by the date of an answer", arguments: Peer.all)
        func clock(_ peer: Peer) async {
            let dates: [(String, OdooFinding.Severity)] = [
                ("Mon, 03 Feb 2025 08:00:00 GMT", .fault), ("Mon, 03 Feb 2025 06:00:09 GMT", .warning),
                ("Mon, 03 Feb 2025 06:00:01 GMT", .fine),
            ]
            for (date, severity) in dates {
                let network = DatedNetwork(inner: peer.network, date: date)
                let findings = await OdooDoctor(
                    address: peer.user, options: OdooOptions(), world: .test(network)
                ).examine([])
                let found = findings.filter { $0.topic == "clock" }
                #expect(found.map(\.severity) == [severity], "\(findings)")
                #expect(severity == .fine || found.first?.mend?.contains("NTP") == true, "\(findings)")
            }
        }

        @Test("a user that may write and not create is found where an operation creates", arguments: Peer.standIns)
        func creating(_ peer: Peer) async {
            // The stock user's group writes what it delivers, and makes none of it.
            let findings = await examine(peer, ["sale.confirm", "sale.create"])
            #expect(findings.first { $0.topic == "sale.confirm" }?.severity == .fine, "\(findings)")
            let found = findings.first { $0.topic == "sale.create" }
            #expect(found?.severity == .fault && found?.words == "the user may not create sale.order", "\(findings)")
            #expect(found?.mend?.contains("Sales / User") == true, "\(findings)")
        }

        @Test("a key near its end is found, with the days that are left", arguments: Peer.standIns)
        func key(_ peer: Peer) async throws {
            guard try await peer.version >= 18 else { return }
            let keys = try await peer.find(
                "res.users.apikeys", [["user_id.login", "=", "mes"]], ["expiration_date"])
            let end = try #require(keys.first?["expiration_date"]?.string.flatMap { Instant(text: $0 + "Z") })
            let clock = TestClock()
            let expected: [(Int, OdooFinding.Severity?)] = [(31, nil), (20, .warning), (-1, .fault)]
            for (days, severity) in expected {
                clock.set(end - .seconds(days * 86_400))
                let findings = await OdooDoctor(
                    address: peer.user, options: OdooOptions(), world: .test(peer.network, clock: clock)
                ).examine([])
                let found = findings.filter { $0.topic == "key" }
                #expect(found.first?.severity == severity, "\(findings)")
                #expect(found.allSatisfy { $0.mend?.contains("rotate-key") == true }, "\(findings)")
            }
        }

        #if canImport(OdooStandIn)
            @Test("an app that is not installed is found", arguments: OdooStandInVersion.allCases)
            func app(_ version: OdooStandInVersion) async throws {
                let peer = Peer.standIn(version, hasGateway: false)
                let network = try #require(peer.network as? StandInNetwork)
                await network.bend { $0.settings.missingModels = ["mrp.production", "mrp.workorder"] }
                let findings = await examine(peer, ["production.confirm", "scrap.record"])
                let found = findings.filter { $0.severity == .fault && $0.topic == "production.confirm" }
                #expect(found.first?.words.contains("mrp.production") == true, "\(findings)")
                #expect(found.first?.mend?.contains("Install the app") == true, "\(findings)")
                #expect(findings.first { $0.topic == "scrap.record" }?.severity == .fine, "\(findings)")
            }
        #endif
    }
}
