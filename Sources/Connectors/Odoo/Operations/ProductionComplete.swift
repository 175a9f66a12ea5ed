import Canonical
import Contracts
import ExactJSON

/// `production.complete`: closes an order with what was made: lots, consumed components, backorder or short close.
struct ProductionComplete: OdooOperation {
    static let name = "production.complete"

    let spec = OperationSpec(
        name: Self.name,
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

    private let model = "mrp.production"

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let request = try CompletionRequest(Arguments(command))
        var product: Int?
        if let item = request.item { product = try await session.directory.product(code: item).id }
        let family = try await session.family(request.order, product: product)
        let key = LedgerKey("order/\(family.number)")
        guard let entry = ledger.first(where: { $0.key == key }) else { return .needsLedger([key]) }
        let part = family.open(for: request.order) ?? family.orders.last
        let (units, unit) = try await session.directory.unit(part?.unit ?? 0)
        let doubt = CompletionDoubt(
            request: request, family: family, entry: entry, isByName: session.options.orderBy == .name, units: units,
            unit: unit)
        if command.mayBeDone, !command.isDecided, let acceptance = try doubt.acceptance() {
            return .settled(.accepted(acceptance))
        }
        // A draft is confirmed on the way, so only a closed order is refused.
        let order =
            if let draft = family.open(for: request.order), draft.state == .draft { draft } else {
                try OdooSession.running(family, reference: request.order, what: "a completion")
            }
        var products: [String: Int] = [:]
        for consumed in request.consumed {
            products[consumed.item] = try await session.directory.product(code: consumed.item).id
        }
        let moves = try await session.moves(of: order)
        let decision = CompletionDecision(
            request: request, family: family, order: order, moves: moves, products: products, units: units, unit: unit,
            dialect: try await session.dialect(), hasForeign: command.isDecided && command.isOfDoubt && doubt.isThere)
        let intent = try decision.decide(entry)
        guard order.state == .draft else {
            return .ready(intent: try await plan(intent, order, moves, in: session).json)
        }
        // Its components and work orders are known when it is confirmed.
        let confirm = PlanStep.call(
            model: model, method: "action_confirm", ids: [.int(order.id)], arguments: [:], context: [:],
            when: [["state", "=", "draft"]], alias: nil)
        return .ready(
            intent: OdooPlan(
                steps: [confirm], evidence: evidence(intent), acceptance: intent.acceptance, rest: intent.json
            ).json)
    }

    func rest(of plan: OdooPlan, in session: OdooSession) async throws(OdooError) -> OdooPlan {
        let intent = try CompletionIntent(json: plan.rest ?? .null)
        let dialect = try await session.dialect()
        guard let row = try await session.rows(.read(model, [intent.order], OrderRecord.fields(dialect))).first else {
            throw .reject(OdooFailures.gone, "the manufacturing order #\(intent.order) was deleted in Odoo")
        }
        let order = OrderRecord(row, dialect)
        return try await self.plan(intent, order, try await session.moves(of: order), in: session)
    }

    /// One write, mark done, and a look whether it is: the answer does not tell, as `true` and a window's description
    /// both come with success and without.
    private func plan(
        _ intent: CompletionIntent, _ order: OrderRecord, _ moves: [MoveRecord], in session: OdooSession
    ) async throws(OdooError) -> OdooPlan {
        let lots = try await session.lots(intent.lots)
        let values = try CompletionValues.values(
            intent, order: order, moves: moves, lots: lots.ids, units: try await session.directory.unitTable(),
            try await session.dialect())
        var context: JSONObject = [
            "skip_backorder": true, "skip_consumption": true, "skip_immediate": true, "skip_redirection": true,
        ]
        if intent.splits { context["mo_ids_to_backorder"] = [.int(order.id)] }
        let ids: JSON = [.int(order.id)]
        let isOpen = PlanStep.guarded(
            model: model, ids: ids, domain: [["state", "not in", ["done", "cancel"]]],
            refusal: .code(OdooFailures.changedMeanwhile.code))
        let isDone = PlanStep.guarded(
            model: model, ids: ids, domain: [["state", "=", "done"]], refusal: .code(OdooFailures.notDone.code))
        return OdooPlan(
            steps: [isOpen] + lots.steps + [
                .write(model: model, ids: ids, values: values, when: nil),
                .call(
                    model: model, method: "button_mark_done", ids: ids, arguments: [:], context: context, when: nil,
                    alias: nil),
                isDone,
            ], evidence: evidence(intent), acceptance: intent.acceptance, isReadAnew: true)
    }

    private func evidence(_ intent: CompletionIntent) -> PlanEvidence {
        PlanEvidence(
            model: model, subject: .record(intent.order), mark: .init(field: "state", done: ["done"], lost: ["cancel"]),
            changes: [
                ValueChange(
                    model: model, id: intent.order, field: "qty_produced", seen: 0, before: ExactNumber(0),
                    after: intent.quantity, step: intent.step)
            ])
    }
}
