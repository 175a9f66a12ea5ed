import ExactJSON
import OdooConnector

/// A product with a bill of materials, an order for it, and stock of its tracked component.
struct Workshop: Sendable {
    let order: TestOrder
    /// An untracked component, two a piece.
    let screw: String
    /// A lot-tracked component, one a piece.
    let wire: String

    /// Makes everything as the administrator. `operations` are work orders at work centers of those codes.
    static func build(
        _ peer: Peer, _ test: String, quantity: Int, tracking: String = "none", trackedComponent: Bool = true,
        operations: [String] = []
    ) async throws -> Workshop {
        let (item, screw, wire) = ("\(test)-\(peer.run)", "\(test)-S-\(peer.run)", "\(test)-W-\(peer.run)")
        _ = try await peer.provisioner.provision(
            products: [
                .init(code: item, name: item, tracking: .init(rawValue: tracking) ?? .none),
                .init(code: screw, name: screw),
                .init(code: wire, name: wire, tracking: .lot),
            ], workCenters: operations.map { .init(code: $0, name: "Work center \($0)") })
        let product = try await peer.product(item)
        let template =
            try await peer.read("product.product", product, ["product_tmpl_id"])["product_tmpl_id"]?[0]?.int ?? 0
        var lines: [JSON] = [[0, 0, ["product_id": .int(try await peer.product(screw)), "product_qty": 2]]]
        if trackedComponent {
            lines.append([0, 0, ["product_id": .int(try await peer.product(wire)), "product_qty": 1]])
        }
        var values: JSON = ["product_tmpl_id": .int(template), "product_qty": 1, "bom_line_ids": .array(lines)]
        if !operations.isEmpty {
            var list: [JSON] = []
            for code in operations {
                let center =
                    try await peer.find("mrp.workcenter", [["code", "=", .string(code)]], ["name"]).first?["id"]?.int
                    ?? 0
                list.append([
                    0, 0, ["name": .string("Step \(code)"), "workcenter_id": .int(center), "time_cycle_manual": 1],
                ])
            }
            values["operation_ids"] = .array(list)
        }
        _ = try await peer.asAdmin(.create("mrp.bom", [values]))
        let origin = "\(test) \(peer.run), 1"
        _ = try await peer.provisioner.provision(orders: [
            .init(origin: origin, item: item, quantity: ExactNumber(quantity))
        ])
        let id =
            try await peer.find("mrp.production", [["origin", "=", .string(origin)]], ["name"]).first?["id"]?.int ?? 0
        return Workshop(
            order: TestOrder(origin: origin, item: item, id: id, product: product), screw: screw, wire: wire)
    }

    /// What the order used of a component, by lot (`""` without one), after it was closed.
    func used(_ peer: Peer, _ item: String, order: Int? = nil) async throws -> [String: Int] {
        let version = try await peer.version
        let field = version >= 17 ? "quantity" : "qty_done"
        let lines = try await peer.find(
            "stock.move.line",
            [
                ["move_id.raw_material_production_id", "=", .int(order ?? self.order.id)],
                ["product_id", "=", .int(try await peer.product(item))], [.string(field), ">", 0],
            ], ["lot_id", field] + (version >= 17 ? ["picked"] : []))
        var used: [String: Int] = [:]
        for line in lines where version < 17 || line["picked"]?.bool == true {
            used[line["lot_id"]?[1]?.string ?? "", default: 0] += line[field]?.int ?? 0
        }
        return used
    }
}

extension Peer {
    var version: Int {
        get async throws { Int(try await provisioner.describe().prefix(2)) ?? 0 }
    }

    func product(_ code: String) async throws -> Int {
        try await find("product.product", [["default_code", "=", .string(code)]], ["name"]).first?["id"]?.int ?? 0
    }

    /// On Odoo 19 with accounting, splitting an order reads journal entries, which a plain user may not.
    func allowSplitting() async throws {
        guard try await version >= 19 else { return }
        let lookup = OdooCall(
            "ir.model.data", "check_object_reference", ["module": "account", "xml_id": "group_account_readonly"],
            isWrite: false)
        // Where accounting is not installed there is nothing to allow.
        guard let group = try? await asAdmin(lookup) else { return }
        let users = try await find("res.users", [["login", "=", .string(user.login)]], ["login"])
        guard let id = users.first?["id"]?.int, let number = group[1]?.int else { return }
        _ = try await asAdmin(.write("res.users", [id], ["group_ids": [[4, .int(number)]]]))
    }
}

extension Peer {
    /// Equipment that the connector's user sees, by its serial number.
    func equipment(serial: String) async throws -> Int {
        let user = try await find("res.users", [["login", "=", .string(user.login)]], ["login"]).first?["id"]?.int ?? 0
        var values: JSON = ["name": .string("Press \(serial)"), "serial_no": .string(serial)]
        let fields = try await asAdmin(
            OdooCall("maintenance.equipment", "fields_get", named: ["attributes": ["type"]], isWrite: false))
        // An owner follows its equipment, and a plain user sees only what it follows.
        if fields["owner_user_id"] != nil { values["owner_user_id"] = .int(user) }
        return try await asAdmin(.create("maintenance.equipment", [values]))[0]?.int ?? 0
    }
}

func pieces(_ value: Int) -> JSON { ["value": .int(value), "unit": "pcs"] }
