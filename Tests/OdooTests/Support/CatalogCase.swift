import ExactJSON
import Foundation
import Testing
import WorldLive

@testable import OdooConnector

/// How one operation is tried at an Odoo: what must be there first, what it is told, and how often it is in effect then.
struct CatalogCase: Sendable, CustomTestStringConvertible {
    let operation: String
    /// The models that it needs; without them it is not tried.
    let models: [String]
    /// Makes what must be there, and answers with the arguments. The text tells one try from another.
    let stage: @Sendable (Peer, String) async throws -> JSON
    /// How often the try is in effect.
    let effect: @Sendable (Peer, String) async throws -> Int

    var testDescription: String { operation }

    /// The groups that a plain user needs for it, by external id: what the docs say.
    var groups: [String] {
        let own = OperationNeeds.of[operation]?.groups ?? []
        // Those that are about any model: what their cases here need.
        guard own.isEmpty else { return own }
        return switch operation {
        case "record.call": ["mrp.group_mrp_user", "stock.group_stock_user"]
        case "attachment.add", "activity.create", "activity.done": ["stock.group_stock_user"]
        default: ["base.group_partner_manager"]
        }
    }

    init(
        _ operation: String, needs models: [String],
        _ stage: @escaping @Sendable (Peer, String) async throws -> JSON,
        effect: @escaping @Sendable (Peer, String) async throws -> Int
    ) {
        self.operation = operation
        self.models = models
        self.stage = stage
        self.effect = effect
    }

    /// Makes what must be there, and sees to it that the try is not in effect before it was sent.
    func begin(_ peer: Peer, _ user: Peer, _ name: String) async throws -> JSON {
        let arguments = try await stage(user, name)
        try #require(try await effect(peer, name) == 0, "in effect before it was sent")
        return arguments
    }

    static let all: [CatalogCase] =
        counting + manufacturing + recipes + workOrders + inventory + purchases + sales + accounting
        + masters + others + people + payments + projects

    /// Those that `ODOO_OPERATIONS` names, else all.
    static let chosen: [CatalogCase] = {
        guard let names = ProcessInfo.processInfo.environment["ODOO_OPERATIONS"]?.split(separator: ",") else {
            return all
        }
        return all.filter { one in names.contains { $0 == one.operation } }
    }()
}

// MARK: What must be there

extension Peer {
    /// Whether this Odoo has the models.
    func has(_ models: [String]) async throws -> Bool {
        for model in models where !isLive {
            // The stand-in says so; a real Odoo that lacks an app is not the one to test against.
            let answer = try? await asAdmin(
                OdooCall(model, "search", ["domain": []], named: ["limit": 1], isWrite: false))
            if answer == nil { return false }
        }
        return true
    }

    var isLive: Bool { network is LiveNetwork }

    /// The same Odoo, as a plain user of those groups alone; of several such users the one of that number.
    func allowed(_ groups: [String], number: Int? = nil) async throws -> Peer {
        // The stand-in knows no groups but its own users'.
        guard isLive else {
            if groups.contains(where: { $0.contains("manager") }) { return by("admin", secret: "admin") }
            for (prefixes, login) in [(["purchase.", "sales_team."], "trader"), (["account.", "project."], "clerk")]
            where groups.contains(where: { group in prefixes.contains { group.hasPrefix($0) } }) {
                return by(login, secret: user.secret.replacing("mes", with: login))
            }
            return self
        }
        let wanted = ["base.group_user"] + groups + (hasGateway ? ["millwright_gateway.group_service"] : [])
        let login =
            "mw-"
            + wanted.dropFirst().map { $0.split(separator: ".").last.map(String.init) ?? "" }.joined(separator: "-")
            + (number.map { "-\($0)" } ?? "")
        var ids: [JSON] = []
        for name in wanted {
            let parts = name.split(separator: ".").map(String.init)
            let call = OdooCall(
                "ir.model.data", "check_object_reference",
                ["module": .string(parts[0]), "xml_id": .string(parts[1])], isWrite: false)
            // Some groups came or went with a version.
            guard let id = (try? await asAdmin(call))?[1] else { continue }
            ids.append(id)
        }
        let field = try await version >= 19 ? "group_ids" : "groups_id"
        let values: JSON = [
            "name": .string(login), "login": .string(login), "email": .string("\(login)@example.com"),
            "password": .string(login), field: [[6, 0, .array(ids)]],
        ]
        if try await find("res.users", [["login", "=", .string(login)]], ["login"]).isEmpty {
            _ = try await asAdmin(.create("res.users", [values]))
        }
        return by(login, secret: login)
    }

    /// A product of the try's own.
    @discardableResult
    func item(_ code: String, tracking: OdooProvisioner.Product.Tracking = .none) async throws -> Int {
        _ = try await provisioner.provision(products: [.init(code: code, name: code, tracking: tracking)])
        return try await product(code)
    }

    /// Puts pieces of the product into stock.
    func stock(_ product: Int, _ quantity: Int) async throws {
        let place = try await find("stock.location", [["usage", "=", "internal"], ["name", "=", "Stock"]], ["id"]).first
        let values: JSON = [
            "product_id": .int(product), "location_id": place?["id"] ?? .null, "inventory_quantity": .int(quantity),
        ]
        let made = try await asAdmin(
            OdooCall("stock.quant", "create", ["vals_list": [values]], context: ["inventory_mode": true]))
        _ = try await asAdmin(
            OdooCall("stock.quant", "action_apply_inventory", ids: [made[0]?.int ?? made.int ?? 0]))
    }

    /// How many pieces of the product are reserved in stock.
    func reserved(_ code: String) async throws -> Int {
        let quants = try await find(
            "stock.quant",
            [["product_id.default_code", "=", .string(code)], ["location_id.usage", "=", "internal"]],
            ["reserved_quantity"])
        return quants.reduce(0) { $0 + ($1["reserved_quantity"]?.int ?? 0) }
    }

    func count(_ model: String, _ domain: JSON) async throws -> Int {
        try await find(model, domain, ["id"]).count
    }

    func make(_ model: String, _ values: JSON) async throws -> Int {
        let answer = try await asAdmin(.create(model, [values]))
        return answer[0]?.int ?? answer.int ?? 0
    }

    func partner(_ reference: String) async throws -> Int {
        try await make("res.partner", ["name": .string(reference), "ref": .string(reference)])
    }
}
