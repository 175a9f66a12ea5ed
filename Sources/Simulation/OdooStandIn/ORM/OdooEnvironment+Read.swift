import ExactJSON

extension OdooEnvironment {
    /// A value in the form of RPC: empty is `false`, a many2one is `[id, name]` (or the id alone).
    func rpc(_ value: OdooValue, _ field: OdooField, names: Bool = true) -> JSON {
        switch value {
        case .empty:
            switch field.kind {
            case .one2many, .many2many: return .array([])
            case .integer: return 0
            case .float: return Self.number(0)
            default: return false
            }
        case .bool(let flag): return .bool(flag)
        case .integer(let number): return .int(number)
        case .float(let number): return Self.number(number)
        case .text(let text): return .string(text)
        case .id(let id):
            guard case .many2one(let comodel) = field.kind else { return .int(id) }
            guard names else { return .int(id) }
            return .array([.int(id), .string(displayName(comodel, id))])
        case .ids(let ids): return .array(ids.map { .int($0) })
        case .instant(let instant): return .string(OdooTime.text(instant))
        case .day(let day): return .string(OdooTime.text(day: day))
        }
    }

    /// A float as Python's JSON writes it: `10.0`.
    static func number(_ value: Double) -> JSON {
        if value == value.rounded(), abs(value) < 1e15 {
            return .number(ExactNumber(coefficient: Int64(value) * 10, scale: 1))
        }
        return ExactNumber(value).map { .number($0) } ?? false
    }

    /// The fields that a caller asked for; all of the model where the list is empty.
    func fields(_ json: JSON?, _ model: OdooModel) throws(OdooFault) -> [OdooField] {
        let names = (json?.array ?? []).compactMap(\.string)
        guard !names.isEmpty else {
            return model.fieldNames.compactMap { model.fields[$0] }.filter { !$0.kind.isBinary }
        }
        var fields: [OdooField] = []
        for name in names {
            fields.append(
                try model.field(name) { name in
                    .valueError(
                        version == .v19
                            ? "Invalid field '\(name)' on '\(model.name)'"
                            : "Invalid field '\(name)' on model '\(model.name)'")
                })
        }
        try checkFieldAccess(model, fields)
        return fields
    }

    /// Fields that no caller may read.
    private func checkFieldAccess(_ model: OdooModel, _ fields: [OdooField]) throws(OdooFault) {
        guard model.name == "res.users", fields.contains(where: { $0.name == "totp_secret" }) else { return }
        let place = version <= .v17 ? "\nDocument type: User (res.users)\n" : "\n"
        let head =
            version <= .v17
            ? "The requested operation can not be completed due to security restrictions."
            : "You do not have enough rights to access the field\(version == .v18 ? "s" : "") \"totp_secret\" on User "
                + "(res.users). Please contact your system administrator."
        let tail = version == .v19 ? "Groups: always forbidden" : "Fields:\n- totp_secret (always forbidden)"
        throw .access("\(head)\n\(place)Operation: read\nUser: \(uid)\n\(tail)")
    }

    /// Rows of the records that are there, in the order of `ids`; what is gone is left out.
    func read(_ model: OdooModel, _ ids: [Int], _ fields: [OdooField], names: Bool = true) throws(OdooFault) -> JSON {
        try checkAccess(model, .read)
        let table = database.tables[model.index]
        var rows: [JSON] = []
        rows.reserveCapacity(ids.count)
        for id in ids where table.rows[id] != nil {
            var row = JSONObject(minimumCapacity: fields.count + 1)
            row["id"] = .int(id)
            for field in fields where field.name != "id" {
                row[field.name] = rpc(value(model, id, field), field, names: names)
            }
            rows.append(.object(row))
        }
        return .array(rows)
    }

    /// Reads by a specification of nested fields (`web_read`, 17 and later).
    func read(_ model: OdooModel, _ ids: [Int], specification: JSON, depth: Int = 0) throws(OdooFault) -> JSON {
        try checkAccess(model, .read)
        var rows: [JSON] = []
        for id in ids where database.tables[model.index].rows[id] != nil {
            var row: JSONObject = ["id": .int(id)]
            for (name, wish) in specification.object ?? [:] where name != "id" {
                let field = try model.field(name) { .valueError("Invalid field '\($0)' on model '\(model.name)'") }
                let value = value(model, id, field)
                guard let comodel = field.comodel.flatMap({ registry[$0] }), let inner = wish["fields"], depth < 20
                else {
                    row[name] = rpc(value, field, names: false)
                    continue
                }
                let nested = try read(comodel, value.ids, specification: inner, depth: depth + 1)
                row[name] = field.isToMany ? nested : nested[0] ?? false
            }
            rows.append(.object(row))
        }
        return .array(rows)
    }
}
