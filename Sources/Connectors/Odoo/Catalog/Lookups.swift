/// How people call what commands refer to.
extension Lookup {
    static let partner = Lookup(model: "res.partner", by: ["ref", "vat", "email", "name"], words: "partner")
    static let country = Lookup(model: "res.country", by: ["code", "name"], words: "country")
    static let currency = Lookup(model: "res.currency", by: ["name"], words: "currency")
    static let user = Lookup(model: "res.users", by: ["login", "name"], words: "user")
    static let billOfMaterials = Lookup(model: "mrp.bom", by: ["code"], words: "bill of materials")
    static let workCenter = Lookup(model: "mrp.workcenter", by: ["code", "name"], words: "work center")
    static let location = Lookup(model: "stock.location", by: ["complete_name", "barcode"], words: "location")
    static let transferType = Lookup(
        model: "stock.picking.type", by: ["barcode", "sequence_code", "name"], words: "operation type")
    static let maintenanceStage = Lookup(model: "maintenance.stage", by: ["name"], words: "maintenance stage")
    static let account = Lookup(model: "account.account", by: ["code", "name"], words: "account")
    static let journal = Lookup(model: "account.journal", by: ["code", "name"], words: "journal")
    static let tax = Lookup(model: "account.tax", by: ["name"], words: "tax")
    static let productCategory = Lookup(model: "product.category", by: ["complete_name", "name"], words: "category")

    // Documents.
    static let transfer = Lookup(
        model: "stock.picking", by: ["name", "origin"], words: "transfer", isDocument: true)
    static let purchase = Lookup(
        model: "purchase.order", by: ["name", "partner_ref", "origin"], words: "purchase order", isDocument: true)
    static let sale = Lookup(
        model: "sale.order", by: ["name", "client_order_ref", "origin"], words: "sales order", isDocument: true)
    static let invoice = Lookup(model: "account.move", by: ["name", "ref"], words: "invoice", isDocument: true)
    static let repair = Lookup(model: "repair.order", by: ["name"], words: "repair order", isDocument: true)
    static let maintenance = Lookup(
        model: "maintenance.request", by: ["name"], words: "maintenance request", isDocument: true)
}
