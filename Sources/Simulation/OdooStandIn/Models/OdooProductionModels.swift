import ExactJSON

/// Manufacturing orders: fields, hooks and methods; what they do stands in the files of ``OdooEnvironment``.
enum OdooProductionModels {
    static let states = [
        ("draft", "Draft"), ("confirmed", "Confirmed"), ("progress", "In Progress"), ("to_close", "To Close"),
        ("done", "Done"), ("cancel", "Cancelled"),
    ]

    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] { [productions(version)] }

    private static func fields(_ version: OdooStandInVersion) -> [OdooField] {
        var fields: [OdooField] = [
            .char("name", "Reference").readonly.notCopied.indexed, .char("origin", "Source").notCopied.indexed,
            .selection("priority", "Priority", [("0", "Normal"), ("1", "Urgent")]).or("0"),
            .integer("backorder_sequence", "Backorder Sequence").notCopied,
            .many2one("product_id", "Product", "product.product").required.indexed,
            .many2one("product_tmpl_id", "Product Template", "product.template").related("product_id.product_tmpl_id"),
            .selection(
                "product_tracking", "Product Tracking", [("serial", "Serial"), ("lot", "Lot"), ("none", "None")]
            )
            .related("product_id.tracking"),
            .quantity("product_qty", "Quantity To Produce").required,
            .many2one("product_uom_id", "Product Unit of Measure", "uom.uom").required,
            .quantity("qty_producing", "Quantity Producing").notCopied,
            .quantity("qty_produced", "Quantity Produced").computed { env, id in .float(env.produced(id)) },
            .quantity("product_uom_qty", "Total Quantity").related("product_qty"),
            .many2one("bom_id", "Bill of Material", "mrp.bom").indexed,
            .many2one("picking_type_id", "Operation Type", "stock.picking.type").required,
            .many2one("location_src_id", "Components Location", "stock.location").required,
            .many2one("location_dest_id", "Finished Products Location", "stock.location").required,
            .selection("state", "State", states).readonly.notCopied.or("draft"),
            .selection(
                "reservation_state", "MO Readiness",
                [("confirmed", "Waiting"), ("assigned", "Ready"), ("waiting", "Waiting Another Operation")]
            ).readonly.notCopied,
            .one2many("move_raw_ids", "Components", "stock.move", "raw_material_production_id"),
            .one2many("move_finished_ids", "Finished Products", "stock.move", "production_id"),
            byproducts,
            .one2many("workorder_ids", "Work Orders", "mrp.workorder", "production_id"),
            .one2many("scrap_ids", "Scraps", "stock.scrap", "production_id"),
            .integer("scrap_count", "Scrap Move").computed { env, id in
                .integer(env.many("mrp.production", id, "scrap_ids").count)
            },
            .many2one("user_id", "Responsible", "res.users").orElse { .id($0.uid) },
            .many2one("company_id", "Company", "res.company").required.or(.id(1)),
            .selection("consumption", "Consumption", OdooBomModels.consumption).required.or("flexible"),
            .boolean("is_locked", "Is Locked"), .boolean("is_planned", "Its Operations are Planned"),
            .datetime("date_deadline", "Deadline"),
        ]
        let now: OdooField.Default = { .instant($0.now / 1_000_000 * 1_000_000) }
        if version == .v16 {
            fields += [
                .datetime("date_planned_start", "Scheduled Date").required.notCopied.orElse(now),
                .datetime("date_planned_finished", "Scheduled End Date").readonly.notCopied,
                .datetime("date_start", "Start Date").readonly.notCopied,
                .datetime("date_finished", "End Date").readonly.notCopied,
            ]
        } else {
            fields += [
                .datetime("date_start", "Start").required.notCopied.orElse(now),
                .datetime("date_finished", "End").readonly.notCopied,
            ]
        }
        if version == .v19 {
            fields += [
                .many2many("lot_producing_ids", "Lot/Serial Number", "stock.lot").notCopied,
                .many2one("production_group_id", "Production Group", "mrp.production.group").notCopied.indexed,
            ]
        } else {
            fields += [
                .many2one("lot_producing_id", "Lot/Serial Number", "stock.lot").notCopied,
                .many2one("procurement_group_id", "Procurement Group", "procurement.group").notCopied.indexed,
            ]
        }
        if version == .v16 {
            fields = fields.map { $0.name == "product_qty" ? $0.or(.float(1)) : $0 }
        }
        return fields
    }

    /// What is made beside the product. Writing it changes the finished moves.
    private static var byproducts: OdooField {
        .one2many("move_byproduct_ids", "Move Byproduct", "stock.move", "production_id").computed { env, id in
            let product = env.one("mrp.production", id, "product_id")
            return .ids(
                env.children("stock.move", "production_id", of: id).filter {
                    env.one("stock.move", $0, "product_id") != product
                })
        }.writable
    }

    private static func productions(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let label = version <= .v17 ? "Production Order" : "Manufacturing Order"
        return OdooModelDeclaration("mrp.production", label, fields(version)).with {
            $0.access = .manufacturing
            $0.order = version == .v16 ? "priority desc, date_planned_start, id" : "priority desc, date_start, id"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in try env.prepareProduction(&values) }
            $0.behaviour.created = { (env, id, names) throws(OdooFault) in try env.productionCreated(id, given: names) }
            $0.behaviour.writing = { (env, ids, values) throws(OdooFault) in try env.productionWriting(ids, values) }
            $0.behaviour.written = { (env, ids, names) throws(OdooFault) in
                for id in ids { env.productionWritten(id, names) }
            }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in try env.productionUnlinking(ids) }
            $0.methods.merge(OdooProductionModels.methods(version)) { $1 }
        }
    }

    private static func methods(_ version: OdooStandInVersion) -> [String: OdooMethod] {
        var methods: [String: OdooMethod] = [
            "action_confirm": .each { (env, id) throws(OdooFault) in env.confirmProduction(id) },
            "action_assign": .each { (env, id) throws(OdooFault) in env.assignProduction(id) },
            "do_unreserve": .each { (env, id) throws(OdooFault) in
                for move in env.many("mrp.production", id, "move_raw_ids") where env.isOpen(move) {
                    env.unreserve(move)
                }
                env.refreshProduction(id)
            },
            "button_plan": .each { (env, id) throws(OdooFault) in
                env.confirmProduction(id)
                env.planProduction(id)
            },
            "button_unplan": .each { (env, id) throws(OdooFault) in env.unplanProduction(id) },
            "action_cancel": .each { (env, id) throws(OdooFault) in
                if env.version == .v19, env.text("mrp.production", id, "state") == "done" {
                    throw .userError("You cannot cancel a manufacturing order that is already done.")
                }
                env.cancelProduction(id)
            },
            "action_split": .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                return .json(
                    env.wizardAction(
                        "Split production", "mrp.action_mrp_production_split", "mrp.production.split",
                        [("default_production_id", .int(try call.single()))]))
            },
            "action_toggle_is_locked": .each { (env, id) throws(OdooFault) in
                env.stamp("mrp.production", id, ["is_locked": .bool(!env.flag("mrp.production", id, "is_locked"))])
            },
            "action_generate_serial": .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                try env.generateLot(try call.single())
                return .none
            },
            "button_mark_done": .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                return .json(try env.markDone(call.ids))
            },
        ]
        if version >= .v17 {
            methods["set_qty_producing"] = .records { (env, call) throws(OdooFault) in
                env.setProducing(try call.single())
                return .none
            }
            methods["pre_button_mark_done"] = .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                return .json(try env.beforeMarkDone(call.ids) ?? true)
            }
        }
        if version >= .v18 {
            methods["action_start"] = .each { (env, id) throws(OdooFault) in
                env.stamp(
                    "mrp.production", id,
                    ["qty_producing": .float(Swift.max(1, env.number("mrp.production", id, "qty_producing")))])
                env.refreshProduction(id)
            }
        }
        return methods
    }
}
