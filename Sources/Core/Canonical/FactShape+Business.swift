/// The facts of trade, stock, accounting and master data, which business systems speak.
extension FactShape {
    static let business: [FactShape] = trade + stock + invoices + masterData + records

    private static let order = FactField("order", .text, required: true, "the order's number")
    private static let lines = FactField(
        "lines",
        .list(
            .object([
                FactField("line", .any, "the line's number"), FactField("item", .text, "the product's code"),
                FactField("description", .text, "the product in words"),
                FactField("quantity", .quantity, "how much"), FactField("price", .number, "of one unit"),
            ])), "its lines")

    private static func order(_ family: String, _ fact: String, _ summary: String, partner: FactField, due: FactField)
        -> FactShape
    {
        FactShape(
            family, fact, summary,
            [
                order, partner, FactField("reference", .text, "the partner's own number"), due,
                FactField("total", .number, "with taxes"), FactField("currency", .text, "ISO 4217 code"), lines,
            ])
    }

    private static let trade: [FactShape] =
        [
            ("issued", "An order went to a supplier."), ("changed", "An order to a supplier was changed."),
            ("cancelled", "An order to a supplier was cancelled."),
        ].map {
            order(
                "purchase-order", $0.0, $0.1, partner: FactField("supplier", .text, "the supplier's code or name"),
                due: FactField("due", .instant, "when it must be here"))
        }
        + [
            ("confirmed", "A customer's order is binding."), ("changed", "A customer's order was changed."),
            ("cancelled", "A customer's order was cancelled."),
        ].map {
            order(
                "sales-order", $0.0, $0.1, partner: FactField("customer", .text, "the customer's code or name"),
                due: FactField("promised", .instant, "when it is promised"))
        }

    private static let goods: [FactField] = [
        FactField("item", .text, required: true, "the product's code"),
        FactField("quantity", .quantity, required: true, "how much"), FactField("lot", .text, "lot or serial number"),
    ]
    private static let way: [FactField] = [
        FactField("shipment", .text, "the transfer's number"), FactField("order", .text, "the order that it is for"),
        FactField("from", .text, "the place it left"), FactField("to", .text, "the place it came to"),
    ]

    private static let stock: [FactShape] = [
        FactShape(
            "inbound", "received", "Goods came in: one item, one lot.",
            goods + way + [FactField("supplier", .text, "the supplier's code or name")]),
        FactShape(
            "outbound", "dispatched", "Goods left: one item, one lot.",
            goods + way + [FactField("customer", .text, "the customer's code or name")]),
        FactShape("inventory", "moved", "Goods went from one place in stock to another.", goods + way),
        FactShape(
            "inventory", "adjusted", "Stock was corrected; the quantity is below zero where there was less than known.",
            goods + [FactField("location", .text, "where"), FactField("reason", .text, "why, as a code")]),
    ]

    private static let invoiceFields: [FactField] = [
        FactField("invoice", .text, required: true, "the invoice's number"),
        FactField(
            "kind",
            .code([
                "customer-invoice", "customer-credit-note", "sales-receipt", "vendor-bill", "vendor-credit-note",
                "purchase-receipt",
            ]), required: true, "what it is"),
        FactField("partner", .text, "the partner's code or name"),
        FactField("reference", .text, "the partner's own number"),
        FactField("order", .text, "the order that it is for"),
        FactField("date", .text, "the invoice's day"), FactField("due", .text, "the day on which it is due"),
        FactField("net", .number, "without taxes"), FactField("tax", .number, "the taxes"),
        FactField("total", .number, "with taxes"), FactField("open", .number, "what is not paid yet"),
        FactField("currency", .text, "ISO 4217 code"),
    ]

    private static let invoices: [FactShape] = [
        FactShape("invoice", "posted", "An invoice or bill is in the books.", invoiceFields),
        FactShape("invoice", "paid", "An invoice or bill is paid.", invoiceFields),
    ]

    private static let operation = FactField(
        "operation", .code(["created", "changed", "deleted", "known"]), required: true,
        "what happened; `known` where nothing did and the object is told as it stands")
    private static let active = FactField("active", .boolean, "whether it is in use")

    private static let masterData: [FactShape] = [
        FactShape(
            "item", "changed", "A product's master data changed.",
            [
                FactField("item", .text, required: true, "the product's code"), operation, active,
                FactField("name", .text, "its name"), FactField("unit", .text, "its unit of measure"),
                FactField("barcode", .text, "its barcode"), FactField("tracking", .text, "by lot, by serial, or not"),
                FactField("price", .number, "its list price"),
            ]),
        FactShape(
            "partner", "changed", "A customer's, supplier's or contact's master data changed.",
            [
                FactField("partner", .text, required: true, "the partner's code, or its name"), operation, active,
                FactField("name", .text, "the name"), FactField("taxNumber", .text, "VAT number"),
                FactField("email", .text, "email address"), FactField("phone", .text, "telephone"),
                FactField("street", .text, "street and number"), FactField("postalCode", .text, "postal code"),
                FactField("city", .text, "city"),
            ]),
        FactShape(
            "bill-of-materials", "changed", "A bill of materials changed.",
            [
                FactField("item", .text, required: true, "the product that is made"), operation, active,
                FactField("code", .text, "the bill's own reference"), FactField("kind", .text, "what it is for"),
                FactField("quantity", .quantity, "how much it makes"),
            ]),
    ]

    private static let records: [FactShape] = [
        FactShape(
            "record", "changed", "A record of a business system changed that no other fact speaks of.",
            [
                FactField("model", .text, required: true, "the system's name of its kind"),
                FactField("id", .any, required: true, "the system's number of it"),
                FactField("name", .text, "its name"),
                FactField(
                    "operation", .code(["create", "write", "unlink", "baseline"]), required: true, "what happened"),
                FactField("changed", .list(.text), "the fields that changed; missing where that is not known"),
                FactField("before", .any, "their values before"), FactField("values", .any, "all watched fields after"),
            ])
    ]
}
