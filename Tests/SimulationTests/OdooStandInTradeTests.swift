import ExactJSON
import Testing

@testable import OdooStandIn

@Suite("Odoo stand-in: purchase, sale, transfers")
struct OdooStandInTradeTests {
    @Test(
        "an order comes in two receipts, and what is missing of the second is given up",
        arguments: OdooStandInVersion.allCases)
    func receives(version: OdooStandInVersion) {
        var odoo = OdooStandInClient(version)
        let product = odoo.product("WIRE")
        let order = odoo.purchase(product, 2, unit: "uom.product_uom_dozen")
        #expect(odoo.read("purchase.order", order, "state") == "purchase")
        let receipt = odoo.ids("purchase.order", order, "picking_ids")[0]
        #expect(odoo.read("stock.picking", receipt, "state") == "assigned")
        let move = odoo.ids("stock.picking", receipt, "move_ids")[0]
        // Dozens are ordered, and units are moved.
        #expect(odoo.read("stock.move", move, "product_uom_qty") == 24)

        odoo.move(move, 20)
        let asked = odoo.call("stock.picking", "button_validate", [[.int(receipt)]])
        #expect(asked["res_model"] == "stock.backorder.confirmation")
        #expect(odoo.onHand(product) == 0)
        let wizard = odoo.call("stock.backorder.confirmation", "create", [[:]], context: asked["context"] ?? [:])
        #expect(
            odoo.call("stock.backorder.confirmation", "process", [[wizard]], context: asked["context"] ?? [:]) == true)
        #expect(odoo.onHand(product) == 20)
        #expect(odoo.read("purchase.order", order, "receipt_status") == "partial")

        let rest = odoo.ids("stock.picking", receipt, "backorder_ids")[0]
        #expect(odoo.read("stock.picking", rest, "state") == "assigned")
        let second = odoo.ids("stock.picking", rest, "move_ids")[0]
        #expect(odoo.read("stock.move", second, "product_uom_qty") == 4)
        odoo.move(second, 1)
        let context: JSON = ["skip_backorder": true, "picking_ids_not_to_backorder": [.int(rest)]]
        #expect(odoo.call("stock.picking", "button_validate", [[.int(rest)]], context: context) == true)
        #expect(odoo.onHand(product) == 21)
        #expect(odoo.read("purchase.order", order, "receipt_status") == "full")
        let line = odoo.ids("purchase.order", order, "order_line")[0]
        #expect(odoo.read("purchase.order.line", line, "qty_received").number?.doubleValue == 1.75)
        // Up to 18 an order of which something came is not cancelled any more.
        odoo.call("purchase.order", "button_cancel", [[.int(order)]])
        #expect(odoo.lastError == (version == .v19 ? nil : "odoo.exceptions.UserError"))
    }

    @Test("more and less of a confirmed line changes its move", arguments: OdooStandInVersion.allCases)
    func changes(version: OdooStandInVersion) {
        var odoo = OdooStandInClient(version)
        let product = odoo.product("WIRE")
        let order = odoo.purchase(product, 10)
        let line = odoo.ids("purchase.order", order, "order_line")[0]
        let receipt = odoo.ids("purchase.order", order, "picking_ids")[0]
        for quantity in [14, 3, 9] {
            odoo.call("purchase.order.line", "write", [[.int(line)], ["product_qty": .int(quantity)]])
            let moves = odoo.ids("stock.picking", receipt, "move_ids")
            #expect(moves.count == 1)
            #expect(odoo.read("stock.move", moves[0], "product_uom_qty").int == quantity)
            #expect(odoo.read("stock.move", moves[0], "state") == "assigned")
        }
        odoo.call("purchase.order.line", "write", [[.int(line)], ["product_qty": 0]])
        #expect(odoo.read("stock.picking", receipt, "state") == "cancel")
        odoo.call("purchase.order.line", "write", [[.int(line)], ["product_qty": 5]])
        #expect(odoo.ids("purchase.order", order, "picking_ids").count == 2)
    }

    @Test("an order over the limit waits for the one who may approve it", arguments: OdooStandInVersion.allCases)
    func approves(version: OdooStandInVersion) {
        var settings = OdooStandInSettings()
        settings.users.append(.init(login: "buyer", password: "buyer", name: "Buyer", role: .trade))
        var odoo = OdooStandInClient(version, settings: settings)
        odoo.call(
            "res.company", "write",
            [[1], ["po_double_validation": "two_step", "po_double_validation_amount": 100]])
        let product = odoo.product("WIRE")
        let line: JSON = [0, 0, ["product_id": .int(product), "product_qty": 10, "price_unit": 11]]
        let order = odoo.call(
            "purchase.order", "create", [["partner_id": 1, "order_line": [line]]], as: "buyer")
        odoo.call("purchase.order", "button_confirm", [[order]], as: "buyer")
        #expect(odoo.read("purchase.order", order.int ?? 0, "state") == "to approve")
        odoo.call("purchase.order", "button_approve", [[order]], as: "buyer")
        #expect(odoo.read("purchase.order", order.int ?? 0, "state") == "to approve")
        odoo.call("purchase.order", "button_approve", [[order]])
        #expect(odoo.read("purchase.order", order.int ?? 0, "state") == "purchase")
        odoo.call("purchase.order", "create", [["partner_id": 1]], as: "mes")
        #expect(odoo.lastError == "odoo.exceptions.AccessError")
    }

    @Test(
        "a sale is confirmed as each version has it, and cancelled with its delivery",
        arguments: OdooStandInVersion.allCases)
    func sells(version: OdooStandInVersion) {
        var odoo = OdooStandInClient(version)
        let product = odoo.product("HARNESS")
        odoo.stock(product, 3)
        let line: JSON = [0, 0, ["product_id": .int(product), "product_uom_qty": 5, "price_unit": 20]]
        let order = odoo.create("sale.order", ["partner_id": 1, "order_line": [line]])
        odoo.call("sale.order", "action_confirm", [[.int(order)]])
        odoo.call("sale.order", "action_confirm", [[.int(order)]])
        #expect(odoo.lastError == (version == .v16 ? nil : "odoo.exceptions.UserError"))
        let delivery = odoo.ids("sale.order", order, "picking_ids")[0]
        #expect(odoo.read("stock.picking", delivery, "state") == "assigned")
        let move = odoo.ids("stock.picking", delivery, "move_ids")[0]
        #expect(odoo.read("stock.move", move, "state") == "partially_available")

        let asked = odoo.call("sale.order", "action_cancel", [[.int(order)]])
        if version < .v19 {
            #expect(asked["res_model"] == "sale.order.cancel")
            #expect(odoo.read("sale.order", order, "state") == "sale")
            odoo.call("sale.order", "action_cancel", [[.int(order)]], context: ["disable_cancel_warning": true])
        }
        #expect(odoo.read("sale.order", order, "state") == "cancel")
        #expect(odoo.read("stock.picking", delivery, "state") == "cancel")
        let quants = odoo.call(
            "stock.quant", "search_read", [[["product_id", "=", .int(product)]], ["reserved_quantity"]])
        #expect(quants.array?.allSatisfy { $0["reserved_quantity"] == 0 } == true)
    }

    @Test("lots are asked for, made of their names, and lie in their package", arguments: OdooStandInVersion.allCases)
    func packs(version: OdooStandInVersion) {
        var odoo = OdooStandInClient(version)
        let product = odoo.product("ROD", tracking: "lot")
        let order = odoo.purchase(product, 6)
        let receipt = odoo.ids("purchase.order", order, "picking_ids")[0]
        let line = odoo.ids("stock.picking", receipt, "move_line_ids")[0]
        let skip: JSON = ["skip_backorder": true, "skip_immediate": true]
        let model = version == .v19 ? "stock.package" : "stock.quant.package"
        let package = odoo.create(model, ["name": "PAL-1"])
        let done = version == .v16 ? "qty_done" : "quantity"
        var values: JSONObject = ["result_package_id": .int(package)]
        values[done] = 6
        if version >= .v17 { values["picked"] = true }
        odoo.call("stock.move.line", "write", [[.int(line)], .object(values)])
        odoo.call("stock.picking", "button_validate", [[.int(receipt)]], context: skip)
        #expect(odoo.lastError == "odoo.exceptions.UserError")
        odoo.call("stock.move.line", "write", [[.int(line)], ["lot_name": "R-0816"]])
        #expect(odoo.call("stock.picking", "button_validate", [[.int(receipt)]], context: skip) == true)
        let lots = odoo.call("stock.lot", "search_read", [[["name", "=", "R-0816"]], ["product_qty"]])
        #expect(lots[0]?["product_qty"] == 6)
        let held = odoo.ids(model, package, "quant_ids")
        #expect(held.count == 1)
        #expect(odoo.read(model, package, "location_id").int == odoo.stockLocation())

        // What is packed is reserved from its package.
        let sold: JSON = [0, 0, ["product_id": .int(product), "product_uom_qty": 4]]
        let sale = odoo.create("sale.order", ["partner_id": 1, "order_line": [sold]])
        odoo.call("sale.order", "action_confirm", [[.int(sale)]])
        let delivery = odoo.ids("sale.order", sale, "picking_ids")[0]
        let taken = odoo.ids("stock.picking", delivery, "move_line_ids")[0]
        #expect(odoo.read("stock.move.line", taken, "package_id").int == package)
        #expect(odoo.read("stock.quant", held[0], "reserved_quantity") == 4)
    }

    @Test(
        "whatever is called, stock is only moved, and what came in is what the orders say",
        arguments: OdooStandInVersion.allCases, 1...8)
    func conserves(version: OdooStandInVersion, seed: Int) {
        var odoo = OdooStandInClient(version)
        var random = StandInRandom(state: UInt64(seed))
        let product = odoo.product("P")
        for step in 0..<120 {
            odoo.trade(product, &random)
            guard step % 10 == 9 else { continue }
            let quants = odoo.call(
                "stock.quant", "search_read",
                [[["product_id", "=", .int(product)]], ["quantity", "reserved_quantity"]])
            let sum = quants.array?.reduce(0.0) { $0 + ($1["quantity"]?.number?.doubleValue ?? 0) } ?? 0
            #expect(abs(sum) < 0.001, "seed \(seed), step \(step)")
            for (model, moved, link) in [
                ("purchase.order.line", "qty_received", "purchase_line_id"),
                ("sale.order.line", "qty_delivered", "sale_line_id"),
            ] {
                let lines = odoo.call(model, "search_read", [[], [.string(moved)]])
                let told = lines.array?.reduce(0.0) { $0 + ($1[moved]?.number?.doubleValue ?? 0) } ?? 0
                let moves = odoo.call(
                    "stock.move", "search_read",
                    [[[.string(link), "!=", false], ["state", "=", "done"]], [.string(odoo.doneField)]])
                let seen = moves.array?.reduce(0.0) { $0 + ($1[odoo.doneField]?.number?.doubleValue ?? 0) } ?? 0
                #expect(abs(told - seen) < 0.001, "seed \(seed), step \(step): \(model)")
            }
        }
        let pickings = odoo.call("stock.picking", "search_read", [[], ["state", "move_ids"]])
        #expect(pickings.array?.contains { $0["state"] == "done" } == true, "seed \(seed) moved nothing")
        for picking in pickings.array ?? [] {
            let states = (picking["move_ids"]?.array ?? []).map { odoo.read("stock.move", $0.int ?? 0, "state") }
            if picking["state"] == "done" { #expect(states.allSatisfy { ["done", "cancel"].contains($0) }) }
            if picking["state"] == "cancel" { #expect(states.allSatisfy { $0 == "cancel" }) }
        }
    }
}

extension OdooStandInClient {
    /// A confirmed order of the product, its receipt ready.
    fileprivate mutating func purchase(_ product: Int, _ quantity: Int, unit: String? = nil) -> Int {
        var values: JSONObject = ["product_id": .int(product), "product_qty": .int(quantity), "price_unit": 2]
        if let unit {
            let parts = unit.split(separator: ".").map(String.init)
            let found = call("ir.model.data", "check_object_reference", [.string(parts[0]), .string(parts[1])])
            values[version == .v19 ? "product_uom_id" : "product_uom"] = found[1]
        }
        let order = create("purchase.order", ["partner_id": 1, "order_line": [[0, 0, .object(values)]]])
        call("purchase.order", "button_confirm", [[.int(order)]])
        return order
    }

    fileprivate mutating func move(_ move: Int, _ quantity: Int) {
        var values: JSONObject = [:]
        values[doneField] = .int(quantity)
        if version >= .v17 { values["picked"] = true }
        call("stock.move", "write", [[.int(move)], .object(values)])
    }

    private mutating func pick(_ model: String, _ random: inout StandInRandom, _ domain: JSON = []) -> JSON {
        (call(model, "search", [domain]).array ?? []).randomElement(using: &random) ?? 99_999
    }

    /// One call of those that integrations make, right or wrong.
    fileprivate mutating func trade(_ product: Int, _ random: inout StandInRandom) {
        let amount = JSON.int(Int.random(in: 0...12, using: &random))
        let contexts: [JSON] = [[:], ["skip_backorder": true], ["skip_backorder": true, "skip_immediate": true]]
        switch Int.random(in: 0..<15, using: &random) {
        case 0: _ = purchase(product, Int.random(in: 1...9, using: &random))
        case 1, 2:
            let line: JSON = [0, 0, ["product_id": .int(product), "product_uom_qty": amount]]
            let order = create("sale.order", ["partner_id": 1, "order_line": [line]])
            call("sale.order", "action_confirm", [[.int(order)]])
        case 3, 13:
            let open: JSON = [["state", "not in", ["done", "cancel"]]]
            let move = pick("stock.move", &random, open)
            call("stock.move", "write", [[move], [.init(stringLiteral: doneField): amount]])
        case 4, 5, 6:
            let picking = pick("stock.picking", &random)
            var context = contexts.randomElement(using: &random) ?? [:]
            if Bool.random(using: &random) { context["picking_ids_not_to_backorder"] = [picking] }
            if version == .v16, Bool.random(using: &random) {
                call("stock.picking", "action_set_quantities_to_reservation", [[picking]])
            }
            call("stock.picking", "button_validate", [[picking]], context: context)
        case 7: call("stock.picking", "action_assign", [[pick("stock.picking", &random)]])
        case 8: call("stock.picking", "do_unreserve", [[pick("stock.picking", &random)]])
        case 9: call("purchase.order.line", "write", [[pick("purchase.order.line", &random)], ["product_qty": amount]])
        case 10: call("sale.order.line", "write", [[pick("sale.order.line", &random)], ["product_uom_qty": amount]])
        case 11: call("purchase.order", "button_cancel", [[pick("purchase.order", &random)]])
        case 12:
            call(
                "sale.order", "action_cancel", [[pick("sale.order", &random)]],
                context: ["disable_cancel_warning": true])
        default: call("stock.picking", "action_cancel", [[pick("stock.picking", &random)]])
        }
    }
}
