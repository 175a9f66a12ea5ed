import Contracts
import ExactJSON
import OdooConnector
import World

/// Changes Odoo behind the nodes' back, to see that the demo's reckoning finds it.
struct OdooTampering {
    let address: OdooAddress
    let network: any Network

    /// Adds one piece to what an order has produced.
    func addOne(to origin: String) async throws {
        let connection = OdooConnection(address, network: network)
        let rows = try await connection.call(
            .find("mrp.production", [["origin", "=", .string(origin)]], ["qty_producing"], limit: 1))
        guard let id = rows[0]?["id"]?.int, let made = rows[0]?["qty_producing"]?.number else { return }
        let more = try ExactNumber.adding(made, ExactNumber(1))
        _ = try await connection.call(.write("mrp.production", [id], ["qty_producing": .number(more)]))
    }
}
