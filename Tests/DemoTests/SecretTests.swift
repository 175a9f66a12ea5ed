import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// Plants secrets where a node reads them, lets everything go wrong that makes it speak, and looks for them in all it
/// said, sent on and stored.
@Suite("Secrets at a running node", .timeLimit(.minutes(3)))
struct SecretTests {
    /// By what they are for. Each stands in a file of `secrets/`.
    private static let planted = [
        "key": "planted-odoo-key-7f3a9c55", "token": "planted-door-token-51be22d0",
        "console": "planted-console-token-9d04ee61", "collector": "planted-otlp-header-c7720b18",
        "mes": "planted/mes+bearer-3be1f90a", "hook": "whsec_cGxhbnRlZC13ZWJob29rLXNlY3JldC00Zjdh",
    ]

    private static func settings(odoo: Int, echo: Int) -> [String: String] {
        var files = [
            // By its name: the node's own address is found in its log by its number.
            "millwright.yaml": """
            node: hub
            listen: 127.0.0.1:0
            store: { path: FOLDER/data }
            security: { key: FOLDER/secrets/node.key }
            observability: { log: debug }
            console: { tokens: { anna: { scope: integrator, secret: "${file:FOLDER/secrets/console}" } } }
            telemetry:
              otlp:
                endpoint: http://localhost:\(echo)
                interval: 1s
                headers: { x-key: "${file:FOLDER/secrets/collector}" }
              traces: { sample: 100 }

            """,
            "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
            "sources/door.yaml":
                "source: door\nprotocol: http\nplant: lyon\ntoken: ${file:FOLDER/secrets/token}\n",
            // Nobody listens there: what is sent to it is signed all the same.
            "targets/uplink.yaml": "target: uplink\nprotocol: hub\nhub: https://localhost:1\n",
            "targets/mes.yaml": """
            target: mes
            protocol: http
            endpoint: http://localhost:\(echo)/mes
            auth: { kind: bearer, secret: "${file:FOLDER/secrets/mes}" }
            signing: { secrets: "${file:FOLDER/secrets/hook}" }

            """,
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
            "flows/orders.yaml": """
            flow: orders
            owner: production
            when: { type: "millwright.production.completed.*", plant: lyon }
            target: mes
            operation: request
            jq: '{path: "orders", body: {order: .subject}}'
            retry: { base: 50ms, cap: 500ms }

            """,
        ]
        for (name, secret) in planted { files["secrets/\(name)"] = secret }
        return files
    }

    /// Secrets that stand in settings by mistake: what refuses them must not show them either.
    private static let mistakes = [
        "targets/bad.yaml": "target: bad\nprotocol: odoo\nsecret: \(planted["key"] ?? "")\n",
        "sources/bad.yaml": "source: bad\nprotocol: http\nplant: lyon\ntoken: \(planted["token"] ?? "")\n",
        "targets/bad-mes.yaml": """
        target: bad-mes
        protocol: http
        endpoint: http://localhost:1
        auth: { kind: bearer, secret: \(planted["mes"] ?? "") }
        signing: { secrets: [\(planted["hook"] ?? "")] }

        """,
        "millwright.yaml": """
        node: hub
        listen: 127.0.0.1:0
        console: { tokens: { anna: { scope: operator, secret: \(planted["console"] ?? "") } } }
        telemetry: { otlp: { endpoint: "http://localhost:1", headers: { x-key: \(planted["collector"] ?? "") } } }

        """,
    ]

    /// Sends with an `Authorization` header; status, header fields and body of the answer as text.
    private static func answer(
        _ node: NodeProcess, _ method: String, _ path: String, _ body: String = "", bearer: String
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

    /// The names of the secrets in a text.
    private static func shown(_ secrets: [String: String], in text: some Sequence<UInt8>) -> [String] {
        let data = Data(text)
        return secrets.filter { data.range(of: Data($0.value.utf8)) != nil }.keys.sorted()
    }

    @Test("none stands in a log, answer, page, command's output, span, export, backup or stored byte")
    func nowhere() async throws {
        let keys = NSTemporaryDirectory() + "millwright-keys-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: keys) }
        let made = try Program.run(["keygen", "\(keys)/node.key"])
        try #require(made.code == 0, "\(made)")
        let pem = try String(contentsOfFile: "\(keys)/node.key", encoding: .utf8)
        var secrets = Self.planted
        secrets["node.key"] = try #require(pem.split(separator: "\n").dropFirst().first.map(String.init))

        let odoo = try NodeProcess(["stand-in", "--port", "0"])
        defer { odoo.stop() }
        let echo = try EchoReceiver(bodies: "\(keys)/bodies")
        defer { echo.stop() }
        var settings = Self.settings(odoo: odoo.port, echo: echo.port)
        settings["secrets/node.key"] = pem
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: settings)
        defer { node.stop() }

        let (token, console) = (secrets["token"] ?? "", secrets["console"] ?? "")
        let event = BadInput.event("k", order: "MO-1")
        var said: [String] = []
        for (body, bearer) in [
            (event, token), (event, token), (event, "\(token)x"), (event, "x\(token)"), ("{", token),
        ] {
            said.append(try await Self.answer(node, "POST", "/v1/events", body, bearer: bearer))
        }
        #expect(said.map { $0.prefix(3) } == ["202", "202", "401", "401", "400"])
        // Odoo refuses the key; the collector and the receiver repeat what they were sent.
        let log = try await node.until({ node.log }) { $0.contains("ODOO-002") && $0.contains("TEL-002") }
        #expect(log.contains("ODOO-002"), "the key was not refused: nothing is shown")
        #expect(log.contains("TEL-002"), "the collector repeated nothing: nothing is shown")
        let exceptions = try await node.until({ try node.exceptions() }) {
            $0.contains { $0["code"]?.string?.hasPrefix("HTTP-") == true }
        }
        #expect(
            exceptions.contains { $0["message"]?.string?.contains("•••") == true },
            "the receiver repeated nothing that is shown: \(exceptions)")
        for path in [
            "/", "/v1/status", "/health", "/health/ready", "/metrics", "/exceptions", "/exceptions/1", "/targets",
            "/settings", "/audit", "/trace?what=MO-1", "/v1/exceptions", "/v1/trace?what=MO-1", "/v1/settings",
            "/v1/settings/1",
            "/v1/nothing?token=\(token.prefix(8))",
        ] {
            said.append(try await Self.answer(node, "GET", path, bearer: console))
        }
        for bearer in ["\(console)x", "x\(console)"] {
            let refused = try await Self.answer(node, "GET", "/v1/status", bearer: bearer)
            #expect(refused.hasPrefix("401"))
            said.append(refused)
        }
        for command in [
            ["check"], ["status"], ["exceptions", "list", "--all"], ["trace", "k"], ["flows"], ["targets"],
            ["versions"], ["tap"], ["store", "check"],
        ] {
            said += try Self.said(command, node)
        }
        for (command, file) in [("export", "export.jsonl"), ("backup", "backup.db")] {
            let result = try Program.run(["store", command, "\(node.folder)/\(file)", "--folder", node.folder])
            #expect(result.code == 0, "\(result)")
            said += [result.output, result.errors]
        }
        #expect(said.contains { $0.contains("MO-1") }, "nothing is shown of what was sent")

        for (path, text) in Self.mistakes { try NodeProcess.write("\(node.folder)/\(path)", text) }
        let refusal = try Self.said(["check"], node)
        for path in Self.mistakes.keys {
            #expect(refusal.contains { $0.contains(path) }, "\(path) is not refused: \(refusal)")
        }
        said += refusal
        let answer = try await Self.answer(node, "POST", "/v1/settings/reload", bearer: console)
        #expect(answer.hasPrefix("422") && answer.contains("targets/bad.yaml"), "\(answer.prefix(600))")
        said.append(answer)
        node.hangUp()
        let reread = try await node.until({ node.log }) { $0.contains("WARNING the changed settings") }
        #expect(reread.contains("WARNING the changed settings"), "the node did not read them: nothing is shown")
        let sent = try await node.until({ try String(contentsOfFile: "\(keys)/bodies", encoding: .utf8) }) {
            $0.contains("resourceSpans")
        }
        #expect(sent.contains("resourceSpans"), "no span was sent: nothing is shown")
        said += [reread, sent]
        for text in said {
            let found = Self.shown(secrets, in: text.utf8)
            #expect(found.isEmpty, "\(found): \(text.prefix(2_000))")
        }
        try Self.look(for: secrets, below: node.folder)
    }

    /// Everything below the folder but the secrets themselves and the settings that hold one by mistake.
    private static func look(for secrets: [String: String], below folder: String) throws {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        #expect(names.contains { $0.hasPrefix("data/") })
        #expect(names.contains("export.jsonl") && names.contains("backup.db") && names.contains("log"))
        for name in names where !name.hasPrefix("secrets/") && mistakes[name] == nil {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            let found = shown(secrets, in: data)
            #expect(found.isEmpty, "\(name): \(found)")
        }
    }
}

/// `Tests/Support/echo_receiver.py` as a process of its own.
private final class EchoReceiver: Sendable {
    let port: Int
    private let process = Process()
    private let input = Pipe()

    init(bodies: String) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", Program.root.appendingPathComponent("Tests/Support/echo_receiver.py").path, bodies,
        ]
        process.standardOutput = output
        process.standardInput = input
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(line.firstMatch(of: /port (\d+)/).flatMap { Int($0.output.1) }, "\(line)")
    }

    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
