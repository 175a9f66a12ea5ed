import ExactJSON
import Foundation
import Testing
import World
import WorldLive

@Suite("Who owns what, at a running node", .serialized, .timeLimit(.minutes(3)))
struct OwnershipNodeTests {
    /// The product data of a plant is its PLM's, but for the price; a shop may tell of products as well.
    private static func settings(odoo: Int) -> [String: String] {
        [
            "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n",
            "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
            "sources/plm-door.yaml": "source: plm-door\nprotocol: http\nplant: lyon\npath: /v1/events/plm\n",
            "sources/shop-door.yaml": "source: shop-door\nprotocol: http\nplant: lyon\n",
            "ownership.yaml": """
            systems:
              plm: { sources: plm-door }
            owns:
              product: { system: plm, fields: { price: odoo } }

            """,
            "targets/odoo.yaml": """
            target: odoo
            protocol: odoo
            endpoint: http://127.0.0.1:\(odoo)
            database: demo
            login: admin
            secret: ${env:MILLWRIGHT_TEST_OWNER}

            """,
            "flows/products.yaml": """
            flow: products
            owner: engineering
            when: { type: acme.items.changed.v1 }
            target: odoo
            operation: product.upsert
            key: subject
            onReject: continue
            jq: .data

            """,
        ]
    }

    private static func event(_ id: String, _ data: JSON) -> [UInt8] {
        let event: JSON = [
            "specversion": "1.0", "id": .string(id), "source": "/lyon/plm", "type": "acme.items.changed.v1",
            "subject": "BRACKET", "time": "2026-03-02T08:00:00Z", "data": data,
        ]
        return event.bytes
    }

    private func post(_ node: NodeProcess, _ path: String, _ body: [UInt8]) async throws -> Int {
        let request = HTTPRequest(
            method: "POST", target: "http://127.0.0.1:\(node.port)\(path)",
            headers: ["Content-Type": "application/cloudevents+json"], body: body)
        return try await World.shared.network.send(request, timeout: .seconds(20), maximumBody: 1 << 20).status
    }

    @Test("what the owner tells is written; the same from another waits for a person, who may let it pass")
    func owners() async throws {
        setenv("MILLWRIGHT_TEST_OWNER", "key-admin", 1)
        let odoo = try await NodeProcess.standIn()
        defer { odoo.stop() }
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings(odoo: odoo.port))
        defer { node.stop() }
        let renamed: JSON = ["item": "BRACKET", "name": "Bracket by PLM"]
        #expect(try await post(node, "/v1/events/plm", Self.event("1", renamed)) == 202)
        // Whatever an event calls itself: who took it in is what counts.
        let usurped: JSON = ["item": "BRACKET", "name": "Bracket by the shop"]
        #expect(try await post(node, "/v1/events", Self.event("2", usurped)) == 202)
        // The price is the target's own.
        #expect(try await post(node, "/v1/events", Self.event("3", ["item": "BRACKET", "price": 12])) == 202)
        let status = try await node.until({ try node.ask("status") }) { Self.accepted($0) == 2 }
        #expect(Self.accepted(status) == 2, "\(status)")
        let exceptions = try node.exceptions()
        #expect(exceptions.map { $0["code"] } == ["ROUTE-008"])
        let message = exceptions.first?["message"]?.string ?? ""
        #expect(message.contains("product is owned by plm") && message.contains("shop-door took in"), "\(message)")
        #expect(try await name(odoo) == "Bracket by PLM")
        let id = try #require(exceptions.first?["id"]?.int)
        let resubmitted = try node.ask("exceptions", "resubmit", String(id), "--by", "olaf")
        #expect(try await name(odoo) == "Bracket by PLM", "\(resubmitted)")
        _ = try node.ask(
            "exceptions", "edit", String(id), "--by", "olaf", "--arguments",
            #"{"item": "BRACKET", "name": "Bracket, agreed"}"#)
        _ = try node.ask("exceptions", "resubmit", String(id), "--by", "olaf")
        _ = try await node.until({ try node.ask("status") }) { Self.accepted($0) == 3 }
        #expect(try await name(odoo) == "Bracket, agreed")
    }

    private static func accepted(_ status: JSON) -> Int { status["targets"]?.array?.first?["accepted"]?.int ?? 0 }

    /// What Odoo calls the bracket.
    private func name(_ odoo: NodeProcess) async throws -> String? {
        func call(_ service: JSON, _ method: JSON, _ arguments: JSON) async throws -> JSON? {
            let body: JSON = [
                "jsonrpc": "2.0", "id": 1, "method": "call",
                "params": ["service": service, "method": method, "args": arguments],
            ]
            let request = HTTPRequest(
                method: "POST", target: "http://127.0.0.1:\(odoo.port)/jsonrpc",
                headers: ["Content-Type": "application/json"], body: body.bytes)
            let answer = try await World.shared.network.send(request, timeout: .seconds(20), maximumBody: 1 << 20)
            return try JSONReader.read(answer.body)["result"]
        }
        let user = try await call("common", "authenticate", ["demo", "admin", "key-admin", [:]]) ?? .null
        let found = try await call(
            "object", "execute_kw",
            [
                "demo", user, "key-admin", "product.product", "search_read", [[["default_code", "=", "BRACKET"]]],
                ["fields": ["name"]],
            ])
        return found?[0]?["name"]?.string
    }
}
