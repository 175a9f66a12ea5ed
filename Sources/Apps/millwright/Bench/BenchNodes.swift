import Canonical
import ExactJSON
import Foundation
import NodeSecurity
import Store
import World
import WorldLive

/// The nodes that measures are made with, as processes of their own in a temporary folder.
struct BenchNodes {
    let folder: String
    let world: World
    let edgePort: Int
    let hubPort: Int

    init(folder: String, world: World) throws {
        self.folder = folder
        self.world = world
        let ports = try DemoPorts.free()
        edgePort = ports.front
        hubPort = ports.hub
        try write()
    }

    var edgeStore: String { "\(folder)/data/edge/node.db" }
    var hubStore: String { "\(folder)/data/hub/node.db" }

    func process(_ name: String) -> ChildProcess {
        ChildProcess(name: name, arguments: ["run", "--folder", "\(folder)/\(name)"], logFile: "\(folder)/\(name).log")
    }

    private func write() throws {
        let plants = "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n"
        let door = "source: door\nprotocol: http\nplant: lyon\n"
        let files = [
            "edge/millwright.yaml": """
            node: edge
            listen: 127.0.0.1:\(edgePort)
            store: { path: \(folder)/data/edge }
            security: { key: \(folder)/edge.key, roots: \(folder)/ca.pem }

            """,
            "edge/plants.yaml": plants, "edge/sources/door.yaml": door,
            "edge/targets/uplink.yaml": "target: uplink\nprotocol: hub\nhub: https://localhost:\(hubPort)\n",
            "hub/millwright.yaml": """
            node: hub
            listen: 127.0.0.1:\(hubPort)
            store: { path: \(folder)/data/hub }
            security: { key: \(folder)/hub.key, tls: { certificate: \(folder)/hub.pem, key: \(folder)/hub-tls.key } }

            """,
            "hub/plants.yaml": plants, "hub/sources/edges.yaml": "source: edges\nprotocol: edges\n",
            "hub/targets/nowhere.yaml": "target: nowhere\nprotocol: \"null\"\n",
            "single/millwright.yaml":
                "node: single\nlisten: 127.0.0.1:\(edgePort)\nstore: { path: \(folder)/data/single }\n",
            "intake/millwright.yaml":
                "node: intake\nlisten: 127.0.0.1:\(edgePort)\nstore: { path: \(folder)/data/intake }\n",
            "intake/plants.yaml": plants, "intake/sources/door.yaml": door,
            "single/plants.yaml": plants, "single/sources/door.yaml": door,
            "single/targets/nowhere.yaml": "target: nowhere\nprotocol: \"null\"\n",
        ]
        for (path, text) in files {
            try world.disk.makeDirectory(("\(folder)/\(path)" as NSString).deletingLastPathComponent)
            try world.disk.replace("\(folder)/\(path)", with: Array(text.utf8), mode: 0o644)
        }
        for name in ["edge", "hub", "intake", "single"] { try world.disk.makeDirectory("\(folder)/data/\(name)") }
        let now = Date()
        let authority = try CertificateAuthority(now: now)
        let server = try authority.issueLoopbackServer(now: now)
        try world.disk.replace("\(folder)/ca.pem", with: Array(try authority.pem.utf8), mode: 0o644)
        try world.disk.replace("\(folder)/hub.pem", with: Array(server.certificate.utf8), mode: 0o644)
        try world.disk.replace("\(folder)/hub-tls.key", with: Array(server.key.utf8), mode: 0o600)
        let key = NodeKey()
        try key.save("\(folder)/edge.key", disk: world.disk)
        try NodeKey().save("\(folder)/hub.key", disk: world.disk)
        _ = try EnrolledNodes(path: "\(folder)/data/hub/enrolled.json", disk: world.disk)
            .enrol("edge", key.publicKey, by: "bench", now: world.clock.now())
    }

    /// Returns when something answers at a port of loopback.
    func waitFor(port: Int) async throws {
        for _ in 0..<600 {
            if let stream = try? await world.network.connect(host: "127.0.0.1", port: port, timeout: .seconds(1)) {
                await stream.close()
                return
            }
            try await world.clock.sleep(for: .milliseconds(50))
        }
        throw CommandFailure(description: "a node did not come up; its log is in \(folder)")
    }

    /// Posts one batch and waits for its 202.
    func post(_ body: [UInt8]) async throws {
        let request = HTTPRequest(
            method: "POST", target: "http://127.0.0.1:\(edgePort)/v1/events",
            headers: ["Content-Type": "application/cloudevents-batch+json"], body: body)
        let response = try await world.network.send(request, timeout: .seconds(30), maximumBody: 1 << 20)
        guard response.status == 202 else {
            throw CommandFailure(
                description:
                    "a node answered \(response.status): \(String(decoding: response.body.prefix(300), as: UTF8.self))")
        }
    }

    /// How far a target of a node's store is, over all lanes.
    static func position(_ reader: StoreReader, _ target: TargetName) throws -> Int {
        Int(try reader.read { try $0.cursors() }.filter { $0.target == target }.map(\.position).reduce(0, +))
    }
}

extension ChildProcess {
    /// Resident memory in MB, as the system says; 0 where it does not run.
    var residentMB: Double {
        guard let id = processID, let text = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else {
            return 0
        }
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let kilobytes = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Double($0) } ?? 0
        return (kilobytes / 1_024 * 10).rounded() / 10
    }
}
