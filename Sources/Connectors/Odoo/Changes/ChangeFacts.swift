import Canonical
import ExactJSON

/// Turns changes in Odoo into canonical events. Pure: what stands behind ids comes with the ``ChangeCodes``.
///
/// A change becomes one event. Where its canonical fact lacks something that it must have (a product without a code),
/// or no canonical fact says it, it is a `record.changed` in Odoo's own words.
struct ChangeFacts: Sendable {
    /// `/{plant}/{source name}`
    let source: String
    let plant: String
    /// Odoo's database, which record ids belong to.
    let database: String

    /// A fact without what all of them have.
    struct Fact: Sendable, Hashable {
        let name: String
        var subject: String?
        var data: JSONObject

        init(_ name: String, subject: String? = nil, _ data: [(String, JSON?)]) {
            self.name = name
            self.subject = subject
            self.data = [:]
            for (key, value) in data { if let value { self.data[key] = value } }
        }
    }

    func event(_ change: OdooChange, _ codes: ChangeCodes) -> Event {
        var fact = Self.record(change, codes)
        if let canonical = Self.canonical(change, codes), let shape = FactShape.named(canonical.name),
            shape.faults(in: .object(canonical.data)).isEmpty
        {
            fact = canonical
        }
        fact.data["native"] = native(change)
        let name = FactShape.named(fact.name)
        return Event(
            id: "\(change.identity):\(change.operation.rawValue)", source: source,
            type: name?.type ?? "millwright.\(fact.name).v1",
            subject: fact.subject, time: change.at, attributes: ["plant": plant], data: .object(fact.data))
    }

    /// Odoo's own names and raw values, beside the canonical fields.
    private func native(_ change: OdooChange) -> JSON {
        var members: JSONObject = [
            "system": "odoo", "database": .string(database), "model": .string(change.model), "id": .int(change.id),
            "operation": .string(change.operation.rawValue), "values": .object(change.values),
        ]
        members["changed"] = change.changed.map { .array($0.map { .string($0) }) }
        if !change.before.isEmpty { members["before"] = .object(change.before) }
        members["user"] = change.user.map { .int($0) }
        members["company"] = change.company.map { .int($0) }
        members["origin"] = change.origin.map { .string($0) }
        return .object(members)
    }

    /// The canonical fact of a change; nil where there is none. May lack fields that its shape requires.
    static func canonical(_ change: OdooChange, _ codes: ChangeCodes) -> Fact? {
        switch change.model {
        case "mrp.production": productionOrder(change, codes)
        case "purchase.order": purchaseOrder(change, codes)
        case "sale.order": salesOrder(change, codes)
        case "stock.move.line": movement(change, codes)
        case "account.move": invoice(change, codes)
        case "product.product", "product.template": item(change, codes)
        case "res.partner": partner(change, codes)
        case "mrp.bom": billOfMaterials(change, codes)
        case "maintenance.request": maintenance(change, codes)
        default: nil
        }
    }

    /// What is said of every record alike.
    static func record(_ change: OdooChange, _ codes: ChangeCodes) -> Fact {
        Fact(
            "record.changed", subject: subject(change, codes),
            [
                ("model", .string(change.model)), ("id", .int(change.id)),
                ("name", change.text("name").map(JSON.string)),
                ("operation", .string(change.operation.rawValue)),
                ("changed", change.changed.map { .array($0.map { .string($0) }) }),
                ("before", change.before.isEmpty ? nil : .object(change.before)), ("values", .object(change.values)),
            ])
    }

    /// What a change is about: the document, for a line the document that it belongs to; so that both keep their order.
    private static func subject(_ change: OdooChange, _ codes: ChangeCodes) -> String {
        let parents: [(field: String, model: String)] = [
            ("order_id", ChangeCodes.orders[change.model] ?? ""), ("raw_material_production_id", "mrp.production"),
            ("production_id", "mrp.production"), ("picking_id", "stock.picking"),
        ]
        for (field, model) in parents {
            if let name = codes.text(model, change.link(field), "name") { return name }
        }
        let documents: Set = ["mrp.production", "purchase.order", "sale.order", "stock.picking", "account.move"]
        if documents.contains(change.model), let name = change.text("name"), name != "/" { return name }
        return "\(change.model)/\(change.id)"
    }
}
