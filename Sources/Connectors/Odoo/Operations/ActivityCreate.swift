import Contracts
import ExactJSON

/// `activity.create`: a to-do for a person on a record.
struct ActivityCreate: OdooOperation {
    static let name = "activity.create"

    static let fields: [FormField] = [
        .init("person", "user_id", .record(.user), required: true, "Who is to do it."),
        .init("summary", "summary", .text(200), required: true, "What is to be done, in a line."),
        .init("due", "date_deadline", .day, "Until when; else the day of the command."),
        .init(
            "type", "activity_type_id",
            .record(Lookup(model: "mail.activity.type", by: ["name"], words: "activity type")),
            "The activity type, by its English name: `To-Do`, `Call`; else Odoo's choice for the record."),
    ]

    let spec = OperationSpec(
        name: Self.name, summary: "Gives a person something to do on a record: Odoo reminds of it until it is done.",
        arguments: NamedRecord.arguments + Self.fields.map(\.spec) + [
            .init("note", .text, "What should be known of it.")
        ],
        promise: """
            Never doubled: the note ends with the command's key, by which the activity is looked for before and after. \
            Before Odoo 18 what is done is deleted: where the answer was lost and the person was quicker, it comes \
            again.
            """,
        example: [
            "model": "mrp.production", "record": "WH/MO/00042", "person": "quality@example.com",
            "summary": "Check the first piece", "note": "Bore 12.04 mm, limit 12.03 mm",
        ])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let marker = ExternalID.name("activity", command.idempotencyKey)
        let evidence = PlanEvidence(model: ActivityPlan.model, subject: .matching(ActivityPlan.domain(marker)))
        if let before = try await session.doneBefore(evidence, "was asked for before") { return before }
        let record = try await NamedRecord(arguments, in: session)
        var row = try await FormReader(session: session).row(Self.fields, arguments)
        row.fill("date_deadline", .text(OdooText.day(command.time, in: session.options.timeZone)))
        let step = ActivityPlan.step(
            record.model, .int(record.id), row, note: try arguments.text("note"), marker: marker, as: OdooPlan.made)
        let person = try arguments.requiredText("person")
        return .ready(
            intent: OdooPlan(
                steps: [step], evidence: evidence,
                acceptance: Acceptance(
                    reference: ActivityPlan.model,
                    summary:
                        "asked \(person) on \(record.model) #\(record.id): \(try arguments.requiredText("summary"))")
            ).json)
    }
}

/// A step that makes an activity once. Pure.
enum ActivityPlan {
    static let model = "mail.activity"
    /// Characters of a note.
    private static let maximumNote = 4_000

    /// The activity of a command. A marker's `_` stands for any character in a pattern, which makes no two alike.
    static func domain(_ marker: String) -> JSON { [["note", "like", .string(marker)]] }

    static func step(
        _ model: String, _ id: JSON, _ row: FormRow, note: String?, marker: String, as alias: String
    ) -> PlanStep {
        var values = row.values
        let words = note.map { OdooText.html(String($0.prefix(maximumNote))) } ?? ""
        values["note"] = .string(words + OdooText.html(marker))
        values["res_id"] = id
        // A plain user may not look up the model's own record; Odoo does that for itself by this default.
        return .ensure(
            model: Self.model, domain: domain(marker), values: values,
            context: ["default_res_model": .string(model)], alias: alias)
    }
}
