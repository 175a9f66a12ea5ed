import Canonical
import Contracts
import ExactJSON

/// `sale.status` and `purchase.status`: how far an order with a customer or a vendor is.
struct TradeStatusQuery: OdooQuery {
    /// Lines of an order that are read.
    static let maximumLines = 500

    /// What the two kinds of orders call things.
    struct Names: Sendable {
        let model: String
        let lookup: Lookup
        /// The date when it is to be there.
        let due: String
        let quantity: String
        let moved: String
        /// What ``moved`` is called in the answer.
        let movedWord: String
        let invoiced: String
    }

    static let sale = TradeStatusQuery(
        names: Names(
            model: "sale.order", lookup: .sale, due: "commitment_date", quantity: "product_uom_qty",
            moved: "qty_delivered", movedWord: "delivered", invoiced: "qty_invoiced"),
        spec: spec("sale", "customer", "delivered", "S00042", "`sale.order`: *Sales / User*"))
    static let purchase = TradeStatusQuery(
        names: Names(
            model: "purchase.order", lookup: .purchase, due: "date_planned", quantity: "product_qty",
            moved: "qty_received", movedWord: "received", invoiced: "qty_invoiced"),
        spec: spec("purchase", "vendor", "received", "P00042", "`purchase.order`: *Purchase / User*"))

    let names: Names
    let spec: QuerySpec

    private static func spec(
        _ area: String, _ partner: String, _ moved: String, _ example: String, _ needs: String
    ) -> QuerySpec {
        QuerySpec(
            name: "\(area).status",
            summary: "How far an order with a \(partner) is: state, what is \(moved), invoiced, open.",
            arguments: [.init("order", .text, required: true, "The order's name, or the partner's reference.")],
            answer: """
                `order`, `id`, `state` (Odoo's own word), `partner`, `ordered`, `due`, `isComplete` (all is \
                \(moved)), and `lines` with `product`, `quantity`, `\(moved)`, `invoiced`, `open` and `unit`
                """,
            example: ["order": example], needs: "reading \(needs)")
    }

    func answer(_ query: Query, in session: OdooSession) async throws(OdooError) -> JSON {
        let id = try await session.directory.record(names.lookup, .string(query["order"] ?? ""))
        let orders = try await session.rows(
            .read(names.model, [id], ["name", "state", "partner_id", "date_order", names.due]))
        guard let order = orders.first else {
            throw .reject(OdooFailures.gone, "\(names.model) #\(id) is not in Odoo any more")
        }
        let unit = try await session.dialect().orderLineUnit
        let rows = try await session.rows(
            .find(
                names.model + ".line", [["order_id", "=", .int(id)], ["display_type", "=", false]],
                ["product_id", "name", names.quantity, names.moved, names.invoiced, unit], order: "sequence, id",
                limit: Self.maximumLines))
        var lines: [JSON] = []
        var isComplete = true
        for row in rows {
            let open = try Exact.subtract(row.number(names.quantity), row.number(names.moved))
            if !open.isZero, !open.isNegative { isComplete = false }
            lines.append([
                "product": (row.label("product_id") ?? row.text("name")).map { .string($0) } ?? .null,
                "quantity": .number(row.number(names.quantity).trimmed()),
                names.movedWord: .number(row.number(names.moved).trimmed()),
                "invoiced": .number(row.number(names.invoiced).trimmed()),
                "open": .number(max(ExactNumber(0), open).trimmed()),
                "unit": row.label(unit).map { .string($0) } ?? .null,
            ])
        }
        return [
            "order": .string(order.text("name") ?? ""), "id": .int(id), "state": .string(order.text("state") ?? ""),
            "partner": order.label("partner_id").map { .string($0) } ?? .null,
            "ordered": order.instant("date_order").map { .string($0.description) } ?? .null,
            "due": order.instant(names.due).map { .string($0.description) } ?? .null,
            "isComplete": .bool(isComplete && !rows.isEmpty), "lines": .array(lines),
        ]
    }
}
