import Canonical
import ExactJSON
import Foundation
import NodeSecurity
import OdooConnector
import World
import WorldLive

/// The demo's plant, put on disk: certificates, keys, settings, and the processes that will run.
struct DemoSetup: Sendable {
    let plan: DemoPlan
    let ports: DemoPorts
    let folders: DemoFolders
    let odoo: DemoOdoo
    let standIn: ChildProcess?
    /// The relay before Odoo; nil where Odoo cannot be reached through one.
    let front: ChildProcess?
    /// The relay between edge and hub.
    let link: ChildProcess
    let hub: ChildProcess
    let edge: ChildProcess

    var processes: [ChildProcess] { [standIn, front, link, hub, edge].compactMap { $0 } }
    var hubStore: String { "\(plan.state)/data/hub/node.db" }
    var edgeStore: String { "\(plan.state)/data/edge/node.db" }
    var authority: String { "\(plan.state)/tls/ca.pem" }

    init(plan: DemoPlan, world: World) async throws {
        self.plan = plan
        ports = try DemoPorts.free()
        let state = plan.state
        for folder in ["tls", "keys", "logs", "data/edge", "data/hub", "machines"] {
            try FileManager.default.createDirectory(atPath: "\(state)/\(folder)", withIntermediateDirectories: true)
        }
        let hubKey = try Self.makeCredentials(state, world)
        let secret = ProcessInfo.processInfo.environment
        let user = secret["ODOO_API_KEY"] ?? secret["ODOO_PASSWORD"] ?? plan.odooLogin
        let direct = plan.odoo ?? "http://127.0.0.1:\(ports.standIn)"
        let isStandIn = plan.odoo == nil
        let database = isStandIn ? DemoOdoo.settings.database : plan.odooDatabase
        let userSecret = isStandIn ? "key-mes" : user
        let adminSecret = isStandIn ? "key-admin" : secret["ODOO_ADMIN_PASSWORD"] ?? plan.odooAdmin
        odoo = DemoOdoo(
            direct: OdooAddress(endpoint: direct, database: database, login: plan.odooLogin, secret: userSecret),
            provisioner: OdooAddress(endpoint: direct, database: database, login: plan.odooAdmin, secret: adminSecret),
            isStandIn: isStandIn)
        let relayed = Self.hostAndPort(of: direct)
        folders = DemoFolders(
            state: state, ports: ports,
            machines: DemoMachines(
                komax: plan.komax != nil, shdr: plan.shdr != nil, isRecordedSHDR: plan.isRecordedSHDR),
            odoo: (
                relayed == nil ? direct : "http://127.0.0.1:\(ports.front)", database, plan.odooLogin,
                isStandIn ? "3s" : "130s"
            ), hubKey: hubKey, orderAtMachine: DemoRun.turningOrder)
        try folders.write()
        func process(
            _ name: String, _ arguments: [String], _ environment: [String: String] = [:], _ points: KillPoints? = nil
        )
            -> ChildProcess
        {
            ChildProcess(
                name: name, arguments: arguments, environment: environment, logFile: "\(state)/logs/\(name).log",
                killPoints: points)
        }
        standIn =
            isStandIn
            ? process("odoo-stand-in", ["stand-in", "--port", "\(ports.standIn)", "--series", "\(plan.series)"]) : nil
        let frontPort = ports.front
        front = relayed.map { process("odoo-front", ["relay", "--listen", "\(frontPort)", "--to", $0]) }
        link = process("link", ["relay", "--listen", "\(ports.link)", "--to", "127.0.0.1:\(ports.hub)"])
        hub = process("hub", ["run", "--folder", folders.hub], ["MILLWRIGHT_ODOO_SECRET": userSecret], plan.killPoints)
        edge = process("edge", ["run", "--folder", folders.edge], [:], plan.killPoints)
    }

    /// Makes what is not there yet: the authority and the hub's certificate for a day, and both nodes' keys; enrols the edge.
    private static func makeCredentials(_ state: String, _ world: World) throws -> String {
        let now = Date()
        let authority = try CertificateAuthority(now: now)
        let server = try authority.issueLoopbackServer(now: now)
        try world.disk.replace("\(state)/tls/ca.pem", with: Array(try authority.pem.utf8), mode: 0o644)
        try world.disk.replace("\(state)/tls/hub.pem", with: Array(server.certificate.utf8), mode: 0o644)
        try world.disk.replace("\(state)/tls/hub.key", with: Array(server.key.utf8), mode: 0o600)
        for node in ["edge", "hub"] where try world.disk.status("\(state)/keys/\(node).key") == nil {
            try NodeKey().save("\(state)/keys/\(node).key", disk: world.disk)
        }
        let edge = try NodeKey.load("\(state)/keys/edge.key", disk: world.disk)
        _ = try EnrolledNodes(path: "\(state)/data/hub/enrolled.json", disk: world.disk)
            .enrol("lyon-edge", edge.publicKey, by: "demo", now: world.clock.now())
        return try NodeKey.load("\(state)/keys/hub.key", disk: world.disk).publicKey.description
    }

    /// `host:port` of a plain HTTP address; nil for HTTPS, which cannot be relayed without its certificate.
    private static func hostAndPort(of address: String) -> String? {
        guard let url = URL(string: address), url.scheme == "http", let host = url.host else { return nil }
        return "\(host):\(url.port ?? 80)"
    }
}

extension DemoPorts {
    /// Five ports that are free now.
    static func free() throws -> DemoPorts {
        let ports = try free(5)
        return DemoPorts(hub: ports[0], link: ports[1], front: ports[2], standIn: ports[3], shdr: ports[4])
    }

    /// Different ports of loopback that are free now.
    static func free(_ count: Int) throws -> [Int] {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            descriptors.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isBound = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            }
            guard isBound else {
                throw CommandFailure(description: "no free port: \(String(cString: strerror(errno)))")
            }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}

extension DemoPlan {
    /// One order for each order, line and article that is no local job, and those of the other machines.
    var orders: [OdooProvisioner.Order] {
        var orders = (komax?.good ?? [:]).filter { !KomaxRecording.isLocal($0.key) }
            .sorted { $0.key < $1.key }
            .map {
                OdooProvisioner.Order(origin: $0.key, item: Self.article(of: $0.key), quantity: ExactNumber($0.value))
            }
        if let shdr {
            orders.append(.init(origin: DemoRun.turningOrder, item: "SHAFT-1", quantity: ExactNumber(shdr.pieces + 10)))
        }
        if hasInspector {
            orders += DemoRun.inspectedOrders.map { .init(origin: $0, item: "GEAR", quantity: ExactNumber(10)) }
        }
        return orders
    }

    var products: [OdooProvisioner.Product] {
        let articles = Set(orders.map(\.item)).sorted()
        return articles.map { .init(code: $0, name: $0, tracking: $0 == "GEAR" ? .lot : .none) }
    }

    var workCenters: [OdooProvisioner.WorkCenter] {
        [.init(code: "KOMAX", name: "Wire cutting"), .init(code: "TURN1", name: "Turning 1")]
    }

    /// The article of `ORDER, LINE, ARTICLE`.
    private static func article(of key: String) -> String {
        key.split(separator: ",").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? key
    }
}
