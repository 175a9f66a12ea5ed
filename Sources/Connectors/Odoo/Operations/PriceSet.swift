import Contracts
import ExactJSON

/// `price.set`: a fixed price of a product, or of one of its variants, on a price list.
struct PriceSet: OdooOperation {
    private static let model = "product.pricelist.item"
    private static let fields: [FormField] = [
        .init(
            "pricelist", "pricelist_id",
            .record(Lookup(model: "product.pricelist", by: ["name"], words: "price list")), required: true,
            "The price list."),
        .init("price", "fixed_price", .number, required: true, "The price of one."),
        .init("minimum", "min_quantity", .number, "From how many on it holds."),
        .init("from", "date_start", .instant, "When it begins to hold."),
        .init("to", "date_end", .instant, "When it ends."),
    ]

    let spec = OperationSpec(
        name: "price.set",
        summary:
            "Adds a fixed price of a product to a price list; where the product has variants, of that variant alone.",
        arguments: [.init("item", .text, required: true, "The product's or variant's internal reference.")]
            + Self.fields.map(\.spec),
        promise: "Never doubled: one record under an external id of the command, which is looked for before and after.",
        example: ["pricelist": "Public Pricelist", "item": "HARNESS-7", "price": "18.50"])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let name = ExternalID.name("price-set", command.idempotencyKey)
        let evidence = PlanEvidence(model: Self.model, subject: .externalID(name))
        if let before = try await session.doneBefore(evidence, "price.set: was made before") { return before }
        let product = try await session.directory.product(code: arguments.requiredText("item"))
        var row = try await FormReader(session: session).row(Self.fields, arguments)
        guard
            let template = try await session.rows(.read("product.product", [product.id], ["product_tmpl_id"])).first?
                .link("product_tmpl_id")
        else { throw .reject(OdooFailures.gone, "\(product.label) was deleted in Odoo") }
        let variants = try await session.rows(
            .find("product.product", [["product_tmpl_id", "=", .int(template)]], ["id"], limit: 2, archived: true))
        let isVariant = variants.count > 1
        row.set("applied_on", .text(isVariant ? "0_product_variant" : "1_product"))
        row.set("product_tmpl_id", .record(.int(template)))
        if isVariant { row.set("product_id", .record(.int(product.id))) }
        row.set("compute_price", .text("fixed"))
        let price = try arguments.requiredNumber("price")
        return .ready(
            intent: OdooPlan(
                steps: [.load(Self.model, name: name, row, as: OdooPlan.made)], evidence: evidence,
                acceptance: Acceptance(
                    reference: Self.model, summary: "\(product.label)\(isVariant ? " (variant)" : ""): \(price)")
            ).json)
    }
}
