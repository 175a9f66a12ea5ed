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
            command's key. What stands in quarantine already is not moved again.
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

/// What of a product or lot goes into quarantine, place by place.
struct HeldStock: Sendable {
    struct Place: Sendable {
        let location: Int
        let quantity: ExactNumber

        /// A line of the transfer: what moves, done.
        func line(_ held: HeldStock, _ dialect: OdooDialect) -> FormRow {
            var row = FormRow()
            row.set("product_id", .record(.int(held.product.id)))
            row.set("product_uom_id", .record(.int(held.product.unit)))
            row.set("location_id", .record(.int(location)))
            row.set("location_dest_id", .record(.int(held.quarantine)))
            if let lot = held.lot { row.set("lot_id", .record(.int(lot))) }
            row.set(dialect.lineDone, .number(quantity))
            if dialect.hasPicked { row.set("picked", .flag(true)) }
            return row
        }
    }

    let product: OdooDirectory.Product
    let lot: Int?
    let quarantine: Int
    let places: [Place]
    let summary: String

    /// Never empty: without stock it throws.
    init(_ arguments: Arguments, limit: Int, in session: OdooSession) async throws(OdooError) {
        product = try await session.directory.product(code: arguments.requiredText("item"))
        let to = try arguments.required("to")
        quarantine = try await session.directory.record(.location, to)
        var title = product.label
        if let name = try arguments.text("lot") {
            lot = try await session.directory.lot(name, product: product.id, company: nil)
            title += " lot \(name)"
            guard lot != nil else {
                throw .reject(OdooFailures.recordNotFound, "\(product.label) has no lot \"\(name)\" in Odoo")
            }
        } else {
            guard product.tracking == .none else {
                throw .reject(OdooFailures.lotNeeded, "\(product.label) is tracked by \(product.tracking.rawValue)")
            }
            lot = nil
        }
        var domain: [JSON] = [
            ["product_id", "=", .int(product.id)], ["location_id.usage", "=", "internal"], ["quantity", ">", 0],
            "!", ["location_id", "child_of", .int(quarantine)],
        ]
        if let lot { domain.append(["lot_id", "=", .int(lot)]) }
        if let from = arguments.json["from"], !from.isNull {
            domain.append(["location_id", "child_of", .int(try await session.directory.record(.location, from))])
        }
        let (units, unit) = try await session.directory.unit(product.unit)
        var wanted: ExactNumber?
        if let quantity = try arguments.quantity("quantity") {
            wanted = try units.exactly(quantity, in: unit)
            guard wanted?.isNegative == false, wanted?.isZero == false else {
                throw arguments.wrong("quantity", "more than 0")
            }
        }
        var found: [Int: ExactNumber] = [:]
        var order: [Int] = []
        let rows = try await session.rows(
            .find("stock.quant", .array(domain), ["location_id", "quantity"], limit: limit + 1))
        for row in rows.prefix(limit) {
            guard let place = row.link("location_id") else { continue }
            if found[place] == nil { order.append(place) }
            found[place] = try Exact.add(
                found[place] ?? ExactNumber(0), try Exact.snap(row.number("quantity"), to: unit.step))
        }
        let lying = order.map { Place(location: $0, quantity: found[$0] ?? ExactNumber(0)) }
        let share = try Share(of: lying, wanted: wanted, isCut: rows.count > limit)
        guard !share.isCutShort else {
            throw .reject(
                OdooFailures.arguments,
                "quality.hold: \(title) lies in more than \(limit) places; give `from`, a part of the warehouse that "
                    + "has fewer, or a `quantity` that the first \(limit) hold")
        }
        guard !share.places.isEmpty, share.missing.isZero else {
            throw .reject(
                OdooFailures.shortStock,
                "quality.hold: of \(title) there are \(share.total) \(unit.name) outside the quarantine"
                    + (share.missing.isZero ? "" : ", \(share.missing) too few"))
        }
        places = share.places
        summary = "\(title): \(share.total) \(unit.name)"
    }

    /// What is taken from which place. Pure.
    struct Share: Sendable {
        let places: [Place]
        let total: ExactNumber
        let missing: ExactNumber
        /// Whether there are further places, which had to be looked into.
        let isCutShort: Bool

        /// `lying`: what lies where, in the order of taking; `wanted`: nil for all of it; `isCut`: whether it lies
        /// elsewhere too.
        init(of lying: [Place], wanted: ExactNumber?, isCut: Bool) throws(OdooError) {
            var places: [Place] = []
            var total = ExactNumber(0)
            var left = wanted
            for place in lying {
                if let rest = left, rest.isZero { break }
                // Less than the unit's rounding, which no transfer moves; there may be more in the next place.
                if place.quantity.isZero { continue }
                var quantity = place.quantity
                if let rest = left {
                    if rest < quantity { quantity = rest }
                    left = try Exact.subtract(rest, quantity)
                }
                total = try Exact.add(total, quantity)
                places.append(Place(location: place.location, quantity: quantity.trimmed()))
            }
            let missing = left ?? ExactNumber(0)
            self.places = places
            self.total = total.trimmed()
            self.missing = missing.trimmed()
            isCutShort = isCut && (wanted == nil || !missing.isZero)
        }
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
