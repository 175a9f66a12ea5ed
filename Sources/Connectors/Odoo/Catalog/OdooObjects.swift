package import Contracts

/// Which objects of business Odoo's models are, and which canonical facts tell of their changes.
package enum OdooObjects {
    /// By model. In Odoo 16 to 18 a package is a `stock.quant.package`.
    static let objects: [String: BusinessObject] = [
        "res.partner": .partner, "product.product": .product, "product.template": .product,
        "product.pricelist.item": .price, "product.pricelist": .price, "product.supplierinfo": .price,
        "mrp.bom": .billOfMaterials, "mrp.bom.line": .billOfMaterials, "mrp.production": .productionOrder,
        "mrp.unbuild": .productionOrder, "mrp.workorder": .workOrder, "mrp.workcenter": .workCenter,
        "mrp.workcenter.productivity": .downtime, "stock.quant": .inventory, "stock.picking": .inventory,
        "stock.move": .inventory, "stock.move.line": .inventory, "stock.scrap": .inventory,
        "stock.package": .inventory, "stock.quant.package": .inventory, "stock.lot": .lot, "sale.order": .salesOrder,
        "sale.order.line": .salesOrder,
        "purchase.order": .purchaseOrder, "purchase.order.line": .purchaseOrder, "account.move": .invoice,
        "account.payment": .payment, "maintenance.request": .maintenance, "maintenance.equipment": .equipment,
        "repair.order": .repair, "crm.lead": .lead, "project.task": .project, "quality.check": .quality,
    ]

    /// Operations that are about something else than the first model that they write.
    private static let others: [String: BusinessObject] = [
        "purchase.receive": .inventory, "sale.deliver": .inventory, "quality.hold": .quality,
        "price.set": .price,
    ]

    /// The object of business that a model is; nil for what no system owns.
    package static func object(model: String) -> BusinessObject? { objects[model] }

    /// What an operation is about; nil where its arguments say which model, or where no system owns it.
    static func object(operation: String) -> BusinessObject? {
        others[operation] ?? OperationNeeds.of[operation]?.models.first.flatMap { objects[$0] }
    }

    /// What of a model changes by an operation, and the canonical facts that tell it.
    package struct Change: Sendable, Hashable {
        package let model: String
        package let facts: [String]
    }

    /// What an operation is sure to change in a record each time anew, so that it is told again: a new record, or
    /// values that the command brings. What leads to a state in which the record is already changes nothing. Empty
    /// where its arguments say which model.
    package static func changes(by operation: String) -> [Change] {
        let facts = told[operation] ?? []
        return (OperationNeeds.of[operation]?.models ?? []).enumerated().map { index, model in
            Change(model: model, facts: (index == 0 ? facts : []) + ["record.changed"])
        }.filter { writesAnew(operation, $0) }
    }

    /// A move of the state, which a second one does not repeat.
    private static func writesAnew(_ operation: String, _ change: Change) -> Bool {
        let verb = operation.split(separator: ".").last ?? ""
        let moves: Set<Substring> = [
            "confirm", "cancel", "approve", "post", "reserve", "unreserve", "plan", "unplan", "reset", "finish", "done",
            "complete", "start", "stop", "pause",
        ]
        return !moves.contains(verb)
    }

    private static let told: [String: [String]] = [
        "partner.upsert": ["partner.changed"], "product.upsert": ["item.changed"], "variant.set": ["item.changed"],
        "bom.create": ["bill-of-materials.changed"], "maintenance.request": ["maintenance.requested"],
        "maintenance.update": ["maintenance.scheduled"], "sale.change": ["sales-order.changed"],
        "purchase.change": ["purchase-order.changed"], "inventory.count": ["inventory.adjusted"],
    ]

    /// The canonical facts that tell changes of a model, beside `record.changed`.
    package static func facts(model: String) -> [String] {
        switch model {
        case "mrp.production":
            ["production-order.released", "production-order.changed", "production-order.closed"]
        case "purchase.order": ["purchase-order.issued", "purchase-order.changed", "purchase-order.cancelled"]
        case "sale.order": ["sales-order.confirmed", "sales-order.changed", "sales-order.cancelled"]
        case "stock.move.line": ["inbound.received", "outbound.dispatched", "inventory.adjusted", "inventory.moved"]
        case "account.move": ["invoice.posted", "invoice.paid"]
        case "product.product", "product.template": ["item.changed"]
        case "res.partner": ["partner.changed"]
        case "mrp.bom": ["bill-of-materials.changed"]
        case "maintenance.request": ["maintenance.requested", "maintenance.scheduled", "maintenance.completed"]
        default: []
        }
    }
}
