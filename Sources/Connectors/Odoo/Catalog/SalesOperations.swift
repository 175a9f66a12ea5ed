import ExactJSON

/// Quotations and sales orders, and the leads before them.
enum SalesOperations {
    static let all: [any OdooOperation] = [create, change, confirm, cancel, lead]

    private static let order: JSON = ["sale": "S00042"]

    private static let lines: [FormField] = [
        .init("item", "product_id", .item, required: true, "The product's internal reference."),
        .init(
            "quantity", "product_uom_qty", .amount(unit: .changed(in: 19, from: "product_uom", to: "product_uom_id")),
            required: true, "How much of it."),
        .init("price", "price_unit", .number, "The price of one unit; else the price list's."),
        .init("discount", "discount", .number, "Percent off."),
        .init("description", "name", .text(500), "The line's text; else the product's name."),
    ]

    private static let header: [FormField] = [
        .init("reference", "origin", .text(200), "The source document: the other system's number."),
        .init("customerReference", "client_order_ref", .text(200), "The customer's own number of the order."),
        .init("date", "commitment_date", .instant, "The delivery that was promised."),
        .init("salesperson", "user_id", .record(.user), "Who looks after it."),
        .init("note", "note", .html, "Words for the customer."),
    ]

    static let create = RecordForm(
        "sale.create", makes: "sale.order", "Makes a quotation, or an order where it is confirmed.",
        [.init("customer", "partner_id", .record(.partner), required: true, "Who buys.")] + header + [
            .init("lines", "order_line", .lines(lines), required: true, "What is ordered.")
        ],
        next: .init(
            argument: "confirm", summary: "Whether it is confirmed at once. Default false.", move: confirmation),
        example: [
            "customer": "DECO", "customerReference": "PO-2025-118", "confirm": true,
            "lines": [["item": "HARNESS-7", "quantity": ["value": 40, "unit": "pcs"], "price": "18.50"]],
        ])

    private static let confirmation = StateMove(
        method: "action_confirm", from: ["draft", "sent"], to: ["sale", "done"])

    static let change = OrderChange(
        "sale.change", of: "sale", .sale, "Writes the head of a quotation or an order, and its lines by product.",
        header,
        lines: .init(
            model: "sale.order.line", quantity: "product_uom_qty",
            unit: .changed(in: 19, from: "product_uom", to: "product_uom_id"), kept: ["price_unit", "discount"],
            fields: lines),
        example: [
            "sale": "S00042", "date": "2025-03-01T10:00:00Z",
            "lines": [["item": "HARNESS-7", "quantity": ["value": 60, "unit": "pcs"]]],
        ])

    static let confirm = RecordChange(
        "sale.confirm", of: .named("sale", .sale), "Confirms a quotation.", move: confirmation, example: order)

    static let cancel = RecordChange(
        "sale.cancel", of: .named("sale", .sale), "Cancels an order and what is not delivered of it.",
        move: StateMove(
            method: "action_cancel", from: ["draft", "sent", "sale"], to: ["cancel"], lost: [],
            context: ["disable_cancel_warning": true]),
        example: order)

    static let lead = RecordForm(
        "lead.create", makes: "crm.lead", "Makes a lead for the sales team.",
        [
            .init("subject", "name", .text(200), required: true, "What it is about."),
            .init("company", "partner_name", .text(200), "The company's name."),
            .init("contact", "contact_name", .text(200), "The person's name."),
            .init("email", "email_from", .text(200), "The e-mail address."),
            .init("phone", "phone", .text(100), "The telephone number."),
            .init("description", "description", .html, "What was asked for."),
            .init("customer", "partner_id", .record(.partner), "The customer, where it is known."),
            .init("salesperson", "user_id", .record(.user), "Who looks after it."),
        ], example: ["subject": "Spare spindle for CNC01", "company": "Deco GmbH", "email": "buyer@deco.example"])
}
