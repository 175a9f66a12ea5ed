import ExactJSON

/// Purchase orders.
enum PurchaseOperations {
    static let all: [any OdooOperation] = [
        create, change, confirm, approve, PurchaseAcknowledge(), cancel,
    ]

    private static let order: JSON = ["purchase": "P00042"]
    private static let ordered = ["to approve", "purchase", "done"]

    static let lines: [FormField] = [
        .init("item", "product_id", .item, required: true, "The product's internal reference."),
        .init(
            "quantity", "product_qty", .amount(unit: .changed(in: 19, from: "product_uom", to: "product_uom_id")),
            required: true, "How much of it."),
        .init("price", "price_unit", .number, "The price of one unit; else the vendor's price list."),
        .init("description", "name", .text(500), "The line's text; else the product's name."),
        .init("date", "date_planned", .instant, "When it is expected."),
    ]

    static let create = RecordForm(
        "purchase.create", makes: "purchase.order", "Makes a request for quotation, or an order where it is confirmed.",
        [
            .init("vendor", "partner_id", .record(.partner), required: true, "Who delivers."),
            .init("reference", "origin", .text(200), "The source document: the other system's number."),
            .init("vendorReference", "partner_ref", .text(200), "The vendor's own number of the order."),
            .init("currency", "currency_id", .record(.currency), "The currency; else the vendor's."),
            .init("deadline", "date_order", .instant, "When it must be ordered."),
            .init("lines", "order_line", .lines(lines), required: true, "What is ordered."),
        ],
        next: .init(
            argument: "confirm",
            summary:
                "Whether it is confirmed at once; where Odoo asks for an approval it waits for that. Default false.",
            move: confirmation),
        example: [
            "vendor": "AZURE", "reference": "MRP-118",
            "lines": [["item": "WIRE-1.5", "quantity": ["value": 500, "unit": "m"], "price": "0.42"]],
        ])

    static let change = OrderChange(
        "purchase.change", of: "purchase", .purchase,
        "Writes the head of a request for quotation or an order, and its lines by product.",
        [
            .init("reference", "origin", .text(200), "The source document: the other system's number."),
            .init("vendorReference", "partner_ref", .text(200), "The vendor's own number of the order."),
            .init("deadline", "date_order", .instant, "When it must be ordered."),
        ],
        lines: .init(
            model: "purchase.order.line", quantity: "product_qty",
            unit: .changed(in: 19, from: "product_uom", to: "product_uom_id"), kept: ["price_unit", "date_planned"],
            fields: lines),
        example: [
            "purchase": "P00042",
            "lines": [["item": "WIRE-1.5", "quantity": ["value": 800, "unit": "m"], "price": "0.40"]],
        ])

    private static let confirmation = StateMove(method: "button_confirm", from: ["draft", "sent"], to: ordered)

    static let confirm = RecordChange(
        "purchase.confirm", of: .named("purchase", .purchase), "Confirms a request for quotation.", move: confirmation,
        example: order)

    static let approve = RecordChange(
        "purchase.approve", of: .named("purchase", .purchase), "Approves an order that waits for it.",
        move: StateMove(method: "button_approve", from: ["to approve"], to: ["purchase", "done"]), example: order)

    static let cancel = RecordChange(
        "purchase.cancel", of: .named("purchase", .purchase), "Cancels an order of which nothing was received.",
        move: StateMove(
            method: "button_cancel", from: ["draft", "sent", "to approve", "purchase"], to: ["cancel"], lost: []),
        example: order)
}
