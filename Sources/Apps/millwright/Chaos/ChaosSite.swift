import Canonical
import ExactJSON
import Foundation
import NodeSecurity
import OdooConnector
import Store
import World

/// A chaos plant on disk and in the network: settings, keys, processes, and the relays between them.
struct ChaosSite: Sendable {
    let folder: String
    let series: Int
    let ports: ChaosPorts
    let folders: ChaosFolders
    let standIn: ChildProcess
    let hub: ChildProcess
    let edge: ChildProcess
    let relays: [ChaosFault.Place: FaultyRelay]
    let adapter: SHDRAdapter
    /// Where the offset of each node's clock stands; empty where clocks cannot be set off.
    let clocks: [String: String]

    static let nodes = ["edge", "hub"]

    var processes: [ChildProcess] { [standIn, hub, edge] }
    var authority: String { "\(folder)/tls/ca.pem" }
    var hubDoor: String { "https://localhost:\(ports.door)/v1/events" }
    var edgeDoor: String { "http://127.0.0.1:\(ports.edgeDoor)/v1/events" }

    func storeFolder(_ node: String) -> String { "\(folder)/stores/\(node)" }
    func reader(_ node: String) throws -> StoreReader { try StoreReader(path: "\(storeFolder(node))/node.db") }

    /// Odoo itself, past the relays.
    func odoo(_ login: String) -> OdooAddress {
        OdooAddress(
            endpoint: "http://127.0.0.1:\(ports.standIn)", database: DemoOdoo.settings.database, login: login,
            secret: "key-\(login)", timeout: .seconds(5))
    }

    /// What the edge holds as the work of a machine; nil where it cannot be read now.
    func context(of asset: String) -> String? {
        let context = try? reader("edge").read { try $0.signalState("context/\(asset)") }
        return (context ?? nil)?.description
    }

    /// Puts everything on disk. `clockLibrary`: what sets a node's clock off.
    init(folder: String, series: Int, seed: UInt64, clockLibrary: String?, world: World) throws {
        self.folder = folder
        self.series = series
        ports = try ChaosPorts.free()
        for name in ["tls", "keys", "logs", "clocks"] { try world.disk.makeDirectory("\(folder)/\(name)") }
        for node in Self.nodes { try world.disk.makeDirectory("\(folder)/stores/\(node)") }
        let hubKey = try Self.makeCredentials(folder, world)
        folders = ChaosFolders(plant: folder, ports: ports, hubKey: hubKey)
        try folders.write()
        var clocks: [String: String] = [:]
        for node in Self.nodes where clockLibrary != nil {
            clocks[node] = "\(folder)/clocks/\(node)"
            try Self.setClock("\(folder)/clocks/\(node)", off: .zero)
        }
        self.clocks = clocks
        func process(_ name: String, _ arguments: [String], _ environment: [String: String] = [:]) -> ChildProcess {
            var environment = environment
            if let clock = clocks[name], let clockLibrary {
                environment["LD_PRELOAD"] = clockLibrary
                environment["MILLWRIGHT_CLOCK_OFFSET"] = clock
            }
            return ChildProcess(
                name: name, arguments: arguments, environment: environment, logFile: "\(folder)/logs/\(name).log")
        }
        standIn = process(
            "odoo",
            ["stand-in", "--port", "\(ports.standIn)", "--series", "\(series)", "--journal", "\(folder)/odoo.journal"])
        hub = process("hub", ["run", "--folder", folders.hub(0)], ["MILLWRIGHT_ODOO_SECRET": "key-mes"])
        edge = process("edge", ["run", "--folder", folders.edge(0)])
        let ports = ports
        let ways: [(ChaosFault.Place, Int, Int)] = [
            (.link, ports.link, ports.hub), (.front, ports.front, ports.standIn), (.door, ports.door, ports.hub),
            (.edgeDoor, ports.edgeDoor, ports.edge), (.adapter, ports.adapter, ports.shdr),
        ]
        relays = Dictionary(
            uniqueKeysWithValues: ways.map { place, from, to in
                (place, FaultyRelay(listenPort: from, targetPort: to, seed: seed &+ UInt64(from)))
            })
        adapter = SHDRAdapter(port: ports.shdr, heartbeat: .seconds(1))
    }

    /// Sets a node's clock off, at once.
    static func setClock(_ path: String, off offset: Duration) throws {
        let nanoseconds = offset.microseconds * 1_000
        let bytes = withUnsafeBytes(of: nanoseconds) { Data($0) }
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        // In place: the node has this very file mapped.
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.write(contentsOf: bytes)
        try handle.close()
    }

    /// The authority and the hub's certificate, and both nodes' keys; enrols the edge. Returns the hub's public key.
    private static func makeCredentials(_ folder: String, _ world: World) throws -> String {
        let now = Date()
        let authority = try CertificateAuthority(now: now)
        let server = try authority.issueLoopbackServer(now: now)
        try world.disk.replace("\(folder)/tls/ca.pem", with: Array(try authority.pem.utf8), mode: 0o644)
        try world.disk.replace("\(folder)/tls/hub.pem", with: Array(server.certificate.utf8), mode: 0o644)
        try world.disk.replace("\(folder)/tls/hub.key", with: Array(server.key.utf8), mode: 0o600)
        let (edge, hub) = (NodeKey(), NodeKey())
        try edge.save("\(folder)/keys/edge.key", disk: world.disk)
        try hub.save("\(folder)/keys/hub.key", disk: world.disk)
        _ = try EnrolledNodes(path: "\(folder)/stores/hub/enrolled.json", disk: world.disk)
            .enrol("chaos-edge", edge.publicKey, by: "chaos", now: world.clock.now())
        return hub.publicKey.description
    }
}
