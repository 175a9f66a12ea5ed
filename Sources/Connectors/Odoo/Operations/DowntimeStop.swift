import Canonical
import Contracts
import ExactJSON

/// `downtime.stop`: closes the line that `downtime.start` opened.
struct DowntimeStop: OdooOperation {
    static let name = "downtime.stop"

    let spec = OperationSpec(
        name: Self.name,
        summary: "Closes the open downtime of a work center, with the real minutes in its description.",
        arguments: [
            .init("workcenter", .text, required: true, "The work center, by its code, else by its name."),
            .init("to", .instant, required: true, "When it ended."),
            .init("reason", .text, "The machine's own reason, kept in the description."),
        ],
        promise: "The same end written twice is one end; a line that somebody closed in Odoo before is left as it is.",
        example: ["workcenter": "CNC01", "to": "2025-02-03T06:47:49Z"])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let place = try arguments.requiredText("workcenter")
        let to = try arguments.requiredInstant("to")
        let key = OpenDowntime.key(try await session.directory.workCenter(place))
        guard let entry = ledger.first(where: { $0.key == key }) else { return .needsLedger([key]) }
        guard let open = OpenDowntime(entry.value) else {
            throw .reject(OdooFailures.nothingToStop, "\(place) has no downtime that was opened here and not closed")
        }
        guard to >= open.from else {
            throw arguments.wrong("to", "an instant that is not before the start (\(open.from))")
        }
        let row = try await line(open.line, in: session)
        guard let row else {
            return .settled(.accepted(acceptance(open.line, "the downtime line of \(place) was deleted in Odoo", key)))
        }
        if let end = row.text("date_end") {
            return .settled(
                .accepted(acceptance(open.line, "the downtime of \(place) was closed in Odoo at \(end)", key)))
        }
        let words = [row.text("description"), try arguments.text("reason")]
        let values: JSON = [
            "date_end": .string(to.odooText),
            "description": .string(DowntimeText.description(words, from: open.from, to: to)),
        ]
        let plan = OdooPlan(
            steps: [
                .write(
                    model: DowntimeRecord.model, ids: [.int(open.line)], values: values,
                    when: [["date_end", "=", false]])
            ],
            // Closed is closed, whoever did it; a deleted line needs no end.
            evidence: PlanEvidence(
                model: DowntimeRecord.model, subject: .record(open.line),
                mark: .init(field: "date_end", done: [], lost: []), isDoneWhenGone: true),
            acceptance: acceptance(
                open.line, "downtime of \(place): \(DowntimeText.minutes(from: open.from, to: to)) min", key))
        return .ready(intent: plan.json)
    }

    private func line(_ id: Int, in session: OdooSession) async throws(OdooError) -> OdooRow? {
        try await session.rows(.read(DowntimeRecord.model, [id], ["date_end", "description"])).first
    }

    private func acceptance(_ line: Int, _ summary: String, _ key: LedgerKey) -> Acceptance {
        Acceptance(
            reference: "\(DowntimeRecord.model),\(line)", summary: summary,
            ledger: [LedgerEntry(key: key, value: .null)])
    }
}
