/// Work orders.
enum OdooWorkorderModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] { [workorders(version)] }

    private static func workorders(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let waiting: [(String, String)] =
            version == .v19
            ? [("blocked", "Blocked"), ("ready", "To Do")]
            : [("pending", "Waiting for another WO"), ("waiting", "Waiting for components"), ("ready", "Ready")]
        let states = waiting + [("progress", "In Progress"), ("done", "Finished"), ("cancel", "Cancelled")]
        var fields: [OdooField] = [
            .char("name", "Work Order").required, .integer("sequence", "Sequence"),
            .many2one("production_id", "Manufacturing Order", "mrp.production").required.indexed,
            .many2one("workcenter_id", "Work Center", "mrp.workcenter").required.indexed,
            .many2one("operation_id", "Operation", "mrp.routing.workcenter"),
            .many2one("product_id", "Product", "product.product").related("production_id.product_id"),
            .selection("state", "Status", states).readonly.or(version == .v19 ? "ready" : "pending"),
            .quantity("qty_production", "Original Production Quantity").related("production_id.product_qty"),
            .quantity("qty_produced", "Quantity"),
            .quantity("qty_producing", "Currently Produced Quantity").related("production_id.qty_producing").writable,
            .quantity("qty_remaining", "Quantity To Be Produced").computed { env, id in
                .float(
                    Swift.max(
                        0,
                        env.number("mrp.workorder", id, "qty_production")
                            - env.number("mrp.workorder", id, "qty_produced")))
            },
            .float("duration_expected", "Expected Duration", digits: 2),
            .float("duration", "Real Duration", digits: 2).computed { env, id in .float(env.workDuration(id)) }
                .writable,
            .datetime("date_start", "Start"), .datetime("date_finished", "End"),
            .one2many("time_ids", "Time", "mrp.workcenter.productivity", "workorder_id"),
            .boolean("is_user_working", "Is the Current User Working").computed { env, id in .bool(env.isWorking(id)) },
            .selection(
                "working_state", "Workcenter Status",
                [("normal", "Normal"), ("blocked", "Blocked"), ("done", "In Progress")]
            )
            .related("workcenter_id.working_state"),
            .many2one("company_id", "Company", "res.company").related("production_id.company_id"),
            .selection("production_state", "Production State", OdooProductionModels.states).related(
                "production_id.state"),
        ]
        fields.append(blockedBy)
        if version == .v16 {
            fields += [
                .datetime("date_planned_start", "Scheduled Start Date"),
                .datetime("date_planned_finished", "Scheduled End Date"),
            ]
        }
        return OdooModelDeclaration("mrp.workorder", "Work Order", fields).with {
            $0.access = .manufacturing
            $0.order = "sequence, id"
            $0.behaviour.displayName = { env, id in
                let order = env.one("mrp.workorder", id, "production_id") ?? 0
                let name = "\(env.text("mrp.production", order, "name")) - "
                guard env.version == .v16 else { return name + env.text("mrp.workorder", id, "name") }
                let place = (env.many("mrp.production", order, "workorder_ids").firstIndex(of: id) ?? 0) + 1
                let product =
                    env.one("mrp.production", order, "product_id").map { env.text("product.product", $0, "name") } ?? ""
                return "\(place) - \(name)\(product) - \(env.text("mrp.workorder", id, "name"))"
            }
            $0.behaviour.writing = { (env, ids, values) throws(OdooFault) in try env.workorderWriting(ids, &values) }
            $0.behaviour.written = { (env, ids, _) throws(OdooFault) in
                for id in ids {
                    if let order = env.one("mrp.workorder", id, "production_id") { env.refreshProduction(order) }
                }
            }
            $0.methods.merge(methods(version)) { $1 }
        }
    }

    /// Without dependencies of their own, confirmed work orders come one after the other.
    private static var blockedBy: OdooField {
        .many2many("blocked_by_workorder_ids", "Blocked By", "mrp.workorder").computed { env, id in
            guard let order = env.one("mrp.workorder", id, "production_id"),
                env.text("mrp.production", order, "state") != "draft"
            else { return .ids([]) }
            let all = env.many("mrp.production", order, "workorder_ids")
            return .ids(all.firstIndex(of: id).flatMap { $0 > 0 ? [all[$0 - 1]] : nil } ?? [])
        }
    }

    private static func methods(_ version: OdooStandInVersion) -> [String: OdooMethod] {
        let quiet = version >= .v18
        var methods: [String: OdooMethod] = [
            "button_start": .records("raise_on_invalid_state?") { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                for id in call.ids { try env.startWorkorder(id) }
                return quiet ? .none : .done
            },
            "button_pending": .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                for id in call.ids { env.endTimes(id, everybody: false) }
                return quiet ? .none : .done
            },
            "end_all": .each { (env, id) throws(OdooFault) in env.endTimes(id, everybody: true) },
            "button_finish": .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                for id in call.ids {
                    env.finishWorkorder(id, fillsMoves: true, expectsDuration: false)
                    if let order = env.one("mrp.workorder", id, "production_id") { env.refreshProduction(order) }
                }
                return .done
            },
            "action_cancel": .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                for id in call.ids {
                    env.endTimes(id, everybody: true)
                    env.stamp("mrp.workorder", id, ["state": "cancel"])
                    if let order = env.one("mrp.workorder", id, "production_id") { env.refreshProduction(order) }
                }
                return .done
            },
        ]
        if version >= .v17 { methods["action_mark_as_done"] = methods["button_finish"] }
        if version < .v19 { methods["button_done"] = methods["button_finish"] }
        if version == .v19 {
            methods["set_state"] = .records("state") { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                for id in call.ids { try env.setWorkorderState(id, call["state"]?.string ?? "") }
                return .none
            }
        }
        return methods
    }
}
