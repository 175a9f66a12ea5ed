/// Projects, their stages and tasks.
enum OdooProjectModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] { [projects, stages, tasks(version)] }

    private static var projects: OdooModelDeclaration {
        OdooModelDeclaration(
            "project.project", "Project",
            [
                .char("name", "Name").required.indexed, .boolean("active", "Active").or(true),
                .integer("sequence", "Sequence").or(.integer(10)), .html("description", "Description"),
                .many2one("partner_id", "Customer", "res.partner"), .many2one("company_id", "Company", "res.company"),
                .many2one("user_id", "Project Manager", "res.users").orElse { .id($0.uid) },
                .many2many("type_ids", "Tasks Stages", "project.task.type").computed { env, id in
                    .ids(env.stages(ofProject: id))
                },
                .one2many("task_ids", "Tasks", "project.task", "project_id"),
            ]
        ).with {
            $0.access = OdooAccess(readers: [], writers: [.projectManager])
            $0.order = "sequence, name, id"
        }
    }

    private static var stages: OdooModelDeclaration {
        OdooModelDeclaration(
            "project.task.type", "Task Stage",
            [
                .char("name", "Name").required, .boolean("active", "Active").or(true),
                .integer("sequence", "Sequence").or(.integer(1)), .boolean("fold", "Folded in Kanban"),
                .many2many("project_ids", "Projects", "project.project"),
            ]
        ).with {
            $0.access = OdooAccess(readers: [], writers: [.projectManager, .projectUser])
            $0.order = "sequence, id"
        }
    }

    private static func fields(_ version: OdooStandInVersion) -> [OdooField] {
        let company = OdooField.many2one("company_id", "Company", "res.company")
        var fields: [OdooField] = [
            .char("name", "Title").required.indexed, .boolean("active", "Active").or(true),
            .html("description", "Description"), .integer("sequence", "Sequence").or(.integer(10)),
            .many2one("project_id", "Project", "project.project").indexed,
            .many2one("stage_id", "Stage", "project.task.type").notCopied,
            // Who makes a task is to do it, unless it is said or the context names a project.
            .many2many("user_ids", "Assignees", "res.users").orElse { env in
                env.context["default_project_id"] == nil ? .ids([env.uid]) : .empty
            },
            .many2one("partner_id", "Customer", "res.partner"), .many2one("parent_id", "Parent Task", "project.task"),
            .one2many("child_ids", "Sub-tasks", "project.task", "parent_id"),
            .datetime("date_assign", "Assigning Date").readonly.notCopied,
            .datetime("date_end", "Ending Date").notCopied,
            .datetime("date_last_stage_update", "Last Stage Update").readonly.notCopied,
            version == .v16 ? company.required.or(.id(1)) : company,
            .selection(
                "priority", "Priority",
                version == .v19
                    ? [
                        ("0", "Low priority"), ("1", "Medium priority"), ("2", "High priority"), ("3", "Urgent"),
                    ] : [("0", "Low"), ("1", "High")]
            ).or("0"),
        ]
        if version == .v16 {
            fields += [
                .date("date_deadline", "Deadline").notCopied, .float("planned_hours", "Initially Planned Hours"),
                .selection(
                    "kanban_state", "Status", [("normal", "In Progress"), ("done", "Ready"), ("blocked", "Blocked")]
                ).required.or("normal").notCopied,
                .boolean("is_closed", "Closing Stage").related("stage_id.fold"),
            ]
        } else {
            fields += [
                .datetime("date_deadline", "Deadline").notCopied, .float("allocated_hours", "Allocated Time"),
                .selection(
                    "state", "State",
                    [
                        ("01_in_progress", "In Progress"), ("02_changes_requested", "Changes Requested"),
                        ("03_approved", "Approved"), ("1_done", "Done"), ("1_canceled", "Cancelled"),
                        ("04_waiting_normal", "Waiting"),
                    ]
                ).required.or("01_in_progress").notCopied,
                .boolean("is_closed", "Closed state").computed { env, id in
                    .bool(["1_done", "1_canceled"].contains(env.text("project.task", id, "state")))
                },
            ]
        }
        return fields
    }

    private static func tasks(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration("project.task", "Task", fields(version)).with {
            $0.access = OdooAccess(readers: [], writers: [.projectUser])
            $0.order =
                version == .v16
                ? "priority desc, sequence, id desc" : "priority desc, sequence, date_deadline asc, id desc"
            $0.behaviour.created = { (env, id, names) throws(OdooFault) in
                env.settle(task: id, names.union(["project_id"]))
            }
            $0.behaviour.written = { (env, ids, names) throws(OdooFault) in
                for id in ids { env.settle(task: id, names) }
            }
        }
    }
}

extension OdooEnvironment {
    /// The stages of a project, in their order.
    fileprivate func stages(ofProject project: Int) -> [Int] {
        let model = model("project.task.type")
        let own = table("project.task.type").ids.filter {
            many("project.task.type", $0, "project_ids").contains(project) && flag("project.task.type", $0, "active")
        }
        return sorted(model, own, by: model.order)
    }

    /// What follows from a task's project and people: a stage that is one of its project's, customer, dates.
    fileprivate mutating func settle(task id: Int, _ names: Set<String>) {
        var values: OdooValues = [:]
        let stage = one("project.task", id, "stage_id")
        if names.contains("project_id") {
            let project = one("project.task", id, "project_id")
            let stages = project.map { self.stages(ofProject: $0) } ?? []
            if stage.map({ !stages.contains($0) }) ?? true {
                let first = stages.first { !flag("project.task.type", $0, "fold") }
                values["stage_id"] = first.map { .id($0) } ?? .empty
            }
            if let project {
                if value("project.task", id, "partner_id") == .empty {
                    values["partner_id"] = value("project.project", project, "partner_id")
                }
                if version > .v16 { values["company_id"] = value("project.project", project, "company_id") }
            }
        }
        if names.contains("stage_id") || values["stage_id"] != nil {
            values["date_last_stage_update"] = .instant(now)
            let current = values["stage_id"]?.id ?? stage
            let isClosed = current.map { flag("project.task.type", $0, "fold") } ?? false
            values["date_end"] = isClosed ? .instant(now) : .empty
        }
        if names.contains("user_ids"), value("project.task", id, "date_assign") == .empty,
            !many("project.task", id, "user_ids").isEmpty
        {
            values["date_assign"] = .instant(now)
        }
        if !values.isEmpty { assign("project.task", id, values) }
    }
}
