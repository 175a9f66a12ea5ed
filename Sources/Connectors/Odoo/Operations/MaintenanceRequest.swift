import Canonical
import Contracts
import ExactJSON
import Foundation

/// `maintenance.request`: asks for maintenance.
enum MaintenanceRequest: OdooOperation {
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

    static let spec = OperationSpec(
        name: "maintenance.request",
        summary: "Creates a maintenance request, tied to the equipment where Odoo shows it to this user.",
        arguments: [
            .init(
                "description", .text, required: true,
                "What is wrong or due; its first line becomes the request's subject."),
            .init(
                "asset", .text,
                "The machine's name; its equipment is taken where one has this serial number or name, else it stands "
                    + "in the subject."
            ),
            .init("equipment", .text, "The equipment's serial number or name, which must be found."),
            .init("workcenter", .text, "The work center, named in the request's text."),
            .init("kind", .text, "`corrective` (default) or `preventive`."),
            .init("priority", .text, "`low`, `normal` (default), `high` or `urgent`."),
            .init("time", .instant, "When it was asked for; the request's date."),
        ],
        promise: "Never doubled: one request under an external id, which is looked for before and after.",
        example: [
            "asset": "CNC01", "kind": "corrective", "priority": "high", "description": "Spindle vibration above 7 mm/s",
        ])

    static let maximumSubject = 100
    static let maximumDescription = 4_000

    static func prepare(
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
            equipment = try await session.directory.equipment(asset)
        }
        let machine = asset ?? named
        let subject = [machine, text.split(whereSeparator: \.isNewline).first.map(String.init)]
            .compactMap { $0 }.joined(separator: ": ")
        var cells = [
            PlanCell("name", String(subject.prefix(maximumSubject))), PlanCell("maintenance_type", kind.rawValue),
            PlanCell("priority", priority.stars),
            PlanCell("description", html(text, workCenter: try arguments.text("workcenter"))),
            PlanCell("request_date", day(try arguments.instant("time") ?? command.time, in: session.options.timeZone)),
        ]
        if let equipment { cells.append(PlanCell("equipment_id", record: .int(equipment))) }
        return try await session.unlessDone(
            .makeOnce(
                "maintenance.request", name: ExternalID.name("maintenance", command.idempotencyKey), cells,
                summary: "maintenance request: \(subject.prefix(maximumSubject))"))
    }

    /// The calendar day at the plant: Odoo's dates have no zone.
    static func day(_ time: Instant, in zone: String) -> String {
        let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000)
        let offset = TimeZone(identifier: zone)?.secondsFromGMT(for: date) ?? 0
        return String((time + .seconds(offset)).odooText.prefix(10))
    }

    /// The field is HTML: the machine's words are text and stay text.
    static func html(_ text: String, workCenter: String?) -> String {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(escaped)
        let place = workCenter.map { "<p>Work center: \(escaped($0[...]))</p>" } ?? ""
        return "<p>\(lines.joined(separator: "<br>"))</p>" + place
    }

    private static func escaped(_ text: Substring) -> String {
        String(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
