import ExactJSON

/// `read_group` and its successor: counts and sums by the values of fields.
enum OdooGrouping {
    static func methods(_ version: OdooStandInVersion) -> [String: OdooMethod] {
        var methods: [String: OdooMethod] = [
            "read_group": .model("domain fields groupby offset? limit? orderby? lazy?") {
                (env, call) throws(OdooFault) in
                let keys = (call["groupby"]?.array ?? [call["groupby"] ?? false]).compactMap(\.string)
                let lazy = call.arguments["lazy"] != false
                let shown = lazy ? Array(keys.prefix(1)) : keys
                var sums: [(label: String, field: String)] = []
                for name in (call["fields"]?.array ?? []).compactMap(\.string) {
                    let field = String(name.split(separator: ":").first ?? "")
                    if case .float? = call.model.fields[field]?.kind { sums.append((field, field)) }
                    if case .integer? = call.model.fields[field]?.kind, field != "id" { sums.append((field, field)) }
                }
                let groups = try env.groups(call, by: shown, sums: sums)
                let count = lazy ? "\(shown.first ?? "")_count" : "__count"
                return .json(.array(groups.map { $0.object(count: count, domain: "__domain", given: call["domain"]) }))
            }
        ]
        if version >= .v19 {
            methods["formatted_read_group"] = .model(
                "domain groupby? aggregates? having? offset? limit? order?"
            ) { (env, call) throws(OdooFault) in
                let keys = (call["groupby"]?.array ?? []).compactMap(\.string)
                let wanted = (call["aggregates"]?.array ?? []).compactMap(\.string)
                let sums = wanted.filter { $0.hasSuffix(":sum") }.map { (label: $0, field: String($0.dropLast(4))) }
                let groups = try env.groups(call, by: keys, sums: sums)
                let count = wanted.contains("__count") ? "__count" : nil
                return .json(.array(groups.map { $0.object(count: count, domain: "__extra_domain", given: nil) }))
            }
        }
        return methods
    }
}

/// One group: the values that make it, how many records it has, and their sums.
struct OdooGroupRow: Sendable {
    var keys: [(name: String, shown: JSON, raw: JSON)]
    var count = 0
    var sums: [(label: String, sum: Double)]

    func object(count label: String?, domain: String, given: JSON?) -> JSON {
        var row = JSONObject()
        for key in keys { row[key.name] = key.shown }
        let own = keys.map { JSON.array([.string($0.name), "=", $0.raw]) }
        row[domain] = .array(
            own.count > 1 ? Array(repeating: "&", count: own.count - 1) + own : own + (given?.array ?? []))
        for (name, sum) in sums { row[name] = OdooEnvironment.number(sum) }
        if let label { row[label] = .int(count) }
        return .object(row)
    }
}

extension OdooEnvironment {
    /// Groups the records of a call's domain by the values of the fields, in the order of those values.
    func groups(
        _ call: OdooCall, by names: [String], sums: [(label: String, field: String)]
    ) throws(OdooFault) -> [OdooGroupRow] {
        try checkAccess(call.model, .read)
        var fields: [OdooField] = []
        for name in names {
            fields.append(
                try call.model.field(name) { .valueError("Invalid field '\($0)' on model '\(call.model.name)'") })
        }
        let ids = search(call.model, try domain(call["domain"], call.model), order: [])
        var groups: [[OdooValue]: OdooGroupRow] = [:]
        for id in ids {
            let key = fields.map { value(call.model, id, $0) }
            var group =
                groups[key]
                ?? OdooGroupRow(
                    keys: zip(fields, key).map { ($0.name, rpc($1, $0), rpc($1, $0, names: false)) },
                    sums: sums.map { ($0.label, 0) })
            group.count += 1
            for (place, sum) in sums.enumerated() {
                if let field = call.model.fields[sum.field] {
                    group.sums[place].sum += value(call.model, id, field).double
                }
            }
            groups[key] = group
        }
        let sorted = groups.sorted { a, b in
            for (x, y) in zip(a.key, b.key) where x != y { return Self.order(x, y).map { $0 < 0 } ?? (y == .empty) }
            return false
        }
        let rest = sorted.map(\.value).dropFirst(call.count("offset") ?? 0)
        return Array(call.count("limit").map { rest.prefix($0) } ?? rest)
    }
}
