import ExactJSON

/// Activities: what somebody is to do about a record.
///
/// What is done is deleted up to 17 and archived from 18 on. (In 17 an activity type may say that its activities are
/// kept; none of the installed ones here does.)
enum OdooActivityModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        var type: [OdooField] = [
            .char("name", "Name").required, .char("summary", "Default Summary"), .boolean("active", "Active").or(true),
            .integer("sequence", "Sequence").or(.integer(10)),
        ]
        if version == .v17 { type.append(.boolean("keep_done", "Keep Done")) }
        return [
            OdooModelDeclaration("mail.activity.type", "Activity Type", type).with {
                $0.access = .readOnly
                $0.order = "sequence, id"
            },
            activities(version),
        ]
    }

    private static func fields(_ version: OdooStandInVersion) -> [OdooField] {
        let model = OdooField.many2one("res_model_id", "Document Model", "ir.model")
        let person = OdooField.many2one("user_id", "Assigned to", "res.users")
        var fields: [OdooField] = [
            version < .v19 ? model.required : model,
            .char("res_model", "Related Document Model").related("res_model_id.model"),
            .integer("res_id", "Related Document ID").indexed,
            .char("res_name", "Document Name").computed { env, id in
                let model = env.text("mail.activity", id, "res_model")
                let record = env.value("mail.activity", id, "res_id").integer
                return model.isEmpty || record == 0 ? .empty : .text(env.displayName(model, record))
            },
            .many2one("activity_type_id", "Activity Type", "mail.activity.type"), .char("summary", "Summary").indexed,
            .html("note", "Note"), .date("date_deadline", "Due Date").required.orElse { .day(OdooTime.day($0.now)) },
            // Until 18 it is the caller's unless it is said to be another's.
            version < .v19 ? person.required.orElse { .id($0.uid) } : person,
            .selection(
                "state", "State",
                [("overdue", "Overdue"), ("today", "Today"), ("planned", "Planned"), ("done", "Done")]
            )
            .computed { env, id in
                guard case .day(let due) = env.value("mail.activity", id, "date_deadline") else { return .empty }
                if env.version >= .v17, !env.flag("mail.activity", id, "active") { return "done" }
                let today = OdooTime.day(env.now)
                return due == today ? "today" : due < today ? "overdue" : "planned"
            },
        ]
        if version >= .v17 { fields += [.boolean("active", "Active").or(true), .date("date_done", "Done Date")] }
        if version >= .v18 { fields.append(.text("feedback", "Feedback")) }
        return fields
    }

    private static func activities(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration("mail.activity", "Activity", fields(version)).with {
            $0.order = "date_deadline, id"
            $0.behaviour.displayName = { env, id in
                let summary = env.text("mail.activity", id, "summary")
                guard summary.isEmpty else { return summary }
                return env.one("mail.activity", id, "activity_type_id").map {
                    env.displayName("mail.activity.type", $0)
                } ?? ""
            }
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                // A caller need not see the model's own record: the default of its name finds it.
                if values["res_model_id"] == nil, let name = env.context["default_res_model"]?.string,
                    let model = env.first("ir.model", where: "model", is: .text(name))
                {
                    values["res_model_id"] = .id(model)
                }
                if values["activity_type_id"] == nil, values["res_model_id"] != nil,
                    let type = env.record("mail.mail_activity_data_todo")
                {
                    values["activity_type_id"] = .id(type)
                }
            }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in try env.checkActivity(id) }
            for name in ["action_feedback", "action_done"] {
                $0.methods[name] = .records(name == "action_done" ? "" : "feedback? attachment_ids?") {
                    (env, call) throws(OdooFault) in
                    try env.checkThere(call)
                    return .json(env.finish(activities: call.ids, call["feedback"]?.string))
                }
            }
        }
    }
}

extension OdooEnvironment {
    fileprivate func checkActivity(_ id: Int) throws(OdooFault) {
        let model = text("mail.activity", id, "res_model")
        let isOnRecord = value("mail.activity", id, "res_id").integer != 0
        guard isOnRecord == !model.isEmpty else {
            throw .validation(
                "The operation cannot be completed: Activities have to be linked to records with a not null res_id.")
        }
        guard let person = one("mail.activity", id, "user_id") else {
            if model.isEmpty {
                throw .validation(
                    "The operation cannot be completed: Activities must be assigned if not attached to a document.")
            }
            return
        }
        // Later versions leave it to the assigned person to ask for access.
        guard version == .v16, person != uid, let document = registry[model] else { return }
        var other = self
        other.uid = person
        other.isSuperuser = false
        guard other.mayAccess(document, .read) else {
            throw .userError(
                "Assigned user \(displayName("res.users", person)) has no access to the document and is not able to "
                    + "handle this activity.")
        }
    }

    /// Leaves a message about each in its record's history; what is done is deleted, from 18 on archived.
    fileprivate mutating func finish(activities ids: [Int], _ feedback: String?) -> JSON {
        var first: Int?
        for id in ids {
            let type = one("mail.activity", id, "activity_type_id"), summary = text("mail.activity", id, "summary")
            let person = one("mail.activity", id, "user_id")
            var words = Self.html("\(type.map { displayName("mail.activity.type", $0) } ?? "") done")
            if let person, person != uid {
                words += " (originally assigned to \(Self.html(displayName("res.users", person))))"
            }
            if !summary.isEmpty { words += ": \(Self.html(summary))" }
            let told = feedback.map { "<div>\(Self.html($0))</div>" } ?? ""
            let message = post(
                on: text("mail.activity", id, "res_model"), value("mail.activity", id, "res_id").integer,
                "<div><p>\(words)</p>\(told)</div>", ["mail_activity_type_id": type.map { .id($0) } ?? .empty])
            first = first ?? message
            guard version >= .v18 || type.map({ flag("mail.activity.type", $0, "keep_done") }) == true else {
                delete("mail.activity", id)
                continue
            }
            stamp(
                "mail.activity", id,
                [
                    "active": false, "date_done": .day(OdooTime.day(now)),
                    "feedback": feedback.map { .text($0) } ?? value("mail.activity", id, "feedback"),
                ])
        }
        return first.map { .int($0) } ?? false
    }

    mutating func installActivities() {
        let toDo = version >= .v18 ? "To-Do" : "To Do"
        for (external, name, sequence) in [
            ("todo", toDo, 2), ("email", "Email", 3), ("call", "Call", 6), ("meeting", "Meeting", 9),
        ] {
            _ = data(
                "mail.mail_activity_data_\(external)", "mail.activity.type",
                ["name": .text(name), "sequence": .integer(sequence)])
        }
    }
}
