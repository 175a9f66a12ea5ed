/// What systems of record own: the objects of business that several systems know. See `ownership.yaml`.
package enum BusinessObject: String, Sendable, CaseIterable {
    case partner, product, price, lot, inventory, quality, equipment, maintenance, repair, downtime, lead, project
    case billOfMaterials = "bill-of-materials"
    case workCenter = "work-center"
    case workOrder = "work-order"
    case productionOrder = "production-order"
    case salesOrder = "sales-order"
    case purchaseOrder = "purchase-order"
    case invoice, payment

    /// What a person calls it, for the documentation.
    package var summary: String {
        switch self {
        case .partner: "customers, suppliers, contacts"
        case .product: "products and their variants"
        case .price: "prices and price lists"
        case .lot: "lots and serial numbers"
        case .inventory: "stock, transfers, counts, scrap"
        case .quality: "inspections and holds"
        case .equipment: "the equipment's master data"
        case .maintenance: "maintenance requests"
        case .repair: "repair orders"
        case .downtime: "stops and working times of work centers"
        case .lead: "leads and opportunities"
        case .project: "projects and tasks"
        case .billOfMaterials: "bills of materials"
        case .workCenter: "work centers"
        case .workOrder: "work orders"
        case .productionOrder: "manufacturing orders"
        case .salesOrder: "orders of customers"
        case .purchaseOrder: "orders to suppliers"
        case .invoice: "invoices, bills, journal entries"
        case .payment: "payments"
        }
    }
}
