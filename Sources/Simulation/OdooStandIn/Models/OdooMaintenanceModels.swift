/// Maintenance: equipment, teams, stages and requests.
enum OdooMaintenanceModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [
            stages, teams, categories, equipment(version), requests(version),
        ]
    }

    private static var stages: OdooModelDeclaration {
        OdooModelDeclaration(
            "maintenance.stage", "Maintenance Stage",
            [
                .char("name", "Name").required, .integer("sequence", "Sequence").or(.integer(20)),
                .boolean("done", "Request Done"),
                .boolean("fold", "Folded in Maintenance Pipe"),
            ]
        ).with {
            $0.access = .stockSetup; $0.order = "sequence, id"
        }
    }

    private static var teams: OdooModelDeclaration {
        OdooModelDeclaration(
            "maintenance.team", "Maintenance Teams",
            [.char("name", "Team Name").required, .boolean("active", "Active").or(true)]
        ).with { $0.access = .stockSetup }
    }

    private static var categories: OdooModelDeclaration {
        OdooModelDeclaration(
            "maintenance.equipment.category", "Maintenance Equipment Category",
            [.char("name", "Category Name").required]
        )
        .with { $0.access = .stockSetup }
    }

    private static func equipment(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        var fields: [OdooField] = [
            .char("name", "Equipment Name").required, .boolean("active", "Active").or(true),
            .char("serial_no", "Serial Number").notCopied.indexed, .char("model", "Model"),
            .many2one("category_id", "Equipment Category", "maintenance.equipment.category"),
            .many2one("maintenance_team_id", "Maintenance Team", "maintenance.team"),
            .many2one("technician_user_id", "Technician", "res.users"),
            .many2one("workcenter_id", "Work Center", "mrp.workcenter"),
            .one2many("maintenance_ids", "Maintenance", "maintenance.request", "equipment_id"),
            .integer("maintenance_count", "Maintenance Count").computed { env, id in
                .integer(env.many("maintenance.equipment", id, "maintenance_ids").count)
            },
            .integer("maintenance_open_count", "Current Maintenance").computed { env, id in
                .integer(
                    env.many("maintenance.equipment", id, "maintenance_ids").filter {
                        !env.flag("maintenance.request", $0, "done")
                    }.count)
            },
            .date("effective_date", "Effective Date").orElse { .day(OdooTime.day($0.now)) }, .char("note", "Note"),
        ]
        fields.append(
            version == .v19 ? .many2one("location_id", "Location", "stock.location") : .char("location", "Location"))
        if version >= .v17 {
            fields += [
                .integer("mtbf", "MTBF").computed { _, _ in .integer(0) },
                .integer("mttr", "MTTR").computed { _, _ in .integer(0) },
            ]
        }
        return OdooModelDeclaration("maintenance.equipment", "Equipment", fields).with {
            $0.access = .stockSetup
            $0.behaviour.displayName = { env, id in
                let name = env.text("maintenance.equipment", id, "name"),
                    serial = env.text("maintenance.equipment", id, "serial_no")
                return serial.isEmpty ? name : "\(name)/\(serial)"
            }
        }
    }

    private static func requests(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let fields: [OdooField] = [
            .char("name", "Subjects").required, .html("description", "Description"),
            .date("request_date", "Request Date").orElse { .day(OdooTime.day($0.now)) },
            .many2one("owner_user_id", "Created by User", "res.users").orElse { .id($0.uid) },
            .many2one("user_id", "Technician", "res.users"),
            .many2one("equipment_id", "Equipment", "maintenance.equipment").indexed,
            .many2one("category_id", "Category", "maintenance.equipment.category").related("equipment_id.category_id"),
            .many2one("stage_id", "Stage", "maintenance.stage").orElse { env in
                env.search(env.model("maintenance.stage"), .all, limit: 1).first.map { .id($0) } ?? .empty
            },
            .selection("priority", "Priority", [("0", "Very Low"), ("1", "Low"), ("2", "Normal"), ("3", "High")]),
            .date("close_date", "Close Date").notCopied,
            .selection(
                "kanban_state", "Kanban State",
                [("normal", "In Progress"), ("blocked", "Blocked"), ("done", "Ready for next stage")]
            )
            .required.or("normal"),
            .boolean("archive", "Archive"), .boolean("done", "Done").related("stage_id.done"),
            .selection(
                "maintenance_type", "Maintenance Type", [("corrective", "Corrective"), ("preventive", "Preventive")]
            )
            .or("corrective"),
            .datetime("schedule_date", "Scheduled Date"), .float("duration", "Duration"),
            .many2one("maintenance_team_id", "Team", "maintenance.team").required.orElse { env in
                env.table("maintenance.team").ids.first.map { .id($0) } ?? .empty
            },
            .many2one("company_id", "Company", "res.company").required.or(.id(1)),
            .many2one("production_id", "Manufacturing Order", "mrp.production"),
            .many2one("workorder_id", "Work Order", "mrp.workorder"),
            .many2one("workcenter_id", "Work Center", "mrp.workcenter"),
        ]
        return OdooModelDeclaration("maintenance.request", "Maintenance Request", fields).with {
            $0.order = "id desc"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                // From 19 on a planned request takes an hour unless told otherwise.
                if env.version == .v19, values["schedule_date"] != nil, values["duration"] == nil {
                    values["duration"] = .float(1)
                }
            }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in close(&env, [id]) }
            $0.behaviour.written = { (env, ids, names) throws(OdooFault) in
                if names.contains("stage_id") { close(&env, ids) }
            }
            $0.methods["archive_equipment_request"] = .records { (env, call) throws(OdooFault) in
                for id in call.ids { env.stamp(call.model.name, id, ["archive": true]) }
                return .none
            }
        }
    }

    /// A request in a final stage is closed today; out of it, it is open again.
    private static func close(_ env: inout OdooEnvironment, _ requests: [Int]) {
        for request in requests {
            let day: OdooValue = env.flag("maintenance.request", request, "done") ? .day(OdooTime.day(env.now)) : .empty
            env.assign("maintenance.request", request, ["close_date": day])
        }
    }
}

extension OdooEnvironment {
    mutating func installMaintenance() {
        _ = data("maintenance.equipment_team_maintenance", "maintenance.team", ["name": "Internal Maintenance"])
        for (number, stage) in [("New Request", false), ("In Progress", false), ("Repaired", true), ("Scrap", true)]
            .enumerated()
        {
            _ = data(
                "maintenance.stage_\(number)", "maintenance.stage",
                ["name": .text(stage.0), "done": .bool(stage.1), "sequence": .integer(number + 1)])
        }
    }
}
