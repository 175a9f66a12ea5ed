import ExactJSON

/// One step of an ``OdooPlan``: one call of Odoo's ORM, whose `values` and `ids` may name what an earlier step found or
/// made (``PlanReference``).
///
/// Its JSON is the form in which the companion addon takes it: each step has its plain counterpart over RPC.
enum PlanStep: Sendable, Hashable {
    /// The records must be there and match, else nothing more is done.
    case guarded(model: String, ids: JSON, domain: JSON, refusal: Refusal)
    /// The one record that fits, else a new one.
    case ensure(model: String, domain: JSON, values: JSON, context: JSONObject = [:], alias: String)
    /// A record that lives for this plan alone, such as that of a window in which a person would fill in something.
    case create(model: String, values: JSON, context: JSONObject, alias: String)
    /// Values that are absolute, so that writing them twice is writing them once.
    case write(model: String, ids: JSON, values: JSON, when: JSON?)
    /// A method; on those of the records alone that match `when`.
    case call(
        model: String, method: String, ids: JSON?, arguments: JSONObject, context: JSONObject, when: JSON?,
        alias: String?)

    /// What follows where records do not match a guard.
    enum Refusal: Sendable, Hashable {
        /// The goal is reached already.
        case stop
        /// The failure's code, one of ``OdooFailures``.
        case code(String)
    }

    /// Creates a record under an external id, or finds it there.
    static func load(_ model: String, name: String, _ cells: [PlanCell], as alias: String) -> PlanStep {
        let all = [PlanCell("id", ExternalID.qualified(name))] + cells
        return load(model, columns: all.map(\.field), rows: [all.map(\.value)], as: alias)
    }

    /// The same for a record with its lines.
    static func load(
        _ model: String, name: String, _ row: FormRow, context: JSONObject = [:], as alias: String
    ) -> PlanStep {
        let (columns, rows) = row.table(name: name)
        return load(model, columns: columns, rows: rows, context: context, as: alias)
    }

    private static func load(
        _ model: String, columns: [String], rows: [[JSON]], context: JSONObject = [:], as alias: String
    ) -> PlanStep {
        .call(
            model: model, method: "load", ids: nil,
            arguments: [
                "fields": .array(columns.map { .string($0) }), "data": .array(rows.map { .array($0) }),
            ],
            context: context, when: nil, alias: alias)
    }
}

/// One column of an import's single row.
struct PlanCell: Sendable, Hashable {
    let field: String
    /// Text, or a ``PlanReference``.
    let value: JSON

    init(_ field: String, _ text: String) {
        self.field = field
        value = .string(text)
    }

    /// A record by its database id; `id` may be a reference.
    init(_ field: String, record id: JSON) {
        self.field = field + "/.id"
        value = id.int.map { .string(String($0)) } ?? id
    }
}

extension PlanCell {
    /// The same column of a line that the field holds.
    func below(_ field: String) -> PlanCell { PlanCell(column: "\(field)/\(self.field)", value: value) }

    private init(column: String, value: JSON) {
        field = column
        self.value = value
    }
}

/// Stands for the id of the one record that an earlier step found or made: `{"$": "lot"}`.
enum PlanReference {
    static func to(_ alias: String) -> JSON { ["$": .string(alias)] }

    /// Puts ids where references stand. References to what is not known stay.
    static func fill(_ value: JSON, _ ids: [String: Int]) -> JSON {
        switch value {
        case .object(let members):
            if members.count == 1, let alias = members["$"]?.string, let id = ids[alias] { return .int(id) }
            return .object(members.mapValues { fill($0, ids) })
        case .array(let elements): return .array(elements.map { fill($0, ids) })
        default: return value
        }
    }
}

extension PlanStep {
    var json: JSON {
        var json: JSON
        switch self {
        case .guarded(let model, let ids, let domain, let refusal):
            json = ["guard": .string(model), "ids": ids, "where": domain]
            switch refusal {
            case .stop: json["otherwise"] = "stop"
            case .code(let code): json["code"] = .string(code)
            }
        case .ensure(let model, let domain, let values, let context, let alias):
            json = ["ensure": .string(model), "where": domain, "values": values, "as": .string(alias)]
            if !context.isEmpty { json["context"] = .object(context) }
        case .create(let model, let values, let context, let alias):
            json = ["create": .string(model), "values": values, "as": .string(alias)]
            if !context.isEmpty { json["context"] = .object(context) }
        case .write(let model, let ids, let values, let when):
            json = ["write": .string(model), "ids": ids, "values": values]
            if let when { json["when"] = when }
        case .call(let model, let method, let ids, let arguments, let context, let when, let alias):
            json = ["call": .string(model), "method": .string(method)]
            if let ids { json["ids"] = ids }
            if !arguments.isEmpty { json["kwargs"] = .object(arguments) }
            if !context.isEmpty { json["context"] = .object(context) }
            if let when { json["when"] = when }
            if let alias { json["as"] = .string(alias) }
        }
        return json
    }

    /// Reads what ``json`` wrote; nil for anything else.
    init?(_ json: JSON) {
        let alias = json["as"]?.string
        if let model = json["guard"]?.string, let ids = json["ids"], let domain = json["where"] {
            guard let refusal = json["otherwise"] != nil ? .stop : json["code"]?.string.map(Refusal.code) else {
                return nil
            }
            self = .guarded(model: model, ids: ids, domain: domain, refusal: refusal)
        } else if let model = json["ensure"]?.string, let domain = json["where"], let values = json["values"], let alias
        {
            self = .ensure(
                model: model, domain: domain, values: values, context: json["context"]?.object ?? [:], alias: alias)
        } else if let model = json["create"]?.string, let values = json["values"], let alias {
            self = .create(model: model, values: values, context: json["context"]?.object ?? [:], alias: alias)
        } else if let model = json["write"]?.string, let ids = json["ids"], let values = json["values"] {
            self = .write(model: model, ids: ids, values: values, when: json["when"])
        } else if let model = json["call"]?.string, let method = json["method"]?.string {
            self = .call(
                model: model, method: method, ids: json["ids"], arguments: json["kwargs"]?.object ?? [:],
                context: json["context"]?.object ?? [:], when: json["when"], alias: alias)
        } else {
            return nil
        }
    }
}
