import ExactJSON
import OdooConnector
import World
import WorldLive

// A stand-in for Odoo with orders of brackets, and what was made of them.
extension NodeProcess {
    /// Starts one that has the order `MO-1` of 1,000 pieces.
    static func standIn() async throws -> NodeProcess {
        let odoo = try NodeProcess(["stand-in", "--port", "0"])
        _ = try await odoo.provisioner.provision(
            products: [.init(code: "BRACKET", name: "Bracket")], workCenters: [],
            orders: [.init(origin: "MO-1", item: "BRACKET", quantity: ExactNumber(1_000))])
        return odoo
    }

    /// Gives it further orders of ten brackets each.
    func order(_ origins: [String]) async throws {
        _ = try await provisioner.provision(
            products: [], workCenters: [],
            orders: origins.map { .init(origin: $0, item: "BRACKET", quantity: ExactNumber(10)) })
    }

    /// Good pieces of `MO-1`; -1 where the order is gone.
    func made() async throws -> Int {
        let reader = OdooReader(address: address("mes"), network: World.shared.network)
        return try await reader.orders(origins: ["MO-1"])["MO-1"]?.good.intValue ?? -1
    }

    private var provisioner: OdooProvisioner {
        OdooProvisioner(address: address("admin"), network: World.shared.network)
    }

    private func address(_ login: String) -> OdooAddress {
        OdooAddress(endpoint: "http://127.0.0.1:\(port)", database: "demo", login: login, secret: "key-\(login)")
    }
}
