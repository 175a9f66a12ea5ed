import Contracts
import ExactJSON

/// `quality.hold`: what must not be used goes to a quarantine location, and a person is asked to decide.
struct QualityHold: OdooOperation {
    static let name = "quality.hold"

    let spec = OperationSpec(
        name: Self.name,
        summary: "Moves stock of a product or a lot into quarantine, and gives a person the decision as a to-do.",
        arguments: [
            .init("item", .text, required: true, "The product's internal reference."),
            .init("lot", .text, "The lot or serial number; needed where the product is tracked."),
            .init("to", .any, required: true, "The quarantine location, by full name or barcode."),
            .init("from", .any, "Where it is, with all places below; else wherever there is stock of it."),
            .init("quantity", .quantity, "How much; else all that is there."),
            .init("reason", .text, required: true, "Why, in a line: what the person reads first."),
            .init("note", .text, "What was measured or seen."),
            .init("person", .any, required: true, "Who decides, by `login` or `name`."),
            .init("due", .instant, "Until when; else the day of the command."),
            .init("reference", .text, "The other system's number of the deviation: the transfer's source document."),
        ],
        promise: """
            Never doubled: one transfer under an external id of the command, which is done once; its to-do carries the \
            command's key. What stands in quarantine already is not moved again. A package that goes as a whole stays \
            packed; what is held of another one is taken out of it.
            """,
        example: [
            "item": "WIRE-1.5", "lot": "R-0816", "to": "WH/Quarantine", "reason": "Tensile strength below limit",
            "note": "Rm 655 MPa, limit 690 MPa", "person": "quality@example.com", "reference": "NCR-17",
        ])

    private let model = "stock.picking"
    /// Places that one lot may lie in: quants in Odoo, of which a place has one for each package and owner.
    private static let maximumPlaces = 200

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let dialect = try await session.dialect()
        let name = ExternalID.name("quality-hold", command.idempotencyKey)
        let evidence = PlanEvidence(
            model: model, subject: .externalID(name), mark: .init(field: "state", done: ["done"], lost: ["cancel"]))
        let wasHeld = "was put into quarantine before"
        if let before = try await session.doneBefore(evidence, wasHeld) { return before }
        let held: HeldStock
        do throws(OdooError) {
            held = try await HeldStock(arguments, limit: Self.maximumPlaces, in: session)
        } catch {
            // What is missing may have gone into quarantine since the first look, by another node.
            guard error.failure.kind == OdooFailures.shortStock,
                let before = try await session.doneBefore(evidence, wasHeld)
            else { throw error }
            return before
        }
        let reason = try arguments.requiredText("reason")
        var row = FormRow()
        row.set("picking_type_id", .record(.int(try await session.internalMoves(from: held.places[0].location))))
        row.set("location_id", .record(.int(held.places[0].location)))
        row.set("location_dest_id", .record(.int(held.quarantine)))
        row.set("origin", .text(String((try arguments.text("reference") ?? reason).prefix(200))))
        row.lines = [("move_line_ids", held.places.map { $0.line(held, dialect) })]
        var task = try await FormReader(session: session).row(
            ActivityCreate.fields.filter { ["person", "due"].contains($0.argument) }, arguments)
        task.set("summary", .text(String(reason.prefix(200))))
        task.fill("date_deadline", .text(OdooText.day(command.time, in: session.options.timeZone)))
        let made: JSON = [PlanReference.to(OdooPlan.made)]
        let note = [try arguments.text("note"), held.summary].compactMap { $0 }.joined(separator: "\n")
        return .ready(
            intent: OdooPlan(
                steps: [
                    // The type of a warehouse's own moves is archived where nobody has asked for several places.
                    .load(model, name: name, row, context: ["active_test": false], as: OdooPlan.made),
                    // Before the move: whoever holds the lot in hand should know even where Odoo refuses to move it.
                    ActivityPlan.step(
                        held.lot == nil ? model : "stock.lot",
                        held.lot.map { .int($0) } ?? PlanReference.to(OdooPlan.made), task, note: note,
                        marker: ExternalID.name("activity", command.idempotencyKey), as: "activity"),
                    // Confirms a draft as well.
                    .call(
                        model: model, method: "button_validate", ids: made, arguments: [:],
                        context: ["skip_backorder": true, "skip_immediate": true, "skip_sms": true],
                        when: [["state", "not in", ["done", "cancel"]]], alias: nil),
                    .guarded(
                        model: model, ids: made, domain: [["state", "=", "done"]],
                        refusal: .code(OdooFailures.notReached.code)),
                ], evidence: evidence,
                acceptance: Acceptance(reference: model, summary: "held \(held.summary)"), isReadAnew: true
            ).json)
    }
}

extension OdooSession {
    /// The operation type of moves inside the warehouse that the location belongs to.
    func internalMoves(from location: Int) async throws(OdooError) -> Int {
        let place = try await rows(.read("stock.location", [location], ["warehouse_id", "complete_name"])).first
        if let warehouse = place?.link("warehouse_id"),
            let type = try await rows(.read("stock.warehouse", [warehouse], ["int_type_id"])).first?.link("int_type_id")
        {
            return type
        }
        throw .reject(
            OdooFailures.recordNotFound,
            "\(place?.text("complete_name") ?? "#\(location)") is in no warehouse that has internal transfers"
        )
    }
}
