import Canonical
import Contracts
import ExactJSON

/// `downtime.start`: opens a productivity line, which blocks the work center until `downtime.stop`.
struct DowntimeStart: OdooOperation {
    static let name = "downtime.start"

    let spec = OperationSpec(
        name: Self.name,
        summary: """
            Opens a downtime while it lasts. Odoo lets nobody start a work order at that work center meanwhile, so a \
            start that is \
            older than the target's `expiry` is refused, and a line that outlived it is closed by the next start.
            """,
        arguments: [
            .init("workcenter", .text, required: true, "The work center, by its code, else by its name."),
            .init("from", .instant, required: true, "When it began."),
            .init("loss", .text, "The loss reason, by its English name; else the target's `loss`."),
            .init("reason", .text, "The machine's own reason, kept in the description."),
        ],
        promise: "Never doubled: one line under an external id, which is looked for before and after.",
        example: ["workcenter": "CNC01", "from": "2025-02-03T06:00:19Z", "reason": "spindle overload"])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let place = try arguments.requiredText("workcenter")
        let from = try arguments.requiredInstant("from")
        let workCenter = try await session.directory.workCenter(place)
        let key = OpenDowntime.key(workCenter)
        guard let entry = ledger.first(where: { $0.key == key }) else { return .needsLedger([key]) }
        let loss = try await session.directory.loss(arguments.text("loss") ?? session.options.loss)
        var plan = OdooPlan.makeOnce(
            DowntimeRecord.model, name: ExternalID.name("downtime", command.idempotencyKey),
            [
                PlanCell("workcenter_id", record: .int(workCenter)), PlanCell("loss_id", record: .int(loss)),
                PlanCell("date_start", from.odooText),
                PlanCell(
                    "description", String((try arguments.text("reason") ?? "").prefix(DowntimeText.maximumCharacters))),
            ], summary: "downtime of \(place) began at \(from)")
        plan.acceptance.ledger = [
            LedgerEntry(key: key, value: OpenDowntime.json(line: PlanReference.to(OdooPlan.made), from: from))
        ]
        if let old = OpenDowntime(entry.value) {
            // Only where it is still open: a planner may have closed or deleted it.
            plan.steps.insert(
                .write(
                    model: DowntimeRecord.model, ids: [.int(old.line)],
                    values: ["date_end": .string(min(from, old.from + session.options.expiry).odooText)],
                    when: [["date_end", "=", false]]), at: 0)
        }
        let preparation = try await session.unlessDone(plan)
        guard case .ready = preparation else { return preparation }
        let age = session.clock.now().since(from)
        guard age <= session.options.expiry else {
            throw .reject(
                OdooFailures.expired,
                "the downtime of \(place) began at \(from), \(age.components.seconds / 60) minutes ago; the limit is "
                    + "\(session.options.expiry.components.seconds / 60)")
        }
        return preparation
    }
}

/// The line of the ledger that knows a work center's open downtime.
struct OpenDowntime: Sendable, Hashable {
    let line: Int
    let from: Instant

    static func key(_ workCenter: Int) -> LedgerKey { LedgerKey("downtime/\(workCenter)") }

    /// `line`: the line's id, or a reference to it.
    static func json(line: JSON, from: Instant) -> JSON { ["line": line, "from": .string(from.description)] }

    init(line: Int, from: Instant) {
        self.line = line
        self.from = from
    }

    /// Reads what ``json`` wrote; nil where nothing is open.
    init?(_ json: JSON) {
        guard let line = json["line"]?.int, let from = json["from"]?.string.flatMap({ Instant(text: $0) }) else {
            return nil
        }
        self.init(line: line, from: from)
    }
}
