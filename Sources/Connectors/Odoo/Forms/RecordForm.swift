import Contracts
import ExactJSON

/// An operation that makes one record, with its lines, from the command's arguments: under an external id of the
/// command's key, so that the same command makes it once. A step of its life may follow at once.
struct RecordForm: OdooOperation {
    /// A step that follows where the command says so.
    struct Next: Sendable {
        /// The argument, true or false, that asks for it.
        let argument: String
        let summary: String
        let move: StateMove
        var isStandard = false
    }

    let spec: OperationSpec
    let model: String
    /// What begins the record's external id.
    let kind: String
    let fields: [FormField]
    /// Fields that are the same for every such record.
    let fixed: [FormRow.Cell]
    let next: Next?

    init(
        _ name: String, makes model: String, _ summary: String, _ fields: [FormField], fixed: [FormRow.Cell] = [],
        next: Next? = nil, example: JSON
    ) {
        self.model = model
        kind = name.replacing(".", with: "-")
        self.fields = fields
        self.fixed = fixed
        self.next = next
        var arguments = fields.map(\.spec)
        if let next { arguments.append(OperationArgument(next.argument, .boolean, next.summary)) }
        spec = OperationSpec(
            name: name, summary: summary, arguments: arguments,
            promise:
                "Never doubled: one record under an external id of the command, which is looked for before and after."
                + (next == nil ? "" : " Its state is read before the step that follows."),
            example: example)
    }

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let dialect = try await session.dialect()
        let name = ExternalID.name(kind, command.idempotencyKey)
        var evidence = PlanEvidence(model: model, subject: .externalID(name))
        var following: [PlanStep] = []
        if let next, try arguments.flag(next.argument, default: next.isStandard) {
            evidence.mark = try next.move.mark(dialect)
            following = try next.move.steps(model, [PlanReference.to(OdooPlan.made)], dialect)
        }
        // First of all: what it names may be gone since.
        if let before = try await session.doneBefore(evidence, "\(spec.name): was made before") { return before }
        var row = try await FormReader(session: session).row(fields, arguments)
        row.cells += fixed
        let plan = OdooPlan(
            steps: [.load(model, name: name, row, as: OdooPlan.made)] + following, evidence: evidence,
            acceptance: Acceptance(reference: model, summary: "\(spec.name): made \(brief(arguments))"))
        return .ready(intent: plan.json)
    }

    /// What it is about, in a few words: its texts.
    private func brief(_ arguments: Arguments) -> String {
        let words = fields.compactMap { arguments.json[$0.argument]?.string }
        return String(words.joined(separator: ", ").prefix(120))
    }
}
