/// Leads and opportunities of the sales team, and the stages of its pipeline.
enum OdooLeadModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [
            OdooModelDeclaration(
                "crm.stage", "CRM Stages",
                [
                    .char("name", "Stage Name").required, .integer("sequence", "Sequence").or(.integer(1)),
                    .boolean("is_won", "Is Won Stage?"), .boolean("fold", "Folded in Pipeline"),
                    .text("requirements", "Requirements"),
                ]
            ).with {
                $0.access = OdooAccess(readers: [], writers: [.salesManager])
                $0.order = "sequence, name, id"
            },
            leads(version),
        ]
    }

    private static func leads(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        var fields: [OdooField] = [
            .char("name", "Opportunity").required.indexed, .boolean("active", "Active").or(true),
            .selection("type", "Type", [("lead", "Lead"), ("opportunity", "Opportunity")]).required.or("opportunity"),
            .many2one("user_id", "Salesperson", "res.users").orElse { .id($0.uid) },
            .many2one("company_id", "Company", "res.company"),
            .many2one("partner_id", "Customer", "res.partner"), .char("partner_name", "Company Name"),
            .char("contact_name", "Contact Name"), .char("email_from", "Email"), .char("phone", "Phone"),
            .char("website", "Website"), .char("function", "Job Position"), .char("street", "Street"),
            .char("street2", "Street2"), .char("zip", "Zip"), .char("city", "City"),
            .many2one("country_id", "Country", "res.country"), .html("description", "Notes"),
            .char("referred", "Referred By"),
            .selection(
                "priority", "Priority", [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very High")]
            ).or("0"),
            .many2one("stage_id", "Stage", "crm.stage").notCopied,
            .float("expected_revenue", "Expected Revenue", digits: 2),
            // Without leads that were won or lost before there is nothing to reckon it from.
            .float("probability", "Probability", digits: 2).notCopied,
            .date("date_deadline", "Expected Closing"), .datetime("date_closed", "Closed Date").readonly.notCopied,
            .integer("color", "Color Index"),
        ]
        if version < .v19 { fields.append(.char("mobile", "Mobile")) }
        return OdooModelDeclaration("crm.lead", version == .v19 ? "Lead" : "Lead/Opportunity", fields).with {
            $0.access = OdooAccess(readers: [.salesUser], writers: [.salesUser], creators: [.salesUser])
            $0.order = "priority desc, id desc"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                fillFromPartner(env, &values)
                if values["stage_id"] == nil {
                    let open = env.table("crm.stage").ids.filter { !env.flag("crm.stage", $0, "fold") }
                    let first = env.sorted(env.model("crm.stage"), open, by: env.model("crm.stage").order).first
                    values["stage_id"] = first.map { .id($0) } ?? .empty
                }
                win(env, &values)
            }
            $0.behaviour.writing = { (env, _, values) throws(OdooFault) in win(env, &values) }
        }
    }

    /// What a lead does not say of its customer is the partner's own.
    private static func fillFromPartner(_ env: OdooEnvironment, _ values: inout OdooValues) {
        guard let partner = values["partner_id"]?.id else { return }
        let name = env.value("res.partner", partner, "name")
        for (field, own) in [
            ("email_from", env.value("res.partner", partner, "email")),
            ("phone", env.value("res.partner", partner, "phone")),
            (env.flag("res.partner", partner, "is_company") ? "partner_name" : "contact_name", name),
        ] where values[field] == nil { values[field] = own }
        if values["name"] == nil, let name = name.text { values["name"] = .text("\(name)'s opportunity") }
    }

    /// A lead in a stage that is won is certain, and closed.
    private static func win(_ env: OdooEnvironment, _ values: inout OdooValues) {
        guard let stage = values["stage_id"]?.id, env.flag("crm.stage", stage, "is_won") else { return }
        values["probability"] = .float(100)
        values["date_closed"] = .instant(env.now)
    }
}

extension OdooEnvironment {
    mutating func installLeads() {
        for (number, stage) in [("New", 1), ("Qualified", 2), ("Proposition", 3), ("Won", 70)].enumerated() {
            _ = data(
                "crm.stage_lead\(number + 1)", "crm.stage",
                [
                    "name": .text(stage.0), "sequence": .integer(stage.1), "is_won": .bool(stage.0 == "Won"),
                ])
        }
    }
}
