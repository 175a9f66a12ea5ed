import ExactJSON

@testable import OdooStandIn

// Orders and transfers that the drivers made between the recorded steps.
extension Replay {
    mutating func prepareTrade(_ exchange: RecordedExchange, _ subject: Int) {
        switch exchange.step {
        case "receipt-validate-cancel_backorder-context":
            let moves = call(
                "stock.move", "search", [[["picking_id", "=", .int(unifier.bound("stock.picking", subject) ?? 0)]]])
            var values: JSONObject = [done: 30]
            if version >= .v17 { values["picked"] = true }
            call("stock.move", "write", [moves, .object(values)])
        case "receipt-lot-validate-without-lot": receipt(of: "C2", 10, as: subject)
        case "receipt-lot-line-write-lot_name":
            let lines = call("stock.move.line", "search", [[["picking_id", "=", .int(pending)]]])
            if let own = lines[0]?.int { unifier.bind("stock.move.line", subject, to: own) }
        case "receipt-validate-nothing-set": receipt(of: "C1", 5, as: subject)
        case "delivery-move":
            let moves = call("stock.move", "search", [[["sale_line_id", "!=", false]], 0, 1, "id desc"])
            if let own = moves[0]?.int { unifier.bind("stock.move", subject, to: own) }
        default: break
        }
    }

    /// The receipt of a confirmed order of one product.
    private mutating func receipt(of name: String, _ quantity: Int, as recorded: Int) {
        let line: JSON = [0, 0, ["product_id": product(name), "product_qty": .int(quantity), "price_unit": 1]]
        let order = call("purchase.order", "create", [["partner_id": 1, "order_line": [line]]])
        call("purchase.order", "button_confirm", [[order]])
        let pickings = call("purchase.order", "read", [[order], ["picking_ids"]])[0]?["picking_ids"]
        pending = pickings?[0]?.int ?? 0
        unifier.bind("stock.picking", recorded, to: pending)
    }
}
