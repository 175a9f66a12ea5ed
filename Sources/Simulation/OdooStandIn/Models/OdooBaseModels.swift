import ExactJSON

/// Users, companies, keys, groups, modules and external ids.
enum OdooBaseModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [
            users(version), company, currency, externalIDs, apiKeys, groups(version), modules, attachments,
            OdooModelDeclaration(
                "ir.model", "Models", [.char("name", "Model Description"), .char("model", "Model")]
            ).with {
                $0.access = .settings; $0.order = "model"
            },
        ]
    }

    /// Files; those on no record are their maker's own.
    private static var attachments: OdooModelDeclaration {
        OdooModelDeclaration(
            "ir.attachment", "Attachment",
            [
                .char("name", "Name").required, .text("description", "Description"),
                .selection("type", "Type", [("url", "URL"), ("binary", "File")]).required.or("binary"),
                .char("res_model", "Resource Model"), .integer("res_id", "Resource ID"),
                .boolean("public", "Is public document"), .binary("datas", "File Content (base64)"),
                .char("mimetype", "Mime Type").or("application/octet-stream"),
                .integer("file_size", "File Size").computed { env, id in
                    let content = env.text("ir.attachment", id, "datas")
                    return .integer(content.utf8.count / 4 * 3 - content.utf8.reversed().prefix { $0 == 0x3D }.count)
                },
                .char("res_name", "Resource Name").computed { env, id in
                    let model = env.text("ir.attachment", id, "res_model")
                    let record = Int(env.number("ir.attachment", id, "res_id"))
                    return model.isEmpty || record == 0 ? .empty : .text(env.displayName(model, record))
                },
            ]
        ).with { $0.order = "id desc" }
    }

    private static func users(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let fields: [OdooField] = [
            .char("name", "Name").required, .char("login", "Login").required.indexed,
            .boolean("active", "Active").or(true), .char("tz", "Timezone"), .char("lang", "Language").or("en_US"),
            .many2one("company_id", "Company", "res.company").required.or(.id(1)),
            .many2many("company_ids", "Companies", "res.company").or(.ids([1])),
            .many2one("partner_id", "Related Partner", "res.partner"), .char("email", "Email"),
            .many2many(version == .v19 ? "group_ids" : "groups_id", "Groups", "res.groups"),
            .char("totp_secret", "Totp Secret"), .boolean("share", "Share User"),
        ]
        return OdooModelDeclaration("res.users", "User", fields).with {
            $0.access = .readOnly
            $0.order = "name, login"
            $0.methods["context_get"] = .model("") { (env, _) in
                var context: JSONObject = ["lang": false, "tz": false, "uid": .int(env.uid)]
                for name in ["lang", "tz"] {
                    if case .text(let text) = env.value("res.users", env.uid, name) { context[name] = .string(text) }
                }
                return .json(.object(context))
            }
        }
    }

    private static var company: OdooModelDeclaration {
        OdooModelDeclaration(
            "res.company", "Companies",
            [
                .char("name", "Company Name").required, .many2one("partner_id", "Partner", "res.partner"),
                .many2one("currency_id", "Currency", "res.currency"), .boolean("active", "Active").or(true),
                .integer("sequence", "Sequence").or(.integer(10)),
                .selection(
                    "po_double_validation", "Levels of Approvals",
                    [("one_step", "Confirm purchase orders in one step"), ("two_step", "Get 2 levels of approvals")]
                ).or("one_step"),
                .float("po_double_validation_amount", "Double validation amount", digits: 2).or(.float(5_000)),
                .selection(
                    "po_lock", "Purchase Order Modification",
                    [("edit", "Allow to edit purchase orders"), ("lock", "Confirmed purchase orders are not editable")]
                ).or("edit"),
            ]
        ).with {
            $0.access = .readOnly
            $0.order = "sequence, name"
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in
                // Users point to their company, and PostgreSQL restricts it.
                guard let field = env.model("res.users").fields["company_id"],
                    env.table("res.users").ids.contains(where: {
                        ids.contains(env.one("res.users", $0, "company_id") ?? 0)
                    })
                else { return }
                throw env.foreignKeyFault(env.model("res.users"), field)
            }
        }
    }

    private static var currency: OdooModelDeclaration {
        OdooModelDeclaration(
            "res.currency", "Currency",
            [.char("name", "Currency").required, .char("symbol", "Symbol"), .boolean("active", "Active").or(true)]
        ).with {
            $0.access = .readOnly; $0.order = "active desc, name"
        }
    }

    private static var externalIDs: OdooModelDeclaration {
        OdooModelDeclaration(
            "ir.model.data", "Model Data",
            [
                .char("module", "Module").or(""), .char("name", "External Identifier").required.indexed,
                .char("model", "Model Name").required, .integer("res_id", "Record ID").indexed,
                .boolean("noupdate", "Non Updatable"),
                .char("complete_name", "Complete ID").computed {
                    .text("\($0.text("ir.model.data", $1, "module")).\($0.text("ir.model.data", $1, "name"))")
                },
            ]
        ).with {
            $0.access = .settings
            $0.order = "module, model, name"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                let module = values["module"]?.text ?? "", name = values["name"]?.text ?? ""
                guard env.externalRow("\(module).\(name)") != nil else { return }
                throw .validation(
                    "The operation cannot be completed: duplicate key value violates unique constraint "
                        + "\"ir_model_data_module_name_uniq_index\"\n"
                        + "DETAIL:  Key (module, name)=(\(module), \(name)) already exists.\n")
            }
            $0.methods["check_object_reference"] = .model("module xml_id raise_on_access_error?") {
                (env, call) throws(OdooFault) in
                let external = "\(call["module"]?.string ?? "").\(call["xml_id"]?.string ?? "")"
                guard let row = env.externalRow(external) else {
                    throw .valueError("External ID not found in the system: \(external)")
                }
                let id = env.value("ir.model.data", row, "res_id").integer
                return .json([.string(env.text("ir.model.data", row, "model")), .int(id)])
            }
        }
    }

    private static var apiKeys: OdooModelDeclaration {
        OdooModelDeclaration(
            "res.users.apikeys", "Users API Keys",
            [
                .char("name", "Description").required.readonly,
                .many2one("user_id", "User", "res.users").required.readonly,
                .char("scope", "Scope").readonly, .datetime("expiration_date", "Expiration Date").readonly,
            ]
        ).with { $0.access = OdooAccess(readers: [], writers: [.settings]) }
    }

    private static func groups(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(
            "res.groups", "Access Groups",
            [
                .char("name", "Name").required, .char("full_name", "Group Name"),
                .float("api_key_duration", "API Keys maximum duration days"),
            ]
        ).with {
            $0.access = .readOnly; $0.order = "name"
        }
    }

    private static var modules: OdooModelDeclaration {
        OdooModelDeclaration(
            "ir.module.module", "Module",
            [
                .char("name", "Technical Name").required, .char("shortdesc", "Module Name"), .char("state", "Status"),
                .char("installed_version", "Latest Version"),
            ]
        ).with {
            $0.access = .settings; $0.order = "name"
        }
    }
}

extension OdooEnvironment {
    mutating func installBase() {
        let usd = data("base.USD", "res.currency", ["name": "USD", "symbol": "$"])
        let country = data("base.us", "res.country", ["name": "United States", "code": "US"])
        _ = data("base.fr", "res.country", ["name": "France", "code": "FR"])
        _ = data("base.de", "res.country", ["name": "Germany", "code": "DE"])
        let partner = data(
            "base.main_partner", "res.partner",
            ["name": "My Company", "is_company": true, "country_id": .id(country)])
        _ = data(
            "base.main_company", "res.company",
            ["name": "My Company", "partner_id": .id(partner), "currency_id": .id(usd)])
        let role = version == .v19 ? "Role / User" : "User types / Internal User"
        _ = data(
            "base.group_user", "res.groups",
            ["name": .text(role), "full_name": .text(role), "api_key_duration": .float(90)])
        _ = data("base.user_root", "res.users", ["name": "OdooBot", "login": "__system__", "active": false])
        for user in settings.users {
            let contact = insert("res.partner", ["name": .text(user.name), "parent_id": .id(partner)])
            let id = insert(
                "res.users",
                [
                    "name": .text(user.name), "login": .text(user.login), "tz": .text(user.timeZone),
                    "partner_id": .id(contact),
                ])
            for _ in user.apiKeys {
                var values: OdooValues = ["name": .text("demo-\(user.login)"), "user_id": .id(id), "scope": "rpc"]
                if version >= .v18 { values["expiration_date"] = .instant(now + 90 * 86_400_000_000) }
                _ = insert("res.users.apikeys", values)
            }
        }
        for name in ["mrp", "stock", "maintenance", "mrp_account"] {
            _ = insert(
                "ir.module.module",
                ["name": .text(name), "state": "installed", "installed_version": .text("\(version.series).1.0")])
        }
        for model in registry.models where !model.isTransient {
            _ = insert("ir.model", ["name": .text(model.label), "model": .text(model.name)])
        }
    }
}
