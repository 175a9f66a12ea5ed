import ExactJSON

/// Bills, invoices and journal entries.
enum AccountingOperations {
    static let all: [any OdooOperation] = [
        bill, invoice, entry, post, reset, cancel, PaymentRegister(), InvoiceRefund(),
    ]

    private static let document: JSON = ["invoice": "BILL/2025/02/0001"]
    private static let posting = StateMove(method: "action_post", from: ["draft"], to: ["posted"])
    private static let next = RecordForm.Next(
        argument: "post", summary: "Whether it is posted at once. Default false.", move: posting)

    private static let lines: [FormField] = [
        .init("item", "product_id", .item, "The product's internal reference."),
        .init("description", "name", .text(500), "The line's text."),
        .init("quantity", "quantity", .amount(unit: "product_uom_id"), "How much of it. Default one."),
        .init("price", "price_unit", .number, required: true, "The price of one unit."),
        .init("account", "account_id", .record(.account), "The account; else the product's or the journal's."),
        .init("taxes", "tax_ids", .records(.tax), "The taxes; else the product's."),
    ]

    private static func head(_ partner: String, _ words: String) -> [FormField] {
        [
            .init(partner, "partner_id", .record(.partner), required: true, words),
            .init("reference", "ref", .text(200), "The document's own number."),
            .init("date", "invoice_date", .day, "The document's date."),
            .init("due", "invoice_date_due", .day, "When it is due."),
            .init("journal", "journal_id", .record(.journal), "The journal; else Odoo's choice."),
            .init("currency", "currency_id", .record(.currency), "The currency; else the company's."),
            .init("lines", "invoice_line_ids", .lines(lines), required: true, "What is charged."),
        ]
    }

    private static func kind(_ type: String) -> [FormRow.Cell] { [.init(field: "move_type", value: .text(type))] }

    static let bill = RecordForm(
        "bill.create", makes: "account.move", "Makes a vendor's bill.",
        head("vendor", "Who charges."), fixed: kind("in_invoice"), next: next,
        example: [
            "vendor": "AZURE", "reference": "INV-9001", "date": "2025-02-03",
            "lines": [["description": "Wire", "quantity": ["value": 500, "unit": "m"], "price": "0.42"]],
        ])

    static let invoice = RecordForm(
        "invoice.create", makes: "account.move", "Makes a customer's invoice.", head("customer", "Who is charged."),
        fixed: kind("out_invoice"), next: next,
        example: [
            "customer": "DECO", "reference": "PO-2025-118",
            "lines": [["description": "Harness", "quantity": ["value": 40, "unit": "pcs"], "price": "18.50"]],
        ])

    static let entry = RecordForm(
        "journal.entry", makes: "account.move", "Makes a journal entry, whose debit and credit must agree.",
        [
            .init("journal", "journal_id", .record(.journal), required: true, "The journal."),
            .init("reference", "ref", .text(200), "The document's own number."),
            .init("date", "date", .day, "The entry's date."),
            .init(
                "lines", "line_ids",
                .lines([
                    .init("account", "account_id", .record(.account), required: true, "The account."),
                    .init("debit", "debit", .number, "The amount on the left."),
                    .init("credit", "credit", .number, "The amount on the right."),
                    .init("description", "name", .text(500), "The line's text."),
                    .init("partner", "partner_id", .record(.partner), "Whom it is about."),
                ]), required: true, "The lines."),
        ], fixed: kind("entry"), next: next,
        example: [
            "journal": "MISC", "date": "2025-02-03",
            "lines": [["account": "101401", "debit": 100], ["account": "101402", "credit": 100]],
        ])

    static let post = RecordChange(
        "invoice.post", of: .named("invoice", .invoice), "Posts a draft.", move: posting, example: document)

    static let reset = RecordChange(
        "invoice.reset", of: .named("invoice", .invoice), "Makes a posted or cancelled document a draft again.",
        move: StateMove(method: "button_draft", from: ["posted", "cancel"], to: ["draft"], lost: []),
        example: document)

    static let cancel = RecordChange(
        "invoice.cancel", of: .named("invoice", .invoice), "Cancels a draft.",
        move: StateMove(method: "button_cancel", from: ["draft"], to: ["cancel"], lost: []), example: document)
}
