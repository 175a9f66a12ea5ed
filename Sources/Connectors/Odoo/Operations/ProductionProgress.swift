import Canonical
import Contracts
import ExactJSON

/// `production.progress`: adds a counted quantity to the order that is running, or to one of its work orders.
struct ProductionProgress: OdooOperation {
    static let name = "production.progress"

    let spec = OperationSpec(
        name: Self.name,
        summary: """
            Adds a quantity to the order's `Quantity Producing` (and to a work order's produced quantity), without \
            closing it. \
            What a planner corrected by hand stays: the observed value plus what was counted is written.
            """,
        arguments: [
            .init(
                "order", .text, required: true,
                "The manufacturing order, by the field that the target's `orderBy` names."),
            .init(
                "quantity", .quantity, required: true,
                "How much was made since the last progress: a difference, with its unit."),
            .init(
                "item", .text,
                "The product's internal reference; needed only where one origin has orders of several products."),
            .init(
                "operation", .text,
                "The work order that counted: its name, or its work center's code or name. Without it the order "
                    + "itself counts."
            ),
            .init(
                "reporting", .boolean,
                "With `operation`: whether this operation moves the order's quantity as well. Default false."),
            .init(
                "backflush", .boolean,
                "Whether the untracked components are used up in proportion. Default false. Never together with "
                    + "`material.consume`."
            ),
            .init("corrections", .text, "`accept` or `ask`: overrides the target's setting for this command."),
            .init("time", .instant, "When it was made; for the trace."),
        ],
        merge: MergeRule(sums: ["quantity"], takesLatest: ["time"]),
        promise: """
            Never silently doubled or lost: the value written is absolute and recorded before it is sent. After a \
            lost answer the \
            record is read; where somebody else changed it in between, a person decides.
            """,
        example: ["order": "WH/MO/00042", "quantity": ["value": 12, "unit": "pcs"], "time": "2025-02-03T06:00:19Z"])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        var request = try ProgressRequest(arguments, options: session.options)
        request.standing = CountLine.Standing(command)
        request.forgotten = CountLine.Forgotten(command)
        var product: Int?
        if let item = request.item { product = try await session.directory.product(code: item).id }
        if ledger.isEmpty, request.operation == nil,
            let order = await session.knownOrder(request.order, product: product)
        {
            // Asking for the ledger first spares a read that would be too old to use by the time the ledger is here.
            return .needsLedger([LedgerKey("order/\(order)")])
        }
        let family = try await session.family(request.order, product: product)
        let workOrders =
            if let open = family.open(for: request.order), request.operation != nil {
                try await session.workOrders(of: open)
            } else {
                [WorkOrderRecord]()
            }
        let needsMoves = request.backflush || request.operation != nil
        let moves =
            if let open = family.open(for: request.order), needsMoves { try await session.moves(of: open) } else {
                [MoveRecord]()
            }
        let (units, unit) = try await session.directory.unit(family.orders.last?.unit ?? 0)
        let decision = ProgressDecision(
            request: request, dialect: try await session.dialect(), family: family, workOrders: workOrders,
            workCenter: try await workCenter(request, workOrders, in: session), moves: moves, units: units, unit: unit)
        let keys = try decision.ledgerKeys()
        guard keys.allSatisfy({ key in ledger.contains { $0.key == key } }) else { return .needsLedger(keys) }
        switch try decision.decide(ledger: ledger) {
        case .write(let write): return .ready(intent: try await write.plan(in: session).json)
        case .nothing(let acceptance): return .settled(.accepted(acceptance))
        }
    }

    /// The work center that `operation` names, where it is no work order's own name.
    private func workCenter(
        _ request: ProgressRequest, _ workOrders: [WorkOrderRecord], in session: OdooSession
    ) async throws(OdooError) -> Int? {
        guard let name = request.operation, !workOrders.isEmpty, !workOrders.contains(where: { $0.name == name }) else {
            return nil
        }
        do {
            return try await session.directory.workCenter(name)
        } catch {
            guard error.failure.kind == OdooFailures.workCenterNotFound else { throw error }
            return nil
        }
    }
}

/// The arguments of `production.progress`, read.
struct ProgressRequest: Sendable {
    var order: String
    var quantity: Quantity
    var item: String?
    var operation: String?
    var reporting: Bool
    var backflush: Bool
    var corrections: OdooOptions.Corrections
    /// Whether somebody may have posted this, or has decided about it.
    var standing = CountLine.Standing.new
    /// What the store has forgotten.
    var forgotten = CountLine.Forgotten()

    init(_ arguments: Arguments, options: OdooOptions) throws(OdooError) {
        order = try arguments.requiredText("order")
        quantity = try arguments.requiredQuantity("quantity")
        item = try arguments.text("item")
        operation = try arguments.text("operation")
        reporting = try arguments.flag("reporting", default: false)
        backflush = try arguments.flag("backflush", default: false)
        corrections = try arguments.choice("corrections", options.corrections)
        if backflush, operation != nil, !reporting {
            throw .reject(
                OdooFailures.arguments,
                "`backflush` follows the order's quantity, which an operation that is not reporting leaves alone",
                suggestion: "Set `reporting: true` for the operation that moves the order, and `backflush` only there.")
        }
    }
}
