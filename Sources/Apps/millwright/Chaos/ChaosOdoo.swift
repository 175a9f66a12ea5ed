import ExactJSON
import OdooConnector
import World

/// Prepares a chaos plant's Odoo, and reads from it what stands there: over RPC, past the nodes and the relays.
struct ChaosOdoo: Sendable {
    let site: ChaosSite
    let world: World
    private let connection: OdooConnection

    init(site: ChaosSite, world: World) {
        self.site = site
        self.world = world
        connection = OdooConnection(site.odoo("admin"), network: world.network)
    }

    /// Rows of one page.
    private static let page = 500

    /// Work centers, products, and a bill of materials of what is used up.
    func prepare() async throws {
        _ = try await provisioner.provision(
            products: [
                .init(code: "PART", name: "Part"), .init(code: "GEAR", name: "Gear", tracking: .lot),
                .init(code: "SHAFT", name: "Shaft"), .init(code: "SCREW", name: "Screw"),
            ],
            workCenters: [
                .init(code: "SAW", name: "Saw"), .init(code: "PRESS", name: "Press"), .init(code: "MILL", name: "Mill"),
                .init(code: "TURN", name: "Turning"),
            ])
        let products = try await rows(
            "product.product", [["default_code", "in", ["SHAFT", "SCREW"]]], ["default_code", "product_tmpl_id"])
        let byCode = Dictionary(uniqueKeysWithValues: products.map { ($0["default_code"]?.string ?? "", $0) })
        guard let template = byCode["SHAFT"]?["product_tmpl_id"]?[0]?.int, let screw = byCode["SCREW"]?["id"]?.int
        else {
            throw ChaosFailure("Odoo did not keep the products")
        }
        let line: JSON = [0, 0, ["product_id": .int(screw), "product_qty": 1]]
        let values: JSON = ["product_tmpl_id": .int(template), "product_qty": 1, "bom_line_ids": [line]]
        _ = try await connection.call(.create("mrp.bom", [values]))
        try await add(orders: [ChaosMachines.turningOrder])
    }

    /// Orders of 100,000, those in lots of 10.
    func add(orders: [String]) async throws {
        _ = try await provisioner.provision(
            orders: orders.map { order in
                let isLots = order.hasSuffix("-LOT")
                let item = isLots ? "GEAR" : order.hasSuffix("-POST") ? "SHAFT" : "PART"
                return .init(origin: order, item: item, quantity: ExactNumber(isLots ? 10 : 100_000))
            })
    }

    private var provisioner: OdooProvisioner {
        OdooProvisioner(address: site.odoo("admin"), network: world.network)
    }

    /// Everything that stands in Odoo of these orders, and all downtimes and requests.
    func findings(of orders: [String]) async throws -> ChaosFindings {
        var found = ChaosFindings()
        var origins: [Int: String] = [:]
        for names in stride(from: 0, to: orders.count, by: 60).map({ orders[$0..<min($0 + 60, orders.count)] }) {
            let domain: JSON = [
                ["origin", "in", .array(names.map { .string($0) })], ["state", "!=", "cancel"],
            ]
            let lotField = try await lotField()
            for row in try await rows(
                "mrp.production", domain, ["origin", "state", "qty_producing", "qty_produced", lotField])
            {
                guard let id = row["id"]?.int, let origin = row["origin"]?.string else { continue }
                origins[id] = origin
                let isDone = row["state"]?.string == "done"
                let made = row[isDone ? "qty_produced" : "qty_producing"]?.number?.intValue ?? 0
                found.orders[origin, default: .init()].good += made
                if isDone, origin.hasSuffix("-LOT") {
                    found.orders[origin, default: .init()].lots.append(try await lotName(row[lotField] ?? .null))
                }
            }
        }
        try await addScrap(&found, origins)
        try await addUse(&found, origins)
        let upkeep = try await OdooReader(address: site.odoo("admin"), network: world.network).upkeep()
        found.downtimes = upkeep.downtimes
        found.requests = upkeep.maintenanceRequests
        return found
    }

    private func addScrap(_ found: inout ChaosFindings, _ origins: [Int: String]) async throws {
        let ids = origins.keys.sorted().map { JSON.int($0) }
        for row in try await rows(
            "stock.scrap", [["production_id", "in", .array(ids)]], ["production_id", "scrap_qty", "state"])
        {
            guard let order = row["production_id"]?[0]?.int, let origin = origins[order] else { continue }
            guard row["state"]?.string == "done" else {
                found.halfDone += 1
                continue
            }
            found.orders[origin, default: .init()].scrap.append(row["scrap_qty"]?.number?.intValue ?? 0)
        }
    }

    /// What was used of components on orders that are still open.
    private func addUse(_ found: inout ChaosFindings, _ origins: [Int: String]) async throws {
        let ids = origins.filter { $0.value.hasSuffix("-POST") }.keys.sorted().map { JSON.int($0) }
        let field = site.series >= 17 ? "quantity" : "quantity_done"
        let fields = ["raw_material_production_id", field] + (site.series >= 17 ? ["picked"] : [])
        for row in try await rows("stock.move", [["raw_material_production_id", "in", .array(ids)]], fields) {
            guard let order = row["raw_material_production_id"]?[0]?.int, let origin = origins[order] else { continue }
            guard site.series < 17 || row["picked"]?.bool == true else { continue }
            found.orders[origin, default: .init()].used += row[field]?.number?.intValue ?? 0
        }
    }

    private func lotField() async throws -> String { site.series >= 19 ? "lot_producing_ids" : "lot_producing_id" }

    private func lotName(_ value: JSON) async throws -> String {
        if let name = value[1]?.string { return name }
        guard let id = value[0]?.int else { return "" }
        return try await rows("stock.lot", [["id", "=", .int(id)]], ["name"]).first?["name"]?.string ?? ""
    }

    private func rows(_ model: String, _ domain: JSON, _ fields: [String]) async throws -> [JSON] {
        var rows: [JSON] = []
        while true {
            let last = rows.last?["id"]?.int ?? 0
            let terms = JSON.array((domain.array ?? []) + [["id", ">", .int(last)]])
            let page = try await connection.call(.find(model, terms, fields, limit: Self.page)).array ?? []
            rows += page
            if page.count < Self.page { return rows }
        }
    }
}
