import Contracts
import ExactJSON

/// `workorder.time`: an operator's time on a work order, after the fact.
struct WorkOrderTime: OdooOperation {
    static let name = "workorder.time"

    let spec = OperationSpec(
        name: Self.name,
        summary: "Records the time that somebody worked on a work order: one line of its time tracking.",
        arguments: RecordChange.Subject.workOrder.arguments + [
            .init("from", .instant, required: true, "When it began."),
            .init("to", .instant, required: true, "When it ended."),
            .init("operator", .any, "The user who worked, by `login` or `name`; else the target's user."),
            .init("description", .text, "Words for the line."),
        ],
        promise: "Never doubled: one line under an external id, which is looked for before and after.",
        example: [
            "order": "WH/MO/00042", "operation": "CUT-1", "from": "2025-02-03T06:00:00Z", "to": "2025-02-03T07:30:00Z",
        ])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let from = try arguments.requiredInstant("from")
        let to = try arguments.requiredInstant("to")
        guard to >= from else { throw arguments.wrong("to", "an instant that is not before `from` (\(from))") }
        let workOrder = try await RecordChange.Subject.workOrder.find(arguments, session)
        let row = try await session.rows(.read("mrp.workorder", [workOrder], ["workcenter_id", "name"])).first
        guard let row, let workCenter = row.link("workcenter_id") else {
            throw .reject(OdooFailures.gone, "the work order #\(workOrder) was deleted in Odoo")
        }
        let loss = try await session.directory.productive()
        var cells = [
            PlanCell("workorder_id", record: .int(workOrder)), PlanCell("workcenter_id", record: .int(workCenter)),
            PlanCell("loss_id", record: .int(loss)), PlanCell("date_start", from.odooText),
            PlanCell("date_end", to.odooText),
        ]
        if let given = arguments.json["operator"], !given.isNull {
            cells.append(PlanCell("user_id", record: .int(try await session.directory.record(.user, given))))
        }
        if let words = try arguments.text("description") {
            cells.append(PlanCell("description", String(words.prefix(DowntimeText.maximumCharacters))))
        }
        return try await session.unlessDone(
            .makeOnce(
                DowntimeRecord.model, name: ExternalID.name("time", command.idempotencyKey), cells,
                summary: "\(DowntimeText.minutes(from: from, to: to)) min on \(row.text("name") ?? "")"))
    }
}

extension OdooDirectory {
    /// The loss reason of time that was worked.
    func productive() async throws(OdooError) -> Int {
        let lookup = Lookup(
            model: "mrp.workcenter.productivity.loss", by: ["loss_type"], words: "reason of productive time")
        if let id = known(lookup, "productive") { return id }
        guard
            let id = try await connection.rows(
                .find(lookup.model, [["loss_type", "=", "productive"]], ["name"], limit: 1)
            ).first?.id
        else { throw .reject(OdooFailures.lossUnknown, "Odoo has no loss reason of the type productive") }
        keep(id, lookup, "productive")
        return id
    }
}
