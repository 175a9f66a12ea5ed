/// What an operation needs in Odoo: the groups of a plain user that may do it, and the models that it writes.
///
/// The tests against a real Odoo make a user of just these groups for each operation.
struct OperationNeeds: Sendable {
    /// External ids of groups, beside *Internal User*.
    let groups: [String]
    /// As the newest version calls them.
    let models: [String]

    /// For the docs: `Manufacturing / User, Inventory / User; writes mrp.production`.
    var words: String {
        guard !models.isEmpty else { return "what the model that it names asks for" }
        let rights = groups.isEmpty ? "what changing the record asks for" : groupNames
        let names = models.map { $0 == Self.package ? "`\($0)` (before Odoo 19 `stock.quant.package`)" : "`\($0)`" }
        return "\(rights); writes " + names.joined(separator: ", ")
    }

    /// The models as this version of Odoo calls them.
    func models(_ version: Int) -> [String] {
        guard let dialect = OdooDialect(version: version) else { return models }
        return models.map { $0 == Self.package ? dialect.package : $0 }
    }

    private static let package = "stock.package"

    var groupNames: String {
        groups.isEmpty ? "Internal User" : groups.map { Self.names[$0] ?? $0 }.joined(separator: ", ")
    }

    private static let names: [String: String] = [
        "account.group_account_invoice": "Invoicing",
        "account.group_account_user": "Show Full Accounting Features",
        "base.group_partner_manager": "Contact Creation",
        "base.group_user": "Internal User",
        "maintenance.group_equipment_manager": "Equipment Manager",
        "mrp.group_mrp_manager": "Manufacturing / Administrator",
        "mrp.group_mrp_routings": "Manage Work Order Operations",
        "mrp.group_mrp_user": "Manufacturing / User",
        "product.group_product_manager": "Products / Create (where the version has it)",
        "project.group_project_user": "Project / User",
        "purchase.group_purchase_manager": "Purchase / Administrator",
        "purchase.group_purchase_user": "Purchase / User",
        "sales_team.group_sale_manager": "Sales / Administrator",
        "sales_team.group_sale_salesman": "Sales / User: Own Documents Only",
        "stock.group_production_lot": "Manage Lots / Serial Numbers",
        "stock.group_stock_manager": "Inventory / Administrator",
        "stock.group_stock_user": "Inventory / User",
    ]

    /// By operation.
    static let of: [String: OperationNeeds] = [
        "activity.create": OperationNeeds(
            groups: [], models: ["mail.activity"]),
        "activity.done": OperationNeeds(
            groups: [], models: ["mail.activity"]),
        "attachment.add": OperationNeeds(
            groups: [], models: ["ir.attachment"]),
        "bill.create": OperationNeeds(
            groups: ["account.group_account_invoice"], models: ["account.move"]),
        "bom.create": OperationNeeds(
            groups: ["mrp.group_mrp_manager"], models: ["mrp.bom"]),
        "downtime.record": OperationNeeds(
            groups: ["mrp.group_mrp_user"], models: ["mrp.workcenter.productivity"]),
        "downtime.start": OperationNeeds(
            groups: ["mrp.group_mrp_user"], models: ["mrp.workcenter.productivity"]),
        "downtime.stop": OperationNeeds(
            groups: ["mrp.group_mrp_user"], models: ["mrp.workcenter.productivity"]),
        "equipment.upsert": OperationNeeds(
            groups: ["maintenance.group_equipment_manager"], models: ["maintenance.equipment"]),
        "inventory.count": OperationNeeds(
            groups: ["stock.group_stock_manager"], models: ["stock.quant"]),
        "invoice.cancel": OperationNeeds(
            groups: ["account.group_account_invoice"], models: ["account.move"]),
        "invoice.create": OperationNeeds(
            groups: ["account.group_account_invoice"], models: ["account.move"]),
        "invoice.post": OperationNeeds(
            groups: ["account.group_account_invoice"], models: ["account.move"]),
        "invoice.refund": OperationNeeds(
            groups: ["account.group_account_invoice"], models: ["account.move"]),
        "invoice.reset": OperationNeeds(
            groups: ["account.group_account_invoice"], models: ["account.move"]),
        "journal.entry": OperationNeeds(
            groups: ["account.group_account_user"], models: ["account.move"]),
        "lead.create": OperationNeeds(
            groups: ["sales_team.group_sale_salesman"], models: ["crm.lead"]),
        "lot.set": OperationNeeds(
            groups: ["stock.group_stock_user", "stock.group_production_lot"], models: ["stock.lot"]),
        "maintenance.request": OperationNeeds(
            groups: ["base.group_user"], models: ["maintenance.request"]),
        "maintenance.update": OperationNeeds(
            groups: ["base.group_user"], models: ["maintenance.request"]),
        "material.consume": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"],
            models: ["mrp.production", "stock.move", "stock.lot"]),
        "package.create": OperationNeeds(
            groups: ["stock.group_stock_user"], models: ["stock.package"]),
        "partner.upsert": OperationNeeds(
            groups: ["base.group_partner_manager"], models: ["res.partner"]),
        "payment.register": OperationNeeds(
            groups: ["account.group_account_invoice"], models: ["account.payment"]),
        "price.set": OperationNeeds(
            groups: ["sales_team.group_sale_manager", "product.group_product_manager"],
            models: ["product.pricelist.item"]),
        "product.upsert": OperationNeeds(
            groups: ["stock.group_stock_manager", "product.group_product_manager"], models: ["product.product"]),
        "production.byproducts": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"], models: ["mrp.production", "stock.move"]),
        "production.cancel": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"], models: ["mrp.production"]),
        "production.complete": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"],
            models: ["mrp.production", "mrp.workorder", "stock.move"]),
        "production.components": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"], models: ["mrp.production", "stock.move"]),
        "production.confirm": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"], models: ["mrp.production"]),
        "production.create": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"], models: ["mrp.production"]),
        "production.plan": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user", "mrp.group_mrp_routings"],
            models: ["mrp.production", "mrp.workorder"]),
        "production.progress": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"],
            models: ["mrp.production", "mrp.workorder", "stock.move"]),
        "production.reserve": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"], models: ["mrp.production"]),
        "production.unbuild": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"], models: ["mrp.unbuild"]),
        "production.unplan": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user", "mrp.group_mrp_routings"],
            models: ["mrp.production", "mrp.workorder"]),
        "production.unreserve": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"], models: ["mrp.production"]),
        "purchase.acknowledge": OperationNeeds(
            groups: ["purchase.group_purchase_user", "stock.group_stock_user"], models: ["purchase.order"]),
        "purchase.approve": OperationNeeds(
            groups: ["purchase.group_purchase_manager"], models: ["purchase.order"]),
        "purchase.cancel": OperationNeeds(
            groups: ["purchase.group_purchase_user", "stock.group_stock_user"], models: ["purchase.order"]),
        "purchase.change": OperationNeeds(
            groups: ["purchase.group_purchase_user", "stock.group_stock_user"], models: ["purchase.order"]),
        "purchase.confirm": OperationNeeds(
            groups: ["purchase.group_purchase_user", "stock.group_stock_user"], models: ["purchase.order"]),
        "purchase.create": OperationNeeds(
            groups: ["purchase.group_purchase_user", "stock.group_stock_user"], models: ["purchase.order"]),
        "purchase.receive": OperationNeeds(
            groups: ["purchase.group_purchase_user", "stock.group_stock_user"],
            models: ["purchase.order", "stock.picking"]),
        "quality.hold": OperationNeeds(
            groups: ["stock.group_stock_user", "stock.group_production_lot"],
            models: ["stock.picking", "mail.activity"]),
        "record.call": OperationNeeds(
            groups: [], models: []),
        "record.create": OperationNeeds(
            groups: [], models: []),
        "record.upsert": OperationNeeds(
            groups: [], models: []),
        "record.write": OperationNeeds(
            groups: [], models: []),
        "repair.cancel": OperationNeeds(
            groups: ["stock.group_stock_user"], models: ["repair.order"]),
        "repair.confirm": OperationNeeds(
            groups: ["stock.group_stock_user"], models: ["repair.order"]),
        "repair.create": OperationNeeds(
            groups: ["stock.group_stock_user"], models: ["repair.order"]),
        "repair.finish": OperationNeeds(
            groups: ["stock.group_stock_user"], models: ["repair.order"]),
        "repair.start": OperationNeeds(
            groups: ["stock.group_stock_user"], models: ["repair.order"]),
        "sale.cancel": OperationNeeds(
            groups: ["sales_team.group_sale_salesman", "stock.group_stock_user"], models: ["sale.order"]),
        "sale.change": OperationNeeds(
            groups: ["sales_team.group_sale_salesman", "stock.group_stock_user"], models: ["sale.order"]),
        "sale.confirm": OperationNeeds(
            groups: ["sales_team.group_sale_salesman", "stock.group_stock_user"], models: ["sale.order"]),
        "sale.create": OperationNeeds(
            groups: ["sales_team.group_sale_salesman", "stock.group_stock_user"], models: ["sale.order"]),
        "sale.deliver": OperationNeeds(
            groups: ["sales_team.group_sale_salesman", "stock.group_stock_user"],
            models: ["sale.order", "stock.picking"]),
        "scrap.record": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user"], models: ["stock.scrap"]),
        "task.create": OperationNeeds(
            groups: ["project.group_project_user"], models: ["project.task"]),
        "task.update": OperationNeeds(
            groups: ["project.group_project_user"], models: ["project.task"]),
        "transfer.cancel": OperationNeeds(
            groups: ["stock.group_stock_user"], models: ["stock.picking"]),
        "transfer.complete": OperationNeeds(
            groups: ["stock.group_stock_user", "stock.group_production_lot"],
            models: ["stock.picking", "stock.move", "stock.lot"]),
        "transfer.confirm": OperationNeeds(
            groups: ["stock.group_stock_user"], models: ["stock.picking"]),
        "transfer.create": OperationNeeds(
            groups: ["stock.group_stock_user"], models: ["stock.picking"]),
        "transfer.reserve": OperationNeeds(
            groups: ["stock.group_stock_user"], models: ["stock.picking"]),
        "variant.set": OperationNeeds(
            groups: ["stock.group_stock_manager", "product.group_product_manager"], models: ["product.product"]),
        "workcenter.set": OperationNeeds(
            groups: ["mrp.group_mrp_manager"], models: ["mrp.workcenter"]),
        "workorder.finish": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user", "mrp.group_mrp_routings"],
            models: ["mrp.workorder"]),
        "workorder.pause": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user", "mrp.group_mrp_routings"],
            models: ["mrp.workorder"]),
        "workorder.start": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user", "mrp.group_mrp_routings"],
            models: ["mrp.workorder"]),
        "workorder.time": OperationNeeds(
            groups: ["mrp.group_mrp_user", "stock.group_stock_user", "mrp.group_mrp_routings"],
            models: ["mrp.workcenter.productivity"]),
    ]
}
