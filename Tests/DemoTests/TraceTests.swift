import ExactJSON
import Foundation
import Store
import Testing
import World
import WorldLive

@testable import millwright

/// The way of one piece from a machine's file at an edge to a target of the hub, as both nodes tell it.
@Suite("The trace over two nodes", .serialized, .timeLimit(.minutes(3)))
struct TraceTests {
    private static let plants = "plants:\n  lyon: { zone: Europe/Paris, assets: { komax-1: {} } }\n"

    private static func hubFiles(_ folder: String) -> [String: String] {
        [
            "millwright.yaml": """
            node: hub
            listen: 127.0.0.1:0
            store: { path: \(folder)/data }
            security: { key: \(folder)/hub.key, tls: { certificate: \(folder)/tls.pem, key: \(folder)/tls.key } }

            """,
            "plants.yaml": plants, "sources/edges.yaml": "source: edges\nprotocol: edges\n", "taken.txt": "",
            "targets/slow.yaml": "target: slow\nprotocol: paced\ntakes: 50ms\nlist: \(folder)/taken.txt\n",
            "flows/pieces.yaml": """
            flow: pieces
            owner: production
            when: { type: "millwright.production.completed.*" }
            target: slow
            operation: take
            key: subject
            jq: "{order: .subject, version: 1}"

            """,
        ]
    }

    private static func edgeFiles(_ folder: String, hub: Int) -> [String: String] {
        [
            "millwright.yaml": """
            node: lyon-edge
            listen: 127.0.0.1:0
            store: { path: \(folder)/data }
            security: { key: \(folder)/edge.key, roots: \(folder)/ca.pem }

            """,
            "plants.yaml": plants, "machine/nothing": "",
            "targets/uplink.yaml": "target: uplink\nprotocol: hub\nhub: https://localhost:\(hub)\n",
            "sources/komax.yaml": """
            source: komax
            protocol: files
            plant: lyon
            asset: komax-1
            folder: { path: \(folder)/machine, pattern: "*/Job.sdc", mode: follow }
            format: { kind: sections, time: "dd/MM/yyyy,HH:mm:ss" }
            poll: 100ms
            quiet: 200ms
            signals:
              - role: count
                on: [JobTerminated, JobAborted]
                event: production.completed
                subject: [Job, ArticleKey]
                item: ArticleKey
                quantity: { field: TotalGoodPieces, counts: run, unit: pcs }

            """,
        ]
    }

    /// What `millwright trace` says of a folder's node; null where it finds nothing.
    private static func trace(_ what: String, _ node: NodeProcess) throws -> JSON {
        let told = try Program.run(["trace", what, "--json", "--folder", node.folder])
        guard told.code == 0, let line = told.output.split(separator: "\n").last else { return .null }
        return try JSONReader.read(String(line))
    }

    private static func steps(_ trace: JSON) -> [JSON] { trace["events"]?[0]?["steps"]?.array ?? [] }
    private static func names(_ trace: JSON) -> [String] { steps(trace).map { $0["step"]?.string ?? "" } }
    private static func seconds(_ step: JSON?) -> Double? { step?["after"]?.number?.doubleValue }

    /// Starts a hub and an edge that it knows.
    private static func start() async throws -> (edge: NodeProcess, hub: NodeProcess) {
        let (hubFolder, edgeFolder) = (try SettingsFolder(), try SettingsFolder())
        let authority = try CertificateAuthority(now: Date())
        let server = try authority.issueLoopbackServer(now: Date())
        for (name, text) in hubFiles(hubFolder.path) { try hubFolder.write(name, text) }
        try hubFolder.write("tls.pem", server.certificate)
        try hubFolder.write("tls.key", server.key)
        try edgeFolder.write("ca.pem", try authority.pem)
        #expect(try Program.run(["keygen", hubFolder.path + "/hub.key"]).code == 0)
        let made = try Program.run(["keygen", edgeFolder.path + "/edge.key"])
        let key = try #require((made.output + made.errors).firstMatch(of: /ed25519:\S+/).map { String($0.output) })
        let enrolled = try Program.run(["enrol", "lyon-edge", key, "--folder", hubFolder.path])
        try #require(enrolled.code == 0, "\(enrolled)")
        let hub = try NodeProcess(["run", "--folder", "FOLDER"], in: hubFolder.path)
        let edge = try NodeProcess(
            ["run", "--folder", "FOLDER"], files: edgeFiles(edgeFolder.path, hub: hub.port), in: edgeFolder.path)
        return (edge, hub)
    }

    @Test("a line of the machine's file is found at the edge and at the hub, and the hub knows the whole way")
    func way() async throws {
        let (edge, hub) = try await Self.start()
        defer {
            edge.stop()
            hub.stop()
        }
        let recording = Program.root.appendingPathComponent("docs/recordings/Job.sdc")
        try edge.append("machine/02/Job.sdc", try Data(contentsOf: recording))

        // The first job ends in the section that begins in line 7.
        let there = try await edge.until({ try Self.trace("Job.sdc:7", edge) }) { Self.names($0).last == "forwarded" }
        #expect(Self.names(there) == ["captured", "stored", "forwarded"], "\(there)")
        #expect(there["events"]?.array?.count == 1 && there["looked"]?["whole"]?.bool == true)
        let event = try #require(there["events"]?[0])
        #expect(event["subject"] == "MO-2001, 1, WIRE-BLUE-40")
        let origin = try #require(event["origin"]?.string)
        #expect(origin.hasPrefix("02/Job.sdc line 7 (byte "))
        let atEdge = Self.steps(there)
        #expect(atEdge[0]["detail"]?.string == "/lyon/komax-1, read from \(origin)")
        // Only how far the stream is acknowledged is kept, and no time is made up.
        #expect(atEdge[2]["time"] == .null && atEdge[2]["after"] == .null)
        #expect(atEdge[2]["detail"]?.string?.hasPrefix("to uplink, which has it") == true)

        let id = try #require(event["id"]?.string)
        let whole = try await hub.until({ try Self.trace("02/Job.sdc line 7", hub) }) {
            Self.names($0).contains("accepted")
        }
        #expect(whole["events"]?[0]?["id"]?.string == id && whole["events"]?[0]?["origin"]?.string == origin)
        let names = Self.names(whole)
        try #require(
            names == ["captured", "stored", "received", "mapped", "prepared", "delivered", "accepted", "reflected"],
            "\(whole)")
        let steps = Self.steps(whole)
        #expect(steps[1]["time"] == atEdge[1]["time"], "both tell the same moment at the edge")
        #expect(steps[2]["detail"]?.string?.hasSuffix(", by the source edges") == true, "\(steps[2])")
        for step in steps.dropFirst(2) {
            #expect(step["time"]?.string != nil && (Self.seconds(step) ?? -1) >= 0, "\(step)")
        }
        // The target takes fifty milliseconds for each; clocks may be a little apart.
        #expect((Self.seconds(steps[6]) ?? 0) >= 0.04, "\(steps[6])")
        #expect(steps[3]["detail"]?.string?.hasPrefix("flow pieces: take ") == true)
        let version = try StoreReader(path: hub.folder + "/data/node.db").read { try $0.settingsVersions(limit: 1) }
        #expect(steps[3]["settings"]?["version"]?.int == version.first.map { Int($0.id) })
        #expect(steps[3]["settings"]?["digest"]?.string == version.first?.digest)

        try await pages(edge, origin)
    }

    /// Interface, page and command say the same of where it was read, and how far was looked where nothing is found.
    private func pages(_ edge: NodeProcess, _ origin: String) async throws {
        func get(_ path: String) async throws -> String {
            let request = HTTPRequest(method: "GET", target: "http://127.0.0.1:\(edge.port)\(path)")
            let answer = try await World.shared.network.send(request, timeout: .seconds(20), maximumBody: 4 << 20)
            return String(decoding: answer.body, as: UTF8.self)
        }
        let answer = try JSONReader.read(try await get("/v1/trace?what=Job.sdc:7"))
        #expect(answer["events"]?[0]?["origin"]?.string == origin)
        let page = try await get("/trace?what=Job.sdc:7")
        #expect(page.contains("read from \(origin)") && page.contains("Found by what the events hold."), "\(page)")
        let nothing = try await get("/trace?what=L-4711")
        #expect(nothing.contains("looked through what all ") && nothing.contains(" events that are here hold."))
        let empty = try JSONReader.read(try await get("/v1/trace?what=L-4711"))
        #expect(empty["events"] == [] && empty["looked"]?["whole"]?.bool == true)
        let told = try Program.run(["trace", "L-4711", "--folder", edge.folder])
        #expect(told.code == 1 && told.errors.contains("looked through what all "), "\(told)")
    }
}
