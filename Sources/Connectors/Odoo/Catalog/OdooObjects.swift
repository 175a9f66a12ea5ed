package import Contracts

/// Which objects of business Odoo's models are, and which canonical facts tell of their changes.
package enum OdooObjects {
    private static let objects: [String: BusinessObject] = [
        "res.partner": .partner, "product.product": .product, "product.template": .product,
        "product.pricelist.item": .price, "product.pricelist": .price, "product.supplierinfo": .price,
        "mrp.bom": .billOfMaterials, "mrp.bom.line": .billOfMaterials, "mrp.production": .productionOrder,
        "mrp.unbuild": .productionOrder, "mrp.workorder": .workOrder, "mrp.workcenter": .workCenter,
        "mrp.workcenter.productivity": .downtime, "stock.quant": .inventory, "stock.picking": .inventory,
        "stock.move": .inventory, "stock.move.line": .inventory, "stock.scrap": .inventory,
        "stock.package": .inventory, "stock.lot": .lot, "sale.order": .salesOrder, "sale.order.line": .salesOrder,
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

    /// The models that an operation changes, as changes are told of them; empty where its arguments say which.
    package static func models(operation: String) -> [String] { OperationNeeds.of[operation]?.models ?? [] }

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
