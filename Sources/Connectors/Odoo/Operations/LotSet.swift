import Contracts
import ExactJSON

/// `lot.set`: what is to be known of a lot or serial number; made where Odoo does not have it.
struct LotSet: OdooOperation {
    static let name = "lot.set"

    private static let fields: [FormField] = [
        .init("reference", "ref", .text(200), "The maker's own number of the lot."),
        .init("expiry", "expiration_date", .instant, "When it must not be used any more (app *Expiration Dates*)."),
        .init("bestBefore", "use_date", .instant, "When it begins to lose its quality."),
        .init("removal", "removal_date", .instant, "When it is to be taken out of stock."),
        .init("alert", "alert_date", .instant, "When somebody should be told."),
        .init("note", "note", .html, "What should be known of it."),
    ]

    let spec = OperationSpec(
        name: Self.name, summary: "Writes a lot's dates and numbers; the lot is made where Odoo does not have it.",
        arguments: [
            .init("item", .text, required: true, "The product's internal reference."),
            .init("lot", .text, required: true, "The lot or serial number."),
        ] + Self.fields.map(\.spec),
        promise: "Never doubled: a lot's name is unique for its product, and what is written is absolute.",
        example: ["item": "WIRE-1.5", "lot": "R-0816", "expiry": "2026-03-01T00:00:00Z"])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let product = try await session.directory.product(code: arguments.requiredText("item"))
        let name = try arguments.requiredText("lot")
        guard product.tracking != .none else {
            throw .reject(OdooFailures.lotNeeded, "\(product.label) is not tracked by lots or serial numbers")
        }
        let lots = try await session.lots([LotNeed(name: name, product: product.id, company: nil)])
        let row = try await FormReader(session: session).row(Self.fields, arguments)
        var steps = lots.steps
        if !row.cells.isEmpty {
            steps.append(.write(model: "stock.lot", ids: .array(lots.ids), values: row.values, when: nil))
        }
        let acceptance = Acceptance(
            reference: "product.product,\(product.id)", summary: "lot \(name) of \(product.label)")
        guard !steps.isEmpty else { return .settled(.accepted(acceptance)) }
        return .ready(
            intent: OdooPlan(
                steps: steps, evidence: PlanEvidence(model: "stock.lot", subject: .repeatable), acceptance: acceptance
            ).json)
    }
}
