import ExactJSON

@testable import OdooStandIn

// How a recorded result and the stand-in's are compared. Normalised are, and nothing else:
// - ids, and numbers of five and more digits in names (sequences): unified, see `Unifier`;
// - dates with times within the hours in which the recording was made: any such time equals any other; so do days;
// - minutes and hours that the server's clock measured (`duration`, `productive_time`, `oee`): within 0.1;
// - ids of actions and views in window actions, and the text of their search view;
// - the wording of errors and of the messages of `load` (errors with the same words are counted beside), tracebacks;
// - pages of HTML: that it is one.
extension Unifier {
    mutating func same(rows recorded: JSON, _ own: JSON, of model: OdooModel) -> Bool {
        guard let a = recorded.array, let b = own.array, a.count == b.count else { return false }
        return zip(a, b).allSatisfy { same(row: $0, $1, of: model) }
    }

    private mutating func same(row recorded: JSON, _ own: JSON, of model: OdooModel) -> Bool {
        guard let a = recorded.object, let b = own.object, Set(a.keys) == Set(b.keys) else { return false }
        return a.allSatisfy { name, value in
            guard let other = b[name] else { return false }
            if name == "id" {
                return value.int.map { x in other.int.map { unify(model.name, x, $0) } ?? false } ?? false
            }
            if name == "res_id", model.name == "ir.model.data" {
                return unify(recorded["model"]?.string ?? "?", value.int ?? 0, other.int ?? 0)
            }
            guard let field = model.fields[name] else { return same(plain: value, other) }
            return same(value, other, of: field)
        }
    }

    mutating func same(_ recorded: JSON, _ own: JSON, of field: OdooField) -> Bool {
        if let comodel = field.comodel, let model = registry[comodel] {
            if case .many2one = field.kind {
                if let a = recorded.array, let b = own.array, a.count == 2, b.count == 2 {
                    return unify(comodel, a[0].int ?? 0, b[0].int ?? 0)
                        && unifyName(a[1].string ?? "", b[1].string ?? "")
                }
                if recorded.object != nil { return same(row: recorded, own, of: model) }
                if let a = recorded.int, let b = own.int { return unify(comodel, a, b) }
                return recorded == own
            }
            if recorded.array?.first?.object != nil { return same(rows: recorded, own, of: model) }
            return same(ids: recorded, own, of: comodel)
        }
        if ["duration", "productive_time", "oee"].contains(field.name), let a = recorded.number, let b = own.number {
            return abs(a.doubleValue - b.doubleValue) <= 0.1
        }
        if ["write_date", "create_date"].contains(field.name), let a = recorded.string, let b = own.string {
            stamps[a] = b
        }
        return same(plain: recorded, own)
    }

    /// Lists of ids agree where each pair does, in order.
    mutating func same(ids recorded: JSON, _ own: JSON, of model: String) -> Bool {
        guard let a = recorded.array, let b = own.array, a.count == b.count else { return false }
        return zip(a, b).allSatisfy { x, y in
            guard let x = x.int, let y = y.int else { return false }
            return unify(model, x, y)
        }
    }

    mutating func same(plain recorded: JSON, _ own: JSON) -> Bool {
        switch (recorded, own) {
        case (.string(let a), .string(let b)):
            return a == b || (Self.isRecent(a) && Self.isRecent(b)) || unifyName(a, b)
        case (.number(let a), .number(let b)): return abs(a.doubleValue - b.doubleValue) < 0.000_001
        case (.array(let a), .array(let b)): return a.count == b.count && zip(a, b).allSatisfy { same(plain: $0, $1) }
        case (.object(let a), .object(let b)):
            return Set(a.keys) == Set(b.keys) && a.allSatisfy { same(plain: $0.value, b[$0.key] ?? .null) }
        default: return recorded == own
        }
    }

    /// The recordings were made on 2026-11-21 between 01:30 and 05:00 UTC.
    private static func isRecent(_ text: String) -> Bool {
        guard text.hasPrefix("2026-11-21") else { return false }
        if text.count == 10 { return true }
        let time = text.dropFirst(11)
        return text.count == 19 && time >= "01:30:00" && time <= "05:00:00"
    }

    /// A result by what the method gives back.
    mutating func same(result recorded: JSON, _ own: JSON, call: (model: String, method: String), request: JSON?)
        -> Bool
    {
        guard let model = registry[call.model] else { return same(plain: recorded, own) }
        switch call.method {
        case "create", "search", "copy", "name_create":
            if let a = recorded.int, let b = own.int { return unify(call.model, a, b) }
            if call.method == "name_create" { return same(pair: recorded, own, of: call.model) }
            if recorded.string != nil { return sameText(recorded, own, of: call.model) }
            return same(ids: recorded, own, of: call.model)
        case "read", "search_read", "web_read", "web_save", "get_metadata": return same(rows: recorded, own, of: model)
        case "web_search_read":
            return same(rows: recorded["records"] ?? [], own["records"] ?? [], of: model)
                && recorded["length"] == own["length"]
        case "name_search":
            guard let a = recorded.array, let b = own.array, a.count == b.count else { return false }
            return zip(a, b).allSatisfy { same(pair: $0, $1, of: call.model) }
        case "load":
            let ids =
                recorded["ids"]?.array == nil
                ? recorded["ids"] == own["ids"] : same(ids: recorded["ids"] ?? [], own["ids"] ?? [], of: call.model)
            return ids && same(plain: Self.withoutTexts(recorded["messages"]), Self.withoutTexts(own["messages"]))
                && recorded["nextrow"] == own["nextrow"]
        case "get_external_id":
            guard let a = recorded.object, let b = own.object, a.count == b.count else { return false }
            return zip(a, b).allSatisfy {
                unify(call.model, Int($0.key) ?? 0, Int($1.key) ?? 0) && $0.value == $1.value
            }
        case "check_object_reference":
            return recorded[0] == own[0] && unify(recorded[0]?.string ?? "", recorded[1]?.int ?? 0, own[1]?.int ?? 0)
        case "default_get":
            guard let a = recorded.object, let b = own.object, Set(a.keys) == Set(b.keys) else { return false }
            return a.allSatisfy { name, value in
                model.fields[name].map { same(value, b[name] ?? .null, of: $0) } ?? false
            }
        case "onchange":
            return same(row: recorded["value"] ?? [:], own["value"] ?? [:], of: model)
        default:
            if recorded.string?.hasPrefix("\(call.model)(") == true { return sameText(recorded, own, of: call.model) }
            if recorded["type"] == "ir.actions.act_window" { return same(action: recorded, own) }
            return same(plain: recorded, own)
        }
    }

    private mutating func same(pair recorded: JSON, _ own: JSON, of model: String) -> Bool {
        unify(model, recorded[0]?.int ?? 0, own[0]?.int ?? 0)
            && unifyName(recorded[1]?.string ?? "", own[1]?.string ?? "")
    }

    /// `stock.lot(15,)`: a recordset as a text.
    private mutating func sameText(_ recorded: JSON, _ own: JSON, of model: String) -> Bool {
        func ids(_ json: JSON) -> [JSON] {
            (json.string ?? "").split { !$0.isNumber }.compactMap { Int($0) }.map { .int($0) }
        }
        return same(ids: .array(ids(recorded)), .array(ids(own)), of: model)
    }

    /// Messages of `load` agree in rows, fields and kinds; their wording is left out, as it is with errors.
    private static func withoutTexts(_ messages: JSON?) -> JSON {
        .array(
            (messages?.array ?? []).map { message in
                .object(
                    JSONObject(
                        uniqueKeysWithValues: (message.object ?? [:]).filter {
                            ["rows", "record", "type", "field"].contains($0.key)
                        }.map { ($0.key, $0.value) }))
            })
    }

    private mutating func same(action recorded: JSON, _ own: JSON) -> Bool {
        guard let a = recorded.object, let b = own.object, Set(a.keys) == Set(b.keys) else { return false }
        let target = recorded["res_model"]?.string ?? ""
        return a.allSatisfy { name, value in
            guard let other = b[name] else { return false }
            switch name {
            case "id", "view_id", "views", "search_view": return true
            case "res_id":
                if value == 0 { return other == 0 }
                return unify(target, value.int ?? 0, other.int ?? 0)
            case "name", "display_name": return unifyName(value.string ?? "", other.string ?? "")
            case "context": return same(context: value, other, of: target)
            default: return same(plain: value, other)
            }
        }
    }

    private mutating func same(context recorded: JSON, _ own: JSON, of model: String) -> Bool {
        guard let a = recorded.object, let b = own.object, Set(a.keys) == Set(b.keys) else { return false }
        return a.allSatisfy { name, value in
            guard let other = b[name] else { return false }
            if name.hasPrefix("default_"), let field = registry[model]?.fields[String(name.dropFirst(8))] {
                return field.isToMany ? same(commands: value, other, of: field) : same(value, other, of: field)
            }
            if name == "default_production_id", let a = value.int, let b = other.int {
                return unify("mrp.production", a, b)
            }
            if name.hasSuffix("_mo_ids") || name.hasPrefix("mo_ids") || name.hasSuffix("production_ids") {
                return value.isNull ? other.isNull : same(ids: value, other, of: "mrp.production")
            }
            if name.hasSuffix("picking_ids") { return same(ids: value, other, of: "stock.picking") }
            return same(plain: value, other)
        }
    }

    private mutating func same(commands recorded: JSON, _ own: JSON, of field: OdooField) -> Bool {
        guard let a = recorded.array, let b = own.array, a.count == b.count, let comodel = field.comodel,
            let model = registry[comodel]
        else { return false }
        return zip(a, b).allSatisfy { x, y in
            if x.int != nil { return same(ids: [x], [y], of: comodel) }
            guard x[0] == y[0] else { return false }
            if x[0] == 0 { return same(row: x[2] ?? [:], y[2] ?? [:], of: model) }
            return same(ids: [x[1] ?? 0], [y[1] ?? 0], of: comodel)
        }
    }
}
