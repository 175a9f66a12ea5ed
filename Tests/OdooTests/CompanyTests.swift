import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import OdooConnector

@Suite("the company that a target works in")
struct CompanyTests {
    private static func choose(
        _ name: String, _ companies: [(Int, String)], before: Int? = nil
    ) -> String {
        let rows = companies.map { OdooRow(["id": .int($0.0), "name": .string($0.1)]) }
        do {
            return String(try CompanyChoice(name: name, login: "mes", companies: rows, before: before).id())
        } catch {
            guard case .deferred(_, isTargetDown: true) = error.verdict else { return "not put off" }
            return error.failure.message
        }
    }

    @Test("it is found by its name, or by its id where none has that name")
    func choice() {
        let companies = [(1, "Lyon"), (2, "Turin"), (7, "1")]
        #expect(Self.choose("Turin", companies) == "2")
        #expect(Self.choose("2", companies) == "2")
        #expect(Self.choose("1", companies) == "7")
        #expect(Self.choose("Turin", companies, before: 2) == "2")
    }

    @Test("what is not the user's puts the target off and says which are; a renamed one is not another one")
    func refusal() {
        let companies = [(1, "Lyon"), (2, "Turin")]
        let words = Self.choose("Torino", companies)
        #expect(words.contains("\"Torino\"") && words.contains("\"Lyon\" (1), \"Turin\" (2)"), "\(words)")
        #expect(Self.choose("3", []).contains("which are none"))
        #expect(Self.choose("Lyon", companies, before: 2).contains("was #2"))
    }

    @Test("orders of one name in two companies are two families, and the refusal names both")
    func ambiguous() throws {
        let orders = try [(812, 1, "Lyon"), (813, 2, "Turin")].map { id, company, label in
            OrderRecord(
                OdooRow([
                    "id": .int(id), "name": "MO/7", "state": "confirmed", "product_id": [31, "Harness"],
                    "company_id": [.int(company), .string(label)],
                ]), try #require(OdooDialect(version: 16)))
        }
        do {
            _ = try OrderSelection.select(orders, reference: "MO/7", by: .name)
            Issue.record("one of two was chosen")
        } catch {
            #expect(error.failure.kind == OdooFailures.orderAmbiguous)
            #expect(error.failure.message.contains("MO/7 of Lyon, MO/7 of Turin"), "\(error.failure.message)")
            #expect(error.failure.suggestion.contains("`company`"))
        }
    }

    @Test("every call of a target with a company carries it, and one without carries none", arguments: Peer.standIns)
    func context(_ peer: Peer) async throws {
        for company in [nil, "My Company", "1"] {
            let network = ContextNetwork(peer.network)
            var address = peer.user
            address.company = company
            let options = OdooOptions(orderBy: .origin)
            let desk = Desk(address, network, options: options, run: "context\(company ?? "")")
            let order = try await peer.order("context\(company ?? "")", quantity: 5)
            let outcome = await desk.deliver(
                "production.progress", ["order": .string(order.origin), "quantity": pieces(2)])
            #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            let contexts = await network.contexts
            // The first ones find the company, and the first of all the version and the login.
            let behind = contexts.drop { $0["allowed_company_ids"] == nil }
            #expect(company == nil ? behind.isEmpty : behind.count > 3, "\(contexts)")
            #expect(behind.allSatisfy { $0["allowed_company_ids"] == [1] })
            #expect(!contexts.isEmpty && contexts.allSatisfy { $0["lang"] == "en_US" && $0["tz"] == "UTC" })
        }
    }

    @Test("a company that may not be worked in puts the target off, and nothing is refused", arguments: Peer.standIns)
    func unusable(_ peer: Peer) async throws {
        var address = peer.user
        address.company = "Nowhere Ltd"
        let desk = Desk(address, peer.network, options: OdooOptions(orderBy: .origin), run: "unusable")
        let outcome = await desk.deliver("production.progress", ["order": "X", "quantity": pieces(1)])
        #expect(outcome.brief == "deferred ODOO-055 down")
        let findings = await OdooDoctor(address: address, options: OdooOptions(), world: .test(peer.network))
            .examine([])
        #expect(findings.map(\.topic) == ["company"] && findings.first?.words.contains("ODOO-055") == true)
    }

    @Test("what was sent to another company is not taken for undone", arguments: Peer.standIns)
    func otherCompany(_ peer: Peer) async throws {
        let order = try await peer.order("other", quantity: 5)
        let network = FaultyNetwork(peer.network)
        let desk = Desk(peer.user, network, options: OdooOptions(orderBy: .origin), run: "other")
        let command = await desk.command("scrap.record", ["item": .string(order.item), "quantity": pieces(1)])
        await network.arm(peer.carrier("do_scrap"), .answerLost)
        let (outcome, attempt) = await desk.attempt(command)
        #expect(outcome.brief == "unknown ODOO-009")
        var address = peer.user
        address.company = "My Company"
        let moved = Desk(address, peer.network, options: OdooOptions(orderBy: .origin), run: "other")
        #expect(await moved.inquire(try #require(attempt)).brief == "cannotTell ODOO-056")
        #expect(await desk.inquire(try #require(attempt)).brief == "happened")
    }
}

/// Keeps the contexts of the calls that go through it.
private actor ContextNetwork: RequestNetwork {
    private let network: any Network
    private(set) var contexts: [JSON] = []

    init(_ network: any Network) { self.network = network }

    func send(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) async throws(NetworkFailure) -> HTTPResponse {
        let body = (try? JSONReader.read(request.body)) ?? .null
        let arguments = body["params"]?["args"]
        let isCall = body["params"]?["service"]?.string == "object"
        if isCall || request.target.contains("/json/2/") {
            contexts.append((isCall ? arguments?[6]?["context"] : body["context"]) ?? .null)
        }
        return try await network.send(request, timeout: timeout, maximumBody: maximumBody)
    }
}
