import ExactJSON

@testable import OdooStandIn

// What the recordings take as given of the books.
extension Replay {
    /// The invoice that a sales order led to: 60 and taxes. It was not the first of its year.
    mutating func makeInvoice(_ recorded: Int) {
        guard let partner = call("res.partner", "create", [["name": "Invoiced"]]).int else { return }
        for isFirst in [true, false] {
            let own = call(
                "account.move", "create",
                [
                    [
                        "move_type": "out_invoice", "partner_id": .int(partner),
                        "invoice_line_ids": [[0, 0, ["product_id": product("FG"), "quantity": 4, "price_unit": 15]]],
                    ]
                ])
            guard let id = own.int else { return }
            if isFirst {
                call("account.move", "action_post", [[.int(id)]])
            } else {
                unifier.bind("account.move", recorded, to: id)
            }
        }
    }
}
