import ExactJSON
import Foundation
import OdooConnector
import Testing
import World
import WorldLive

/// A real node beside an Odoo stand-in, asked over its listener.
@Suite("answers while you wait", .serialized, .timeLimit(.minutes(3)))
struct AnswersNodeTests {
    private static let token = "a-token-for-terminals"

    private static func hub(_ odoo: Int) -> [String: String] {
        [
            "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n",
            "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
            "targets/odoo.yaml": """
            target: odoo
            protocol: odoo
            endpoint: http://127.0.0.1:\(odoo)
            database: demo
            login: mes
            secret: ${file:FOLDER/secret}
            orderBy: origin
            answers: { token: "${file:FOLDER/token}", age: 1s, timeout: 5s }

            """,
            "secret": "key-mes\n", "token": "\(token)\n",
        ]
    }

    private func ask(_ node: NodeProcess, _ question: String, token: String = token) async throws -> (
        status: Int, body: JSON
    ) {
        let request = HTTPRequest(
            method: "GET", target: "http://127.0.0.1:\(node.port)/v1/targets/odoo/answers/\(question)",
            headers: ["Authorization": "Bearer \(token)"])
        let response = try await World.shared.network.send(request, timeout: .seconds(20), maximumBody: 1 << 20)
        return (response.status, try JSONReader.read(response.body))
    }

    @Test("a terminal asks the hub, which asks Odoo, and goes on answering while Odoo is away")
    func node() async throws {
        let odoo = try NodeProcess(["stand-in", "--port", "0"])
        let address = OdooAddress(
            endpoint: "http://127.0.0.1:\(odoo.port)", database: "demo", login: "admin", secret: "key-admin")
        let provisioner = OdooProvisioner(address: address, network: World.shared.network)
        _ = try await provisioner.provision(
            products: [.init(code: "PART", name: "Part")],
            orders: [.init(origin: "MO-7", item: "PART", quantity: ExactNumber(100))])
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.hub(odoo.port))
        defer { node.stop() }

        let first = try await ask(node, "production.start?order=MO-7")
        #expect(first.status == 200 && first.body["answer"]?["mayStart"]?.bool == true, "\(first.body)")
        #expect(first.body["from"]?.string == "target" && first.body["fallback"]?.isNull == true)
        let stock = try await ask(node, "availability?item=PART")
        #expect(stock.body["answer"]?["incoming"]?.int == 100, "\(stock.body)")
        #expect(try await ask(node, "production.start?order=MO-8").body["code"]?.string == "ODOO-021")
        #expect(try await ask(node, "production.start", token: "wrong").status == 401)
        #expect(try await ask(node, "production.start").status == 400)

        // The same from the command line, without the node.
        let (code, line) = try Program.json(
            ["odoo", "ask", "production.status", "--order", "MO-7", "--folder", node.folder])
        #expect(code == 0 && line["answer"]?["planned"]?.int == 100, "\(line)")
        #expect(try Program.json(["odoo", "ask", "availability", "--folder", node.folder]).code == 2)
        let (refused, why) = try Program.json(
            ["odoo", "ask", "availability", "--item", "NONE", "--folder", node.folder])
        #expect(refused == 1 && why["error"]?["code"]?.string == "ODOO-026", "\(why)")

        odoo.stop()
        let later = try await node.until({ try await ask(node, "production.start?order=MO-7").body }) {
            $0["from"]?.string == "fallback"
        }
        #expect(later["answer"]?["mayStart"]?.bool == true, "\(later)")
        #expect(later["fallback"]?["code"]?.string?.hasPrefix("ODOO-0") == true, "\(later)")
        let unknown = try await ask(node, "availability?item=OTHER")
        #expect(unknown.status == 503 && unknown.body["code"]?.string == "QUERY-004", "\(unknown.body)")
    }
}
