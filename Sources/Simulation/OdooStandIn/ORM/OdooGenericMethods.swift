import ExactJSON

/// The methods that every model has (`odoo/models.py`).
enum OdooGenericMethods {
    static func table(version: OdooStandInVersion) -> [String: OdooMethod] {
        var methods = records.merging(searches(version)) { $1 }.merging(descriptions) { $1 }
        methods.merge(OdooGrouping.methods(version)) { $1 }
        methods.merge(OdooImport.methods) { $1 }
        if version >= .v17 { methods.merge(web) { $1 } }
        if version >= .v18 {
            methods["has_access"] = .records("operation") { (env, call) throws(OdooFault) in
                let operation = OdooOperation(rawValue: call["operation"]?.string ?? "") ?? .read
                return .json(.bool(env.mayAccess(call.model, operation)))
            }
        }
        return methods
    }

    private static let records: [String: OdooMethod] = [
        "create": .model("vals_list") { (env, call) throws(OdooFault) in
            if let single = call["vals_list"]?.object {
                let id = try env.create(
                    call.model, Dictionary(single.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
                return .json(.int(id))
            }
            var ids: [JSON] = []
            for item in call["vals_list"]?.array ?? [] {
                let values = Dictionary((item.object ?? [:]).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
                ids.append(.int(try env.create(call.model, values)))
            }
            return .json(.array(ids))
        },
        "write": .records("vals") { (env, call) throws(OdooFault) in
            let values = Dictionary((call["vals"]?.object ?? [:]).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
            try env.write(call.model, call.ids, values)
            return .done
        },
        "unlink": .records { (env, call) throws(OdooFault) in
            try env.unlink(call.model, call.ids)
            return .done
        },
        "copy": .records("default?") { (env, call) throws(OdooFault) in
            try env.checkThere(call)
            var copies: [JSON] = []
            for id in call.ids {
                var values: [String: JSON] = [:]
                for field in call.model.fields.values
                where field.slot >= 0 && field.isCopied && !field.isReadonly && field.name != "id" {
                    let value = env.value(call.model, id, field)
                    if !value.isEmpty { values[field.name] = env.rpc(value, field, names: false) }
                }
                for (key, value) in call["default"]?.object ?? [:] { values[key] = value }
                copies.append(.int(try env.create(call.model, values)))
            }
            return .json(env.version >= .v18 ? .array(copies) : copies.first ?? false)
        },
        "name_create": .model("name") { (env, call) throws(OdooFault) in
            let id = try env.create(call.model, [call.model.recordName: call["name"] ?? false])
            return .json(.array([.int(id), .string(env.displayName(call.model.name, id))]))
        },
        "read": .records("fields? load?") { (env, call) throws(OdooFault) in
            let names = call.arguments["load"].map { $0 == "_classic_read" } ?? true
            return .json(try env.read(call.model, call.ids, env.fields(call["fields"], call.model), names: names))
        },
        "exists": .records { (env, call) throws(OdooFault) in
            .json(.array(call.ids.filter { env.exists(call.model.name, $0) }.map { .int($0) }))
        },
        "action_archive": .records { (env, call) throws(OdooFault) in
            try env.write(call.model, call.ids, ["active": false])
            return .done
        },
        "action_unarchive": .records { (env, call) throws(OdooFault) in
            try env.write(call.model, call.ids, ["active": true])
            return .done
        },
    ]

    private static func searches(_ version: OdooStandInVersion) -> [String: OdooMethod] {
        [

            "search": .model("domain offset? limit? order?") { (env, call) throws(OdooFault) in
                .json(.array(try env.found(call).map { .int($0) }))
            },
            "search_count": .model("domain limit?") { (env, call) throws(OdooFault) in
                .json(.int(try env.found(call).count))
            },
            "search_read": .model(
                "domain? fields? offset? limit? order? load?",
                passesOn: version == .v16 ? "BaseModel.read" : "BaseModel._read_format"
            ) { (env, call) throws(OdooFault) in
                let fields = try env.fields(call["fields"], call.model)
                let names = call.arguments["load"].map { $0 == "_classic_read" } ?? true
                return .json(try env.read(call.model, env.found(call), fields, names: names))
            },
            "name_search": .model(version == .v19 ? "name? domain? operator? limit?" : "name? args? operator? limit?") {
                (env, call) throws(OdooFault) in
                try env.checkAccess(call.model, .read)
                let domain = try env.domain(call["args"] ?? call["domain"], call.model)
                let text = (call["name"]?.string ?? "").lowercased()
                let found = env.search(call.model, domain).filter {
                    text.isEmpty || env.displayName(call.model.name, $0).lowercased().contains(text)
                }
                return .json(
                    .array(
                        found.prefix(call.count("limit") ?? 100).map {
                            .array([.int($0), .string(env.displayName(call.model.name, $0))])
                        }))
            },
        ]
    }

    private static let descriptions: [String: OdooMethod] = [
        "fields_get": .model("allfields? attributes?") { (env, call) throws(OdooFault) in
            try env.checkAccess(call.model, .read)
            let wanted = call["allfields"]?.array.map { Set($0.compactMap(\.string)) }
            var result = JSONObject()
            for name in call.model.fieldNames where wanted?.contains(name) ?? true {
                if let field = call.model.fields[name] {
                    result[name] = OdooDescription.of(field, attributes: call["attributes"])
                }
            }
            return .json(.object(result))
        },
        "default_get": .model("fields_list") { (env, call) throws(OdooFault) in
            var result = JSONObject()
            for name in (call["fields_list"]?.array ?? []).compactMap(\.string) {
                guard let field = call.model.fields[name] else { continue }
                if let given = env.context["default_\(name)"] {
                    result[name] = given
                } else if let value = field.defaultValue?(env), !value.isEmpty {
                    result[name] = env.rpc(value, field, names: false)
                }
            }
            return .json(.object(result))
        },
        "check_access_rights": .model("operation raise_exception?") { (env, call) throws(OdooFault) in
            let operation = OdooOperation(rawValue: call["operation"]?.string ?? "") ?? .read
            if call.arguments["raise_exception"] != false { try env.checkAccess(call.model, operation) }
            return .json(.bool(env.mayAccess(call.model, operation)))
        },
        "get_metadata": .records { (env, call) throws(OdooFault) in
            .json(.array(call.ids.filter { env.exists(call.model.name, $0) }.map { env.metadata(call.model, $0) }))
        },
        "get_external_id": .records { (env, call) throws(OdooFault) in
            var result = JSONObject()
            for id in call.ids { result[String(id)] = .string(env.externalID(call.model.name, id) ?? "") }
            return .json(.object(result))
        },
    ]

    private static let web: [String: OdooMethod] = [
        "web_search_read": .model(
            "domain specification offset? limit? order? count_limit?"
        ) { (env, call) throws(OdooFault) in
            let ids = try env.found(call)
            let all = env.search(call.model, try env.domain(call["domain"], call.model)).count
            let rows = try env.read(call.model, ids, specification: call["specification"] ?? [:])
            return .json(["length": .int(all), "records": rows])
        },
        "web_read": .records("specification") { (env, call) throws(OdooFault) in
            .json(try env.read(call.model, call.ids, specification: call["specification"] ?? [:]))
        },
        "web_save": .records("vals specification next_id?") { (env, call) throws(OdooFault) in
            let values = Dictionary((call["vals"]?.object ?? [:]).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
            var ids = call.ids
            if ids.isEmpty {
                ids = [try env.create(call.model, values)]
            } else {
                try env.write(call.model, ids, values)
            }
            return .json(try env.read(call.model, ids, specification: call["specification"] ?? [:]))
        },
        "onchange": .records("values field_names fields_spec") { (env, call) throws(OdooFault) in
            .json([
                "value": try env.defaults(call.model, specification: call["fields_spec"] ?? [:], given: call["values"])
            ])
        },
    ]
}

extension OdooEnvironment {
    /// The ids that a search call is about.
    func found(_ call: OdooCall) throws(OdooFault) -> [Int] {
        try checkAccess(call.model, .read)
        let domain = try domain(call["domain"], call.model)
        let order = try order(call["order"], call.model)
        return search(call.model, domain, order: order, offset: call.count("offset") ?? 0, limit: call.count("limit"))
    }

    fileprivate func metadata(_ model: OdooModel, _ id: Int) -> JSON {
        var row: JSONObject = ["id": .int(id)]
        for name in ["create_uid", "create_date", "write_uid", "write_date"] {
            if let field = model.fields[name] { row[name] = rpc(value(model, id, field), field) }
        }
        let external = externalRows(model.name, id)
        row["xmlid"] = externalID(model.name, id).map { .string($0) } ?? false
        row["noupdate"] = .bool(external.first.map { flag("ir.model.data", $0, "noupdate") } ?? false)
        row["xmlids"] = .array(
            external.map {
                [
                    "xmlid": .string("\(text("ir.model.data", $0, "module")).\(text("ir.model.data", $0, "name"))"),
                    "noupdate": .bool(flag("ir.model.data", $0, "noupdate")),
                ]
            })
        return .object(row)
    }

    /// The values of a new record as a form would show them.
    fileprivate func defaults(_ model: OdooModel, specification: JSON, given: JSON?) throws(OdooFault) -> JSON {
        var values = JSONObject()
        for (name, wish) in specification.object ?? [:] {
            let field = try model.field(name) { .valueError("Invalid field '\($0)' on model '\(model.name)'") }
            let value = field.defaultValue?(self) ?? Self.zero(field)
            if let shown = given?[name] {
                values[name] = shown
            } else if let id = value.id, let comodel = field.comodel.flatMap({ registry[$0] }),
                let inner = wish["fields"]
            {
                values[name] = try read(comodel, [id], specification: inner)[0] ?? false
            } else {
                values[name] = rpc(value, field, names: false)
            }
        }
        return .object(values)
    }
}

/// How `fields_get` describes a field.
enum OdooDescription {
    static func of(_ field: OdooField, attributes: JSON?) -> JSON {
        let wanted = attributes?.array.map { Set($0.compactMap(\.string)) }
        var all: [(String, JSON)] = [
            ("readonly", .bool(field.isReadonly)), ("required", .bool(field.isRequired)),
            ("store", .bool(field.isStored)), ("string", .string(field.label)), ("type", .string(field.typeName)),
            ("name", .string(field.name)),
        ]
        if let comodel = field.comodel { all.append(("relation", .string(comodel))) }
        if case .one2many(_, let inverse) = field.kind { all.append(("relation_field", .string(inverse))) }
        if case .selection(let keys) = field.kind {
            all.append(("selection", .array(keys.map { .array([.string($0.key), .string($0.label)]) })))
        }
        return .object(
            JSONObject(uniqueKeysWithValues: all.filter { wanted?.contains($0.0) ?? true }.sorted { $0.0 < $1.0 }))
    }
}
