import Canonical
import Contracts
import ExactJSON

/// `maintenance.request`: asks for maintenance.
struct MaintenanceRequest: OdooOperation {
    enum Kind: String, CaseIterable, Sendable { case corrective, preventive }
    enum Priority: String, CaseIterable, Sendable {
        case low, normal, high, urgent
        /// Odoo's stars.
        var stars: String {
            switch self {
            case .low: "0"
            case .normal: "1"
            case .high: "2"
            case .urgent: "3"
            }
        }
    }

    static let name = "maintenance.request"

    let spec = OperationSpec(
        name: Self.name,
        summary: "Creates a maintenance request, tied to the equipment where Odoo shows it to this user.",
        arguments: [
            .init(
                "description", .text, required: true,
                "What is wrong or due; its first line becomes the request's subject."),
            .init(
                "asset", .text,
                "The machine's name; its equipment is taken where one alone has this serial number or name, else it "
                    + "stands in the subject."
            ),
            .init("equipment", .text, "The equipment's serial number or name, which one alone must have."),
            .init("workcenter", .text, "The work center, named in the request's text."),
            .init("kind", .text, "`corrective` (default) or `preventive`."),
            .init("priority", .text, "`low`, `normal` (default), `high` or `urgent`."),
            .init("time", .instant, "When it was asked for; the request's date."),
        ],
        promise: "Never doubled: one request under an external id, which is looked for before and after.",
        example: [
            "asset": "CNC01", "kind": "corrective", "priority": "high", "description": "Spindle vibration above 7 mm/s",
        ])

    private let maximumSubject = 100
    private let maximumDescription = 4_000

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let text = String(try arguments.requiredText("description").prefix(maximumDescription))
        let kind = try arguments.choice("kind", Kind.corrective)
        let priority = try arguments.choice("priority", Priority.normal)
        let asset = try arguments.text("asset")
        let named = try arguments.text("equipment")
        var equipment: Int?
        if let wanted = named {
            equipment = try await session.directory.equipment(wanted)
            guard equipment != nil else {
                throw .reject(OdooFailures.equipmentNotFound, "no equipment \"\(wanted)\" is to be seen by this user")
            }
        } else if let asset {
            do throws(OdooError) {
                equipment = try await session.directory.equipment(asset)
            } catch {
                // Which of the namesakes is meant nothing tells: the request says the name, as where there is none.
                guard error.failure.kind == OdooFailures.recordAmbiguous else { throw error }
            }
        }
        let machine = asset ?? named
        let place = try arguments.text("workcenter")
        let subject = [machine, text.split(whereSeparator: \.isNewline).first.map(String.init)]
            .compactMap { $0 }.joined(separator: ": ")
        var cells = [
            PlanCell("name", String(subject.prefix(maximumSubject))), PlanCell("maintenance_type", kind.rawValue),
            PlanCell("priority", priority.stars),
            PlanCell("description", OdooText.html(text) + (place.map { OdooText.html("Work center: \($0)") } ?? "")),
            PlanCell(
                "request_date",
                OdooText.day(try arguments.instant("time") ?? command.time, in: session.options.timeZone)),
        ]
        if let equipment { cells.append(PlanCell("equipment_id", record: .int(equipment))) }
        return try await session.unlessDone(
            .makeOnce(
                "maintenance.request", name: ExternalID.name("maintenance", command.idempotencyKey), cells,
                summary: "maintenance request: \(subject.prefix(maximumSubject))"))
    }
}
