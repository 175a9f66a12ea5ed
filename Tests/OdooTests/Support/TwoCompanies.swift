import Canonical
import ExactJSON

@testable import OdooConnector

/// A real Odoo with two companies: the user's own, and one beside it with a warehouse of its own. Made where it is
/// missing, and left there.
struct TwoCompanies: Sendable {
    static let name = "Millwright Limits B"
    static let login = "limits-two"

    let peer: Peer
    let home: Int
    let other: Int
    /// A user of both companies, with the rights of the peer's.
    let user: OdooAddress

    init(_ peer: Peer) async throws {
        self.peer = peer
        let mine = try await peer.find(
            "res.users", [["login", "=", .string(peer.user.login)]], ["company_id"])
        home = mine.first?["company_id"]?[0]?.int ?? 0
        let other: Int
        if let id = try await peer.find("res.company", [["name", "=", .string(Self.name)]], ["name"]).first?["id"]?.int
        {
            other = id
        } else {
            other = try await Self.make(peer, "res.company", ["name": .string(Self.name)])
        }
        self.other = other
        let admin: JSON = [["login", "=", .string(peer.admin.login)]]
        let ids = try await peer.find("res.users", admin, ["login"]).compactMap { $0["id"]?.int }
        _ = try await peer.asAdmin(.write("res.users", ids, ["company_ids": [[4, .int(other)]]]))
        let warehouses = try await peer.find("stock.warehouse", [["company_id", "=", .int(other)]], ["code"])
        if warehouses.isEmpty {
            _ = try await Self.make(
                peer, "stock.warehouse",
                ["name": .string(Self.name), "code": "LIMB", "company_id": .int(other)], in: other)
        }
        user = try await peer.user(Self.login, ["company_ids": [[6, 0, [.int(home), .int(other)]]]])
    }

    /// A record made by the administrator in a company.
    static func make(_ peer: Peer, _ model: String, _ values: JSON, in company: Int? = nil) async throws -> Int {
        var context: JSONObject = [:]
        if let company { context["allowed_company_ids"] = [.int(company)] }
        let call = OdooCall(model, "create", ["vals_list": [values]], context: context)
        let made = try await peer.asAdmin(call)
        return made[0]?.int ?? made.int ?? 0
    }

    /// Confirmed orders of one name and one product, one in each company, by company.
    func orders(_ name: String, item: String, quantity: Int) async throws -> (product: Int, orders: [Int: Int]) {
        _ = try await peer.provisioner.provision(
            products: [.init(code: item, name: "Test \(item)")], orders: [])
        let product =
            try await peer.find("product.product", [["default_code", "=", .string(item)]], ["name"]).first?["id"]?.int
            ?? 0
        var orders: [Int: Int] = [:]
        for company in [home, other] {
            let id = try await Self.make(
                peer, "mrp.production",
                [
                    "name": .string(name), "product_id": .int(product), "product_qty": .int(quantity),
                    "company_id": .int(company),
                ], in: company)
            _ = try await peer.asAdmin(
                OdooCall("mrp.production", "action_confirm", ids: [id], context: ["allowed_company_ids": [.int(company)]]))
            orders[company] = id
        }
        return (product, orders)
    }

    /// A desk that works in a company; nil for the user's own.
    func desk(_ company: String?, _ test: String) -> Desk {
        var address = user
        address.company = company
        var options = OdooOptions(orderBy: .name)
        options.gateway = peer.hasGateway ? .required : .off
        return Desk(address, peer.network, options: options, run: "\(peer.run)/\(test)/\(company ?? "")")
    }
}
