import ExactJSON
import Foundation
import OdooConnector
import World
import WorldLive

/// An Odoo to test against. A real one comes from the environment: `ODOO_URL`, `ODOO_DB`, `ODOO_LOGIN`, and
/// `ODOO_PASSWORD` or
/// `ODOO_API_KEY`; with `ODOO_ADMIN_LOGIN` and `ODOO_ADMIN_PASSWORD` to make products and orders; `ODOO_GATEWAY=1` where the
/// companion addon is installed and the user has its group.
struct Peer: Sendable, CustomStringConvertible {
    let description: String
    let network: any Network
    let user: OdooAddress
    let admin: OdooAddress
    /// Makes names of one run unlike those of another.
    let run: String
    /// Whether the companion addon is there, which everything then goes through.
    let hasGateway: Bool
    /// One login for all: Odoo takes its time over a password.
    private let office: OdooConnection

    init(
        description: String, network: any Network, user: OdooAddress, admin: OdooAddress, run: String,
        hasGateway: Bool = false
    ) {
        self.description = description
        self.network = network
        self.user = user
        self.admin = admin
        self.run = run
        self.hasGateway = hasGateway
        office = OdooConnection(admin, network: network)
    }

    private init(_ other: Peer, user: OdooAddress) {
        description = other.description
        network = other.network
        self.user = user
        admin = other.admin
        run = other.run
        hasGateway = other.hasGateway
        office = other.office
    }

    /// The same Odoo for another user.
    func by(_ login: String, secret: String) -> Peer {
        Peer(self, user: OdooAddress(endpoint: user.endpoint, database: user.database, login: login, secret: secret))
    }

    /// The method that carries a plan's `method` over the network.
    func carrier(_ method: String) -> String { hasGateway ? "submit" : method }

    static let missing: String =
        "set ODOO_URL, ODOO_DB, ODOO_LOGIN, ODOO_PASSWORD or ODOO_API_KEY to test against a real Odoo"

    static let all: [Peer] = live.isEmpty ? standIns : live

    static let live: [Peer] = {
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["ODOO_URL"], let database = environment["ODOO_DB"],
            let login = environment["ODOO_LOGIN"],
            let secret = environment["ODOO_API_KEY"] ?? environment["ODOO_PASSWORD"]
        else { return [] }
        let run = String(Int(Date().timeIntervalSince1970 * 1_000), radix: 36)
        let user = OdooAddress(endpoint: url, database: database, login: login, secret: secret)
        let admin = OdooAddress(
            endpoint: url, database: database, login: environment["ODOO_ADMIN_LOGIN"] ?? login,
            secret: environment["ODOO_ADMIN_PASSWORD"] ?? secret)
        var limits = LiveNetworkLimits()
        limits.connectionsPerHost = 64
        return [
            Peer(
                description: url, network: LiveNetwork(limits), user: user, admin: admin, run: run,
                hasGateway: environment["ODOO_GATEWAY"] == "1")
        ]
    }()

    /// Calls Odoo past the connector's operations, as the administrator.
    func asAdmin(_ call: OdooCall) async throws -> JSON {
        try await office.call(call)
    }

    func read(_ model: String, _ id: Int, _ fields: [String]) async throws -> JSON {
        try await asAdmin(.read(model, [id], fields))[0] ?? .null
    }

    func find(_ model: String, _ domain: JSON, _ fields: [String]) async throws -> [JSON] {
        try await asAdmin(.find(model, domain, fields, limit: 1_000)).array ?? []
    }

    var provisioner: OdooProvisioner { OdooProvisioner(address: admin, network: network) }
    var reader: OdooReader { OdooReader(address: admin, network: network) }

    func desk(
        _ test: String, _ options: OdooOptions = OdooOptions(orderBy: .origin), through network: (any Network)? = nil,
        node: String? = nil
    ) -> Desk {
        var options = options
        options.gateway = hasGateway ? .required : .off
        return Desk(user, network ?? self.network, options: options, run: "\(run)/\(test)", node: node)
    }

    /// A confirmed order of a new product. Answers with its origin, its id and its product.
    func order(_ test: String, quantity: Int, tracking: OdooProvisioner.Product.Tracking = .none) async throws
        -> TestOrder
    {
        let origin = "\(test) \(run), 1"
        let item = "\(test)-\(run)"
        _ = try await provisioner.provision(
            products: [.init(code: item, name: "Test \(item)", tracking: tracking)],
            orders: [.init(origin: origin, item: item, quantity: ExactNumber(quantity))])
        let rows = try await find("mrp.production", [["origin", "=", .string(origin)]], ["product_id"])
        return TestOrder(
            origin: origin, item: item, id: rows.first?["id"]?.int ?? 0,
            product: rows.first?["product_id"]?[0]?.int ?? 0)
    }
}

struct TestOrder: Sendable {
    let origin: String
    let item: String
    let id: Int
    let product: Int
}
