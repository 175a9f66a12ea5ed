import Console
import ExactJSON
import Foundation
import JSONSchema
import Testing
import World
import WorldLive

/// The description that a node serves of its HTTP interface, held against a validator that we did not write and against
/// what the node really answers.
@Suite("The description of the HTTP interface", .serialized, .timeLimit(.minutes(3)))
struct OpenAPITests {
    private static let token = "a-token-for-anna-at-the-desk"
    private static let settings = [
        "millwright.yaml": """
        node: hub
        listen: 127.0.0.1:0
        store: { path: FOLDER/data }
        security: { key: FOLDER/hub.key }
        console: { tokens: { anna: { scope: integrator, secret: "${file:FOLDER/anna}" } } }

        """,
        "anna": token, "secret": "key-mes",
        "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
        "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
        "sources/edges.yaml": "source: edges\nprotocol: edges\n",
        "targets/odoo.yaml": """
        target: odoo
        protocol: odoo
        endpoint: http://127.0.0.1:9
        database: demo
        login: mes
        secret: ${file:FOLDER/secret}
        answers: { age: 1s }

        """,
        "schemas/acme.torque.measured.v1.json": #"{ "type": "object", "required": ["nm"] }"#,
        "flows/progress.yaml": """
        flow: progress
        owner: production
        when: { type: "millwright.production.completed.*" }
        target: odoo
        operation: production.progress
        jq: 'error("no map")'

        """,
    ]

    private func fetch(
        _ node: NodeProcess, _ method: String, _ path: String, _ body: JSON? = nil
    ) async throws -> (status: Int, body: JSON) {
        let request = HTTPRequest(
            method: method, target: "http://127.0.0.1:\(node.port)\(path)",
            headers: ["Authorization": "Bearer \(Self.token)", "Content-Type": "application/cloudevents+json"],
            body: body?.bytes ?? [])
        let answer = try await World.shared.network.send(request, timeout: .seconds(20), maximumBody: 4 << 20)
        return (answer.status, try JSONReader.read(answer.body))
    }

    @Test("it is OpenAPI 3.1 as its validator has it, and what the node answers is as described")
    func description() async throws {
        let folder = NSTemporaryDirectory() + "millwright-openapi-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let key = try Program.run(["keygen", "\(folder)/hub.key"])
        try #require(key.code == 0, "\(key)")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var settings = Self.settings
        settings["hub.key"] = try String(contentsOfFile: "\(folder)/hub.key", encoding: .utf8)
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: settings)
        defer { node.stop() }
        let document = try await fetch(node, "GET", "/v1/openapi.json").body
        try #require(document["openapi"] == "3.1.0", "\(document)")
        let file = "\(folder)/openapi.json"
        try Data(document.bytes).write(to: URL(fileURLWithPath: file))
        let validator = Process()
        validator.executableURL = URL(fileURLWithPath: ".build-peers/bin/openapi-spec-validator")
        validator.arguments = ["--schema", "3.1", file]
        let output = Pipe()
        validator.standardOutput = output
        validator.standardError = output
        try validator.run()
        let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        validator.waitUntilExit()
        #expect(validator.terminationStatus == 0, "\(words)")

        let event = try JSONReader.read(BadInput.event("1", order: "MO-1"))
        let requests: [(String, String, String, JSON?)] = [
            ("POST", "/v1/events", "/v1/events", event), ("POST", "/v1/events", "/v1/events", [:]),
            ("GET", "/v1/exceptions", "/v1/exceptions?state=all", nil),
            ("GET", "/v1/exceptions", "/v1/exceptions?state=lost", nil),
            ("GET", "/v1/exceptions/groups", "/v1/exceptions/groups", nil),
            ("GET", "/v1/exceptions/{exception}", "/v1/exceptions/1", nil),
            ("GET", "/v1/exceptions/{exception}", "/v1/exceptions/99", nil),
            ("POST", "/v1/exceptions/{exception}/{action}", "/v1/exceptions/1/comment", ["note": "seen"]),
            ("POST", "/v1/exceptions/{exception}/{action}", "/v1/exceptions/1/resubmit", [:]),
            ("POST", "/v1/exceptions/{exception}/{action}", "/v1/exceptions/1/explode", [:]),
            ("POST", "/v1/exceptions/actions", "/v1/exceptions/actions", ["action": "resubmit", "filter": [:]]),
            ("POST", "/v1/exceptions/actions", "/v1/exceptions/actions", ["action": "explode"]),
            ("GET", "/v1/requests/{request}", "/v1/requests/3", nil),
            ("POST", "/v1/requests/{request}/stop", "/v1/requests/3/stop", [:]),
            ("GET", "/v1/status", "/v1/status", nil), ("GET", "/v1/settings", "/v1/settings", nil),
            ("GET", "/v1/settings/{version}", "/v1/settings/1", nil),
            ("GET", "/v1/settings/{version}", "/v1/settings/99", nil),
            ("GET", "/v1/settings/{version}", "/v1/settings/first", nil),
            ("POST", "/v1/settings/reload", "/v1/settings/reload", nil),
            ("POST", "/v1/settings/reload", "/v1/settings/reload", ["dryRun": true]),
            ("GET", "/v1/audit", "/v1/audit?before=1000", nil), ("GET", "/health/live", "/health/live", nil),
            ("GET", "/health/ready", "/health/ready", nil), ("GET", "/health", "/health", nil),
            ("GET", "/v1/targets/{target}/answers", "/v1/targets/odoo/answers", nil),
            ("GET", "/v1/targets/{target}/answers", "/v1/targets/none/answers", nil),
            (
                "GET", "/v1/targets/{target}/answers/{question}", "/v1/targets/odoo/answers/availability?item=X", nil
            ), ("GET", "/v1/openapi.json", "/v1/openapi.json", nil),
            ("GET", "/v1/flows", "/v1/flows", nil), ("GET", "/v1/targets", "/v1/targets", nil),
            ("GET", "/v1/sources", "/v1/sources", nil), ("GET", "/v1/trace", "/v1/trace?what=MO-1", nil),
            ("GET", "/v1/schemas", "/v1/schemas", nil),
            ("GET", "/v1/schemas/{type}", "/v1/schemas/millwright.production.completed.v1", nil),
            ("GET", "/v1/schemas/{type}", "/v1/schemas/acme.torque.measured.v1", nil),
            ("GET", "/v1/schemas/{type}", "/v1/schemas/acme.nothing.v1", nil),
            ("GET", "/v1/trace", "/v1/trace", nil),
            ("POST", "/v1/targets/{name}/{action}", "/v1/targets/odoo/pause", ["note": "a try"]),
            ("POST", "/v1/targets/{name}/{action}", "/v1/targets/odoo/resume", [:]),
            ("POST", "/v1/targets/{name}/{action}", "/v1/targets/none/pause", [:]),
            ("POST", "/v1/flows/{name}/{action}", "/v1/flows/none/pause", [:]),
            ("POST", "/v1/flows/{name}/{action}", "/v1/flows/none/explode", [:]),
            ("POST", "/v1/flows/{name}/{action}", "/v1/flows/none/replay", [:]),
            (
                "POST", "/v1/flows/{name}/{action}", "/v1/flows/none/replay",
                ["since": "2026-03-02T00:00:00Z", "until": "2026-03-03T00:00:00Z", "note": "a try"]
            ),
        ]
        for (method, path, target, body) in requests {
            let (status, answer) = try await fetch(node, method, target, body)
            let described = try #require(
                document["paths"]?[path]?[method.lowercased()]?["responses"]?[String(status)],
                "\(method) \(target) is answered \(status), which is not described")
            let schema = described["content"]?.object?.values.first?["schema"] ?? [:]
            let whole: JSON = ["allOf": [schema], "components": document["components"] ?? [:]]
            let faults = try Schema.compile(whole).faults(in: answer)
            #expect(faults.isEmpty, "\(method) \(target): \(faults.map(\.message)) in \(answer)")
            if path == "/v1/events" { _ = try await node.until({ try node.exceptions().count }) { $0 > 0 } }
        }
        // Every path that was tried is all there is, but for what edges use.
        let tried = Set(requests.map(\.1))
        let rest = Set(document["paths"]?.object?.keys.map { $0 } ?? []).subtracting(tried)
        // `/metrics` is text, which its own readers judge.
        #expect(rest == ["/v1/nodes/{node}/batches", "/metrics"])
        // No source can be given one of them but the door's own.
        for path in tried.union(rest) where path != "/v1/events" {
            #expect(OwnPaths.taken(by: path) != nil, "\(path) is the node's own, and check would let a source take it")
        }
    }
}
