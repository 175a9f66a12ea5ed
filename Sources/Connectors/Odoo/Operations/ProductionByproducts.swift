import Contracts
import ExactJSON

/// `production.byproducts`: what an order yields beside its product.
struct ProductionByproducts: OdooOperation {
    static let name = "production.byproducts"

    let spec = OperationSpec(
        name: Self.name,
        summary: "States how much of an order's by-products was made in all; it comes into stock with the completion.",
        arguments: RecordChange.Subject.productionOrder.arguments + [
            .init(
                "lines", .list, required: true,
                "What was made: `[{item, quantity, lot}]`, several lines of one item add up; others stay as they are.")
        ],
        promise: "Never doubled: what is written is absolute, so that twice is once.",
        example: [
            "order": "WH/MO/00042", "lines": [["item": "COPPER-SCRAP", "quantity": ["value": "3.2", "unit": "kg"]]],
        ])

    private let model = "mrp.production"

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let dialect = try await session.dialect()
        let order = try await session.openOrder(arguments, for: Self.name)
        guard order.state != .draft else {
            throw .reject(OdooFailures.orderDraft, "\(Self.name) came for \(order.name), which is a draft")
        }
        guard try !arguments.list("lines").isEmpty else { throw arguments.missing("lines") }
        let moves = try await session.rows(
            .find(
                "stock.move",
                [
                    ["production_id", "=", .int(order.id)], ["product_id", "!=", .int(order.product)],
                    ["state", "not in", ["done", "cancel"]],
                ], MoveRecord.fields(dialect), limit: FormReader.maximumLines)
        ).map { MoveRecord($0, dialect) }
        let told = try await TransferLines(arguments, moves, of: "\(order.name) has no by-product", in: session)
        let lots = try await session.lots(told.lots)
        let named = moves.filter { move in told.lines.contains { $0.move == move.id } }
        let commands = try told.commands(of: nil, named, lots: lots.ids, packages: [], dialect)
        return .ready(
            intent: OdooPlan(
                steps: [order.mustBeOpen] + lots.steps + [
                    .write(
                        model: model, ids: [.int(order.id)], values: ["move_byproduct_ids": .array(commands)], when: nil
                    )
                ],
                evidence: PlanEvidence(model: model, subject: .repeatable),
                acceptance: Acceptance(
                    reference: "\(model),\(order.id)", summary: "\(order.name): by-products, \(told.summary)"),
                isReadAnew: true
            ).json)
    }
}
