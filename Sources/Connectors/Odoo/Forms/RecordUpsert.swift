import Contracts
import ExactJSON

/// An operation that writes a record which is known by one field, and makes it where Odoo does not have it.
struct RecordUpsert: OdooOperation {
    let spec: OperationSpec
    /// The model, by version.
    let model: FieldName
    /// The field that tells such records apart.
    let key: FormField
    let fields: [FormField]

    init(
        _ name: String, of model: FieldName, by field: FieldName, argument: String, _ summary: String,
        _ fields: [FormField], example: JSON
    ) {
        self.model = model
        self.fields = fields
        key = FormField(argument, field, .text(200), required: true, "What it is found by.")
        spec = OperationSpec(
            name: name, summary: summary, arguments: [key.spec] + fields.map(\.spec),
            promise: """
                Never doubled: what is written is absolute, and a new record is made under an external id of what it \
                is found by.
                """,
            example: example)
    }

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let reader = try await FormReader(session: session)
        let text = try arguments.requiredText(key.argument)
        guard let model = model.name(reader.dialect), let field = key.field.name(reader.dialect) else {
            throw .reject(OdooFailures.notInVersion, "Odoo \(reader.dialect.version) has nothing for \(spec.name)")
        }
        let found = try await session.rows(
            .find(model, [[.string(field), "=", .string(text)]], ["display_name"], limit: 2, archived: true))
        guard found.count < 2 else {
            throw .reject(
                OdooFailures.recordAmbiguous,
                "several records of \(model) have the \(field) \"\(text)\", archived ones too")
        }
        let written = try await reader.row(fields, arguments)
        if let id = found.first?.id {
            return .ready(
                intent: OdooPlan.writing(model, id, written.values, summary: "\(spec.name): wrote \(text)").json)
        }
        var row = FormRow()
        row.set(field, .text(text))
        row.cells += written.cells
        let name = ExternalID.name(spec.name.replacing(".", with: "-"), text)
        return .ready(
            intent: OdooPlan(
                steps: [.load(model, name: name, row, as: OdooPlan.made)],
                evidence: PlanEvidence(model: model, subject: .externalID(name)),
                acceptance: Acceptance(reference: model, summary: "\(spec.name): made \(text)")
            ).json)
    }
}
