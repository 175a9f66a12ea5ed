import ExactJSON

/// A parsed search domain.
indirect enum OdooDomain: Sendable {
    case all
    case none
    /// Terms side by side, which all must hold; flat, so that a long domain is not a deep one.
    case every([OdooDomain])
    case and(OdooDomain, OdooDomain)
    case or(OdooDomain, OdooDomain)
    case not(OdooDomain)
    case leaf(OdooLeaf)
}

/// One condition: a path of fields, an operator, a value.
struct OdooLeaf: Sendable {
    enum Operator: String, Sendable {
        case equal = "=", unequal = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
        case within = "in", notWithin = "not in", like = "like", notLike = "not like", ilike = "ilike"
        case notIlike = "not ilike", exactLike = "=like", exactIlike = "=ilike", notExactLike = "not =like"
        case notExactIlike = "not =ilike", childOf = "child_of", parentOf = "parent_of", optional = "=?"
        case any = "any", notAny = "not any"
    }

    let path: [OdooField]
    let comparison: Operator
    let operands: [OdooValue]
    /// Patterns of the `like` family, and names that stand for records.
    let texts: [String]
    /// The inner domain of `any`.
    let inner: OdooDomain?
}

extension OdooEnvironment {
    /// Reads a domain in prefix notation; the faults are those of the version.
    func domain(_ json: JSON?, _ model: OdooModel) throws(OdooFault) -> OdooDomain {
        guard let json, let items = json.array, !items.isEmpty else { return .all }
        // From 19 on a domain is read from its end, so the last wrong item is the one that is named.
        if version == .v19, let wrong = items.last(where: { $0.string.map { !["&", "|", "!"].contains($0) } ?? false })
        {
            throw invalidItem(wrong)
        }
        var index = 0
        var terms: [OdooDomain] = []
        while index < items.count { terms.append(try term(items, &index, model, depth: 0)) }
        return terms.count == 1 ? terms[0] : .every(terms)
    }

    private func term(
        _ items: [JSON], _ index: inout Int, _ model: OdooModel, depth: Int
    ) throws(OdooFault) -> OdooDomain {
        guard index < items.count, depth < 500 else {
            throw .valueError("Domain() domain is syntactically not correct: \(Self.python(.array(items)))")
        }
        let item = items[index]
        index += 1
        switch item {
        case .string("&"), .string("|"):
            let left = try term(items, &index, model, depth: depth + 1)
            let right = try term(items, &index, model, depth: depth + 1)
            return item == "&" ? .and(left, right) : .or(left, right)
        case .string("!"): return .not(try term(items, &index, model, depth: depth + 1))
        case .array(let parts) where parts.count == 3: return try leaf(parts, item, model)
        case .bool(let value): return value ? .all : .none
        default: throw invalidItem(item)
        }
    }

    private func invalidItem(_ item: JSON) -> OdooFault {
        if version == .v19 {
            return .valueError("Domain() invalid item in domain: \(Self.python(item))")
        }
        if item.string != nil { return .indexError("string index out of range") }
        return .valueError("Invalid leaf \(Self.python(item))")
    }

    private func leaf(_ parts: [JSON], _ item: JSON, _ model: OdooModel) throws(OdooFault) -> OdooDomain {
        if case .number(let left) = parts[0], case .number(let right) = parts[2] { return left == right ? .all : .none }
        guard let name = parts[0].string else { throw invalidItem(item) }
        let shown = "('\(name)', \(Self.python(parts[1])), \(Self.python(parts[2])))"
        guard let comparison = (parts[1].string?.lowercased()).flatMap({ Self.comparison($0) }),
            version >= .v17 || (comparison != .any && comparison != .notAny)
        else {
            throw .valueError(version == .v19 ? "Invalid operator in condition \(shown)" : "Invalid leaf \(shown)")
        }
        let path = try path(name, model, shown: shown)
        if comparison == .optional, !Self.truth(parts[2]) { return .all }
        guard let last = path.last else { throw invalidItem(item) }
        if version == .v19, !last.isStored, last.kind.isBinary {
            throw .valueError("Cannot convert \(model.name).\(last.name) to SQL because it is not stored")
        }
        var inner: OdooDomain?
        if comparison == .any || comparison == .notAny, let comodel = last.comodel.flatMap({ registry[$0] }) {
            inner = try domain(parts[2], comodel)
        }
        let values = parts[2].array ?? [parts[2]]
        var operands: [OdooValue] = []
        var texts: [String] = []
        for value in values where inner == nil {
            if let text = value.string { texts.append(text) }
            operands.append(try operand(value, last))
        }
        return .leaf(OdooLeaf(path: path, comparison: comparison, operands: operands, texts: texts, inner: inner))
    }

    private static func comparison(_ text: String) -> OdooLeaf.Operator? {
        OdooLeaf.Operator(rawValue: text == "<>" ? "!=" : text == "==" ? "=" : text)
    }

    private func path(_ name: String, _ model: OdooModel, shown: String) throws(OdooFault) -> [OdooField] {
        var path: [OdooField] = []
        var model: OdooModel? = model
        for part in name.split(separator: ".") {
            guard let owner = model, let field = owner.fields[String(part)] else {
                let place = version == .v19 ? "condition" : "leaf"
                throw .valueError("Invalid field \(model?.name ?? "").\(part) in \(place) \(shown)")
            }
            path.append(field)
            model = field.comodel.flatMap { registry[$0] }
        }
        return path
    }

    /// Reads a value to compare with, in the kind that the field's values have.
    private func operand(_ json: JSON, _ field: OdooField) throws(OdooFault) -> OdooValue {
        switch (field.kind, json) {
        case (_, .null), (_, .bool(false)): return field.kind.isBoolean ? .bool(false) : .empty
        case (.boolean, _): return .bool(Self.truth(json))
        case (.datetime, .string(let text)):
            if let instant = OdooTime.instant(text.prefix(19))
                ?? OdooTime.instant(text.prefix(19).replacing("T", with: " "))
            {
                let tail = text.dropFirst(19)
                if version == .v19, text.contains("T") || tail.contains(where: { "Z+-".contains($0) }) {
                    throw .valueError("expecting only datetimes with no timezone: '\(text)'")
                }
                return .instant(instant + Self.fraction(tail))
            }
            if let day = OdooTime.day(text) { return .instant(Int64(day) * 86_400_000_000) }
            throw .valueError("Invalid isoformat string: '\(text)'")
        case (.date, .string(let text)):
            guard let day = OdooTime.day(text.prefix(10)) else {
                throw .valueError("Invalid isoformat string: '\(text)'")
            }
            return .day(day)
        case (.integer, .number(let number)): return .integer(number.intValue ?? 0)
        case (.float, .number(let number)): return .float(number.doubleValue)
        case (.float, .string(let text)): return Double(text).map { .float($0) } ?? .text(text)
        case (.integer, .string(let text)): return Int(text).map { .integer($0) } ?? .text(text)
        case (_, .number(let number)):
            if field.comodel != nil { return number.intValue.map { .id($0) } ?? .empty }
            return .text("\(number)")
        case (_, .string(let text)): return .text(text)
        case (_, .bool(true)): return .bool(true)
        default: return .text(Self.describe(json))
        }
    }

    /// The microseconds of `.234586`.
    private static func fraction(_ tail: Substring) -> Int64 {
        guard tail.first == "." else { return 0 }
        let digits = tail.dropFirst().prefix { $0.isNumber }.prefix(6)
        return Int64(digits + String(repeating: "0", count: 6 - digits.count)) ?? 0
    }
}

extension OdooField.Kind {
    var isBoolean: Bool { if case .boolean = self { true } else { false } }
    var isBinary: Bool { if case .binary = self { true } else { false } }
}
