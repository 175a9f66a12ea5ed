import Contracts
import ExactJSON

/// An operation that writes fields of one record that is there, or takes a step of its life, or both.
struct RecordChange: OdooOperation {
    /// Finds the record that the arguments name.
    struct Subject: Sendable {
        let model: String
        let arguments: [OperationArgument]
        let find: @Sendable (Arguments, OdooSession) async throws(OdooError) -> Int
    }

    let spec: OperationSpec
    let subject: Subject
    /// Written with the values that the command states, before the step.
    let fields: [FormField]
    let move: StateMove?
    /// A method that is harmless when it is called twice, and changes no state that would tell.
    let calls: String?

    init(
        _ name: String, of subject: Subject, _ summary: String, _ fields: [FormField] = [], move: StateMove? = nil,
        calls: String? = nil, example: JSON
    ) {
        self.subject = subject
        self.fields = fields
        self.move = move
        self.calls = calls
        spec = OperationSpec(
            name: name, summary: summary, arguments: subject.arguments + fields.map(\.spec),
            promise: move == nil
                ? "Never doubled: what it does is absolute, so that twice is once."
                : "Never doubled: the state is read before and after. What is in the state already is left alone.",
            example: example)
    }

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let dialect = try await session.dialect()
        let model = subject.model
        let id = try await subject.find(arguments, session)
        let ids: JSON = [.int(id)]
        var evidence = PlanEvidence(model: model, subject: .repeatable)
        var title = "\(model) #\(id)"
        if let move {
            let (field, _) = try move.name(dialect)
            guard let row = try await session.rows(.read(model, [id], ["display_name", field])).first else {
                throw .reject(OdooFailures.gone, "\(title) was deleted in Odoo", about: OdooRecord(model, id))
            }
            title = row.text("display_name") ?? title
            let state = PlanEvidence.Mark.word(row.json[field]) ?? ""
            if move.to.contains(state) {
                return .settled(
                    .accepted(Acceptance(reference: "\(model),\(id)", summary: "\(title) is \(state) already")))
            }
            guard move.from.contains(state) else {
                throw .reject(
                    OdooFailures.wrongState,
                    "\(spec.name): \(field) of \(title) is \(state); expected \(move.from.joined(separator: " or "))",
                    about: OdooRecord(model, id))
            }
            evidence = PlanEvidence(model: model, subject: .record(id), mark: try move.mark(dialect))
        }
        let row = try await FormReader(session: session).row(fields, arguments)
        var steps: [PlanStep] = []
        if !row.cells.isEmpty || !row.lines.isEmpty {
            steps.append(.write(model: model, ids: ids, values: row.values, when: nil))
        }
        if let move { steps += try move.steps(model, ids, dialect) }
        if let calls {
            steps.append(
                .call(model: model, method: calls, ids: ids, arguments: [:], context: [:], when: nil, alias: nil))
        }
        guard !steps.isEmpty else {
            throw .reject(
                OdooFailures.arguments,
                "\(spec.name) has nothing to write; it takes: \(fields.map(\.argument).joined(separator: ", "))")
        }
        let plan = OdooPlan(
            steps: steps, evidence: evidence,
            acceptance: Acceptance(reference: "\(model),\(id)", summary: "\(spec.name): \(title)"))
        return .ready(intent: plan.json)
    }
}

extension RecordChange.Subject {
    /// A record that one argument names.
    static func named(_ argument: String, _ lookup: Lookup) -> RecordChange.Subject {
        RecordChange.Subject(
            model: lookup.model,
            arguments: [
                OperationArgument(
                    argument, .any, required: true,
                    "The \(lookup.words), by \(lookup.names) of `\(lookup.model)`."
                )
            ]
        ) { (arguments, session) async throws(OdooError) -> Int in
            let value = try arguments.required(argument)
            return try await session.directory.record(lookup, value)
        }
    }

    private static let order = OperationArgument(
        "order", .text, required: true, "The manufacturing order, by the field that the target's `orderBy` names.")

    /// The open part of a manufacturing order; where none is open the last one.
    static let productionOrder = RecordChange.Subject(model: "mrp.production", arguments: [order]) {
        (arguments, session) async throws(OdooError) -> Int in
        let reference = try arguments.requiredText("order")
        let family = try await session.family(reference, product: nil)
        return (family.open(for: reference) ?? family.orders.last)?.id ?? 0
    }

    /// A work order of the open part of a manufacturing order.
    static let workOrder = RecordChange.Subject(
        model: "mrp.workorder",
        arguments: [
            order,
            OperationArgument(
                "operation", .text, required: true, "The work order's name, or its work center's code or name."),
        ]
    ) { (arguments, session) async throws(OdooError) -> Int in
        let reference = try arguments.requiredText("order")
        let name = try arguments.requiredText("operation")
        let family = try await session.family(reference, product: nil)
        guard let order = family.open(for: reference) ?? family.orders.last else { return 0 }
        let all = try await session.workOrders(of: order)
        var found = all.filter { $0.name == name }
        if found.isEmpty {
            let workCenter = try await session.directory.workCenter(name)
            found = all.filter { $0.workCenter == workCenter }
        }
        guard let one = found.first, found.count == 1 else {
            let names = all.map(\.name).joined(separator: ", ")
            throw .reject(
                OdooFailures.operationNotFound,
                "\(order.name) has \(found.isEmpty ? "no" : "several") work orders \"\(name)\"; it has: \(names)")
        }
        return one.id
    }
}
