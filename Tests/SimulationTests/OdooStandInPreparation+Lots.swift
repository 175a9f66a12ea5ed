import ExactJSON

@testable import OdooStandIn

// Lots and stock that the drivers made, and what the later drivers needed.
extension Replay {
    // MARK: Lots

    mutating func lastLot() -> Int? {
        call("stock.lot", "search", [[["product_id", "=", product("C2")]], 0, 1, "id desc"])[0]?.int
    }

    mutating func makeLot(_ name: String, _ product: String, as recorded: Int?) -> Int {
        let values: JSON = ["name": .string("\(name)-\(suffix)"), "product_id": self.product(product), "company_id": 1]
        let isEarly = standIn.settings.hasEarlyLotCreate
        let result = call("stock.lot", "create", isEarly ? [[], [values]] : [values])
        let own = result.int ?? Int((result.string ?? "").filter(\.isNumber)) ?? 0
        if let recorded { unifier.bind("stock.lot", recorded, to: own) }
        return own
    }

    /// Makes the lots that a write names: one, or numbered ones.
    mutating func bindLots(_ exchange: RecordedExchange, _ name: String, _ product: String) {
        let value = exchange.body["params"]?["args"]?[5]?[1]?[lotField]
        let ids = value?[0]?[2]?.array?.compactMap(\.int) ?? value?.int.map { [$0] } ?? []
        for (index, id) in ids.enumerated() {
            lastSerial = makeLot(name == "S" ? "S\(index)" : name, product, as: id)
            if index == 0 { firstSerial = lastSerial }
        }
    }

    mutating func makeForeignLotOrder(_ recorded: Int) {
        let order = makeOrder(recorded, "FGL", 2)
        let finished = makeLot("LF2", "FGL", as: nil), component = makeLot("LX", "C2", as: nil)
        let moves = raw(order)
        guard moves.count == 2 else { return }
        let lines = call("stock.move", "read", [[.int(moves[1])], ["move_line_ids"]])[0]?["move_line_ids"]?.array ?? []
        let stock = place("stock.location", 0),
            production = JSON.int(
                find("stock.location", named: version == .v19 ? "Production" : "Virtual Locations/Production") ?? 0)
        var line: JSONObject = [
            "product_id": product("C2"), "lot_id": .int(component), "product_uom_id": 1, "location_id": stock,
            "location_dest_id": production,
        ]
        line[version == .v16 ? "qty_done" : "quantity"] = 2
        if version >= .v17 { line["picked"] = true }
        var first: JSONObject = [done: 2],
            second: JSONObject = ["move_line_ids": .array(lines.map { [2, $0, 0] } + [[0, 0, .object(line)]])]
        if version >= .v17 {
            first["picked"] = true
            second["picked"] = true
        }
        call(
            "mrp.production", "write",
            [
                [.int(order)],
                [
                    "qty_producing": 2,
                    .init(stringLiteral: lotField): version == .v19 ? [[6, 0, [.int(finished)]]] : .int(finished),
                    // On 16 the driver wrote the tracked component alone.
                    "move_raw_ids": version == .v16
                        ? [[1, .int(moves[1]), .object(second)]]
                        : [[1, .int(moves[0]), .object(first)], [1, .int(moves[1]), .object(second)]],
                ],
            ])
        foreignLot = component
    }

    mutating func makeDuplicateSerial(_ recorded: Int) {
        let order = makeOrder(recorded, "FGS", 1)
        call(
            "mrp.production", "write",
            [
                [.int(order)],
                [
                    .init(stringLiteral: lotField): version == .v19
                        ? [[6, 0, [.int(firstSerial)]]] : .int(firstSerial), "qty_producing": 1,
                ],
            ])
        call("mrp.production", "set_qty_producing", [[.int(order)]])
    }

    // MARK: The later drivers

    /// Products of the driver for the 13xx: a finished one and a component with some stock.
    mutating func makeFlow(_ exchange: RecordedExchange) {
        let name = facts.labels.first { $0.key.model == "mrp.bom" && $0.value.hasPrefix("HF ") }?.value ?? "HF x"
        suffix = String(name.dropFirst(3))
        makeProduct("HF", tracking: "none", as: nil, code: false)
        let search = exchanges.first { $0.step == "no-stock-quant" }?.body["params"]?["args"]?[5]?[0]
        makeProduct("HC", tracking: "none", as: search?[0]?[2]?.int, code: false)
        makeBom("HF", ["HC": 2], nil)
        stock("HC", 500, lot: nil)
    }

    mutating func stock(_ name: String, _ quantity: Int, lot: Int?) {
        var values: JSONObject = [
            "product_id": product(name), "location_id": place("stock.location", 0),
            "inventory_quantity": .int(quantity),
        ]
        if let lot { values["lot_id"] = .int(lot) }
        let quant = call("stock.quant", "create", [.object(values)])
        call("stock.quant", "action_apply_inventory", [[quant]])
    }

    mutating func restock(_ name: String, to quantity: Int) {
        let quants = call(
            "stock.quant", "search",
            [[["product_id", "=", product(name)], ["location_id", "=", place("stock.location", 0)]]])
        if let quant = quants[0] { call("stock.quant", "write", [[quant], ["quantity": .int(quantity)]]) }
    }

    /// A partner that the recording made and deleted between its steps.
    mutating func deleteUnknown(_ exchange: RecordedExchange) {
        guard let recorded = exchange.body["params"]?["args"]?[5]?[0]?[0]?[2]?.int,
            let own = call("res.partner", "create", [["name": "deleted"]]).int
        else { return }
        call("res.partner", "unlink", [[.int(own)]])
        unifier.bind("res.partner", recorded, to: own)
    }

    /// Partners of an earlier run of the same driver, which a search finds beside its own.
    mutating func makeEarlier() {
        guard let search = exchanges.first(where: { $0.step == "load-count" }) else { return }
        // The first row is the newest, the driver's own.
        for row in (search.answer["result"]?.array ?? []).dropFirst().reversed() {
            guard let recorded = row["id"]?.int, unifier.bound("res.partner", recorded) == nil else { continue }
            let own = call("res.partner", "create", [["name": row["name"] ?? "x", "ref": "LR1"]])
            if let own = own.int { unifier.bind("res.partner", recorded, to: own) }
        }
    }

    mutating func makeRecipe(_ values: JSON) {
        suffix = String((values["origin"]?.string ?? "RCP-x").dropFirst(4))
        let first = values["product_id"]?.int ?? 0
        for (offset, product) in [("RF", "lot"), ("RA", "none"), ("RB", "lot")].enumerated() {
            makeProduct(product.0, tracking: product.1, as: first + offset, code: false)
        }
        makeBom("RF", ["RA": 2, "RB": 1], nil)
        bindBom(values["bom_id"]?.int ?? 0, of: "RF")
        stock("RA", 1_000, lot: nil)
        stock("RB", 60, lot: makeLot("B1", "RB", as: nil))
        stock("RB", 100, lot: makeLot("B2", "RB", as: nil))
    }

    /// Binds lots, moves and lines that the recipe's write names.
    mutating func bindRecipe(_ exchange: RecordedExchange, _ order: Int) {
        bindMoves(exchange, order)
        let values = exchange.body["params"]?["args"]?[5]?[1] ?? [:]
        let lot = values[lotField]
        if let id = lot?[0]?[2]?[0]?.int ?? lot?.int {
            _ = makeLot(exchange.step.contains("partial") ? "F1" : "F2", "RF", as: id)
        }
        guard let command = values["move_raw_ids"]?[1], let move = unifier.bound("stock.move", command[1]?.int ?? 0)
        else { return }
        var lines = (call("stock.move", "read", [[.int(move)], ["move_line_ids"]])[0]?["move_line_ids"]?.array ?? [])
            .compactMap(\.int)[...]
        for line in command[2]?["move_line_ids"]?.array ?? [] {
            if line[0] == 2, let recorded = line[1]?.int, let own = lines.popFirst() {
                unifier.bind("stock.move.line", recorded, to: own)
            }
            if line[0] == 0, let recorded = line[2]?["lot_id"]?.int, unifier.bound("stock.lot", recorded) == nil {
                let label = facts.labels[Facts.Key(model: "stock.lot", id: recorded)] ?? ""
                let own = call("stock.lot", "search", [[["name", "=", .string(label)]]])[0]?.int
                if let own { unifier.bind("stock.lot", recorded, to: own) }
            }
        }
    }

    func rowID(_ exchange: RecordedExchange, column: Int) -> Int {
        Int(exchange.body["params"]?["args"]?[5]?[1]?[0]?[column]?.string ?? "") ?? 0
    }

    mutating func seedProduct(_ recorded: Int, _ name: String, storable: Bool) {
        if unifier.bound("product.product", recorded) == nil { makeProduct(name, tracking: "none", as: recorded) }
    }
}
