import Canonical
import Contracts
import ExactJSON

/// `downtime.record`: one closed line of a work center's productivity.
struct DowntimeRecord: OdooOperation {
    static let name = "downtime.record"

    let spec = OperationSpec(
        name: Self.name,
        summary: """
            Records a downtime that is over. Odoo's own duration counts only the work center's calendar hours; the \
            real minutes \
            stand in the line's description.
            """,
        arguments: [
            .init("workcenter", .text, required: true, "The work center, by its code, else by its name."),
            .init("from", .instant, required: true, "When it began."),
            .init("to", .instant, required: true, "When it ended."),
            .init("loss", .text, "The loss reason, by its English name; else the target's `loss`."),
            .init("reason", .text, "The machine's own reason, kept in the description."),
            .init("description", .text, "More words for the description."),
        ],
        promise: "Never doubled: one line under an external id, which is looked for before and after.",
        example: [
            "workcenter": "CNC01", "from": "2025-02-03T06:00:19Z", "to": "2025-02-03T06:47:49Z",
            "loss": "Equipment Failure",
            "reason": "spindle overload",
        ])

    static let model = "mrp.workcenter.productivity"

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let place = try arguments.requiredText("workcenter")
        let from = try arguments.requiredInstant("from")
        let to = try arguments.requiredInstant("to")
        guard to >= from else { throw arguments.wrong("to", "an instant that is not before `from` (\(from))") }
        let workCenter = try await session.directory.workCenter(place)
        let loss = try await session.directory.loss(arguments.text("loss") ?? session.options.loss)
        let words = [try arguments.text("reason"), try arguments.text("description")]
        let cells = [
            PlanCell("workcenter_id", record: .int(workCenter)), PlanCell("loss_id", record: .int(loss)),
            PlanCell("date_start", from.odooText), PlanCell("date_end", to.odooText),
            PlanCell("description", DowntimeText.description(words, from: from, to: to)),
        ]
        return try await session.unlessDone(
            .makeOnce(
                Self.model, name: ExternalID.name("downtime", command.idempotencyKey), cells,
                summary: "downtime of \(place): \(DowntimeText.minutes(from: from, to: to)) min"))
    }
}

/// The words of a downtime line. Pure.
enum DowntimeText {
    static let maximumCharacters = 500

    /// Real minutes to the second digit: `47.5`.
    static func minutes(from: Instant, to: Instant) -> ExactNumber {
        let seconds = to.since(from).components.seconds
        return ExactNumber(coefficient: (seconds * 100 + 30) / 60, scale: 2).trimmed()
    }

    /// `spindle overload (47.5 min, 2025-02-03 06:00:19 to 2025-02-03 06:47:49 UTC)`
    static func description(_ words: [String?], from: Instant, to: Instant) -> String {
        let text = words.compactMap { $0 }.joined(separator: ": ").prefix(maximumCharacters)
        let span = "\(minutes(from: from, to: to)) min, \(from.odooText) to \(to.odooText) UTC"
        return text.isEmpty ? span : "\(text) (\(span))"
    }
}
