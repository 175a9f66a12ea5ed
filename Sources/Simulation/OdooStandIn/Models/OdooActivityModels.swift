/// Activities: what somebody is to do about a record.
enum OdooActivityModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [
            OdooModelDeclaration(
                "mail.activity.type", "Activity Type",
                [
                    .char("name", "Name").required, .char("summary", "Default Summary"),
                    .boolean("active", "Active").or(true),
                ]
            ).with { $0.access = .readOnly },
            activities(version),
        ]
    }

    private static func activities(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(
            "mail.activity", "Activity",
            [
                .many2one("res_model_id", "Document Model", "ir.model").required,
                .char("res_model", "Related Document Model").related("res_model_id.model"),
                .integer("res_id", "Related Document ID").indexed,
                .many2one("activity_type_id", "Activity Type", "mail.activity.type"),
                .char("summary", "Summary"), .html("note", "Note"), .date("date_deadline", "Due Date"),
                .many2one("user_id", "Assigned to", "res.users").orElse { .id($0.uid) },
                .boolean("active", "Active").or(true),
            ]
        ).with {
            $0.order = "date_deadline, id"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                // A caller need not see the model's own record: the default of its name finds it.
                if values["res_model_id"] == nil, let name = env.context["default_res_model"]?.string,
                    let model = env.first("ir.model", where: "model", is: .text(name))
                {
                    values["res_model_id"] = .id(model)
                }
            }
            $0.behaviour.displayName = { env, id in
                let summary = env.text("mail.activity", id, "summary")
                guard summary.isEmpty else { return summary }
                return env.one("mail.activity", id, "activity_type_id").map {
                    env.displayName("mail.activity.type", $0)
                } ?? ""
            }
        }
    }
}

extension OdooEnvironment {
    mutating func installActivities() {
        let toDo = version == .v19 ? "To-Do" : version == .v18 ? "To-Do" : "To Do"
        for (external, name) in [
            ("todo", toDo), ("email", "Email"), ("call", "Call"), ("meeting", "Meeting"),
        ] {
            _ = data("mail.mail_activity_data_\(external)", "mail.activity.type", ["name": .text(name)])
        }
    }
}
