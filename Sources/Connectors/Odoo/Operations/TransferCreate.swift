import Contracts
import ExactJSON

/// `transfer.create`: a receipt, a delivery or an internal transfer, such as a move into quarantine.
struct TransferCreate: OdooOperation {
    static let name = "transfer.create"
    private enum Kind: String, CaseIterable { case receipt, delivery, `internal` }

    let spec = OperationSpec(
        name: Self.name,
        summary: "Makes a stock transfer with its lines, and confirms it.",
        arguments: [
            .init(
                "kind", .text,
                "`receipt`, `delivery` or `internal` (default): the first operation type of that kind is taken."),
            .init("type", .any, "The operation type itself, by its barcode, its sequence prefix or its name."),
            .init("from", .any, "The location it leaves, by full name or barcode; else the operation type's."),
            .init("to", .any, "The location it goes to; else the operation type's."),
            .init("partner", .any, "The vendor or customer, by reference, tax number, e-mail or name."),
            .init("reference", .text, "The source document: the other system's number."),
            .init("scheduled", .instant, "When it is planned."),
            .init("lines", .list, required: true, "What is moved: `[{item, quantity}]`."),
            .init("confirm", .boolean, "Whether it is confirmed at once. Default true."),
        ],
        promise: """
            Never doubled: one record under an external id of the command, which is looked for before and after. Its \
            state is read before it is confirmed.
            """,
        example: [
            "kind": "internal", "to": "WH/Quarantine", "reference": "NCR-17",
            "lines": [["item": "WIRE-1.5", "quantity": ["value": 20, "unit": "m"]]],
        ])

    private let model = "stock.picking"
    static let confirmation = StateMove(
        method: "action_confirm", from: ["draft"], to: ["waiting", "confirmed", "assigned", "done"])

    private static let fields: [FormField] = [
        .init("partner", "partner_id", .record(.partner), ""), .init("reference", "origin", .text(200), ""),
        .init("scheduled", "scheduled_date", .instant, ""),
        .init("lines", "move_ids", .lines(lines), required: true, ""),
    ]
    private static let lines: [FormField] = [
        .init("item", "product_id", .item, required: true, "The product's internal reference."),
        .init(
            "quantity", "product_uom_qty", .amount(unit: "product_uom"), required: true, "How much of it."),
    ]

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let dialect = try await session.dialect()
        let name = ExternalID.name("transfer", command.idempotencyKey)
        var evidence = PlanEvidence(model: model, subject: .externalID(name))
        var following: [PlanStep] = []
        if try arguments.flag("confirm", default: true) {
            evidence.mark = try Self.confirmation.mark(dialect)
            following = try Self.confirmation.steps(model, [PlanReference.to(OdooPlan.made)], dialect)
        }
        if let before = try await session.doneBefore(evidence, "was made before") { return before }
        let route = try await route(arguments, in: session)
        var row = try await FormReader(session: session).row(Self.fields, arguments)
        for (field, id) in [
            ("picking_type_id", route.type), ("location_id", route.from), ("location_dest_id", route.to),
        ] { row.set(field, .record(.int(id))) }
        // The lines say where they go themselves: not each version takes that from the head of an import.
        for index in row.lines.indices {
            for line in row.lines[index].rows.indices {
                row.lines[index].rows[line].set("location_id", .record(.int(route.from)))
                row.lines[index].rows[line].set("location_dest_id", .record(.int(route.to)))
                if dialect.moveHasName {
                    let text = try arguments.text("reference") ?? command.operation
                    row.lines[index].rows[line].set("name", .text(String(text.prefix(200))))
                }
            }
        }
        let count = row.lines.first?.rows.count ?? 0
        return .ready(
            intent: OdooPlan(
                steps: [.load(model, name: name, row, as: OdooPlan.made)] + following, evidence: evidence,
                acceptance: Acceptance(reference: model, summary: "made a transfer of \(count) lines")
            ).json)
    }

    /// Operation types of one kind that are looked at.
    private static let maximumTypes = 200

    /// The first operation type of a kind, in the company that new records are made in.
    private func firstType(_ code: String, in session: OdooSession) async throws(OdooError) -> Int {
        let rows = try await session.rows(
            .find(
                "stock.picking.type", [["code", "=", .string(code)]], ["company_id"], order: "sequence, id",
                limit: Self.maximumTypes))
        var own = rows
        if Set(rows.map { $0.link("company_id") }).count > 1 {
            let company = try await session.directory.company()
            own = rows.filter { $0.link("company_id") == company }
        }
        guard let first = own.first else {
            throw .reject(OdooFailures.recordNotFound, "Odoo has no operation type of the kind \(code)")
        }
        return first.id
    }

    /// The operation type and the two locations.
    private func route(
        _ arguments: Arguments, in session: OdooSession
    ) async throws(OdooError) -> (type: Int, from: Int, to: Int) {
        let code: String? =
            switch try arguments.choice("kind", Kind.internal) {
            case .receipt: "incoming"
            case .delivery: "outgoing"
            case .internal: "internal"
            }
        var type: Int
        if let given = arguments.json["type"], !given.isNull {
            type = try await session.directory.record(.transferType, given)
        } else {
            type = try await firstType(code ?? "", in: session)
        }
        guard
            let row = try await session.rows(
                .read(
                    "stock.picking.type", [type], ["code", "default_location_src_id", "default_location_dest_id"])
            ).first
        else { throw .reject(OdooFailures.recordNotFound, "the operation type #\(type) is not in Odoo") }
        func place(_ argument: String, _ field: String, outside: String?) async throws(OdooError) -> Int {
            if let given = arguments.json[argument], !given.isNull {
                return try await session.directory.record(.location, given)
            }
            if let id = row.link(field) { return id }
            if let outside, let found = try await session.connection.reference(module: "stock", name: outside) {
                return found.id
            }
            throw arguments.missing(argument)
        }
        let kind = row.text("code")
        return (
            type,
            try await place(
                "from", "default_location_src_id", outside: kind == "incoming" ? "stock_location_suppliers" : nil),
            try await place(
                "to", "default_location_dest_id", outside: kind == "outgoing" ? "stock_location_customers" : nil)
        )
    }
}
