import Contracts
import ExactJSON

/// `payment.register`: a payment of a posted invoice or bill, matched with it.
struct PaymentRegister: OdooOperation {
    static let name = "payment.register"
    /// Characters of a payment's own number.
    private static let maximumReference = 120
    private static let wizard = "account.payment.register"
    private static let payment = "account.payment"

    static let fields: [FormField] = [
        .init("amount", "amount", .number, "How much was paid, in the document's currency; else all that is open."),
        .init("date", "payment_date", .day, "The day of the payment; else that of the command."),
        .init(
            "journal", "journal_id", .record(.journal), "The bank or cash journal; else Odoo's choice."),
    ]

    let spec = OperationSpec(
        name: Self.name, summary: "Registers a payment of a posted invoice or bill, and matches it with that.",
        arguments: RecordChange.Subject.named("invoice", .invoice).arguments + [
            .init(
                "reference", .text, required: true,
                "The payment's own number: the bank's, or the other system's. It is a part of the payment's memo.")
        ] + Self.fields.map(\.spec),
        promise: """
            Never doubled: a document has one payment of a reference, whoever registered it; that is looked for before \
            and after.
            """,
        example: ["invoice": "INV/2025/00042", "reference": "BANK-118-7", "amount": "740.00", "date": "2025-03-03"])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let dialect = try await session.dialect()
        let reference = try arguments.requiredText("reference")
        guard reference.count <= Self.maximumReference else {
            throw arguments.wrong("reference", "at most \(Self.maximumReference) characters")
        }
        let invoice = try await InvoiceRecord(arguments, spec.name, in: session)
        let memo = "\(reference) \(invoice.name)"
        let evidence = PlanEvidence(
            model: Self.payment,
            subject: .matching([
                [.string(dialect.paymentMemo), "=", .string(memo)],
                ["state", "not in", ["cancel", "canceled", "rejected"]],
            ]))
        if let before = try await session.doneBefore(evidence, "\(memo) was registered before") { return before }
        try invoice.mustBePosted(spec.name)
        var row = try await FormReader(session: session).row(Self.fields, arguments)
        if let amount = row.cells.first(where: { $0.field == "amount" })?.value {
            guard case .number(let value) = amount, !value.isNegative, !value.isZero else {
                throw arguments.wrong("amount", "more than 0")
            }
        }
        let open = try await session.rows(
            .find(
                "account.move.line",
                [
                    ["move_id", "=", .int(invoice.id)], ["reconciled", "=", false],
                    ["account_type", "in", ["asset_receivable", "liability_payable"]],
                ], ["name"], limit: FormReader.maximumLines))
        guard !open.isEmpty else {
            throw .reject(OdooFailures.wrongState, "\(spec.name): nothing of \(invoice.name) is left to pay")
        }
        row.fill("payment_date", .text(OdooText.day(command.time, in: session.options.timeZone)))
        row.set("line_ids", .records(open.map(\.id)))
        row.set("communication", .text(memo))
        let window = "window"
        return .ready(
            intent: OdooPlan(
                steps: [
                    .guarded(
                        model: InvoiceRecord.model, ids: [.int(invoice.id)],
                        domain: [["state", "=", "posted"], ["amount_residual", "=", .number(invoice.residual)]],
                        refusal: .code(OdooFailures.changedMeanwhile.code)),
                    .create(model: Self.wizard, values: row.values, context: [:], alias: window),
                    .call(
                        model: Self.wizard, method: "action_create_payments", ids: [PlanReference.to(window)],
                        arguments: [:], context: ["dont_redirect_to_payments": true], when: nil, alias: nil),
                    // Odoo passes silently over what it does not want to pay, such as an account that nobody trusts.
                    .guarded(
                        model: InvoiceRecord.model, ids: [.int(invoice.id)],
                        domain: [["amount_residual", "!=", .number(invoice.residual)]],
                        refusal: .code(OdooFailures.notReached.code)),
                ], evidence: evidence,
                acceptance: Acceptance(
                    reference: "\(InvoiceRecord.model),\(invoice.id)", summary: "registered \(memo)"),
                isReadAnew: true
            ).json)
    }
}

/// An invoice, bill or credit note as payments and refunds see it.
struct InvoiceRecord: Sendable {
    static let model = "account.move"

    let id: Int
    let name: String
    let state: String
    let residual: ExactNumber
    let journal: Int?
    let company: Int?

    init(_ arguments: Arguments, _ operation: String, in session: OdooSession) async throws(OdooError) {
        let given = try arguments.required("invoice")
        id = try await session.directory.record(.invoice, given)
        let fields = ["name", "state", "move_type", "amount_residual", "journal_id", "company_id"]
        guard let row = try await session.rows(.read(Self.model, [id], fields)).first else {
            throw .reject(OdooFailures.gone, "account.move #\(id) was deleted in Odoo")
        }
        name = row.text("name") ?? "#\(id)"
        state = row.text("state") ?? ""
        residual = row.number("amount_residual")
        journal = row.link("journal_id")
        company = row.link("company_id")
        guard row.text("move_type") != "entry" else {
            throw .reject(OdooFailures.wrongState, "\(operation): \(name) is a journal entry, not an invoice or a bill")
        }
    }

    func mustBePosted(_ operation: String) throws(OdooError) {
        guard state == "posted" else {
            throw .reject(
                OdooFailures.wrongState, "\(operation): state of \(name) is \(state); expected posted")
        }
    }
}
