/// Of which models an operation makes records: its user must be allowed to create them, which is another right than to
/// write them. Who has the stock user's group in Odoo may write sales orders and make none.
enum MadeRecords {
    /// As the newest version calls them; each is one of the operation's ``OperationNeeds``.
    static let of: [String: [String]] = [
        "activity.create": ["mail.activity"], "attachment.add": ["ir.attachment"], "bill.create": ["account.move"],
        "bom.create": ["mrp.bom"], "downtime.record": ["mrp.workcenter.productivity"],
        "downtime.start": ["mrp.workcenter.productivity"], "equipment.upsert": ["maintenance.equipment"],
        "inventory.count": ["stock.quant"], "invoice.create": ["account.move"], "invoice.refund": ["account.move"],
        "journal.entry": ["account.move"], "lead.create": ["crm.lead"], "lot.set": ["stock.lot"],
        "maintenance.request": ["maintenance.request"], "material.consume": ["stock.lot"],
        "package.create": ["stock.package"], "partner.upsert": ["res.partner"],
        "payment.register": ["account.payment"], "price.set": ["product.pricelist.item"],
        "product.upsert": ["product.product"], "production.components": ["stock.move"],
        "production.create": ["mrp.production"], "production.unbuild": ["mrp.unbuild"],
        "purchase.create": ["purchase.order"], "quality.hold": ["stock.picking", "mail.activity"],
        "repair.create": ["repair.order"], "sale.create": ["sale.order"], "scrap.record": ["stock.scrap"],
        "task.create": ["project.task"], "transfer.complete": ["stock.lot"], "transfer.create": ["stock.picking"],
        "workorder.time": ["mrp.workcenter.productivity"],
    ]

    /// The models as this version of Odoo calls them; none for an operation that makes nothing of its own.
    static func models(of operation: String, _ version: Int) -> [String] {
        OperationNeeds(groups: [], models: of[operation] ?? []).models(version)
    }
}
