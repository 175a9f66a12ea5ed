import Canonical
import Contracts
import ExactJSON

/// `production.complete`: closes an order with what was made: lots, consumed components, backorder or short close.
enum ProductionComplete: OdooOperation {
    static let spec = OperationSpec(
        name: "production.complete",
        summary: """
            Closes the order with a quantity, its lot or serials and its components, in the one sequence that Odoo 16 \
            to 19 all carry \
            out alike: confirm if it is a draft, one write, mark done, read the state back.
            """,
        arguments: [
            .init(
                "order", .text, required: true,
                "The manufacturing order, by the field that the target's `orderBy` names."),
            .init(
                "item", .text,
                "The product's internal reference; needed only where one origin has orders of several products."),
            .init(
                "quantity", .quantity,
                "What was made in all on the open order. Without it what progress has posted; where that is nothing, "
                    + "the planned quantity."
            ),
            .init("lot", .text, "The finished lot, made where Odoo does not have it."),
            .init("serials", .list, "The serial numbers, one for each piece (before Odoo 19 one an order)."),
            .init(
                "consumed", .list,
                "Components that were measured: `[{item, quantity, lot}]`; each states the whole use of its item. The "
                    + "others are used up in proportion."
            ),
            .init("backorder", .text, "`create` (default) keeps the rest open, `close` gives it up."),
            .init(
                "backflush", .boolean,
                "Whether components that were not measured are used up in proportion. Default true."),
            .init("time", .instant, "When it was completed; for the trace."),
        ],
        promise: """
            Never doubled: Odoo closes an order once, and its state is read before and after. Steps before a lost \
            answer are absolute \
            and may be written again.
            """,
        example: [
            "order": "WH/MO/00042", "quantity": ["value": 40, "unit": "pcs"], "lot": "L-2025-034",
            "backorder": "create",
            "consumed": [
                [
                    "item": "WIRE-1.5",
                    "quantity": ["value": .number(ExactNumber(coefficient: 625, scale: 1)), "unit": "m"],
                    "lot": "R-0815",
                ]
            ],
        ])

    private static let model = "mrp.production"

    static func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let request = try CompletionRequest(Arguments(command))
        var product: Int?
        if let item = request.item { product = try await session.directory.product(code: item).id }
        let family = try await session.family(request.order, product: product)
        if command.mayBeDone, family.orders.count == 1, let done = family.orders.first, done.state == .done {
            let key = LedgerKey("order/\(family.number)")
            guard let entry = ledger.first(where: { $0.key == key }) else { return .needsLedger([key]) }
            let (units, unit) = try await session.directory.unit(done.unit)
            let before = CompletedBefore(order: done, quantity: request.quantity, units: units, unit: unit)
            return .settled(.accepted(try before.acceptance(entry)))
        }
        // A draft is confirmed on the way, so only a closed order is refused.
        let order =
            if let draft = family.open(for: request.order), draft.state == .draft { draft } else {
                try OdooSession.running(family, reference: request.order, what: "a completion")
            }
        let key = LedgerKey("order/\(family.number)")
        guard let entry = ledger.first(where: { $0.key == key }) else { return .needsLedger([key]) }
        var products: [String: Int] = [:]
        for consumed in request.consumed {
            products[consumed.item] = try await session.directory.product(code: consumed.item).id
        }
        let (units, unit) = try await session.directory.unit(order.unit)
        let decision = CompletionDecision(
            request: request, family: family, order: order, moves: try await session.moves(of: order),
            products: products,
            units: units, unit: unit, dialect: try await session.dialect())
        return .ready(intent: try decision.decide(entry).json)
    }

    static func perform(_ attempt: Attempt, in session: OdooSession) async throws(OdooError) -> Outcome {
        let intent = try CompletionIntent(json: attempt.intent)
        let dialect = try await session.dialect()
        var order = try await read(intent.order, in: session)
        guard order.isOpen else {
            throw OdooError(
                .deferred(after: nil, isTargetDown: false),
                Failure(OdooFailures.changedMeanwhile, "\(order.name) was closed between reading and writing"))
        }
        if order.state == .draft {
            _ = try await session.connection.call(OdooCall(model, "action_confirm", ids: [order.id]))
            order = try await read(intent.order, in: session)
        }
        let lots = try await session.ensure(intent.lots)
        let values = try CompletionValues.values(
            intent, order: order, moves: try await session.moves(of: order), lots: lots,
            units: try await session.directory.unitTable(), dialect)
        _ = try await session.connection.call(.write(model, [order.id], values))
        var context: JSONObject = [
            "skip_backorder": true, "skip_consumption": true, "skip_immediate": true, "skip_redirection": true,
        ]
        if intent.splits { context["mo_ids_to_backorder"] = [.int(order.id)] }
        let answer = try await session.connection.call(
            OdooCall(model, "button_mark_done", ids: [order.id], context: context))
        // The answer does not tell: `true` and a window's description both come with success and without.
        let after = try await readAfterWrite(intent.order, in: session)
        guard after.state == .done else {
            let window = answer["res_model"]?.string.map { "; it opened the window \($0)" } ?? ""
            throw .reject(OdooFailures.notDone, "\(after.name) is still in the state \(after.state.rawValue)\(window)")
        }
        return .accepted(intent.acceptance)
    }

    static func inquire(_ attempt: Attempt, in session: OdooSession) async throws(OdooError) -> Inquiry {
        let intent = try CompletionIntent(json: attempt.intent)
        let order = try await read(intent.order, in: session)
        switch order.state {
        case .done:
            let made = try Exact.snap(order.produced, to: intent.step)
            guard made == intent.quantity else {
                return .cannotTell(
                    Failure(
                        OdooFailures.cannotTell,
                        "\(order.name) is done with \(made), and should be done with \(intent.quantity)"))
            }
            return .happened(intent.acceptance)
        case .cancel:
            return .cannotTell(Failure(OdooFailures.cannotTell, "\(order.name) was cancelled"))
        default:
            return .notFound
        }
    }

    private static func read(_ id: Int, in session: OdooSession) async throws(OdooError) -> OrderRecord {
        let dialect = try await session.dialect()
        guard let row = try await session.rows(.read(model, [id], OrderRecord.fields(dialect))).first else {
            throw .reject(OdooFailures.gone, "the manufacturing order #\(id) was deleted in Odoo")
        }
        return OrderRecord(row, dialect)
    }

    /// A read whose failure leaves the fate open, because the order was marked done before it.
    private static func readAfterWrite(_ id: Int, in session: OdooSession) async throws(OdooError) -> OrderRecord {
        do {
            return try await read(id, in: session)
        } catch {
            guard case .deferred = error.verdict else { throw error }
            throw OdooError(.unknown, error.failure, exception: error.exception)
        }
    }
}
