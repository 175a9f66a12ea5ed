import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import OdooConnector

/// A target that is set up well: what is broken in it is the test's own.
private struct Patient {
    var address = OdooAddress(
        endpoint: "https://odoo.example.com", database: "demo", login: "mes", secret: "secret")
    var options = OdooOptions()
    var operations = ["production.progress", "sale.create"]
    var facts: OdooFacts = {
        var facts = OdooFacts()
        facts.interface = "19 over JSON-2"
        facts.version = 19
        facts.calls = [.milliseconds(9), .milliseconds(12), .milliseconds(300)]
        facts.ahead = .milliseconds(400)
        facts.now = Instant(microseconds: 1_770_000_000_000_000)
        facts.companies = ["Lyon"]
        facts.user = "mes"
        for model in ["mrp.production", "mrp.workorder", "stock.move", "sale.order"] { facts.rights[model] = .granted }
        facts.addon = .there
        return facts
    }()

    var findings: [OdooFinding] {
        OdooDiagnosis(
            login: address.login, options: options, timeout: address.timeout,
            isPlainOverNetwork: address.endpoint.hasPrefix("http://"), operations: operations
        ).findings(facts)
    }
}

@Suite("what a look at an Odoo comes to")
struct DoctorTests {
    @Test("a target that is set up well has nothing to mend")
    func well() {
        let findings = Patient().findings
        #expect(findings.allSatisfy { $0.severity == .fine && $0.mend == nil }, "\(findings)")
        #expect(Set(findings.map(\.topic)).isSuperset(of: ["connection", "addon", "sale.create"]))
    }

    private static let broken: [(String, OdooFinding.Severity, @Sendable (inout Patient) -> Void)] = [
        ("connection", .warning, { $0.facts.calls = [.milliseconds(900), .seconds(1), .milliseconds(2)] }),
        (
            "timeout", .warning,
            {
                $0.address = OdooAddress(
                    endpoint: "https://o", database: "d", login: "mes", secret: "s", timeout: .seconds(30))
            }
        ),
        (
            "transport", .warning,
            {
                $0.address = OdooAddress(
                    endpoint: "http://odoo.plant", database: "d", login: "mes", secret: "s")
            }
        ),
        ("clock", .warning, { $0.facts.ahead = .seconds(-9) }),
        ("clock", .fault, { $0.facts.ahead = .seconds(7_200) }),
        ("user", .warning, { $0.facts.isAdministrator = true }),
        ("user", .fault, { $0.facts.user = "admin" }),
        ("company", .warning, { $0.facts.companies = ["Lyon", "Turin"] }),
        ("e-mail", .warning, { $0.facts.hasEmail = false }),
        (
            "e-mail", .fault,
            {
                $0.facts.hasEmail = false
                $0.facts.version = 16
                $0.operations = ["transfer.complete"]
                $0.facts.rights["stock.picking"] = .granted
            }
        ),
        ("key", .warning, { $0.facts.keys = [.init(name: "hub", end: $0.facts.now + .seconds(9 * 86_400))] }),
        ("key", .fault, { $0.facts.keys = [.init(name: "hub", end: $0.facts.now - .seconds(9))] }),
        ("addon", .warning, { $0.facts.addon = .absent }),
        (
            "addon", .fault,
            {
                $0.facts.addon = .absent
                $0.options.gateway = .required
            }
        ),
        ("addon", .fault, { $0.facts.addon = .wrong(Failure(OdooFailures.gatewayVersion, "speaks 7")) }),
        ("sale.create", .fault, { $0.facts.rights["sale.order"] = .noModel }),
        ("sale.create", .fault, { $0.facts.rights["sale.order"] = .refused }),
        ("sale.creat", .fault, { $0.operations = ["sale.creat"] }),
        ("loss", .fault, { $0.facts.hasLoss = false }),
        ("equipment", .warning, { $0.facts.equipment = 0 }),
        ("backorders", .fault, { $0.facts.readsEntries = false }),
    ]

    @Test("whatever is broken is found, alone, and its mend is named", arguments: broken.indices)
    func found(_ index: Int) {
        let (topic, severity, breaking) = Self.broken[index]
        var patient = Patient()
        breaking(&patient)
        let ill = patient.findings.filter { $0.severity != .fine }
        #expect(ill.map(\.topic) == [topic] && ill.first?.severity == severity, "\(ill)")
        #expect(ill.allSatisfy { $0.mend?.isEmpty == false })
    }

    @Test("the date of an answer is read, and nothing else for it")
    func date() {
        #expect(HTTPDate.instant("Sun, 06 Nov 1994 08:49:37 GMT") == Instant(text: "1994-11-06T08:49:37Z"))
        for text in ["", "Sun, 06 Foo 1994 08:49:37 GMT", "06 Nov 1994 08:49:37", "Sun, 6 Nov 94 08:49:37 GMT"] {
            #expect(HTTPDate.instant(text) == nil, "\(text)")
        }
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

        private func address(
            _ peer: Peer, endpoint: String? = nil, database: String? = nil, login: String? = nil, secret: String? = nil
        ) -> OdooAddress {
            OdooAddress(
                endpoint: endpoint ?? peer.user.endpoint, database: database ?? peer.user.database,
                login: login ?? peer.user.login, secret: secret ?? peer.user.secret)
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
                address(peer, endpoint: "http://127.0.0.1:1"), address(peer, database: "nowhere"),
                address(peer, secret: "wrong"),
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
            let findings = await examine(peer, []) { address, _ in address = self.address(peer, login: "messenger") }
            // Where the key alone says who it is, the look goes on; elsewhere nobody gets in.
            let faults = findings.filter { $0.severity == .fault && $0.topic != "addon" }
            #expect(faults.map(\.topic).allSatisfy { ["user", "connection"].contains($0) }, "\(findings)")
            #expect(faults.count == 1 && faults[0].mend?.isEmpty == false, "\(findings)")
        }

        @Test("rights that the user lacks and apps that are not there are named", arguments: Peer.all)
        func rights(_ peer: Peer) async throws {
            let low = peer.isLive ? "low" : peer.user.secret.replacing("mes", with: "low")
            let findings = await examine(peer, ["production.progress", "nothing.at-all"]) { address, options in
                address = self.address(peer, login: "low", secret: low)
                options.loss = "Bad Luck"
                options.gateway = .required
            }
            let faults = findings.filter { $0.severity == .fault }.map(\.topic)
            #expect(faults.contains("production.progress") && faults.contains("nothing.at-all"), "\(findings)")
            #expect(faults.contains("addon"), "\(findings)")
            let loss = await examine(peer, ["downtime.record"]) { _, options in options.loss = "Bad Luck" }
            #expect(loss.contains { $0.topic == "loss" && $0.severity == .fault }, "\(loss)")
        }
    }
}
