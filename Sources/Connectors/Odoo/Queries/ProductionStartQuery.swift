import Contracts
import ExactJSON

/// `production.start`: may this order start here now?
struct ProductionStartQuery: OdooQuery {
    let spec = QuerySpec(
        name: "production.start",
        summary: "Whether a manufacturing order may start now, at this work center: released, its turn, material "
            + "there, work center free, nothing held back by quality; and if not, why, in words for the person at the "
            + "machine.",
        arguments: [
            .init("order", .text, required: true, "The manufacturing order, as the target's `orderBy` names it."),
            .init(
                "workcenter", .text, "Where: the work center's code, else its name; without it where the order says."),
            .init("operation", .text, "Which work order, by its name; without it the next one."),
        ],
        answer: """
            `mayStart`; `reasons` against it, each with `code` and `words`; `notes` worth knowing that are none; \
            `order` (the part that is open), `operation` and `workcenter` that it is about. Codes of reasons: \
            `not-released`, `closed`, `cancelled`, `complete`, `not-here`, `operation-done`, `operation-waits`, \
            `material`, `work-center-archived`, `work-center-blocked`, `work-center-busy`, `quality-hold`, \
            `lot-on-hold`; of notes: `running`, `not-reserved`, `no-work-orders`, `unseen`
            """,
        example: ["order": "WH/MO/00042", "workcenter": "PRESS-1"],
        needs:
            "reading manufacturing orders, work orders, work centers, stock and activities: *Manufacturing / User* and "
            + "*Inventory / User*")

    func answer(_ query: Query, in session: OdooSession) async throws(OdooError) -> JSON {
        var center: Int?
        if let name = query["workcenter"] { center = try await session.directory.workCenter(name) }
        let reader = try await OrderFactsReader(session)
        let facts = try await reader.facts(query["order"] ?? "", centers: [center].compactMap { $0 })
        let decision = try StartDecision(facts, center: center, operation: query["operation"])
        return [
            "mayStart": .bool(decision.mayStart), "order": .string(facts.order.name),
            "operation": decision.step.map { .string($0.name) } ?? .null,
            "workcenter": decision.center.map { .string(facts.name(of: $0)) } ?? .null,
            "reasons": .array(decision.reasons.map(\.json)), "notes": .array(decision.notes.map(\.json)),
        ]
    }
}
