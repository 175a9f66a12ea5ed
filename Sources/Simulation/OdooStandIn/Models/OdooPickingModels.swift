import ExactJSON

/// Transfers: fields, hooks and methods; what they do stands in the files of ``OdooEnvironment``.
enum OdooPickingModels {
    static let states = [
        ("draft", "Draft"), ("waiting", "Waiting Another Operation"), ("confirmed", "Waiting"), ("assigned", "Ready"),
        ("done", "Done"), ("cancel", "Cancelled"),
    ]

    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] { [pickings(version)] }

    private static func fields(_ version: OdooStandInVersion) -> [OdooField] {
        var fields: [OdooField] = [
            .char("name", "Reference").readonly.notCopied.indexed.or("/"),
            .char("origin", "Source Document").indexed, .html("note", "Notes"),
            .many2one("backorder_id", "Back Order of", "stock.picking").readonly.notCopied.indexed,
            .one2many("backorder_ids", "Back Orders", "stock.picking", "backorder_id"),
            .selection(
                "move_type", "Shipping Policy",
                [("direct", "As soon as possible"), ("one", "When all products are ready")]
            ).required.or("direct"),
            .selection("state", "Status", states).readonly.notCopied.or("draft"),
            .selection("priority", "Priority", [("0", "Normal"), ("1", "Urgent")]).or("0"),
            .datetime("scheduled_date", "Scheduled Date").orElse { $0.nowSecond },
            .datetime("date_deadline", "Deadline").readonly, .datetime("date_done", "Date of Transfer").notCopied,
            .many2one("location_id", "Source Location", "stock.location").required,
            .many2one("location_dest_id", "Destination Location", "stock.location").required,
            .one2many("move_ids", "Stock Moves", "stock.move", "picking_id"),
            .one2many("move_line_ids", "Operations", "stock.move.line", "picking_id"),
            .many2one("picking_type_id", "Operation Type", "stock.picking.type").required,
            .selection(
                "picking_type_code", "Type of Operation",
                [
                    ("incoming", "Receipt"), ("outgoing", "Delivery"), ("internal", "Internal Transfer"),
                    ("mrp_operation", "Manufacturing"),
                ]
            ).related("picking_type_id.code"),
            .many2one("partner_id", "Contact", "res.partner"),
            .many2one("company_id", "Company", "res.company").or(.id(1)),
            .many2one("user_id", "Responsible", "res.users").orElse { .id($0.uid) },
            .boolean("is_locked", "Is Locked").notCopied.or(true),
            .many2one("purchase_id", "Purchase Orders", "purchase.order").related(
                "move_ids.purchase_line_id.order_id"),
            .many2one("sale_id", "Sales Order", "sale.order").related("move_ids.sale_line_id.order_id"),
        ]
        if version == .v16 { fields.append(.boolean("immediate_transfer", "Immediate Transfer")) }
        if version < .v19 {
            fields += [
                .datetime("date", "Creation Date").notCopied.orElse { $0.nowSecond },
                .one2many("move_ids_without_package", "Stock moves not in package", "stock.move", "picking_id"),
                .one2many(
                    "move_line_ids_without_package", "Operations without package", "stock.move.line", "picking_id"),
            ]
        }
        return fields
    }

    private static func pickings(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration("stock.picking", "Transfer", fields(version)).with {
            let users: [OdooGroup] = [.stockUser, .purchaseUser, .salesUser]
            $0.access = OdooAccess(readers: users, writers: users)
            $0.order = "priority desc, scheduled_date, id desc"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in try env.preparePicking(&values) }
            $0.behaviour.created = { (env, id, names) throws(OdooFault) in
                if names.contains("scheduled_date") { env.schedulePicking(id) }
                // What is moved at once needs no confirmation.
                if env.flag("stock.picking", id, "immediate_transfer") { try env.confirmPicking(id) }
                env.refreshPicking(id)
            }
            $0.behaviour.writing = { (env, ids, values) throws(OdooFault) in try writing(env, ids, values) }
            $0.behaviour.written = { (env, ids, names) throws(OdooFault) in
                for id in ids {
                    if names.contains("scheduled_date") { env.schedulePicking(id) }
                    env.moveMoves(of: id, names)
                    env.refreshPicking(id)
                }
            }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in
                for id in ids {
                    let moves = env.many("stock.picking", id, "move_ids")
                    try env.cancelTransfer(moves)
                    try env.unlink(env.model("stock.move"), moves)
                }
            }
            $0.methods.merge(methods(version)) { $1 }
        }
    }

    private static func writing(_ env: OdooEnvironment, _ ids: [Int], _ values: OdooValues) throws(OdooFault) {
        for id in ids {
            let state = env.text("stock.picking", id, "state")
            if values["picking_type_id"]?.id != nil, state != "draft" {
                throw .userError("Changing the operation type of this record is forbidden at this point.")
            }
            if values["scheduled_date"] != nil, ["done", "cancel"].contains(state) {
                throw .userError("You cannot change the Scheduled Date on a done or cancelled transfer.")
            }
        }
    }

    private static func methods(_ version: OdooStandInVersion) -> [String: OdooMethod] {
        var methods: [String: OdooMethod] = [
            "action_confirm": .each { (env, id) throws(OdooFault) in try env.confirmPicking(id) },
            "action_assign": .together { (env, ids) throws(OdooFault) in try env.assignPickings(ids) },
            "action_cancel": .each { (env, id) throws(OdooFault) in try env.cancelPicking(id) },
            "do_unreserve": .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                for id in call.ids {
                    for move in env.many("stock.picking", id, "move_ids") where env.isOpen(move) {
                        env.unreserve(move)
                    }
                    env.refreshPicking(id)
                }
                return .none
            },
            "button_validate": .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                return .json(try env.validatePickings(call.ids))
            },
            "action_toggle_is_locked": .records { (env, call) throws(OdooFault) in
                let id = try call.single()
                env.stamp("stock.picking", id, ["is_locked": .bool(!env.flag("stock.picking", id, "is_locked"))])
                return .done
            },
        ]
        if version == .v16 {
            methods["action_set_quantities_to_reservation"] = .each(.none) { (env, id) throws(OdooFault) in
                env.takeReserved(id)
            }
        }
        return methods
    }
}
