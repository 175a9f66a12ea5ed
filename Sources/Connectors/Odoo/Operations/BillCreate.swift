import Contracts
import ExactJSON

/// Makes a bill of materials, and where the command says so retires those that it takes the place of.
///
/// The new bill is made archived, the others are archived, and it is brought to life at last. So a bill that Odoo
/// refuses has retired none, and whether the new one is active tells whether all of it has happened.
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
                + " With `\(Self.supersedes)` it comes to life at last, which tells that the others are archived.",
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
        var evidence = PlanEvidence(model: model, subject: .externalID(name))
        evidence.mark = PlanEvidence.Mark(field: Self.active, done: ["true"], lost: [])
        if let before = try await session.doneBefore(evidence, "\(spec.name): was made before") { return before }
        var row = try await FormReader(session: session).row(form.fields, arguments)
        let old = try await others(row, arguments, session)
        row.set(Self.active, .flag(false))
        var steps: [PlanStep] = [.load(model, name: name, row, as: OdooPlan.made)]
        if !old.isEmpty {
            steps.append(
                .write(
                    model: model, ids: .array(old.map { .int($0) }), values: [Self.active: false],
                    when: [[.string(Self.active), "=", true]]))
        }
        steps.append(
            .write(model: model, ids: [PlanReference.to(OdooPlan.made)], values: [Self.active: true], when: nil))
        let item = try arguments.requiredText("item")
        let words = old.isEmpty ? "" : ", in place of \(old.count)"
        return .ready(
            intent: OdooPlan(
                steps: steps, evidence: evidence,
                acceptance: Acceptance(reference: model, summary: "\(spec.name): made \(item)\(words)")
            ).json)
    }

    /// The active bills of the same product, type and company. The new one is none of them: it is archived until it
    /// takes their place.
    private func others(
        _ row: FormRow, _ arguments: Arguments, _ session: OdooSession
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
                    ["type", "=", "normal"], ["company_id", "=", company],
                ], ["id"], limit: Self.maximumRetired + 1))
        guard found.count <= Self.maximumRetired else {
            throw arguments.wrong(
                Self.supersedes, "true where the product has at most \(Self.maximumRetired) other active bills")
        }
        return found.map(\.id)
    }
}
