import Contracts
import ExactJSON

/// `activity.done`: what was asked for is done, whoever did it.
struct ActivityDone: OdooOperation {
    /// Activities of one summary that a record may have open.
    private static let maximum = 20

    let spec = OperationSpec(
        name: "activity.done",
        summary: "Marks what a person was to do on a record as done, with a word in the history.",
        arguments: NamedRecord.arguments + [
            .init("summary", .text, required: true, "What was to be done: the activity's own words."),
            .init("person", .any, "Whose it is, where several have the same to do. By `login` or `name`."),
            .init("feedback", .text, "What came of it, for the record's history."),
        ],
        promise: """
            Never doubled: an activity is done once. Where none is open, nothing is left to do.
            """,
        example: [
            "model": "mrp.production", "record": "WH/MO/00042", "summary": "Check the first piece",
            "feedback": "Remeasured: 12.02 mm",
        ])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let dialect = try await session.dialect()
        let summary = try arguments.requiredText("summary")
        let record = try await NamedRecord(arguments, in: session)
        var domain: [JSON] = [
            ["res_model", "=", .string(record.model)], ["res_id", "=", .int(record.id)],
            ["summary", "=", .string(summary)],
        ]
        if let person = arguments.json["person"], !person.isNull {
            domain.append(["user_id", "=", .int(try await session.directory.record(.user, person))])
        }
        let open = try await session.rows(
            .find(ActivityPlan.model, .array(domain), ["summary"], limit: Self.maximum)
        ).map(\.id)
        let place = "\(record.model),\(record.id)"
        guard !open.isEmpty else {
            return .settled(
                .accepted(Acceptance(reference: place, summary: "\"\(summary)\" is not open on \(place)")))
        }
        var kwargs: JSONObject = [:]
        if let feedback = try arguments.text("feedback") { kwargs["feedback"] = .string(feedback) }
        // What is done is not open any more: archived or deleted, by version. Preparing anew finds nothing then.
        let evidence = PlanEvidence(model: ActivityPlan.model, subject: .repeatable)
        return .ready(
            intent: OdooPlan(
                steps: [
                    .call(
                        model: ActivityPlan.model, method: "action_feedback", ids: .array(open.map { .int($0) }),
                        arguments: kwargs, context: [:],
                        when: .array(domain + (dialect.keepsDoneActivities ? [["active", "=", true]] : [])), alias: nil)
                ], evidence: evidence,
                acceptance: Acceptance(reference: place, summary: "\"\(summary)\" is done on \(place)"),
                isReadAnew: true
            ).json)
    }
}
