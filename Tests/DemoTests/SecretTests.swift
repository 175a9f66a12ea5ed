import Foundation
import Testing
import World
import WorldLive

/// Plants secrets where a node reads them, lets everything go wrong that makes it speak, and looks for them in all it
/// said and stored.
@Suite("Secrets at a running node")
struct SecretTests {
    private static let key = "planted-odoo-key-7f3a9c55"
    private static let token = "planted-door-token-51be22d0"

    private static func settings(odoo: Int) -> [String: String] {
        [
            "millwright.yaml": """
            node: hub
            listen: 127.0.0.1:0
            store: { path: FOLDER/data }
            observability: { log: debug }

            """,
            "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
            "sources/door.yaml":
                "source: door\nprotocol: http\nplant: lyon\ntoken: ${file:FOLDER/secrets/token}\n",
            "targets/odoo.yaml": """
            target: odoo
            protocol: odoo
            endpoint: http://127.0.0.1:\(odoo)
            database: demo
            login: mes
            secret: ${file:FOLDER/secrets/key}
            orderBy: origin
            breaker: { failures: 1, cooldown: 300ms }

            """,
            "flows/progress.yaml": """
            flow: progress
            owner: production
            when: { type: "millwright.production.completed.*", plant: lyon }
            target: odoo
            operation: production.progress
            key: subject
            retry: { base: 50ms, cap: 500ms }
            jq: "{order: .subject, quantity: .data.quantity, time: .time}"

            """,
            "secrets/key": key, "secrets/token": token,
        ]
    }

    /// Sends with an `Authorization` header; status, header fields and body of the answer as text.
    private static func answer(
        _ node: NodeProcess, _ method: String, _ path: String, _ body: String = "", bearer: String = SecretTests.token
    ) async throws -> String {
        let response = try await World.shared.network.send(
            HTTPRequest(
                method: method, target: "http://127.0.0.1:\(node.port)\(path)",
                headers: ["Content-Type": "application/cloudevents+json", "Authorization": "Bearer \(bearer)"],
                body: Array(body.utf8)), timeout: .seconds(20), maximumBody: 4 << 20)
        let fields = response.headers.fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        return "\(response.status)\n\(fields)\n\(String(decoding: response.body, as: UTF8.self))"
    }

    /// What a command says for people and for programs.
    private static func said(_ command: [String], _ node: NodeProcess) throws -> [String] {
        try [[], ["--json"]].flatMap { more in
            let result = try Program.run(command + ["--folder", node.folder] + more)
            return [result.output, result.errors]
        }
    }

    private static func holdsSecret(_ text: some Sequence<UInt8>) -> Bool {
        let data = Data(text)
        return data.range(of: Data(key.utf8)) != nil || data.range(of: Data(token.utf8)) != nil
    }

    @Test("a key that is refused and a token stand in no log, answer, page, command's output or stored byte")
    func nowhere() async throws {
        let odoo = try NodeProcess(["stand-in", "--port", "0"])
        defer { odoo.stop() }
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings(odoo: odoo.port))
        defer { node.stop() }
        let event = BadInput.event("k", order: "MO-1")
        #expect(try await Self.answer(node, "POST", "/v1/events", event).hasPrefix("202"))
        var said: [String] = []
        for (body, bearer) in [
            (event, Self.token), (event, "\(Self.token)x"), (event, "x\(Self.token)"), ("{", Self.token),
        ] {
            said.append(try await Self.answer(node, "POST", "/v1/events", body, bearer: bearer))
        }
        #expect(said.map { $0.prefix(3) } == ["202", "401", "401", "400"])
        let log = try await node.until({ try String(contentsOfFile: "\(node.folder)/log", encoding: .utf8) }) {
            $0.contains("ODOO-002")
        }
        #expect(log.contains("ODOO-002"), "the key was not refused: nothing is shown")
        said.append(log)
        for path in ["/", "/v1/status", "/health/ready", "/v1/nothing?token=\(Self.token.prefix(8))"] {
            said.append(try await Self.answer(node, "GET", path))
        }
        for command in [["check"], ["status"], ["exceptions", "list", "--all"], ["trace", "k"]] {
            said += try Self.said(command, node)
        }
        #expect(said.contains { $0.contains("MO-1") }, "nothing is shown of what was sent")
        // A secret written straight into the settings must not be shown by what refuses them either.
        try NodeProcess.write("\(node.folder)/targets/bad.yaml", "target: bad\nprotocol: odoo\nsecret: \(Self.key)\n")
        let refusal = try Self.said(["check"], node)
        #expect(refusal.contains { $0.contains("bad.yaml") })
        said += refusal
        for text in said { #expect(!Self.holdsSecret(text.utf8), "\(text.prefix(2_000))") }
        // Everything below the folder but the secrets themselves and the setting that holds one by mistake.
        let names = FileManager.default.enumerator(atPath: node.folder)?.compactMap { $0 as? String } ?? []
        #expect(names.contains { $0.hasPrefix("data/") })
        for name in names where !name.hasPrefix("secrets/") && name != "targets/bad.yaml" {
            guard let data = FileManager.default.contents(atPath: "\(node.folder)/\(name)") else { continue }
            #expect(!Self.holdsSecret(data), "\(name)")
        }
    }
}
