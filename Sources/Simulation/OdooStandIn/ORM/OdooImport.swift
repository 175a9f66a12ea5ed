import ExactJSON

/// `load` and `export_data`: rows of texts, records known by external ids.
enum OdooImport {
    static let methods: [String: OdooMethod] = [
        "load": .model("fields data") { (env, call) throws(OdooFault) in
            .json(
                try env.load(call.model, (call["fields"]?.array ?? []).compactMap(\.string), call["data"]?.array ?? []))
        },
        "export_data": .records("fields_to_export") { (env, call) throws(OdooFault) in
            let paths = (call["fields_to_export"]?.array ?? []).compactMap(\.string)
            var rows: [JSON] = []
            for id in call.ids where env.exists(call.model.name, id) {
                var row: [JSON] = []
                for path in paths {
                    row.append(.string(try env.export(call.model, id, path.split(separator: "/")[...])))
                }
                rows.append(.array(row))
            }
            return .json(["datas": .array(rows)])
        },
    ]
}

extension OdooEnvironment {
    /// Upserts rows by their external ids. All or nothing: at the first fault nothing of the call stays, `ids` is false
    /// and `messages` says which row was wrong; the call itself succeeds.
    mutating func load(_ model: OdooModel, _ fields: [String], _ rows: [JSON]) throws(OdooFault) -> JSON {
        let columns = fields.map { $0.split(separator: "/").map(String.init) }
        for column in columns {
            let name = column.first ?? ""
            if name != "id", name != ".id", model.fields[name] == nil {
                throw version >= .v18 ? .valueError("Invalid field name '\(name)'") : .keyError(name)
            }
        }
        let savepoint = database.savepoint
        var ids: [JSON] = []
        var messages: [JSON] = []
        var index = 0
        while index < rows.count {
            let first = index
            let record = rows[first].array ?? []
            index += 1
            // Rows that have values for lines alone go on with the record above them.
            while index < rows.count, Self.isContinuation(rows[index].array ?? [], columns, model) { index += 1 }
            do throws(OdooFault) {
                let lines = rows[first..<index].map { $0.array ?? [] }
                ids.append(.int(try load(model, columns, record, lines: lines, row: first, to: &messages)))
            } catch {
                messages.append(loadMessage(error, row: first, model: model))
            }
        }
        guard messages.isEmpty else {
            database.rollback(to: savepoint)
            return ["ids": false, "messages": .array(messages), "nextrow": 0]
        }
        return ["ids": .array(ids), "messages": [], "nextrow": 0]
    }

    private static func isContinuation(_ row: [JSON], _ columns: [[String]], _ model: OdooModel) -> Bool {
        var hasLines = false
        for (column, value) in zip(columns, row) where !(value == "" || value == false || value.isNull) {
            guard column.count > 1, case .one2many = model.fields[column[0]]?.kind else { return false }
            hasLines = true
        }
        return hasLines
    }

    private mutating func load(
        _ model: OdooModel, _ columns: [[String]], _ row: [JSON], lines: [[JSON]], row number: Int,
        to messages: inout [JSON]
    ) throws(OdooFault) -> Int {
        var values: [String: JSON] = [:]
        var external: String?
        var existing: Int?
        for (column, cell) in zip(columns, row) {
            let name = column[0]
            switch name {
            case "id": external = cell.string.flatMap { $0.isEmpty ? nil : $0 }
            case ".id": existing = cell.int ?? cell.string.flatMap { Int($0) }
            default:
                guard let field = model.fields[name] else { continue }
                if case .one2many(let comodel, _) = field.kind, column.count > 1 {
                    if values[name] == nil { values[name] = try loadLines(comodel, name, columns, lines) }
                    continue
                }
                guard let value = try loadCell(cell, field, Array(column.dropFirst()), row: number, to: &messages)
                else { continue }
                values[name] = value
            }
        }
        if let external { existing = record(external) }
        if let id = existing, exists(model.name, id) {
            try write(model, [id], values.filter { !($0.value == false) || model.fields[$0.key]?.isRequired != true })
            return id
        }
        for field in model.fields.values.sorted(by: { $0.name < $1.name })
        where field.isRequired && field.slot >= 0 && field.defaultValue == nil && values[field.name] == false {
            throw requiredFault(model, field)
        }
        let id = try create(model, values)
        if let external { bind(external, to: model.name, id) }
        return id
    }

    /// The lines of a one2many, made anew at each load unless they have external ids of their own.
    private mutating func loadLines(
        _ comodel: String, _ name: String, _ columns: [[String]], _ lines: [[JSON]]
    ) throws(OdooFault) -> JSON {
        let model = self.model(comodel)
        var commands: [JSON] = []
        var ignored: [JSON] = []
        for line in lines {
            var values = JSONObject()
            // Nothing for a list of records is none, not the default.
            var emptied: [String] = []
            var external: String?
            for (column, cell) in zip(columns, line) where column.count > 1 && column[0] == name {
                if column.count == 2, column[1] == "id" {
                    external = cell.string.flatMap { $0.isEmpty ? nil : $0 }
                    continue
                }
                guard let field = model.fields[column[1]] else {
                    throw .valueError("Invalid field name '\(column[1])'")
                }
                if cell == "" {
                    if field.isToMany { emptied.append(column[1]) }
                    continue
                }
                values[column[1]] = try loadCell(cell, field, Array(column.dropFirst(2)), row: 0, to: &ignored)
            }
            guard !values.isEmpty else { continue }
            for name in emptied { values[name] = false }
            if let external, let id = record(external), exists(comodel, id) {
                commands.append([1, .int(id), .object(values)])
            } else {
                values["id"] = external.map { .string($0) }
                commands.append([0, 0, .object(values)])
            }
        }
        return .array(commands)
    }

    /// Turns one cell into a value for `write`; nil where it was wrong, which is then in `messages`.
    private func loadCell(
        _ cell: JSON, _ field: OdooField, _ rest: [String], row: Int, to messages: inout [JSON]
    ) throws(OdooFault) -> JSON? {
        if cell == "" || cell.isNull { return false }
        switch field.kind {
        case .many2one(let comodel):
            let text = cell.string ?? Self.describe(cell)
            return loadReference(text, comodel, field, rest, row: row, to: &messages).map { .int($0) }
        case .many2many(let comodel):
            var ids: [JSON] = []
            for text in (cell.string ?? Self.describe(cell)).split(separator: ",") {
                guard let id = loadReference(String(text), comodel, field, rest, row: row, to: &messages) else {
                    return nil
                }
                ids.append(.int(id))
            }
            return [[6, 0, .array(ids)]]
        case .datetime:
            guard let text = cell.string else { return cell }
            guard let local = OdooTime.instant(text) else {
                throw .valueError("'\(text)' does not seem to be a valid datetime for field '\(field.label)'")
            }
            let zone = OdooTimeZone(name: context["tz"]?.string ?? settings.timeZone(of: uid))
            return .string(OdooTime.text(zone.utc(local: local)))
        case .boolean:
            return .bool(["1", "true", "yes"].contains((cell.string ?? Self.describe(cell)).lowercased()))
        default: return cell
        }
    }

    /// The record that a text means: by database id, external id or name; nil where it means none, which is then said.
    private func loadReference(
        _ text: String, _ comodel: String, _ field: OdooField, _ rest: [String], row: Int, to messages: inout [JSON]
    ) -> Int? {
        let id: Int? =
            switch rest.first {
            case ".id": Int(text).flatMap { exists(comodel, $0) ? $0 : nil }
            case "id": record(text).flatMap { exists(comodel, $0) ? $0 : nil }
            default: search(self.model(comodel), .all).first { displayName(comodel, $0) == text }
            }
        if id == nil {
            let kind = rest.first == "id" ? "external id" : rest.first == ".id" ? "database id" : "name"
            messages.append(noRecord(text, kind, field, row: row))
        }
        return id
    }

    private func noRecord(_ text: String, _ kind: String, _ field: OdooField, row: Int) -> JSON {
        [
            "rows": ["from": .int(row), "to": .int(row)], "type": "error", "record": .int(row),
            "field": .string(field.name),
            "message": .string("No matching record found for \(kind) '\(text)' in field '\(field.label)'"),
            "moreinfo": [
                "name": "Possible Values", "type": "ir.actions.act_window", "target": "new",
                "view_mode": .string(version >= .v18 ? "list,form" : "tree,form"),
                "views": [[false, .string(version >= .v18 ? "list" : "tree")], [false, "form"]],
                "context": ["create": false], "help": "See all possible values", "res_model": "ir.model.data",
                "domain": [["model", "=", .string(field.comodel ?? "")]],
            ],
            "field_name": .string(field.label),
        ]
    }

    private func loadMessage(_ fault: OdooFault, row: Int, model: OdooModel) -> JSON {
        var message: JSONObject = [
            "rows": ["from": .int(row), "to": .int(row)], "record": .int(row), "type": "error",
            "message": .string(fault.message),
        ]
        let prefix = "The operation cannot be completed: "
        if let field = model.fields.values.first(where: { fault == requiredFault(model, $0) }) {
            message["message"] = .string(
                version == .v19
                    ? String(fault.message.dropFirst(prefix.count))
                    : "Missing required value for the field '\(field.label)' (\(field.name))")
            message["field"] = .string(field.name)
        }
        return .object(message)
    }

    /// One cell of an export: a text, whatever the field is.
    fileprivate mutating func export(_ model: OdooModel, _ id: Int, _ path: ArraySlice<Substring>) throws(OdooFault)
        -> String
    {
        guard let name = path.first.map(String.init) else { return "" }
        if name == "id" { return externalID(model.name, id) ?? makeExternalID(model.name, id) }
        if name == ".id" { return String(id) }
        let field = try model.field(name) { .keyError($0) }
        let value = value(model, id, field)
        if let comodel = field.comodel.flatMap({ registry[$0] }), path.count > 1 {
            guard let next = value.ids.first else { return "" }
            return try export(comodel, next, path.dropFirst())
        }
        switch value {
        case .id(let other): return displayName(field.comodel ?? "", other)
        case .text(let text): return text
        case .integer(let number): return String(number)
        case .float(let number): return Self.describe(Self.number(number))
        case .bool(let flag): return flag ? "True" : "False"
        case .instant(let instant):
            let zone = OdooTimeZone(name: context["tz"]?.string ?? settings.timeZone(of: uid))
            return OdooTime.text(instant + zone.offset(atUTC: instant))
        case .day(let day): return OdooTime.text(day: day)
        case .ids(let ids): return ids.map { displayName(field.comodel ?? "", $0) }.joined(separator: ",")
        case .empty: return ""
        }
    }
}
