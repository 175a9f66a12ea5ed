import ExactJSON

/// What is demanded of objects. Answers nil for what is not about them alone.
extension SchemaEvaluator {
    mutating func keyed(
        _ check: SchemaCheck, _ node: SchemaNode, _ members: JSONObject, _ value: JSON, _ evaluated: inout Evaluated?
    ) throws(Limit) -> Bool? {
        switch check {
        case .properties(let properties): return try self.properties(properties, node, members, &evaluated)
        case .names(let number): return try names(number, node, members)
        case .members(let least, let most):
            let count = SchemaWords.counted(members.count, "member")
            if let least, members.count < least {
                return refuse(node, "minProperties", "has \(count), and needs at least \(least)")
            }
            if let most, members.count > most {
                return refuse(node, "maxProperties", "has \(count), and may have at most \(most)")
            }
            return true
        case .required(let names):
            try work(names.count >> 4)
            let missing = names.filter { members[$0] == nil }
            return missing.isEmpty || refuse(node, "required", "lacks \(Self.quoted(missing))")
        case .dependentRequired(let entries):
            var fits = true
            for (name, needs) in entries where members[name] != nil {
                let missing = needs.filter { members[$0] == nil }
                if missing.isEmpty { continue }
                fits = refuse(node, "dependentRequired", "has \(Self.quoted([name])) and lacks \(Self.quoted(missing))")
            }
            return fits
        case .dependentSchemas(let entries):
            var fits = true
            for (name, number) in entries where members[name] != nil {
                if try !evaluate(number, value, &evaluated) { fits = false }
            }
            return fits
        case .unevaluatedProperties(let number):
            var fits = true
            for (name, member) in members where !(evaluated?.has(name) ?? false) {
                fits = try additional(number, name, member, "unevaluatedProperties", node, []) && fits
                if !fits, stopsHere { return false }
            }
            evaluated?.hasAllNames = true
            return fits
        default: return nil
        }
    }

    private static func quoted(_ names: [String]) -> String {
        let shown = names.prefix(8).map { SchemaWords.quoted($0) }
        return SchemaWords.list(names.count > 8 ? shown + ["\(names.count - 8) more"] : shown, "and")
    }

    private mutating func properties(
        _ properties: SchemaProperties, _ node: SchemaNode, _ members: JSONObject, _ evaluated: inout Evaluated?
    ) throws(Limit) -> Bool {
        var fits = true
        for (name, member) in members {
            try work(1)
            var isKnown = false
            if let number = properties.named[name] {
                isKnown = true
                fits = try evaluate(number, member, at: .name(name)) && fits
            }
            for (pattern, _, number) in properties.patterns {
                guard let isFound = pattern.isFound(in: name, steps: &stepsLeft) else { throw .steps }
                guard isFound else { continue }
                isKnown = true
                fits = try evaluate(number, member, at: .name(name)) && fits
            }
            if !isKnown, let number = properties.additional {
                isKnown = true
                let known = properties.named.keys
                fits = try additional(number, name, member, "additionalProperties", node, known) && fits
            }
            if isKnown, evaluated != nil { evaluated?.names.insert(name) }
            if !fits, stopsHere { return false }
        }
        return fits
    }

    /// A member that no other keyword speaks of. Where none is allowed, its object is told so, and what was meant.
    private mutating func additional(
        _ number: Int, _ name: String, _ member: JSON, _ keyword: String, _ node: SchemaNode,
        _ known: some Collection<String>
    ) throws(Limit) -> Bool {
        guard schema.nodes[number].always == false else { return try evaluate(number, member, at: .name(name)) }
        try work(1)
        return refuse(node, keyword, Self.unknown(name, known))
    }

    private static func unknown(_ name: String, _ known: some Collection<String>) -> String {
        let nearest = Nearest.of(name, among: known.sorted())
        return "has \(SchemaWords.quoted(name)), which the schema does not allow"
            + (nearest.map { " (did you mean \(SchemaWords.quoted($0))?)" } ?? "")
    }

    private mutating func names(_ number: Int, _ node: SchemaNode, _ members: JSONObject) throws(Limit) -> Bool {
        var fits = true
        for name in members.keys {
            var nothing: Evaluated?
            if try quietly(number, .string(name), &nothing) { continue }
            fits = refuse(
                node, "propertyNames", "has a member called \(SchemaWords.quoted(name)), which propertyNames refuses")
            if stopsHere { return false }
        }
        return fits
    }
}
