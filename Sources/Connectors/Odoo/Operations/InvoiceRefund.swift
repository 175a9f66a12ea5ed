import Contracts
import ExactJSON

/// `invoice.refund`: a credit note that takes back all of a posted invoice or bill.
struct InvoiceRefund: OdooOperation {
    static let name = "invoice.refund"
    private static let wizard = "account.move.reversal"
    private static let posting = StateMove(method: "action_post", from: ["draft"], to: ["posted"])
    private static let window = "window"

    private static let fields: [FormField] = [
        .init("date", "date", .day, "The credit note's day; else that of the command."),
        .init("journal", "journal_id", .record(.journal), "The journal; else the invoice's own."),
    ]

    let spec = OperationSpec(
        name: Self.name, summary: "Makes the credit note of a posted invoice or bill, for all of it, as a draft.",
        arguments: RecordChange.Subject.named("invoice", .invoice).arguments + [
            .init(
                "reference", .text, required: true,
                "Why: the complaint's or the return's number. It ends the credit note's reference.")
        ] + Self.fields.map(\.spec) + [
            .init(
                "post", .boolean, "Whether it is posted at once, and matched with the invoice. Default false.")
        ],
        promise: "Never doubled: an invoice has one credit note of a reference, which is looked for before and after.",
        example: ["invoice": "INV/2025/00042", "reference": "NCR-17", "post": true])

    private let maximumReference = 120

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let dialect = try await session.dialect()
        let reference = try arguments.requiredText("reference")
        guard reference.count <= maximumReference else {
            throw arguments.wrong("reference", "at most \(maximumReference) characters")
        }
        let isPosted = try arguments.flag("post", default: false)
        let invoice = try await InvoiceRecord(arguments, spec.name, in: session)
        let summary = "credit note \(reference) of \(invoice.name)"
        var evidence = PlanEvidence(
            model: InvoiceRecord.model, subject: .matching(Self.domain(of: invoice.id, reference)))
        if isPosted { evidence.mark = try Self.posting.mark(dialect) }
        if let before = try await session.doneBefore(evidence, "\(summary) was made before") { return before }
        let made = try await session.rows(
            .find(InvoiceRecord.model, Self.domain(of: invoice.id, reference), ["state"], limit: 1))
        if let draft = made.first {
            return .ready(intent: try Self.post(draft.id, evidence, summary, dialect).json)
        }
        try invoice.mustBePosted(spec.name)
        var row = try await FormReader(session: session).row(Self.fields, arguments)
        row.fill("date", .text(OdooText.day(command.time, in: session.options.timeZone)))
        if let journal = invoice.journal { row.fill("journal_id", .record(.int(journal))) }
        if let company = invoice.company { row.set("company_id", .record(.int(company))) }
        row.set("move_ids", .records([invoice.id]))
        row.set("reason", .text(reference))
        let steps: [PlanStep] = [
            .guarded(
                model: InvoiceRecord.model, ids: [.int(invoice.id)], domain: [["state", "=", "posted"]],
                refusal: .code(OdooFailures.changedMeanwhile.code)),
            .create(model: Self.wizard, values: row.values, context: [:], alias: Self.window),
            .call(
                model: Self.wizard, method: dialect.refund, ids: [PlanReference.to(Self.window)], arguments: [:],
                context: [:], when: nil, alias: nil),
        ]
        return .ready(
            intent: OdooPlan(
                steps: steps, evidence: evidence,
                acceptance: Acceptance(reference: "\(InvoiceRecord.model),\(invoice.id)", summary: summary),
                isReadAnew: true,
                rest: isPosted ? ["invoice": .int(invoice.id), "reference": .string(reference)] : nil
            ).json)
    }

    /// Posts what the first plan made: its id is known only then.
    func rest(of plan: OdooPlan, in session: OdooSession) async throws(OdooError) -> OdooPlan {
        guard let invoice = plan.rest?["invoice"]?.int, let reference = plan.rest?["reference"]?.string else {
            throw .unreadable(plan.json)
        }
        let rows = try await session.rows(
            .find(InvoiceRecord.model, Self.domain(of: invoice, reference), ["state"], limit: 1))
        guard let draft = rows.first else {
            throw .reject(OdooFailures.notReached, "Odoo made no credit note of account.move #\(invoice)")
        }
        return try Self.post(draft.id, plan.evidence, plan.acceptance.summary, try await session.dialect())
    }

    private static func post(
        _ id: Int, _ evidence: PlanEvidence, _ summary: String, _ dialect: OdooDialect
    ) throws(OdooError) -> OdooPlan {
        OdooPlan(
            steps: try posting.steps(InvoiceRecord.model, [.int(id)], dialect), evidence: evidence,
            acceptance: Acceptance(reference: "\(InvoiceRecord.model),\(id)", summary: summary))
    }

    /// Odoo's own words, which are in the partner's language, end with the reason.
    private static func domain(of invoice: Int, _ reference: String) -> JSON {
        [["reversed_entry_id", "=", .int(invoice)], ["ref", "=like", .string("%" + OdooText.pattern(reference))]]
    }
}
