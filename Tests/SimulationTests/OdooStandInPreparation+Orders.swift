import ExactJSON

@testable import OdooStandIn

// Products, bills of materials and orders that the drivers made.
extension Replay {
    // MARK: Products

    /// The first product's id is recorded; the others follow it.
    mutating func makeProducts(_ exchange: RecordedExchange) {
        guard let values = exchanges.first(where: { $0.step == "product-create-storable" }) else { return }
        let first = values.answer["result"]?.int ?? 0
        suffix = String((self.values(values)["name"]?.string ?? "").split(separator: " ").last ?? "")
        if let own = unifier.bound("product.product", first) {
            names["FG"] = own
            bindTemplate(self.values(exchange)["product_tmpl_id"]?.int ?? 0, of: own)
        }
        for (offset, product) in [
            ("FGL", "lot"), ("FGS", "serial"), ("C1", "none"), ("C2", "lot"), ("FGW", "none"), ("FST", "none"),
        ].enumerated() {
            makeProduct(product.0, tracking: product.1, as: first + 1 + offset)
        }
    }

    @discardableResult
    mutating func makeProduct(_ name: String, tracking: String, as recorded: Int?, code: Bool = true) -> Int {
        var values: JSONObject = ["name": .string("\(name) \(suffix)"), "tracking": .string(tracking)]
        if code { values["default_code"] = .string("\(name)-\(suffix)") }
        if version >= .v18 { values["is_storable"] = true } else { values["detailed_type"] = "product" }
        let own = call("product.product", "create", [.object(values)]).int ?? 0
        names[name] = own
        if let recorded { unifier.bind("product.product", recorded, to: own) }
        return own
    }

    func product(_ name: String) -> JSON { .int(names[name] ?? 0) }

    mutating func bindProduct(_ recorded: Int, _ name: String) {
        if unifier.bound("product.product", recorded) == nil, let own = names[name] {
            unifier.bind("product.product", recorded, to: own)
        }
    }

    mutating func bindTemplate(_ recorded: Int, of product: Int) {
        let row = call("product.product", "read", [[.int(product)], ["product_tmpl_id"]])
        if let template = row[0]?["product_tmpl_id"]?[0]?.int {
            unifier.bind("product.template", recorded, to: template)
        }
    }

    mutating func bindBom(_ recorded: Int, of product: String) {
        guard unifier.bound("mrp.bom", recorded) == nil else { return }
        let found = call("mrp.bom", "search", [[["product_tmpl_id.product_variant_ids", "=", self.product(product)]]])
        if let own = found[0]?.int { unifier.bind("mrp.bom", recorded, to: own) }
    }

    func place(_ model: String, _ index: Int) -> JSON { .int(find(model, named: "WH/Stock") ?? 0) }

    // MARK: Bills of materials

    mutating func makeBoms() {
        makeBom("FGL", ["C1": 1, "C2": 1], "flexible")
        makeBom("FGS", ["C1": 2], "flexible")
        makeBom("FGW", ["C1": 2], "warning")
        makeBom("FST", ["C1": 2], "strict")
    }

    mutating func makeBom(_ name: String, _ components: KeyValuePairs<String, Int>, _ consumption: String?) {
        let template =
            call("product.product", "read", [[product(name)], ["product_tmpl_id"]])[0]?["product_tmpl_id"]?[0] ?? 0
        var values: JSONObject = [
            "product_tmpl_id": template,
            "bom_line_ids": .array(
                components.map { [0, 0, ["product_id": product($0.key), "product_qty": .int($0.value)]] }),
        ]
        if let consumption { values["consumption"] = .string(consumption) }
        call("mrp.bom", "create", [.object(values)])
    }

    // MARK: Orders

    @discardableResult
    mutating func makeOrder(
        _ recorded: Int?, _ name: String, _ quantity: Int, confirm: Bool = true, producing: Int? = nil,
        set: Bool = false
    ) -> Int {
        let own =
            call(
                "mrp.production", "create",
                [["product_id": product(name), "product_qty": .int(quantity), "origin": .string("EXT-\(suffix)")]]
            ).int ?? 0
        if let recorded { unifier.bind("mrp.production", recorded, to: own) }
        if confirm { call("mrp.production", "action_confirm", [[.int(own)]]) }
        if let producing { call("mrp.production", "write", [[.int(own)], ["qty_producing": .int(producing)]]) }
        if set { call("mrp.production", "set_qty_producing", [[.int(own)]]) }
        return own
    }

    mutating func raw(_ order: Int) -> [Int] {
        (call("mrp.production", "read", [[.int(order)], ["move_raw_ids"]])[0]?["move_raw_ids"]?.array ?? []).compactMap(
            \.int)
    }

    mutating func consume(_ order: Int, _ quantity: Int) {
        guard let move = raw(order).first else { return }
        var values: JSONObject = [done: .int(quantity)]
        if version >= .v17 { values["picked"] = true }
        call("stock.move", "write", [[.int(move)], .object(values)])
    }

    /// Binds the moves and lines that a write names by its commands.
    mutating func bindMoves(_ exchange: RecordedExchange, _ order: Int) {
        let commands = exchange.body["params"]?["args"]?[5]?[1]?["move_raw_ids"]?.array ?? []
        let moves = raw(unifier.bound("mrp.production", order) ?? 0)
        for (command, own) in zip(commands, moves) {
            if let recorded = command[1]?.int { unifier.bind("stock.move", recorded, to: own) }
        }
    }

    mutating func bindPending(_ exchange: RecordedExchange) {
        let domain = exchange.body["params"]?["args"]?[5]?[0]
        if let recorded = domain?[0]?[2]?.int { unifier.bind("mrp.production", recorded, to: pending) }
    }

    mutating func makeWorkorders(_ recorded: Int) {
        let order = makeOrder(nil, "FG", 2)
        let own =
            (call("mrp.production", "read", [[.int(order)], ["workorder_ids"]])[0]?["workorder_ids"]?.array ?? [])
            .compactMap(\.int)
        for (offset, id) in own.enumerated() { unifier.bind("mrp.workorder", recorded + offset, to: id) }
    }

    mutating func makeOpenTime(_ recorded: Int) {
        let recordedCenter = exchanges.first { $0.step == "workcenter-create" }?.answer["result"]?.int ?? 0
        guard let center = unifier.bound("mrp.workcenter", recordedCenter) else { return }
        let own = call(
            "mrp.workcenter.productivity", "create",
            [["workcenter_id": .int(center), "loss_id": 2, "date_start": "2026-11-21 01:00:00"]])
        if let own = own.int { unifier.bind("mrp.workcenter.productivity", recorded, to: own) }
    }

    mutating func makeDone(_ recorded: Int) {
        if unifier.bound("mrp.production", recorded) != nil { return }
        makeProduct("DONE", tracking: "none", as: nil)
        let order = makeOrder(recorded, "DONE", 1, producing: 1)
        call("mrp.production", "button_mark_done", [[.int(order)]], ["skip_immediate": true])
    }
}
