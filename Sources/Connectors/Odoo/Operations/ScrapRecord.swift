import Canonical
import Contracts
import ExactJSON

/// `scrap.record`: takes bad pieces or material out of stock, once.
///
/// Odoo scraps again each time it is told to validate, so the record is made under an external id first, and its state
/// is
/// read before the one call that moves stock.
enum ScrapRecord: OdooOperation {
    static let spec = OperationSpec(
        name: "scrap.record",
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

    private static let model = "stock.scrap"

    static func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let quantity = try arguments.requiredQuantity("quantity")
        let name = ExternalID.name("scrap", command.idempotencyKey)
        if let id = try await session.record(externalID: name), try await state(id, in: session) == "done" {
            return .settled(.accepted(Acceptance(reference: "\(model),\(id)", summary: "was scrapped before")))
        }
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

        var cells: [(field: String, value: String)] = [
            ("product_id/.id", "\(productID)"), ("scrap_qty", amount.description), ("product_uom_id/.id", "\(unit.id)"),
        ]
        var origin = order?.name
        if let order { cells.append(("production_id/.id", "\(order.id)")) }
        if let location = try arguments.text("location") {
            cells.append(("location_id/.id", "\(try await session.directory.location(location))"))
        }
        if let reason = try arguments.text("reason") {
            if let tag = try await session.directory.scrapReason(reason),
                let field = try await session.dialect().scrapReasons?.field
            {
                cells.append((field + "/.id", "\(tag)"))
            } else {
                origin = [origin, reason].compactMap { $0 }.joined(separator: ": ")
            }
        }
        if let origin { cells.append(("origin", String(origin.prefix(200)))) }
        var lot: LotNeed?
        if let text = try arguments.text("lot") {
            lot = LotNeed(name: text, product: productID, company: order?.company)
        }
        let label = product?.label ?? order?.productLabel ?? ""
        let load = LoadOnce(
            model: model, name: name, cells: cells, summary: "scrapped \(amount) \(unit.name) of \(label)")
        return .ready(intent: ["load": load.json, "lot": lot?.json ?? .null])
    }

    static func perform(_ attempt: Attempt, in session: OdooSession) async throws(OdooError) -> Outcome {
        let intent = attempt.intent
        let load = try LoadOnce(json: intent["load"] ?? .null)
        var cells = load.cells
        if let lot = intent["lot"].flatMap(LotNeed.init) {
            let ids = try await session.ensure([lot])
            cells += ids.map { ("lot_id/.id", "\($0)") }
        }
        let id = try await session.load(model, name: load.name, cells)
        let acceptance = Acceptance(reference: "\(model),\(id)", summary: load.summary)
        guard try await state(id, in: session) != "done" else { return .accepted(acceptance) }
        switch session.options.shortage {
        case .record:
            _ = try await session.connection.call(OdooCall(model, "do_scrap", ids: [id]))
        case .reject:
            let answer = try await session.connection.call(OdooCall(model, "action_validate", ids: [id]))
            // A wizard instead of `true`: nothing was scrapped.
            guard answer["res_model"] == nil else {
                throw .reject(
                    OdooFailures.shortStock,
                    "\(load.summary.replacing("scrapped ", with: "")): \(answer["name"]?.string ?? "")")
            }
        }
        return .accepted(acceptance)
    }

    static func inquire(_ attempt: Attempt, in session: OdooSession) async throws(OdooError) -> Inquiry {
        let load = try LoadOnce(json: attempt.intent["load"] ?? .null)
        guard let id = try await session.record(externalID: load.name), try await state(id, in: session) == "done"
        else {
            return .notFound
        }
        return .happened(Acceptance(reference: "\(model),\(id)", summary: load.summary))
    }

    private static func state(_ id: Int, in session: OdooSession) async throws(OdooError) -> String? {
        try await session.rows(.read(model, [id], ["state"])).first?.text("state")
    }
}
