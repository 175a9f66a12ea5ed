import Canonical
import ExactJSON
import Foundation
import Telemetry
import Testing
import World
import WorldLive

/// A real node beside an Odoo stand-in and a collector made of OpenTelemetry's own messages: what it shows and sends of
/// itself.
@Suite("What a node says of itself", .serialized, .timeLimit(.minutes(3)))
struct TelemetryNodeTests {
    private static let token = "a-token-for-prometheus"
    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    private static func hub(odoo: Int, collector: String) -> [String: String] {
        [
            "millwright.yaml": """
            node: hub
            listen: 127.0.0.1:0
            store: { path: FOLDER/data }
            console: { tokens: { prometheus: { scope: viewer, secret: "${file:FOLDER/token}" } } }
            telemetry:
              otlp:
                endpoint: \(collector)
                interval: 1s
                headers: { x-tenant: "${file:FOLDER/tenant}" }
              traces: { sample: 100 }

            """,
            "token": "\(token)\n", "tenant": "lyon\n", "secret": "key-mes\n",
            "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
            "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
            "machine/nothing": "",
            "sources/still.yaml": """
            source: still
            protocol: files
            plant: lyon
            asset: press-1
            folder: { path: FOLDER/machine, pattern: "*.jsonl", mode: follow }
            format: { kind: jsonlines, timeField: At, record: piece, recordField: Kind }
            silentAfter: 1s
            signals:
              - role: count
                on: [piece]
                event: production.completed
                subject: Job
                item: Article
                quantity: { field: Good, unit: pcs }

            """,
            "targets/odoo.yaml": """
            target: odoo
            protocol: odoo
            endpoint: http://127.0.0.1:\(odoo)
            database: demo
            login: mes
            secret: ${file:FOLDER/secret}
            orderBy: origin
            settle: 1s
            breaker: { failures: 1, cooldown: 10s }

            """,
            "flows/progress.yaml": """
            flow: progress
            owner: production
            when: { type: "millwright.production.completed.*", plant: lyon }
            target: odoo
            operation: production.progress
            key: subject
            retry: { base: 50ms, cap: 500ms }
            onReject: hold
            jq: "select(.id != \\"passed\\") | {order: .subject, quantity: .data.quantity, time: .time}"

            """,
        ]
    }

    private func get(
        _ node: NodeProcess, _ path: String, accept: String? = nil, token: String? = token, method: String = "GET",
        headers: [(name: String, value: String)] = [], body: String = ""
    ) async throws -> (status: Int, text: String, type: String) {
        var fields = HTTPHeaders(headers)
        if let token { fields["Authorization"] = "Bearer \(token)" }
        if let accept { fields["Accept"] = accept }
        let request = HTTPRequest(
            method: method, target: "http://127.0.0.1:\(node.port)\(path)", headers: fields, body: Array(body.utf8))
        let answer = try await World.shared.network.send(request, timeout: .seconds(20), maximumBody: 4 << 20)
        return (answer.status, String(decoding: answer.body, as: UTF8.self), answer.headers["content-type"] ?? "")
    }

    private func health(_ node: NodeProcess) async throws -> (status: Int, body: JSON) {
        let (status, text, _) = try await get(node, "/health")
        return (status, try JSONReader.read(text))
    }

    private static func part(_ name: String, of body: JSON) -> JSON? {
        body["parts"]?.array?.first { $0["name"]?.string == name }
    }

    private func post(_ node: NodeProcess, _ id: String, trace: String? = nil) async throws {
        let headers =
            [("Content-Type", "application/cloudevents+json")] + (trace.map { [("traceparent", $0)] } ?? [])
        let (status, text, _) = try await get(
            node, "/v1/events", token: nil, method: "POST", headers: headers, body: BadInput.event(id, order: "MO-1"))
        try #require(status == 202, "\(text)")
    }

    @Test("metrics, health, traces and logs tell what happened, as those who read them understand them")
    func node() async throws {
        let odoo = try await NodeProcess.standIn()
        let collector = try Collector(failures: 1)
        defer { collector.stop() }
        let node = try NodeProcess(
            ["run", "--folder", "FOLDER"], files: Self.hub(odoo: odoo.port, collector: collector.address))
        defer { node.stop() }
        try await post(node, "1", trace: "00-\(Self.trace)-b7ad6b7169203331-01")
        try await post(node, "2")
        try await post(node, "2")
        try await post(node, "passed")
        let metrics = try await node.until({ try await get(node, "/metrics").text }) {
            // What was gathered for the collector a moment ago is shown again: it may be of before the last event.
            $0.contains("millwright_flow_accepted_total{flow=\"progress\",target=\"odoo\"} 2\n")
                && $0.contains("millwright_flow_filtered_total{flow=\"progress\",target=\"odoo\"} 1\n")
        }
        try await judge(metrics, node)
        try await judgeHealth(node)

        let isSilent = try await node.until({ try await health(node).body }) {
            Self.part("source still", of: $0)?["state"]?.string == "silent"
        }
        let still = try #require(Self.part("source still", of: isSilent), "\(isSilent)")
        #expect(still["healthy"]?.bool == false && Instant(text: still["since"]?.string ?? "") != nil, "\(still)")
        #expect(try await health(node).status == 503)

        // An Odoo that is away makes neither the process one to be restarted nor the node one to be sent nothing.
        odoo.stop()
        try await post(node, "3")
        let paused = try await node.until({ try await health(node).body }) {
            Self.part("target odoo", of: $0)?["state"]?.string == "unreachable"
        }
        #expect(Self.part("target odoo", of: paused)?["healthy"]?.bool == false, "\(paused)")
        #expect(try await get(node, "/health/live", token: nil).status == 200)
        #expect(try await get(node, "/health/ready", token: nil).status == 200)
        let isUp = "millwright_target_up{target=\"odoo\"} 0\n"
        let down = try await node.until({ try await get(node, "/metrics").text }) { $0.contains(isUp) }
        #expect(down.contains(isUp))

        try await judgeExport(collector, node)
    }

    private func judge(_ metrics: String, _ node: NodeProcess) async throws {
        for line in [
            "millwright_source_events_total{source=\"door\"} 3", "millwright_source_documents_total{source=\"door\"} 4",
            "millwright_source_duplicates_total{source=\"door\"} 1", "millwright_source_up{source=\"door\"} 1",
            "millwright_source_silent{source=\"door\"} 0", "millwright_target_up{target=\"odoo\"} 1",
            "millwright_flow_events_total{flow=\"progress\",target=\"odoo\"} 3",
            "millwright_flow_deliveries_total{flow=\"progress\",target=\"odoo\"} 2",
            "millwright_flow_filtered_total{flow=\"progress\",target=\"odoo\"} 1",
            "millwright_flow_stored_to_accepted_seconds_count{flow=\"progress\",target=\"odoo\"} 2",
            "millwright_target_breaker_state{target=\"odoo\",state=\"closed\"} 1",
            "millwright_target_waiting{target=\"odoo\",lane=\"normal\"} 0", "millwright_store_writable 1",
            "millwright_http_requests_total{method=\"POST\",route=\"/v1/events\",status=\"202\"} 4",
            "millwright_node_info{node=\"hub\",role=\"single\"} 1", "millwright_store_events_total 3",
        ] {
            #expect(metrics.contains(line + "\n"), "\(line)")
        }
        // What happened on 2 March took longer than a day to get here; what was stored just now did not.
        #expect(
            metrics.contains("event_to_accepted_seconds_bucket{flow=\"progress\",target=\"odoo\",le=\"86400.0\"} 0\n"))
        #expect(
            metrics.contains("stored_to_accepted_seconds_bucket{flow=\"progress\",target=\"odoo\",le=\"60.0\"} 2\n"))
        let parsed = try Self.parsed(metrics, "prometheus_client.parser")
        #expect(parsed.code == 0, "\(parsed.text)")
        let known = Set(MetricCatalog.all.map(\.name))
        let families = Set(metrics.matches(of: /(?m)^# TYPE (\S+)/).map { String($0.output.1) })
        #expect(families.isSubset(of: known) && families.count > 40, "\(families.subtracting(known))")

        let open = try await get(node, "/metrics", accept: "application/openmetrics-text;version=1.0.0")
        #expect(open.type == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        let strict = try Self.parsed(open.text, "prometheus_client.openmetrics.parser")
        #expect(strict.code == 0, "\(strict.text)")
        #expect(try await get(node, "/metrics", token: nil).status == 401)
        #expect(try await get(node, "/health", token: nil).status == 401)
    }

    private func judgeHealth(_ node: NodeProcess) async throws {
        let ready = try await get(node, "/health/ready", token: nil)
        #expect(ready.status == 200 && ready.text.contains("\"ready\""), "\(ready)")
        let body = try await health(node).body
        #expect(Self.part("target odoo", of: body)?["state"]?.string == "works", "\(body)")
        #expect(Self.part("store", of: body)?["state"]?.string == "works", "\(body)")
        #expect(Self.part("source door", of: body)?["state"]?.string == "works", "\(body)")
    }

    private func judgeExport(_ collector: Collector, _ node: NodeProcess) async throws {
        func all(_ signal: String) throws -> [JSON] { try collector.found().filter { $0["signal"]?.string == signal } }
        let spans = try await node.until({ try all("traces") }) {
            $0.filter { $0["trace"]?.string == Self.trace }.count >= 5
        }
        let faults = try all("fault")
        #expect(faults.isEmpty, "\(faults)")
        let own = spans.filter { $0["trace"]?.string == Self.trace }
        func named(_ name: String) throws -> JSON {
            try #require(own.first { $0["name"]?.string == name }, "no \(name) in \(own)")
        }
        let stored = try named("store millwright.production.completed.v1")
        let mapped = try named("map progress")
        let delivered = try named("deliver production.progress")
        let performed = try named("perform production.progress")
        #expect(stored["parent"] == "b7ad6b7169203331" && mapped["parent"] == stored["span"])
        #expect(delivered["parent"] == mapped["span"] && performed["parent"] == delivered["span"])
        #expect(stored["attributes"]?["cloudevents.event_id"] == "1" && performed["status"] == 0)
        #expect(performed["resource"]?["service.instance.id"] == "hub")
        // The other event has the trace that follows from what it is.
        let other = TraceIdentity.trace(
            of: try EnvelopeScanner.scan(Array(BadInput.event("2", order: "MO-1").utf8)).envelope)
        #expect(spans.contains { $0["trace"]?.string == other && $0["name"]?.string == "map progress" })
        #expect(spans.allSatisfy { ($0["end"]?.int ?? 0) >= ($0["start"]?.int ?? 1) })

        let metrics = try await node.until({ try all("metrics") }) { found in
            found.contains { $0["name"]?.string == "millwright_flow_accepted" }
        }
        let accepted = try #require(metrics.last { $0["name"]?.string == "millwright_flow_accepted" })
        #expect(accepted["kind"] == "sum" && accepted["temporality"] == 2 && accepted["monotonic"]?.bool == true)
        let latency = try #require(metrics.last { $0["name"]?.string == "millwright_flow_stored_to_accepted_seconds" })
        #expect(latency["kind"] == "histogram" && latency["unit"] == "s" && latency["points"]?[0]?["count"] == 2)
        #expect(latency["points"]?[0]?["bounds"]?[0]?.number?.doubleValue == 0.1)
        // The first request was answered 503: that is said, and what was to be sent comes with the second.
        let logs = try await node.until({ try all("logs") }) { found in
            found.contains { $0["text"]?.string?.contains("TEL-001") ?? false }
        }
        #expect(logs.contains { $0["severity"] == 13 && $0["resource"]?["service.name"] == "millwright" }, "\(logs)")
    }

    private static func parsed(_ text: String, _ parser: String) throws -> (code: Int32, text: String) {
        let file = NSTemporaryDirectory() + "millwright-metrics-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ".build-peers/bin/python")
        process.arguments = [
            "-c", "import sys; from \(parser) import *; list(text_string_to_metric_families(open(sys.argv[1]).read()))",
            file,
        ]
        let pipe = Pipe()
        process.standardError = pipe
        try process.run()
        let words = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, words)
    }
}

/// The collector of `Tests/Peers`, and what it understood.
private final class Collector: Sendable {
    let address: String
    private let file: String
    private let process: Process

    /// `failures`: how many requests for each signal are answered 503 first.
    init(failures: Int) throws {
        file = NSTemporaryDirectory() + "millwright-collector-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        let process = Process()
        self.process = process
        process.executableURL = URL(fileURLWithPath: ".build-peers/bin/python")
        process.arguments = ["Tests/Peers/otlp_collector.py", file, String(failures)]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var words = ""
        while !words.hasSuffix("/\n"), case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
            words += String(decoding: data, as: UTF8.self)
        }
        // By its name: the node's own address is found in its log by its number.
        address = try #require(
            words.firstMatch(of: /http:\S+:(\d+)/).map { "http://localhost:\($0.output.1)" }, "\(words)")
    }

    /// What it took so far.
    func found() throws -> [JSON] {
        try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { try JSONReader.read(String($0)) }
    }

    func stop() {
        // A child of this process inherits what its threads block, SIGTERM among it.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: file)
    }
}
