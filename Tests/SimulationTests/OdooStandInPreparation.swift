import ExactJSON

@testable import OdooStandIn

// The steps between the recorded ones. The drivers that recorded made more calls than they kept (further products,
// orders, stock); what they made shows in later answers. Here it is made again, by ordinary calls, before the step that
// needs it.
extension Replay {
    var done: String { version == .v16 ? "quantity_done" : "quantity" }
    var lotField: String { version == .v19 ? "lot_producing_ids" : "lot_producing_id" }

    /// The recorded id that a step's first argument names.
    func subject(_ exchange: RecordedExchange) -> Int {
        let first = exchange.body["params"]?["args"]?[5]?[0] ?? exchange.body["ids"] ?? []
        return first[0]?.int ?? first.int ?? 0
    }

    func values(_ exchange: RecordedExchange) -> JSON {
        let first = exchange.body["params"]?["args"]?[5]?[0] ?? exchange.body["vals_list"]?[0] ?? [:]
        return first.object == nil ? first[0] ?? [:] : first
    }

    mutating func prepare(_ exchange: RecordedExchange) {
        let subject = subject(exchange)
        switch exchange.step {
        case "bom-create-with-lines-and-operations": makeProducts(exchange)
        case "lot-create":
            // The direct write of the quantity was taken back, up to 18 by another one.
            if version < .v19 { restock("C1", to: 1_000) }
        case "mo-create": makeBoms()
        case "quant-lot-apply":
            guard let lot = lastLot() else { return }
            let quant = call(
                "stock.quant", "create",
                [
                    [
                        "product_id": product("C2"), "location_id": place("stock.location", 0), "lot_id": .int(lot),
                        "inventory_quantity": 500,
                    ]
                ])
            if let own = quant.int { unifier.bind("stock.quant", subject, to: own) }
        case "b-write-qty_producing-4", "b6-single-write-qty-and-components", "b7-read-web_save":
            makeOrder(subject, "FG", 10)
            bindMoves(exchange, subject)
        case "b2-mark_done-with-context-backorder": makeOrder(subject, "FG", 10, producing: 4, set: true)
        case "b3-mark_done-no-backorder": makeOrder(subject, "FG", 10, producing: 7, set: true)
        case "b4-overproduction": makeOrder(subject, "FG", 10, producing: 12, set: true)
        case "b5-no-set_qty_producing": makeOrder(subject, "FG", 10, producing: 4)
        case "c-move-write-quantity":
            let order = makeOrder(nil, "FGW", 5, producing: 5, set: true)
            if let move = raw(order).first { unifier.bind("stock.move", subject, to: move) }
            pending = order
        case "c-moves": bindPending(exchange)
        case "c2-skip_consumption": consume(makeOrder(subject, "FGW", 5, producing: 5, set: true), 13)
        case "c3-strict": consume(makeOrder(subject, "FST", 5, producing: 5, set: true), 13)
        case "d-mark_done-on-draft": makeOrder(subject, "FG", 3, confirm: false)
        case "d2-mark_done-nothing-set": makeOrder(subject, "FG", 3)
        case "e-mark_done-without-lot", "e2-action_generate_serial": makeOrder(subject, "FGL", 5)
        case "e3-write-lot":
            makeOrder(subject, "FGL", 5)
            bindLots(exchange, "LF", "FGL")
        case "e4-mark_done-lot-not-in-stock": makeForeignLotOrder(subject)
        case "f-write-3-serials", "f-write-serial-qty1":
            makeOrder(subject, "FGS", 3)
            bindLots(exchange, "S", "FGS")
        case "f3-qty-without-serial": makeOrder(subject, "FGS", 1)
        case "f4-duplicate-serial": makeDuplicateSerial(subject)
        case "g-action_cancel": makeOrder(subject, "FG", 2)
        case "g-change-qty-wizard": makeOrder(values(exchange)["mo_id"]?.int ?? 0, "FG", 4)
        case "scrap-create-component": makeOrder(values(exchange)["production_id"]?.int ?? 0, "FG", 2)
        case "wo-start-blocked-workcenter":
            // The forced scrap of far too much was made good again.
            restock("C1", to: 1_000)
            makeWorkorders(subject)
        case "f2-action_split": makeOrder(subject, "FGS", 3)
        case "productivity-button_block": makeOpenTime(subject)
        default: prepareLater(exchange, subject)
        }
    }

    mutating func prepareLater(_ exchange: RecordedExchange, _ subject: Int) {
        switch exchange.step {
        case "load-relational": seedProduct(rowID(exchange, column: 1), "LM", storable: true)
        case "write-full-no-set-mark_done":
            makeFlow(exchange)
            makeOrder(subject, "HF", 5, producing: 5)
        case "write-full-and-set-mark_done": makeOrder(subject, "HF", 5, producing: 5, set: true)
        case "no-stock-mark_done": makeOrder(subject, "HF", 9_999)
        case "no-bom-given": makeOrder(subject, "HF", 3, confirm: false)
        case "no-bom-product-mark_done":
            makeProduct("NB", tracking: "none", as: nil)
            makeOrder(subject, "NB", 2)
        case "unlink-draft-mo": makeOrder(subject, "HF", 1, confirm: false)
        case "strict-mark_done-mes":
            let line = exchange.answer["result"]?["context"]?["default_mrp_consumption_warning_line_ids"]?[0]?[2]
            makeProduct("SC", tracking: "none", as: line?["product_id"]?.int)
            makeProduct("SF", tracking: "none", as: nil)
            makeBom("SF", ["SC": 2], "strict")
            consume(makeOrder(subject, "SF", 5, producing: 5, set: true), 13)
        case "deleted-not-visible": deleteUnknown(exchange)
        case "load-create": makeEarlier()
        case "imd-create":
            let name = (values(exchange)["name"]?.string ?? "").split(separator: "_").last ?? ""
            let own = call("res.partner", "create", [["name": .string("IMD \(name)")]])
            if let recorded = values(exchange)["res_id"]?.int, let own = own.int {
                unifier.bind("res.partner", recorded, to: own)
            }
        case "json2-none": makeWorkorders(subject)
        case "json2-set_qty_producing": makeOrder(subject, "FG", 10, producing: 4)
        case "json2-mo-create":
            let values = values(exchange)
            bindProduct(values["product_id"]?.int ?? 0, "FG")
            if let bom = values["bom_id"]?.int { bindBom(bom, of: "FG") }
        case "recipe-create": makeRecipe(values(exchange))
        case "recipe-partial-write": bindRecipe(exchange, subject)
        case "recipe-close-short-write":
            let newest = call(
                "mrp.production", "search", [[["origin", "=", .string("RCP-\(suffix)")]], 0, 1, "id desc"])
            if let own = newest[0]?.int, unifier.bound("mrp.production", subject) == nil {
                unifier.bind("mrp.production", subject, to: own)
            }
            bindRecipe(exchange, subject)
        case "none-result", "unlink-mo-done": makeDone(subject)
        case "invoice-read-draft": makeInvoice(subject)
        default: prepareTrade(exchange, subject)
        }
    }

    /// Makes a record of the demo database from what the recording shows of it.
    mutating func seed(_ model: String, _ id: Int) {
        let key = Facts.Key(model: model, id: id)
        let row = facts.rows[key] ?? [:]
        let label = row["name"]?.string ?? row["display_name"]?.string ?? facts.labels[key]
        var values = JSONObject()
        switch model {
        case "res.partner":
            values["name"] = .string(label ?? "Partner \(id)")
            if let country = row["country_id"], country != false { values["country_id"] = 1 }
        case "product.product":
            let parts = (label ?? "Product \(id)").split(separator: "]", maxSplits: 1)
            values["name"] = .string(parts.last.map { $0.trimmingPrefix(" ") }.map(String.init) ?? "Product \(id)")
            if parts.count == 2 { values["default_code"] = .string(String(parts[0].dropFirst())) }
            if version >= .v18 { values["is_storable"] = true } else { values["detailed_type"] = "product" }
        case "product.template", "mrp.workcenter": values["name"] = .string(label ?? "\(model) \(id)")
        case "stock.lot" where foreignLot != 0:
            unifier.bind("stock.lot", id, to: foreignLot)
            foreignLot = 0
            return
        default: return
        }
        if let own = call(model, "create", [.object(values)]).int { unifier.bind(model, id, to: own) }
    }
}
