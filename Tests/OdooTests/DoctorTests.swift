import Canonical
import Contracts
import ExactJSON
import Foundation
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
        ("addon", .warning, { $0.facts.addonRelease = "0.9.12" }),
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
        ("sale.create", .fault, { $0.facts.creates["sale.order"] = .refused }),
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

    @Test("who may write and not create is told so, and who may do neither both")
    func creating() throws {
        var patient = Patient()
        patient.facts.creates["sale.order"] = .refused
        var words = try #require(patient.findings.first { $0.topic == "sale.create" }).words
        #expect(words == "the user may not create sale.order")
        patient.facts.rights["sale.order"] = .refused
        words = try #require(patient.findings.first { $0.topic == "sale.create" }).words
        #expect(words == "the user may not write sale.order and may not create sale.order")
        // Who counts makes no orders.
        patient.facts.creates["mrp.production"] = .refused
        #expect(patient.findings.first { $0.topic == "production.progress" }?.severity == .fine)
    }

    @Test("what an operation makes is among what it needs, and each has a model of this name in each version")
    func made() {
        for (operation, models) in MadeRecords.of {
            let needs = OperationNeeds.of[operation]
            let declared = Set(needs?.models ?? [])
            #expect(declared.isSuperset(of: models), "\(operation)")
            for version in [16, 17, 18, 19] {
                let names = needs?.models(version) ?? []
                #expect(Set(names).isSuperset(of: MadeRecords.models(of: operation, version)), "\(operation)")
            }
        }
        #expect(MadeRecords.models(of: "package.create", 18) == ["stock.quant.package"])
        #expect(MadeRecords.models(of: "invoice.post", 19).isEmpty)
    }

    @Test("an addon of this release and a newer one are fine, and which one it is is said")
    func release() throws {
        for release in [OdooDiagnosis.addonRelease, "1.10.0", "2.0"] {
            var patient = Patient()
            patient.facts.addonRelease = release
            let finding = try #require(patient.findings.first { $0.topic == "addon" })
            #expect(finding.severity == .fine && finding.words.contains(release), "\(finding)")
        }
        let manifest = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("odoo/millwright_gateway/__manifest__.py")
        let text = try String(contentsOf: manifest, encoding: .utf8)
        #expect(text.contains("\"version\": \"\(OdooDiagnosis.addonRelease)\""))
    }

    @Test("the date of an answer is read, and nothing else for it")
    func date() {
        #expect(HTTPDate.instant("Sun, 06 Nov 1994 08:49:37 GMT") == Instant(text: "1994-11-06T08:49:37Z"))
        for text in ["", "Sun, 06 Foo 1994 08:49:37 GMT", "06 Nov 1994 08:49:37", "Sun, 6 Nov 94 08:49:37 GMT"] {
            #expect(HTTPDate.instant(text) == nil, "\(text)")
        }
    }
}
