import Contracts
import ExactJSON

/// Makes a bill of materials, and where the command says so retires those that it takes the place of.
///
/// The new bill is made first, so that a bill that Odoo refuses, as one that contains itself, has retired none; then
/// the others are archived. Both may be done again: made it is once, by its external id.
struct BillCreate: OdooOperation {
    static let supersedes = "supersedes"
    private static let active = "active"
    /// Active bills of one product that are archived at once at most.
    static let maximumRetired = 200

    let spec: OperationSpec
    /// What the bill itself is made of.
    let form: RecordForm

    init(_ form: RecordForm) {
        self.form = form
        spec = OperationSpec(
            name: form.spec.name, summary: form.spec.summary,
            arguments: form.spec.arguments + [
                OperationArgument(
                    Self.supersedes, .boolean,
                    """
                    Whether the product's other active bills are archived with it: those of the same type and company \
                    that are for all of its variants. Orders that run keep the bill that they have. Default no.
                    """)
            ],
            promise: form.spec.promise
                + " With `\(Self.supersedes)` the others are archived behind it; after a restore a person decides "
                + "where any of them is active.",
            example: form.spec.example)
    }

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        guard try arguments.flag(Self.supersedes, default: false) else {
            return try await form.prepare(command, ledger: ledger, in: session)
        }
        let (model, name) = (form.model, ExternalID.name(form.kind, command.idempotencyKey))
        let known = try await session.record(externalID: name)
        let row = try await FormReader(session: session).row(form.fields, arguments)
        let old = try await others(row, than: known, arguments, session)
        if let known, old.isEmpty || command.mayBeDone {
            guard old.isEmpty || command.isDecided else {
                throw .reject(
                    OdooFailures.mayBeDone,
                    "\(spec.name): the bill #\(known) was made before, and \(old.count) others of the product "
                        + "are active",
                    suggestion: "Discard this where they were made after it; resubmit it to archive them.",
                    about: OdooRecord(model, known))
            }
            if old.isEmpty {
                return .settled(
                    .accepted(Acceptance(reference: "\(model),\(known)", summary: "\(spec.name): was made before")))
            }
        }
        var steps: [PlanStep] = [.load(model, name: name, row, as: OdooPlan.made)]
        if !old.isEmpty {
            steps.append(
                .write(
                    model: model, ids: .array(old.map { .int($0) }), values: [Self.active: false],
                    when: [[.string(Self.active), "=", true]]))
        }
        let item = try arguments.requiredText("item")
        let words = old.isEmpty ? "" : ", in place of \(old.count)"
        return .ready(
            intent: OdooPlan(
                steps: steps, evidence: PlanEvidence(model: model, subject: .repeatable),
                acceptance: Acceptance(reference: model, summary: "\(spec.name): made \(item)\(words)")
            ).json)
    }

    /// The active bills of the same product, type and company but the new one, where that was made.
    private func others(
        _ row: FormRow, than known: Int?, _ arguments: Arguments, _ session: OdooSession
    ) async throws(OdooError) -> [Int] {
        let product: JSON = row.cells.first { $0.field == "product_tmpl_id" }?.value.json ?? false
        // A bill of which nothing else is said is one that is manufactured by, of the company that Odoo gives it.
        let home = try await session.directory.company()
        let company: JSON = home.map { .int($0) } ?? false
        let found = try await session.rows(
            .find(
                form.model,
                [
                    ["product_tmpl_id", "=", product], ["product_id", "=", false],
                    ["type", "=", "normal"], ["company_id", "=", company], ["id", "!=", .int(known ?? 0)],
                ], ["id"], limit: Self.maximumRetired + 1))
        guard found.count <= Self.maximumRetired else {
            throw arguments.wrong(
                Self.supersedes, "true where the product has at most \(Self.maximumRetired) other active bills")
        }
        return found.map(\.id)
    }
}
