import ExactJSON

/// Repair orders.
///
/// In 16 they are quotations with invoices of their own; from 17 on they are stock operations with a type of their own.
enum OdooRepairModels {
    static let order = "repair.order"
    private static let shortage = "stock.warn.insufficient.qty.repair"

    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] { [orders(version), warning] }

    private static func fields(_ version: OdooStandInVersion) -> [OdooField] {
        let states =
            version == .v16
            ? [
                ("draft", "Quotation"), ("confirmed", "Confirmed"), ("ready", "Ready to Repair"),
                ("under_repair", "Under Repair"), ("2binvoiced", "To be Invoiced"), ("done", "Repaired"),
                ("cancel", "Cancelled"),
            ]
            : [
                ("draft", "New"), ("confirmed", "Confirmed"), ("under_repair", "Under Repair"), ("done", "Repaired"),
                ("cancel", "Cancelled"),
            ]
        let product = OdooField.many2one("product_id", "Product to Repair", "product.product")
        let quantity = OdooField.quantity("product_qty", "Product Quantity").or(.float(1))
        let unit = OdooField.many2one("product_uom", "Product Unit of Measure", "uom.uom")
        var fields: [OdooField] = [
            .char("name", "Repair Reference").required.readonly.notCopied.indexed.or("New"),
            version == .v16 ? product.required : product, version == .v16 ? quantity.required : quantity,
            version == .v16 ? unit.required : unit, .many2one("lot_id", "Lot/Serial", "stock.lot"),
            .many2one("partner_id", "Customer", "res.partner"),
            .selection("state", "Status", states).readonly.notCopied.or("draft"),
            .selection("priority", "Priority", [("0", "Normal"), ("1", "Urgent")]).or("0"),
            .many2one("location_id", "Location", "stock.location").required.orElse { .id($0.stockPlace) },
            .html("internal_notes", "Internal Notes"),
            .many2one("user_id", "Responsible", "res.users").orElse { .id($0.uid) },
            .many2one("company_id", "Company", "res.company").required.readonly.or(.id(1)),
            .many2one("move_id", "Inventory Move", "stock.move").readonly.notCopied,
        ]
        if version == .v16 {
            fields += [
                .char("description", "Repair Description"), .date("schedule_date", "Scheduled Date"),
                .boolean("invoiced", "Invoiced").readonly.notCopied,
                .boolean("repaired", "Repaired").readonly.notCopied,
                .selection(
                    "invoice_method", "Invoice Method",
                    [("none", "No Invoice"), ("b4repair", "Before Repair"), ("after_repair", "After Repair")]
                ).required.or("none"),
            ]
        } else {
            fields += [
                .datetime("schedule_date", "Scheduled Date").required.notCopied.orElse { .instant($0.now) },
                .many2one("picking_type_id", "Operation Type", "stock.picking.type").required.orElse { env in
                    env.record("repair.picking_type").map { .id($0) } ?? .empty
                },
                .boolean("under_warranty", "Under Warranty"),
            ]
        }
        if version >= .v18 {
            for (name, label) in [
                ("product_location_src_id", "Product Source Location"),
                ("product_location_dest_id", "Product Destination Location"),
            ] {
                fields.append(.many2one(name, label, "stock.location").required.orElse { .id($0.stockPlace) })
            }
        }
        return fields
    }

    private static func orders(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(order, "Repair Order", fields(version)).with {
            $0.access = OdooAccess(readers: [.stockUser], writers: [.stockUser])
            $0.order = "priority desc, create_date desc"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                if version == .v16 || ["", "New"].contains(values["name"]?.text ?? "") {
                    values["name"] = .text(env.next(order, prefix: version == .v16 ? "RO/" : "WH/RO/"))
                }
                if let product = values["product_id"]?.id, values["product_uom"]?.id == nil {
                    values["product_uom"] = env.value("product.product", product, "uom_id")
                }
            }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in try env.release(repairs: ids) }
            $0.methods["action_validate"] = .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                let id = try call.single()
                if let window = env.shortage(ofRepair: id) { return .json(window) }
                try env.confirm(repairs: [id])
                return .done
            }
            $0.methods["action_repair_start"] = .together { (env, ids) throws(OdooFault) in
                try env.start(repairs: ids)
            }
            $0.methods["action_repair_end"] = .together { (env, ids) throws(OdooFault) in try env.end(repairs: ids) }
            $0.methods["action_repair_cancel"] = .together { (env, ids) throws(OdooFault) in
                try env.cancel(repairs: ids)
            }
            $0.methods["action_repair_cancel_draft"] = .together { (env, ids) throws(OdooFault) in
                try env.reopen(repairs: ids)
            }
        }
    }

    /// The window for a product of which too little lies there.
    private static var warning: OdooModelDeclaration {
        OdooModelDeclaration(
            shortage, "Warn Insufficient Repair Quantity",
            [
                .many2one("product_id", "Product", "product.product").required,
                .many2one("location_id", "Location", "stock.location").required,
                .many2one("repair_id", "Repair", order),
                .quantity("quantity", "Quantity").required, .char("product_uom_name", "Unit of Measure"),
            ]
        ).with {
            $0.isTransient = true
            $0.access = OdooAccess(readers: [.stockUser], writers: [.stockUser])
            $0.recordName = "id"
            $0.methods["action_done"] = .records { (env, call) throws(OdooFault) in
                guard let repair = env.one(shortage, try call.single(), "repair_id") else { return .done }
                try env.confirm(repairs: [repair])
                return .done
            }
        }
    }

    /// What repairs add to the stock: moves that belong to them, and a type of operation.
    static func extend(_ models: inout [OdooModelDeclaration], _ version: OdooStandInVersion) {
        models.extend("stock.move") { $0.fields.append(.many2one("repair_id", "Repair", order).indexed) }
        guard version >= .v17 else { return }
        models.extend("stock.picking.type") { type in
            type.fields = type.fields.map { field in
                guard field.name == "code", case .selection(let keys) = field.kind else { return field }
                return OdooField.selection(
                    "code", field.label, keys.map { ($0.key, $0.label) } + [("repair_operation", "Repair")]
                )
                .required
            }
        }
    }
}

extension OdooEnvironment {
    mutating func installRepairs() {
        guard version >= .v17, let warehouse = record("stock.warehouse0") else { return }
        _ = data(
            "repair.picking_type", "stock.picking.type",
            [
                "name": "Repairs", "code": "repair_operation", "sequence_code": "RO", "sequence": .integer(11),
                "warehouse_id": .id(warehouse),
                "default_location_src_id": .id(stockPlace), "default_location_dest_id": .id(productionPlace),
            ])
    }
}
