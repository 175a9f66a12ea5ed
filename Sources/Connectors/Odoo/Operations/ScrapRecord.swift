import Canonical
import Contracts
import ExactJSON

/// `scrap.record`: takes bad pieces or material out of stock, once.
///
/// Odoo scraps again each time it is told to validate, so the record is made under an external id first, and its state
/// is
/// read before the one call that moves stock.
struct ScrapRecord: OdooOperation {
    static let name = "scrap.record"

    let spec = OperationSpec(
        name: Self.name,
        summary: "Scraps a quantity of a product, on a manufacturing order where one is named.",
        arguments: [
            .init("quantity", .quantity, required: true, "How much was scrapped, with its unit."),
            .init("item", .text, "The product's internal reference; without it the order's own product."),
            .init("order", .text, "The manufacturing order, by the field that the target's `orderBy` names."),
            .init(
                "reason", .text,
                "Why: a scrap reason tag of Odoo's (18 and later), else it is added to the source document."),
            .init("lot", .text, "The lot or serial number, made where Odoo does not have it."),
            .init(
                "location", .text, "The stock location that it is taken from, by its full name; else Odoo's own choice."
            ),
            .init("time", .instant, "When it happened; for the trace."),
        ],
        promise: """
            Never doubled: one record under an external id, and its state is read before stock is moved. After a lost \
            answer the \
            state tells whether it was scrapped.
            """,
        example: ["order": "WH/MO/00042", "quantity": ["value": 2, "unit": "pcs"], "reason": "Scratched"])

    private let model = "stock.scrap"

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let quantity = try arguments.requiredQuantity("quantity")
        let name = ExternalID.name("scrap", command.idempotencyKey)
        let evidence = PlanEvidence(
            model: model, subject: .externalID(name), mark: .init(field: "state", done: ["done"], lost: []))
        // First of all: what it names may be gone since.
        if let before = try await session.doneBefore(evidence, "was scrapped before") { return before }
        let item = try arguments.text("item")
        let product: OdooDirectory.Product? =
            if let item { try await session.directory.product(code: item) } else { nil }
        var order: OrderRecord?
        if let reference = try arguments.text("order") {
            let family = try await session.family(reference, product: nil)
            order = family.open(for: reference) ?? family.orders.last
        }
        guard let productID = product?.id ?? order?.product else { throw arguments.missing("item") }
        let (units, unit) = try await session.directory.unit(product?.unit ?? order?.unit ?? 0)
        let amount = try units.exactly(quantity, in: unit)
        guard !amount.isNegative, !amount.isZero else { throw arguments.wrong("quantity", "more than 0") }

        var cells = [
            PlanCell("product_id", record: .int(productID)), PlanCell("scrap_qty", amount.description),
            PlanCell("product_uom_id", record: .int(unit.id)),
        ]
        var origin = order?.name
        if let order { cells.append(PlanCell("production_id", record: .int(order.id))) }
        if let location = try arguments.text("location") {
            cells.append(PlanCell("location_id", record: .int(try await session.directory.location(location))))
        }
        if let reason = try arguments.text("reason") {
            if let tag = try await session.directory.scrapReason(reason),
                let field = try await session.dialect().scrapReasons?.field
            {
                cells.append(PlanCell(field, record: .int(tag)))
            } else {
                origin = [origin, reason].compactMap { $0 }.joined(separator: ": ")
            }
        }
        if let origin { cells.append(PlanCell("origin", String(origin.prefix(200)))) }
        var steps: [PlanStep] = []
        if let text = try arguments.text("lot") {
            let lots = try await session.lots([LotNeed(name: text, product: productID, company: order?.company)])
            steps = lots.steps
            cells += lots.ids.map { PlanCell("lot_id", record: $0) }
        }
        steps.append(.load(model, name: name, cells, as: OdooPlan.made))
        steps += validation(session.options.shortage)
        let label = product?.label ?? order?.productLabel ?? ""
        let plan = OdooPlan(
            steps: steps, evidence: evidence,
            acceptance: Acceptance(reference: model, summary: "scrapped \(amount) \(unit.name) of \(label)"))
        return .ready(intent: plan.json)
    }

    /// The one call that moves stock, where that has not happened yet.
    private func validation(_ shortage: OdooOptions.Shortage) -> [PlanStep] {
        let ids: JSON = [PlanReference.to(OdooPlan.made)]
        func call(_ method: String) -> PlanStep {
            .call(
                model: model, method: method, ids: ids, arguments: [:], context: [:], when: [["state", "!=", "done"]],
                alias: nil)
        }
        return switch shortage {
        case .record: [call("do_scrap")]
        // A window instead of `true`: nothing was scrapped.
        case .reject:
            [
                call("action_validate"),
                .guarded(
                    model: model, ids: ids, domain: [["state", "=", "done"]],
                    refusal: .code(OdooFailures.shortStock.code)),
            ]
        }
    }
}
