import ExactJSON

/// Work centers, their calendars, and the lines of lost and productive time.
enum OdooWorkcenterModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [workcenters(version), productivity, losses(version), lossTypes, calendars]
    }

    private static let lossKinds = [
        ("availability", "Availability"), ("performance", "Performance"), ("quality", "Quality"),
        ("productive", "Productive"),
    ]

    private static func workcenters(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        var fields: [OdooField] = [
            .char("name", "Name").required, .char("code", "Code"), .boolean("active", "Active").or(true),
            .float("costs_hour", "Cost per hour"), .float("time_start", "Setup Time"),
            .float("time_stop", "Cleanup Time"),
            .float("time_efficiency", "Time Efficiency").or(.float(100)),
            .float("oee_target", "OEE Target").or(.float(90)),
            .many2one("resource_calendar_id", "Working Hours", "resource.calendar").or(.id(1)),
            .many2one("company_id", "Company", "res.company").or(.id(1)),
            .integer("sequence", "Sequence").or(.integer(1)),
            .selection(
                "working_state", "Workcenter Status",
                [("normal", "Normal"), ("blocked", "Blocked"), ("done", "In Progress")]
            )
            .computed { env, id in .text(env.workingState(id)) },
            .float("blocked_time", "Blocked Time").computed { env, id in .float(env.hours(id, productive: false)) },
            .float("productive_time", "Productive Time").computed { env, id in .float(env.hours(id, productive: true))
            },
            .float("oee", "Oee").computed { env, id in
                let good = env.hours(id, productive: true), lost = env.hours(id, productive: false)
                return .float(good + lost > 0 ? odooRound(good * 100 / (good + lost), digits: 2) : 0)
            },
            .one2many("time_ids", "Time Logs", "mrp.workcenter.productivity", "workcenter_id"),
            .one2many("order_ids", "Orders", "mrp.workorder", "workcenter_id"), .html("note", "Description"),
        ]
        if version < .v19 { fields.append(.float("default_capacity", "Capacity").or(.float(1))) }
        return OdooModelDeclaration("mrp.workcenter", "Work Center", fields).with {
            $0.access = .manufacturingSetup
            $0.access.deniedAs = ("resource.resource", "Resources")
            $0.order = "sequence, id"
            $0.methods["unblock"] = .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                let center = try call.single()
                guard env.workingState(center) == "blocked" else { throw .userError("It has already been unblocked.") }
                for line in env.openTimes(center) { env.closeTime(line, at: env.now) }
                return .done
            }
        }
    }

    private static var productivity: OdooModelDeclaration {
        OdooModelDeclaration(
            "mrp.workcenter.productivity", "Workcenter Productivity Log",
            [
                .many2one("workcenter_id", "Work Center", "mrp.workcenter").required.indexed,
                .many2one("workorder_id", "Work Order", "mrp.workorder").indexed,
                .many2one("production_id", "Manufacturing Order", "mrp.production").related(
                    "workorder_id.production_id"),
                .many2one("user_id", "User", "res.users").orElse { .id($0.uid) },
                .many2one("loss_id", "Loss Reason", "mrp.workcenter.productivity.loss").required,
                .selection("loss_type", "Effectiveness", lossKinds).related("loss_id.loss_type"),
                .text("description", "Description"),
                .datetime("date_start", "Start Date").required.orElse { .instant($0.now / 1_000_000 * 1_000_000) },
                .datetime("date_end", "End Date"), .float("duration", "Duration"),
                .many2one("company_id", "Company", "res.company").or(.id(1)),
            ]
        ).with {
            $0.recordName = "description"
            $0.access = .manufacturing
            $0.order = "id desc"
            $0.behaviour.displayName = { env, id in
                env.one("mrp.workcenter.productivity", id, "loss_id").map {
                    env.displayName("mrp.workcenter.productivity.loss", $0)
                } ?? ""
            }
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                guard values["workcenter_id"] == nil, let order = values["workorder_id"]?.id else { return }
                values["workcenter_id"] = env.value("mrp.workorder", order, "workcenter_id")
            }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in try changed(&env, [id]) }
            $0.behaviour.written = { (env, ids, names) throws(OdooFault) in
                if names.contains("duration"), !names.contains("date_start"), !names.contains("date_end") { return }
                try changed(&env, ids)
            }
            $0.methods["button_block"] = .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                for line in call.ids {
                    guard let center = env.one(call.model.name, line, "workcenter_id") else { continue }
                    for order in env.many("mrp.workcenter", center, "order_ids") {
                        env.endTimes(order, everybody: true)
                    }
                }
                return .none
            }
        }
    }

    private static func changed(_ env: inout OdooEnvironment, _ ids: [Int]) throws(OdooFault) {
        for id in ids {
            if let start = env.value("mrp.workcenter.productivity", id, "date_start").instant,
                let end = env.value("mrp.workcenter.productivity", id, "date_end").instant, end < start
            {
                throw .validation("The end date of a time line must not be before its start.")
            }
            env.recomputeTime(id)
        }
    }

    private static func losses(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(
            "mrp.workcenter.productivity.loss", "Workcenter Productivity Losses",
            [
                .char("name", "Blocking Reason").required, .integer("sequence", "Sequence").or(.integer(1)),
                .boolean("manual", "Is a Blocking Reason").or(true),
                .many2one("loss_id", "Category", "mrp.workcenter.productivity.loss.type"),
                .selection("loss_type", "Effectiveness Category", lossKinds).related("loss_id.loss_type"),
            ]
        ).with {
            $0.access = .manufacturingSetup; $0.order = "sequence, id"
        }
    }

    private static var lossTypes: OdooModelDeclaration {
        OdooModelDeclaration(
            "mrp.workcenter.productivity.loss.type", "MRP Workorder productivity losses",
            [.selection("loss_type", "Category", lossKinds).required.or("availability")]
        ).with {
            $0.recordName = "loss_type"
            $0.access = .manufacturingSetup
        }
    }

    private static var calendars: OdooModelDeclaration {
        OdooModelDeclaration(
            "resource.calendar", "Resource Working Time",
            [.char("name", "Name").required, .char("tz", "Timezone").required]
        ).with { $0.access = .readOnly }
    }
}

extension OdooEnvironment {
    mutating func installWorkcenters() {
        _ = data(
            "resource.resource_calendar_std", "resource.calendar",
            ["name": "Standard 40 hours/week", "tz": "Europe/Brussels"])
        var types: [String: Int] = [:]
        for kind in ["availability", "performance", "quality", "productive"] {
            types[kind] = insert("mrp.workcenter.productivity.loss.type", ["loss_type": .text(kind)])
        }
        let losses: [(String, String, String, Bool, Int)] = [
            ("block_reason0", "Material Availability", "availability", true, 1),
            ("block_reason1", "Equipment Failure", "availability", true, 2),
            ("block_reason2", "Setup and Adjustments", "availability", true, 3),
            ("block_reason4", "Reduced Speed", "performance", false, 5),
            ("block_reason5", "Process Defect", "quality", true, 6),
            ("block_reason6", "Reduced Yield", "quality", true, 7),
            ("block_reason7", "Fully Productive Time", "productive", false, 0),
        ]
        for (external, name, kind, manual, sequence) in losses {
            _ = data(
                "mrp.\(external)", "mrp.workcenter.productivity.loss",
                [
                    "name": .text(name), "loss_id": types[kind].map { .id($0) } ?? .empty, "manual": .bool(manual),
                    "sequence": .integer(sequence),
                ])
        }
    }

    func calendar(of center: Int) -> OdooCalendar? {
        one("mrp.workcenter", center, "resource_calendar_id").map {
            OdooCalendar(zone: OdooTimeZone(name: text("resource.calendar", $0, "tz")))
        }
    }

    /// The lines of a work center without an end, newest first.
    func openTimes(_ center: Int) -> [Int] {
        many("mrp.workcenter", center, "time_ids").filter {
            value("mrp.workcenter.productivity", $0, "date_end") == .empty
        }
    }

    private func isWork(_ line: Int) -> Bool {
        ["productive", "performance"].contains(text("mrp.workcenter.productivity", line, "loss_type"))
    }

    /// `blocked` while the newest open line is a loss, `done` while it is work, else `normal`.
    func workingState(_ center: Int) -> String {
        guard let line = openTimes(center).first else { return "normal" }
        return isWork(line) ? "done" : "blocked"
    }

    /// Hours of the last month's closed lines.
    func hours(_ center: Int, productive: Bool) -> Double {
        let since = now - 31 * 86_400_000_000
        let minutes = many("mrp.workcenter", center, "time_ids").reduce(0.0) { sum, line in
            guard (text("mrp.workcenter.productivity", line, "loss_type") == "productive") == productive,
                let start = value("mrp.workcenter.productivity", line, "date_start").instant, start >= since,
                value("mrp.workcenter.productivity", line, "date_end") != .empty
            else { return sum }
            return sum + number("mrp.workcenter.productivity", line, "duration")
        }
        return odooRound(minutes / 60, digits: 2)
    }

    mutating func closeTime(_ line: Int, at end: Int64) {
        stamp("mrp.workcenter.productivity", line, ["date_end": .instant(end / 1_000_000 * 1_000_000)])
        recomputeTime(line)
    }

    /// The minutes of a line: of work all, of a loss only those within the work center's calendar.
    mutating func recomputeTime(_ line: Int) {
        guard let start = value("mrp.workcenter.productivity", line, "date_start").instant,
            let end = value("mrp.workcenter.productivity", line, "date_end").instant
        else { return assign("mrp.workcenter.productivity", line, ["duration": .float(0)]) }
        var minutes = Double(end - start) / 60_000_000
        if !isWork(line), let center = one("mrp.workcenter.productivity", line, "workcenter_id"),
            let calendar = calendar(of: center)
        {
            minutes = calendar.minutes(from: start, to: end)
        }
        assign("mrp.workcenter.productivity", line, ["duration": .float(odooRound(minutes, digits: 2))])
    }

    /// Closes the open lines of a work order: the caller's own, or everybody's.
    mutating func endTimes(_ order: Int, everybody: Bool) {
        for line in many("mrp.workorder", order, "time_ids")
        where value("mrp.workcenter.productivity", line, "date_end") == .empty
            && (everybody || one("mrp.workcenter.productivity", line, "user_id") == uid)
        {
            closeTime(line, at: now)
        }
    }

    /// The loss of a kind that stands first.
    func loss(_ kind: String) -> Int? {
        search(model("mrp.workcenter.productivity.loss"), .all).first {
            text("mrp.workcenter.productivity.loss", $0, "loss_type") == kind
        }
    }
}
