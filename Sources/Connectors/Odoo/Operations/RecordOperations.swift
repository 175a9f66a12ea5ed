import Contracts
import ExactJSON

/// The generic operations, for everything that has none of its own: models and fields by Odoo's own names.
enum RecordOperations {
    static let all: [any OdooOperation] = [RecordCreate(), GenericUpsert(), RecordWrite(), RecordCall()]

    static let model = OperationArgument("model", .text, required: true, "The model's technical name: `res.partner`.")
    static let values = OperationArgument(
        "values", .any, required: true,
        "Fields by their technical names. A record is `{\"id\": 42}`, `{\"externalID\": \"base.fr\"}` or `{\"model\": "
            + "\"res.country\", \"field\": \"code\", \"value\": \"FR\"}`; several are a list of those.")
    static let record = OperationArgument(
        "record", .any, required: true,
        "The record: `{\"id\": 42}`, `{\"externalID\": …}` or `{\"field\": …, \"value\": …}`.")

    static func row(_ arguments: Arguments, in session: OdooSession) async throws(OdooError) -> FormRow {
        guard let given = arguments.json["values"], given.object?.isEmpty == false else {
            throw arguments.json["values"] == nil ? arguments.missing("values") : arguments.wrong("values", "an object")
        }
        var row = FormRow()
        try await FormReader(session: session).values(given, &row)
        return row
    }

    /// The record that `record` names.
    static func find(_ arguments: Arguments, _ model: String, in session: OdooSession) async throws(OdooError) -> Int {
        guard case .object(var given)? = arguments.json["record"] else { throw arguments.missing("record") }
        if given["field"] != nil { given["model"] = .string(model) }
        return try await RawRecord(.object(given), "record").find(in: session)
    }
}

/// `record.create`: one record of any model.
struct RecordCreate: OdooOperation {
    let spec = OperationSpec(
        name: "record.create", summary: "Makes one record of any model.",
        arguments: [RecordOperations.model, RecordOperations.values],
        promise: "Never doubled: one record under an external id of the command, which is looked for before and after.",
        example: ["model": "res.partner.category", "values": ["name": "From the MES"]])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let model = try arguments.requiredText("model")
        let name = ExternalID.name("record", command.idempotencyKey)
        let evidence = PlanEvidence(model: model, subject: .externalID(name))
        let acceptance = Acceptance(reference: model, summary: "made a \(model)")
        let row = try await RecordOperations.row(arguments, in: session)
        return try await session.unlessDone(
            OdooPlan(
                steps: [.load(model, name: name, row, as: OdooPlan.made)], evidence: evidence, acceptance: acceptance))
    }
}

/// `record.upsert`: one record of any model, known by a name of the other system's.
struct GenericUpsert: OdooOperation {
    let spec = OperationSpec(
        name: "record.upsert",
        summary: "Makes or writes one record of any model, which Odoo keeps under an external id of the name given.",
        arguments: [
            RecordOperations.model,
            .init(
                "name", .text, required: true,
                "What the other system calls the record. It stands in Odoo as the external id "
                    + "`__millwright__.<model>_<name>`."
            ),
            RecordOperations.values,
        ],
        promise: "Never doubled: the external id is unique in Odoo, and what is written is absolute.",
        example: ["model": "res.partner", "name": "crm-4711", "values": ["name": "Deco GmbH", "is_company": true]])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let model = try arguments.requiredText("model")
        let text = try arguments.requiredText("name")
        let name = ExternalID.name(model.replacing(".", with: "-"), text)
        let row = try await RecordOperations.row(arguments, in: session)
        return .ready(
            intent: OdooPlan(
                steps: [.load(model, name: name, row, as: OdooPlan.made)],
                evidence: PlanEvidence(model: model, subject: .repeatable),
                acceptance: Acceptance(reference: model, summary: "wrote the \(model) \(text)")
            ).json)
    }
}

/// `record.write`: fields of one record of any model.
struct RecordWrite: OdooOperation {
    let spec = OperationSpec(
        name: "record.write", summary: "Writes fields of one record of any model.",
        arguments: [RecordOperations.model, RecordOperations.record, RecordOperations.values],
        promise: "Never doubled: what is written is absolute, so that twice is once.",
        example: [
            "model": "mrp.workcenter", "record": ["field": "code", "value": "CNC01"], "values": ["note": "New spindle"],
        ])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let model = try arguments.requiredText("model")
        let id = try await RecordOperations.find(arguments, model, in: session)
        let row = try await RecordOperations.row(arguments, in: session)
        return .ready(intent: OdooPlan.writing(model, id, row.values, summary: "wrote \(model) #\(id)").json)
    }
}

/// `record.call`: a public method on one record of any model.
struct RecordCall: OdooOperation {
    let spec = OperationSpec(
        name: "record.call", summary: "Calls a public method on one record of any model.",
        arguments: [
            RecordOperations.model, RecordOperations.record,
            .init("method", .text, required: true, "The method's name, one that Odoo lets be called from outside."),
            .init("arguments", .any, "The method's parameters by name."),
            .init("context", .any, "Keys of the context."),
            .init(
                "done", .any,
                "What tells that it was done: `{\"field\": \"state\", \"values\": [\"done\"]}`. Where it holds already "
                    + "nothing is called."),
            .init("repeatable", .boolean, "Whether the method is harmless when it is called twice. Default false."),
        ],
        promise: """
            With `done` never doubled; with `repeatable` called again after a lost answer. With neither a lost answer \
            is for a person over plain RPC and exact through the addon; a call that may have been made before a \
            restore is for a person where the addon does not know its key.
            """,
        example: [
            "model": "sale.order", "record": ["field": "name", "value": "S00042"], "method": "action_lock",
            "done": ["field": "locked", "values": ["true"]],
        ])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let model = try arguments.requiredText("model")
        let method = try arguments.requiredText("method")
        guard !method.hasPrefix("_") else { throw arguments.wrong("method", "a public method") }
        let parameters = try members("arguments", arguments)
        let context = try members("context", arguments)
        let id = try await RecordOperations.find(arguments, model, in: session)
        var evidence = PlanEvidence(
            model: model,
            subject: try arguments.flag("repeatable", default: false) ? .repeatable : .unknowable)
        if let done = arguments.json["done"], !done.isNull {
            guard let field = done["field"]?.string, let values = done["values"]?.array else {
                throw arguments.wrong("done", "{\"field\": …, \"values\": […]}")
            }
            let words = values.compactMap { PlanEvidence.Mark.word($0) }
            evidence = PlanEvidence(
                model: model, subject: .record(id), mark: .init(field: field, done: words, lost: []))
        }
        let plan = OdooPlan(
            steps: [
                .call(
                    model: model, method: method, ids: [.int(id)], arguments: parameters, context: context, when: nil,
                    alias: nil)
            ], evidence: evidence,
            acceptance: Acceptance(reference: "\(model),\(id)", summary: "called \(method) of \(model) #\(id)"))
        // What is harmless twice is called again, and what tells of itself is looked at.
        if evidence.subject == .unknowable, command.mayBeDone, !command.isDecided {
            if let before = try await session.recorded(plan, of: command) { return .settled(.accepted(before)) }
            throw .reject(
                OdooFailures.mayBeDone,
                "\(method) of \(model) #\(id) may have been called before a restore, and nothing in Odoo tells",
                suggestion: "Look at \(model) #\(id) in Odoo whether it was called. If it was, discard this with a "
                    + "note; if not, resubmit it. A call with `done` or `repeatable` needs no person.",
                about: OdooRecord(model, id))
        }
        guard evidence.mark != nil else { return .ready(intent: plan.json) }
        return try await session.unlessDone(plan)
    }

    private func members(_ name: String, _ arguments: Arguments) throws(OdooError) -> JSONObject {
        guard let given = arguments.json[name], !given.isNull else { return [:] }
        guard let object = given.object else { throw arguments.wrong(name, "an object") }
        return object
    }
}
