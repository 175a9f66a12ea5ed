import Canonical
import Contracts
import ExactJSON

/// `production.status`: how far a manufacturing order is, and what holds it up.
struct ProductionStatusQuery: OdooQuery {
    let spec = QuerySpec(
        name: "production.status",
        summary: "How far a manufacturing order is: state, quantities, work orders, components, and what keeps it from "
            + "going on.",
        arguments: [
            .init("order", .text, required: true, "The manufacturing order, as the target's `orderBy` names it.")
        ],
        answer: """
            `order`, `id`, `state` (`draft`, `confirmed`, `progress`, `to_close`, `done`, `cancel`), `product`, \
            `unit`; `planned`, `produced` and `remaining` of the whole order with its backorders; `start`, `end`, \
            `deadline`; `workOrders` with `name`, `workcenter`, `state`, `produced`, `start`, `end` and `waitsFor`; \
            `components` with `item`, `needed`, `used`, `reserved`, `missing` and `unit`; `componentsState`: \
            `available`, `short` or `none`; `backorders`; `blockers`: the reasons of `production.start` for the next \
            work order
            """,
        example: ["order": "WH/MO/00042"],
        needs: "as `production.start`")

    func answer(_ query: Query, in session: OdooSession) async throws(OdooError) -> JSON {
        let facts = try await OrderFactsReader(session).facts(query["order"] ?? "")
        return try Self.answer(facts, try StartDecision(facts))
    }

    /// The answer that the facts make. Pure.
    static func answer(_ facts: OrderFacts, _ decision: StartDecision) throws(OdooError) -> JSON {
        let order = facts.order
        let (planned, produced) = try totals(facts)
        let remaining = max(ExactNumber(0), try Exact.subtract(planned, produced))
        return [
            "order": .string(order.name), "id": .int(order.id), "state": .string(word(order.state)),
            "product": ["id": .int(order.product), "name": .string(order.productLabel)],
            "unit": .string(facts.unit), "planned": .number(planned), "produced": .number(produced),
            "remaining": .number(remaining), "start": json(facts.start), "end": json(facts.end),
            "deadline": json(facts.deadline),
            "workOrders": .array(facts.steps.map { json($0, facts) }),
            "componentsState": .string(componentsState(facts, decision)),
            "components": .array(facts.components.map(json)),
            "backorders": .array(
                facts.family.filter { $0.id != order.id }.map {
                    [
                        "order": .string($0.name), "state": .string(word($0.state)), "planned": .number($0.planned),
                        "produced": .number($0.shown),
                    ]
                }),
            // What is over is no obstacle to be told of.
            "blockers": order.isOpen ? .array(decision.reasons.map(\.json)) : [],
        ]
    }

    private static func word(_ state: OrderRecord.State) -> String { state.rawValue }

    /// Of the order with its backorders; what is cancelled is not planned any more.
    private static func totals(_ facts: OrderFacts) throws(OdooError) -> (ExactNumber, ExactNumber) {
        var (planned, produced) = (ExactNumber(0), ExactNumber(0))
        let living = facts.family.filter { $0.state != .cancel }
        for part in living.isEmpty ? facts.family : living {
            planned = try Exact.add(planned, part.planned)
            if part.state != .cancel { produced = try Exact.add(produced, part.shown) }
        }
        return (planned.trimmed(), produced.trimmed())
    }

    private static func componentsState(_ facts: OrderFacts, _ decision: StartDecision) -> String {
        if facts.components.isEmpty { return "none" }
        let isShort = facts.components.contains { $0.isStockKept && $0.missing > max(ExactNumber(0), $0.free) }
        return isShort || decision.reasons.contains { $0.code == .material } ? "short" : "available"
    }

    private static func json(_ step: OrderFacts.Step, _ facts: OrderFacts) -> JSON {
        let before = facts.steps.filter { step.after.contains($0.id) && $0.isOpen }
        return [
            "name": .string(step.name), "workcenter": .string(facts.name(of: step.center)),
            "state": .string(step.state), "produced": .number(step.produced.trimmed()), "start": json(step.start),
            "end": json(step.end), "waitsFor": .array(before.map { .string($0.name) }),
        ]
    }

    private static func json(_ component: OrderFacts.Component) -> JSON {
        [
            "item": .string(component.item), "needed": .number(component.needed.trimmed()),
            "used": .number(component.used.trimmed()), "reserved": .number(component.reserved.trimmed()),
            "missing": .number(component.missing.trimmed()), "unit": .string(component.unit),
        ]
    }

    private static func json(_ instant: Instant?) -> JSON { instant.map { .string($0.description) } ?? .null }
}
