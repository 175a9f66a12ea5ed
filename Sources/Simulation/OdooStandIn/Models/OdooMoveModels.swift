/// Stock moves and their lines.
///
/// Up to 16 a line has a reserved and a done quantity; from 17 on it has one quantity and the flag `picked`.
enum OdooMoveModels {
    static let states = [
        ("draft", "New"), ("waiting", "Waiting Another Move"), ("confirmed", "Waiting Availability"),
        ("partially_available", "Partially Available"), ("assigned", "Available"), ("done", "Done"),
        ("cancel", "Cancelled"),
    ]

    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] { [moves(version), lines(version)] }

    private static func moveFields(_ version: OdooStandInVersion) -> [OdooField] {
        var fields: [OdooField] = [
            .many2one("product_id", "Product", "product.product").required.indexed,
            .quantity("product_uom_qty", "Demand").required, .many2one("product_uom", "UoM", "uom.uom").required,
            .quantity("product_qty", "Real Quantity").related("product_uom_qty"),
            .many2one("location_id", "Source Location", "stock.location").required,
            .many2one("location_dest_id", "Destination Location", "stock.location").required,
            .selection("state", "Status", states).or("draft").readonly,
            .datetime("date", "Date Scheduled").orElse { .instant($0.now) }, .char("origin", "Source Document"),
            .char("reference", "Reference").computed { env, id in
                let order =
                    env.one("stock.move", id, "raw_material_production_id")
                    ?? env.one("stock.move", id, "production_id")
                if let order { return env.value("mrp.production", order, "name") }
                if let picking = env.one("stock.move", id, "picking_id") {
                    return env.value("stock.picking", picking, "name")
                }
                let counted = env.value("stock.move", id, "inventory_name")
                if !counted.isEmpty { return counted }
                let origin = env.value("stock.move", id, "origin")
                return origin.isEmpty ? env.value("stock.move", id, "name") : origin
            },
            .many2one("company_id", "Company", "res.company").or(.id(1)),
            .many2one("raw_material_production_id", "Production Order for components", "mrp.production").indexed,
            .many2one("production_id", "Production Order for finished products", "mrp.production").indexed,
            .many2one("operation_id", "Operation To Consume", "mrp.routing.workcenter"),
            .many2one("workorder_id", "Work Order To Consume", "mrp.workorder").indexed,
            .many2one("bom_line_id", "BoM Line", "mrp.bom.line"),
            .many2one("byproduct_id", "By-products", "mrp.bom.byproduct"),
            .many2one("scrap_id", "Scrap operation", "stock.scrap").indexed,
            .float("unit_factor", "Unit Factor").or(.float(1)),
            .quantity("should_consume_qty", "Quantity To Consume").computed { env, id in .float(env.shouldConsume(id))
            },
            .one2many("move_line_ids", "Move Line", "stock.move.line", "move_id"),
            .selection(
                "has_tracking", "Product with Tracking", [("serial", "Serial"), ("lot", "Lot"), ("none", "None")]
            )
            .related("product_id.tracking"),
            .boolean("manual_consumption", "Manual Consumption"),
            .boolean("is_done", "Done").computed { env, id in
                .bool(["done", "cancel"].contains(env.text("stock.move", id, "state")))
            },
            .many2many("lot_ids", "Serial Numbers", "stock.lot").computed { env, id in
                .ids(
                    env.many("stock.move", id, "move_line_ids").compactMap { env.one("stock.move.line", $0, "lot_id") })
            },
        ]
        fields += OdooTradeModels.moveFields(version)
        if version < .v19 { fields.append(.char("name", "Description").required) }
        if version >= .v18 {
            fields.append(.many2one("location_final_id", "Final Location", "stock.location"))
        }
        if version == .v16 {
            fields.append(
                .quantity("quantity_done", "Quantity Done").computed { env, id in .float(env.moved(id)) }.writable)
            fields.append(
                .quantity("reserved_availability", "Quantity Reserved").computed { env, id in .float(env.reserved(id)) }
            )
        } else {
            fields.append(.quantity("quantity", "Quantity").computed { env, id in .float(env.moved(id)) }.writable)
            fields.append(.boolean("picked", "Picked"))
        }
        return fields
    }

    private static func moves(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration("stock.move", "Stock Move", moveFields(version)).with {
            $0.access = .stock
            $0.order = "id"
            $0.behaviour.displayName = { env, id in
                let product =
                    env.one("stock.move", id, "product_id").map { env.displayName("product.product", $0) } ?? ""
                let from = env.one("stock.move", id, "location_id").map { env.text("stock.location", $0, "name") } ?? ""
                let to =
                    env.one("stock.move", id, "location_dest_id").map { env.text("stock.location", $0, "name") } ?? ""
                return "\(product): \(from)>\(to)"
            }
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in try prepare(&env, &values) }
            $0.behaviour.created = { (env, id, names) throws(OdooFault) in
                if let picking = env.one("stock.move", id, "picking_id") { env.refreshPicking(picking) }
                guard let order = env.one("stock.move", id, "raw_material_production_id"),
                    env.text("mrp.production", order, "state") != "draft"
                else { return }
                env.confirmMove(id)
                env.reserve(id)
                env.refreshOrder(of: id)
            }
            $0.behaviour.writing = { (env, ids, values) throws(OdooFault) in try writing(&env, ids, &values) }
            $0.behaviour.written = { (env, ids, _) throws(OdooFault) in ids.forEach { env.refreshOrder(of: $0) } }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in
                for id in ids where ["done", "assigned"].contains(env.text("stock.move", id, "state")) {
                    if env.text("stock.move", id, "state") == "done" {
                        throw .userError("You can only delete draft or cancelled moves.")
                    }
                    env.unreserve(id)
                }
            }
        }
    }

    private static func prepare(_ env: inout OdooEnvironment, _ values: inout OdooValues) throws(OdooFault) {
        guard let product = values["product_id"]?.id else { return }
        if values["product_uom"] == nil { values["product_uom"] = env.value("product.product", product, "uom_id") }
        if let picking = values["picking_id"]?.id { env.preparePickingMove(picking, &values) }
        guard let order = values["raw_material_production_id"]?.id else { return }
        if values["location_id"] == nil {
            values["location_id"] = env.value("mrp.production", order, "location_src_id")
        }
        if values["location_dest_id"] == nil { values["location_dest_id"] = .id(env.productionPlace) }
        if env.version < .v19, values["name"] == nil {
            values["name"] = .text(env.displayName("product.product", product))
        }
        let planned = env.number("mrp.production", order, "product_qty")
        values["unit_factor"] = .float(planned > 0 ? (values["product_uom_qty"]?.double ?? 0) / planned : 1)
    }

    private static func writing(
        _ env: inout OdooEnvironment, _ ids: [Int], _ values: inout OdooValues
    ) throws(OdooFault) {
        for id in ids {
            if let quantity = values["quantity_done"] { env.setDone(id, quantity.double) }
            if let picked = values["picked"] {
                for line in env.many("stock.move", id, "move_line_ids") {
                    env.stamp("stock.move.line", line, ["picked": picked])
                }
                env.assign("stock.move", id, ["picked": picked])
            }
            if let quantity = values["quantity"] {
                env.setQuantity(id, quantity.double)
                env.assign(
                    "stock.move", id, ["manual_consumption": .bool(env.flag("stock.move", id, "manual_consumption"))])
            }
            if let demand = values["product_uom_qty"] {
                env.assign("stock.move", id, ["product_uom_qty": demand])
                env.recomputeMove(id)
            }
        }
        values["quantity"] = nil
        values["quantity_done"] = nil
    }

    private static func lines(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        var fields: [OdooField] = [
            .many2one("move_id", "Stock Operation", "stock.move").indexed,
            .many2one("product_id", "Product", "product.product").required,
            .many2one("product_uom_id", "Unit of Measure", "uom.uom").required,
            .many2one("lot_id", "Lot/Serial Number", "stock.lot").indexed, .char("lot_name", "Lot/Serial Number Name"),
            .many2one("location_id", "From", "stock.location").required,
            .many2one("location_dest_id", "To", "stock.location").required,
            .selection("state", "Status", states).or("draft"),
            .many2one("production_id", "Production Order", "mrp.production").related(
                "move_id.raw_material_production_id"),
            .datetime("date", "Date").orElse { .instant($0.now) },
            .many2one("company_id", "Company", "res.company").or(.id(1)),
        ]
        fields += OdooTradeModels.moveLineFields(version)
        if version == .v16 {
            fields += [.quantity("reserved_uom_qty", "Reserved"), .quantity("qty_done", "Done")]
        } else {
            fields += [.quantity("quantity", "Quantity"), .boolean("picked", "Picked")]
        }
        return OdooModelDeclaration("stock.move.line", "Product Moves (Stock Move Line)", fields).with {
            $0.access = .stock
            $0.order = "id"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                if values["move_id"] == nil { env.linkLine(&values) }
                guard let move = values["move_id"]?.id else { return }
                if values["picking_id"] == nil { values["picking_id"] = env.value("stock.move", move, "picking_id") }
                for name in ["product_id", "location_id", "location_dest_id"] where values[name] == nil {
                    values[name] = env.value("stock.move", move, name)
                }
                if values["product_uom_id"] == nil {
                    values["product_uom_id"] = env.value("stock.move", move, "product_uom")
                }
                values["state"] = env.value("stock.move", move, "state")
            }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in
                env.holdLine(id, by: env.lineReservation(id))
                env.lineChanged(id)
            }
            $0.behaviour.writing = { (env, ids, values) throws(OdooFault) in
                // The reservation follows the line: freed with the old values here, held with the new ones after.
                for id in ids { env.holdLine(id, by: -env.lineReservation(id)) }
            }
            $0.behaviour.written = { (env, ids, _) throws(OdooFault) in
                for id in ids {
                    env.holdLine(id, by: env.lineReservation(id))
                    env.lineChanged(id)
                }
            }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in
                for id in ids {
                    if env.text("stock.move.line", id, "state") == "done" {
                        throw .userError(
                            "You can not delete product moves if the picking is done. "
                                + "You can only correct the done quantities."
                        )
                    }
                    env.holdLine(id, by: -env.lineReservation(id))
                }
            }
        }
    }
}

extension OdooField {
    /// A computed field whose inverse takes what is written.
    var writable: OdooField {
        var field = self
        field.isReadonly = false
        field.isStored = true
        return field
    }
}
