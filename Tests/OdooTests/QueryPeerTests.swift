import Canonical
import Contracts
import ExactJSON
import OdooConnector
import Testing
import World

@Suite("questions to each Odoo at hand", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
struct QueryPeerTests {
    /// Asks as the connector's plain user, with the wall's clock of the Odoo at hand.
    private func ask(
        _ peer: Peer, _ name: String, _ arguments: [String: String], through network: (any Network)? = nil,
        now: Instant? = nil
    ) async -> QueryResult {
        let clock = TestClock()
        if let now { clock.set(now) }
        var options = OdooOptions(orderBy: .origin)
        options.openModels = ["stock.lot", "product.product", "res.company"]
        let target = OdooTarget(
            name: "odoo", address: peer.user, options: options, world: .test(network ?? peer.network, clock: clock))
        return await target.query(Query(name, arguments))
    }

    private func answer(_ peer: Peer, _ name: String, _ arguments: [String: String], now: Instant? = nil) async throws
        -> JSON
    {
        let result = await ask(peer, name, arguments, now: now)
        guard case .answered(let answer) = result else {
            Issue.record("\(peer) \(name) \(arguments): \(result)")
            return .null
        }
        return answer
    }

    private func codes(_ answer: JSON, _ member: String = "reasons") -> Set<String> {
        Set(answer[member]?.array?.compactMap { $0["code"]?.string } ?? [])
    }

    /// A draft move that Odoo confirms: a receipt from a vendor, or an issue to a customer.
    private func plan(_ peer: Peer, _ product: Int, _ quantity: Int, isIncoming: Bool, at date: String) async throws {
        let version = try await peer.version
        let stock = try await peer.stockPlace()
        let usage = isIncoming ? "supplier" : "customer"
        let outside = try await peer.find("stock.location", [["usage", "=", .string(usage)]], ["name"]).first?["id"]
        var values: JSON = [
            "product_id": .int(product), "product_uom_qty": .int(quantity), "product_uom": 1, "date": .string(date),
            "location_id": isIncoming ? outside ?? .null : .int(stock),
            "location_dest_id": isIncoming ? .int(stock) : outside ?? .null, "origin": "PLAN",
        ]
        if version < 19 { values["name"] = "plan" }
        let made = try await peer.asAdmin(.create("stock.move", [values]))
        let id = made[0]?.int ?? made.int ?? 0
        if peer.isStandIn {
            _ = try await peer.asAdmin(.write("stock.move", [id], ["state": "confirmed"]))
        } else {
            // A private method confirms a move; an issue through a transfer is what a person makes.
            _ = try await peer.asAdmin(.write("stock.move", [id], ["state": "confirmed"]))
        }
    }

    @Test("availability is what Odoo itself counts, with dates, places and a promise", arguments: Peer.all)
    func availability(_ peer: Peer) async throws {
        let item = "AVAIL-\(peer.run)"
        _ = try await peer.provisioner.provision(products: [.init(code: item, name: item)])
        let product = try await peer.product(item)
        try await peer.stock(product, 100)
        try await plan(peer, product, 50, isIncoming: true, at: "2031-03-05 08:00:00")
        try await plan(peer, product, 80, isIncoming: false, at: "2031-03-10 08:00:00")
        let now = Instant(text: "2031-03-01T00:00:00Z")
        let all = try await answer(peer, "availability", ["item": item, "quantity": "60"], now: now)
        #expect(all["onHand"]?.int == 100 && all["incoming"]?.int == 50 && all["outgoing"]?.int == 80, "\(all)")
        #expect(all["forecast"]?.int == 70 && all["isDated"]?.bool == true && all["unit"]?.string == "Units")
        #expect(all["receipts"]?[0]?["date"]?.string == "2031-03-05T08:00:00.000000Z")
        #expect(all["receipts"]?[0]?["quantity"]?.int == 50 && all["receipts"]?[0]?["isLate"]?.bool == false)
        #expect(all["issues"]?[0]?["quantity"]?.int == 80)
        #expect(all["locations"]?[0]?["location"]?.string == "WH/Stock" && all["locations"]?[0]?["onHand"]?.int == 100)
        // 70 remain behind the issue; without the receipt there would be 20.
        #expect(all["promisable"]?.int == 70 && all["promise"]?["possible"]?.bool == true)
        let more = try await answer(peer, "availability", ["item": item, "quantity": "71"], now: now)
        #expect(more["promise"]?["possible"]?.bool == false && more["promise"]?["from"]?.isNull == true)
        let late = try await answer(
            peer, "availability", ["item": item], now: Instant(text: "2031-03-06T00:00:00Z"))
        #expect(late["receipts"]?[0]?["isLate"]?.bool == true && late["promisable"]?.int == 20, "\(late)")

        let odoo = try await peer.read(
            "product.product", product, ["qty_available", "free_qty", "virtual_available"])
        #expect(odoo["qty_available"]?.number == all["onHand"]?.number)
        #expect(odoo["free_qty"]?.number == all["free"]?.number)
        #expect(odoo["virtual_available"]?.number == all["forecast"]?.number)

        for scope in [["warehouse": "WH"], ["location": "WH/Stock"]] {
            let scoped = try await answer(peer, "availability", scope.merging(["item": item]) { $1 }, now: now)
            #expect(scoped["onHand"]?.int == 100 && scoped["incoming"]?.int == 50, "\(scoped)")
        }
        let dozens = try await answer(
            peer, "availability", ["item": item, "quantity": "5", "unit": "DZN"], now: now)
        #expect(dozens["promise"]?["quantity"]?.int == 60 && dozens["promise"]?["unit"]?.string == "Units")
    }

    @Test("a product, place or unit that is not there is refused with a reason", arguments: Peer.all)
    func refused(_ peer: Peer) async throws {
        let item = "REFUSED-\(peer.run)"
        _ = try await peer.provisioner.provision(products: [.init(code: item, name: item)])
        let cases: [([String: String], String)] = [
            (["item": "NO-SUCH-\(peer.run)"], "ODOO-026"), (["item": item, "warehouse": "NOWHERE"], "ODOO-039"),
            (["item": item, "location": "NO/Where"], "ODOO-039"),
            (["item": item, "quantity": "5", "unit": "kg"], "ODOO-025"),
            (["item": item, "location": "WH/Stock", "warehouse": "WH"], "QUERY-003"),
        ]
        for (arguments, code) in cases {
            guard case .refused(let failure) = await ask(peer, "availability", arguments) else {
                Issue.record("\(arguments) was not refused")
                continue
            }
            #expect(failure.kind.code == code, "\(failure)")
        }
        for name in ["production.status", "production.start"] {
            guard case .refused(let failure) = await ask(peer, name, ["order": "NO-SUCH-\(peer.run)"]) else {
                Issue.record("\(name) was not refused")
                continue
            }
            #expect(failure.kind.code == "ODOO-021")
        }
    }

    @Test("whether an order may start follows what happens in Odoo, from draft to done", arguments: Peer.all)
    func start(_ peer: Peer) async throws {
        let centers = ["QSAW\(peer.run)", "QBENCH\(peer.run)"]
        let shop = try await Workshop.build(peer, "QSTART", quantity: 10, operations: centers)
        let order = shop.order.origin
        func start(_ center: String? = nil) async throws -> JSON {
            var arguments = ["order": order]
            arguments["workcenter"] = center
            return try await answer(peer, "production.start", arguments)
        }

        // Released, and nothing there to make it of.
        var now = try await start(centers[0])
        #expect(now["mayStart"]?.bool == false && codes(now) == ["material"], "\(now)")
        #expect(now["operation"]?.string == "Step \(centers[0])")
        #expect(now["reasons"]?.array?.count == 2, "\(now)")

        // Both components come; one lies free, and is reserved with the other one only later.
        try await peer.stock(try await peer.product(shop.screw), 20)
        let lot = try await peer.lot("W-\(peer.run)", of: try await peer.product(shop.wire))
        try await peer.stock(try await peer.product(shop.wire), 10, lot: lot)
        now = try await start(centers[0])
        #expect(now["mayStart"]?.bool == true && codes(now, "notes").isSubset(of: ["not-reserved"]), "\(now)")
        _ = try await peer.asAdmin(OdooCall("mrp.production", "action_assign", ids: [shop.order.id]))
        now = try await start()
        #expect(now["mayStart"]?.bool == true && codes(now, "notes") == [], "\(now)")
        #expect(now["workcenter"]?.string == "Work center \(centers[0])")

        // Elsewhere, and out of turn.
        let other = "QOTHER\(peer.run)"
        _ = try await peer.provisioner.provision(workCenters: [.init(code: other, name: "Other \(other)")])
        #expect(codes(try await start(other)) == ["not-here"])
        let second = try await start(centers[1])
        #expect(second["mayStart"]?.bool == (codes(second).isEmpty) && codes(second).isSubset(of: ["operation-waits"]))

        // Down, busy, and held by quality.
        let loss = try await peer.find(
            "mrp.workcenter.productivity.loss", [["loss_type", "=", "availability"]], ["name"])
        let center =
            try await peer.find("mrp.workcenter", [["code", "=", .string(centers[0])]], ["name"]).first?["id"] ?? .null
        let down = try await peer.asAdmin(
            .create("mrp.workcenter.productivity", [["workcenter_id": center, "loss_id": loss.first?["id"] ?? .null]]))
        now = try await start(centers[0])
        #expect(codes(now) == ["work-center-blocked"], "\(now)")
        #expect("\(now)".contains(loss.first?["name"]?.string ?? "?"))
        _ = try await peer.asAdmin(
            OdooCall("mrp.workcenter.productivity", "unlink", ids: [down[0]?.int ?? down.int ?? 0]))

        let activity = try await peer.activity("Quality hold: cracks", on: "mrp.production", shop.order.id)
        now = try await start(centers[0])
        #expect(codes(now) == ["quality-hold"] && "\(now)".contains("cracks"), "\(now)")
        _ = try await peer.asAdmin(OdooCall("mail.activity", "unlink", ids: [activity]))
        let other2 = try await peer.activity("call the customer", on: "mrp.production", shop.order.id)
        #expect(try await start(centers[0])["mayStart"]?.bool == true)
        _ = try await peer.asAdmin(OdooCall("mail.activity", "unlink", ids: [other2]))

        let quarantine = try await peer.quarantine()
        try await peer.stock(try await peer.product(shop.wire), 3, lot: lot, at: quarantine)
        now = try await start(centers[0])
        #expect(codes(now) == ["lot-on-hold"] && "\(now)".contains("W-\(peer.run)"), "\(now)")
        try await peer.stock(try await peer.product(shop.wire), 0, lot: lot, at: quarantine)
        #expect(try await start(centers[0])["mayStart"]?.bool == true)

        // It runs.
        let steps = try await peer.find("mrp.workorder", [["production_id", "=", .int(shop.order.id)]], ["name"])
        let first = steps.first?["id"]?.int ?? 0
        _ = try await peer.asAdmin(OdooCall("mrp.workorder", "button_start", ids: [first]))
        now = try await start(centers[0])
        #expect(now["mayStart"]?.bool == true && codes(now, "notes") == ["running"], "\(now)")
        let rival = try await peer.rival(shop, "QRIVAL")
        let busy = try await answer(peer, "production.start", ["order": rival, "workcenter": centers[0]])
        #expect(codes(busy).contains("work-center-busy"), "\(busy)")

        _ = try await peer.asAdmin(OdooCall("mrp.workorder", "button_finish", ids: [first]))
        #expect(codes(try await start(centers[0])) == ["operation-done"])
        #expect(try await start(centers[1])["mayStart"]?.bool == true)
    }

    @Test("an order's status tells state, quantities, work orders and components", arguments: Peer.all)
    func status(_ peer: Peer) async throws {
        let centers = ["QSTATA\(peer.run)", "QSTATB\(peer.run)"]
        let shop = try await Workshop.build(
            peer, "QSTATUS", quantity: 10, trackedComponent: false, operations: centers)
        try await peer.stock(try await peer.product(shop.screw), 12)
        _ = try await peer.asAdmin(OdooCall("mrp.production", "action_assign", ids: [shop.order.id]))
        let status = try await answer(peer, "production.status", ["order": shop.order.origin])
        #expect(status["state"]?.string == "confirmed" && status["id"]?.int == shop.order.id, "\(status)")
        #expect(status["planned"]?.int == 10 && status["produced"]?.int == 0 && status["remaining"]?.int == 10)
        #expect(status["workOrders"]?.array?.map { $0["workcenter"]?.string } == centers.map { "Work center \($0)" })
        #expect(status["workOrders"]?[1]?["waitsFor"]?[0]?.string == "Step \(centers[0])")
        let screw = status["components"]?[0]
        #expect(screw?["item"]?.string == shop.screw && screw?["needed"]?.int == 20, "\(status)")
        #expect(screw?["reserved"]?.int == 12 && screw?["missing"]?.int == 8 && screw?["unit"]?.string == "Units")
        #expect(status["componentsState"]?.string == "short" && codes(status, "blockers") == ["material"])

        let cancelled = try await peer.order("QCANCEL", quantity: 5)
        _ = try await peer.asAdmin(OdooCall("mrp.production", "action_cancel", ids: [cancelled.id]))
        let over = try await answer(peer, "production.status", ["order": cancelled.origin])
        #expect(over["state"]?.string == "cancel" && over["blockers"]?.array?.isEmpty == true)
        let start = try await answer(peer, "production.start", ["order": cancelled.origin])
        #expect(codes(start) == ["cancelled"])
    }

    @Test("a question only reads, and costs a bounded number of calls", arguments: Peer.all)
    func reads(_ peer: Peer) async throws {
        let shop = try await Workshop.build(peer, "QCALLS", quantity: 3, operations: ["QCALL\(peer.run)"])
        let network = FaultyNetwork(peer.network)
        let target = OdooTarget(
            name: "odoo", address: peer.user, options: OdooOptions(orderBy: .origin), world: .test(network))
        let query = Query("production.start", ["order": shop.order.origin])
        guard case .answered = await target.query(query) else { return #expect(Bool(false)) }
        await network.forget()
        guard case .answered = await target.query(query) else { return #expect(Bool(false)) }
        let methods = await network.methods
        #expect(Set(methods).isSubset(of: ["search_read", "read"]) && methods.count <= 12, "\(methods)")
    }

    @Test("an Odoo that is away is no answer, and a slow one is asked with a time-out of its own")
    func away() async throws {
        let peer = Peer.all[0]
        let nowhere = OdooTarget(
            name: "odoo",
            address: OdooAddress(
                endpoint: "http://127.0.0.1:1", database: "none", login: "mes", secret: "mes"),
            options: OdooOptions(), world: .test(peer.network))
        guard case .unavailable(let deferral) = await nowhere.query(Query("availability", ["item": "X"])) else {
            return #expect(Bool(false))
        }
        #expect(deferral.isTargetDown && deferral.failure.kind.code == "ODOO-001")
    }

    @Test("how far a sale and a purchase are", arguments: Peer.all)
    func trade(_ peer: Peer) async throws {
        let item = "QTRADE-\(peer.run)"
        _ = try await peer.provisioner.provision(products: [.init(code: item, name: item)])
        let product = try await peer.product(item)
        let partner = try await peer.asAdmin(.create("res.partner", [["name": .string(item)]]))[0] ?? .null
        let user = try await peer.trader()
        for (name, model, quantity) in [
            ("sale", "sale.order", "product_uom_qty"), ("purchase", "purchase.order", "product_qty"),
        ] {
            let line: JSON = ["product_id": .int(product), quantity: 4]
            let order =
                try await peer.asAdmin(
                    .create(model, [["partner_id": partner, "order_line": [[0, 0, line]]]]))[0]?.int ?? 0
            _ = try await peer.asAdmin(
                OdooCall(model, name == "sale" ? "action_confirm" : "button_confirm", ids: [order]))
            let reference = try await peer.read(model, order, ["name"])["name"]?.string ?? ""
            let status = try await answer(user, "\(name).status", ["order": reference])
            #expect(status["id"]?.int == order && status["isComplete"]?.bool == false, "\(status)")
            #expect(["sale", "purchase"].contains(status["state"]?.string ?? ""))
            #expect(status["lines"]?[0]?["quantity"]?.int == 4 && status["lines"]?[0]?["open"]?.int == 4)
            #expect(status["lines"]?[0]?["unit"]?.string == "Units" && status["partner"]?.string == item)
            guard case .refused(let failure) = await ask(user, "\(name).status", ["order": "NO-\(peer.run)"]) else {
                return #expect(Bool(false))
            }
            #expect(failure.kind.code == "ODOO-047")
        }
    }

    @Test("a record of any model is read field by field, by its name, its id and its external id", arguments: Peer.all)
    func record(_ peer: Peer) async throws {
        let item = "QRECORD-\(peer.run)"
        let product = try await peer.item(item, tracking: .lot)
        let lot = try await peer.lot("L-" + item, of: product)
        _ = try await peer.asAdmin(.write("stock.lot", [lot], ["ref": "maker 7"]))
        try await peer.stock(product, 4, lot: lot)
        let fields = "name,ref,product_id,product_qty,quant_ids,create_date"
        let references = [
            "L-" + item, #"{"id": \#(lot)}"#, #"{"field": "name", "value": "L-\#(item)"}"#,
        ]
        for reference in references {
            let answer = try await answer(
                peer, "record", ["model": "stock.lot", "record": reference, "fields": fields])
            #expect(answer["model"]?.string == "stock.lot" && answer["id"]?.int == lot, "\(answer)")
            #expect(answer["name"]?.string == "L-" + item)
            let values = answer["values"]
            #expect(values?["name"]?.string == "L-" + item && values?["ref"]?.string == "maker 7")
            #expect(values?["product_id"]?["id"]?.int == product, "\(answer)")
            #expect(values?["product_id"]?["name"]?.string?.contains(item) == true)
            #expect(values?["product_qty"]?.int == 4)
            #expect(values?["quant_ids"]?["count"]?.int == values?["quant_ids"]?["ids"]?.array?.count)
            #expect(values?["create_date"]?.string?.hasSuffix("Z") == true, "\(answer)")
        }
        let company = try await answer(
            peer, "record",
            ["model": "res.company", "record": #"{"externalID": "base.main_company"}"#, "fields": "name,currency_id"])
        #expect(company["values"]?["currency_id"]?["name"]?.string?.count == 3, "\(company)")

        let refusals: [([String: String], String)] = [
            (["model": "stock.lot", "record": "NO-\(peer.run)", "fields": "name"], "ODOO-047"),
            (["model": "stock.lot", "record": #"{"id": 999999999}"#, "fields": "name"], "ODOO-047"),
            (["model": "stock.lot", "record": #"{"externalID": "base.main_company"}"#, "fields": "name"], "ODOO-047"),
            (["model": "stock.lot", "record": "L-" + item, "fields": "name,no_such_field"], "QUERY-003"),
            (["model": "product.product", "record": item, "fields": "image_128"], "QUERY-003"),
            (["model": "stock.lot", "record": "{", "fields": "name"], "QUERY-003"),
            (["model": "res.users", "record": #"{"id": 2}"#, "fields": "login"], "QUERY-003"),
        ]
        for (arguments, code) in refusals {
            guard case .refused(let failure) = await ask(peer, "record", arguments) else {
                Issue.record("\(arguments) was not refused")
                continue
            }
            #expect(failure.kind.code == code, "\(failure)")
        }
    }
}

extension Peer {
    fileprivate var isStandIn: Bool { description.hasPrefix("stand-in") }

    fileprivate func stockPlace() async throws -> Int {
        try await find("stock.location", [["complete_name", "=", "WH/Stock"]], ["name"]).first?["id"]?.int ?? 0
    }

    /// Counts a product's stock in a place to be so much.
    fileprivate func stock(_ product: Int, _ quantity: Int, lot: Int? = nil, at place: Int? = nil) async throws {
        var location = place ?? 0
        if place == nil { location = try await stockPlace() }
        var values: JSON = [
            "product_id": .int(product), "location_id": .int(location), "inventory_quantity": .int(quantity),
        ]
        if let lot { values["lot_id"] = .int(lot) }
        let made = try await asAdmin(
            OdooCall("stock.quant", "create", ["vals_list": [values]], context: ["inventory_mode": true]))
        _ = try await asAdmin(OdooCall("stock.quant", "action_apply_inventory", ids: [made[0]?.int ?? made.int ?? 0]))
    }

    fileprivate func lot(_ name: String, of product: Int) async throws -> Int {
        let made = try await asAdmin(
            .create("stock.lot", [["name": .string(name), "product_id": .int(product), "company_id": 1]]))
        return made[0]?.int ?? made.int ?? 0
    }

    fileprivate func activity(_ summary: String, on model: String, _ id: Int) async throws -> Int {
        let number = try await find("ir.model", [["model", "=", .string(model)]], ["model"]).first?["id"] ?? .null
        let type = try await find("mail.activity.type", [["name", "in", ["To-Do", "To Do"]]], ["name"]).first?["id"]
        let made = try await asAdmin(
            .create(
                "mail.activity",
                [
                    [
                        "res_model_id": number, "res_id": .int(id), "summary": .string(summary),
                        "activity_type_id": type ?? .null, "date_deadline": "2031-01-01",
                    ]
                ]))
        return made[0]?.int ?? made.int ?? 0
    }

    /// A location of the test's own whose name says what it is for.
    fileprivate func quarantine() async throws -> Int {
        let made = try await asAdmin(
            .create(
                "stock.location",
                [
                    [
                        "name": .string("Quarantine \(run)"), "usage": "internal",
                        "location_id": .int(try await stockPlace()),
                    ]
                ]))
        return made[0]?.int ?? made.int ?? 0
    }

    /// Another order of the same product.
    fileprivate func rival(_ shop: Workshop, _ test: String) async throws -> String {
        let origin = "\(test) \(run)"
        _ = try await provisioner.provision(orders: [
            .init(origin: origin, item: shop.order.item, quantity: ExactNumber(1))
        ])
        return origin
    }

    /// A user of the rights that sales and purchase need.
    fileprivate func trader() async throws -> Peer {
        guard !isStandIn else { return by("trader", secret: user.secret.replacing("mes", with: "trader")) }
        let login = "qtrade-\(run)"
        var groups: [JSON] = []
        for (module, name) in [("sales_team", "group_sale_salesman_all_leads"), ("purchase", "group_purchase_user")] {
            let lookup = OdooCall(
                "ir.model.data", "check_object_reference",
                ["module": .string(module), "xml_id": .string(name)], isWrite: false)
            groups.append([4, try await asAdmin(lookup)[1] ?? .null])
        }
        let field = try await version >= 19 ? "group_ids" : "groups_id"
        _ = try await asAdmin(
            .create(
                "res.users",
                [["name": .string(login), "login": .string(login), "password": .string(login), field: .array(groups)]]))
        return by(login, secret: login)
    }
}
