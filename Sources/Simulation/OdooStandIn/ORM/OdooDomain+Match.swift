// Whether a record lies in a domain; SQL's NULL is `empty` here.
extension OdooEnvironment {
    func matches(_ model: OdooModel, _ id: Int, _ domain: OdooDomain) -> Bool {
        switch domain {
        case .all: true
        case .none: false
        case .every(let terms): terms.allSatisfy { matches(model, id, $0) }
        case .and(let left, let right): matches(model, id, left) && matches(model, id, right)
        case .or(let left, let right): matches(model, id, left) || matches(model, id, right)
        case .not(let inner): !matches(model, id, inner)
        case .leaf(let leaf): matches(model, id, leaf, leaf.path[...])
        }
    }

    private func matches(_ model: OdooModel, _ id: Int, _ leaf: OdooLeaf, _ path: ArraySlice<OdooField>) -> Bool {
        guard let field = path.first else { return false }
        let value = value(model, id, field)
        guard path.count > 1 else { return test(value, field, leaf) }
        guard let comodel = field.comodel.flatMap({ registry[$0] }) else { return false }
        if value.ids.isEmpty { return Self.matchesNothing(leaf) }
        return value.ids.contains { matches(comodel, $0, leaf, path.dropFirst()) }
    }

    /// Whether a condition on a record that is not there holds: `partner_id.name = false` does.
    private static func matchesNothing(_ leaf: OdooLeaf) -> Bool {
        switch leaf.comparison {
        case .equal, .within: leaf.operands.contains { $0 == .empty || $0 == .bool(false) }
        default: false
        }
    }

    private func test(_ value: OdooValue, _ field: OdooField, _ leaf: OdooLeaf) -> Bool {
        if let inner = leaf.inner, let comodel = field.comodel.flatMap({ registry[$0] }) {
            let some = value.ids.contains { matches(comodel, $0, inner) }
            return leaf.comparison == .any ? some : !some
        }
        switch leaf.comparison {
        case .equal, .within, .optional, .any: return contains(value, field, leaf)
        case .unequal, .notWithin, .notAny: return !contains(value, field, leaf)
        case .less: return compare(value, field, leaf) { $0 < 0 }
        case .lessOrEqual: return compare(value, field, leaf) { $0 <= 0 }
        case .greater: return compare(value, field, leaf) { $0 > 0 }
        case .greaterOrEqual: return compare(value, field, leaf) { $0 >= 0 }
        case .like: return like(value, field, leaf, fold: false, whole: false)
        case .ilike: return like(value, field, leaf, fold: true, whole: false)
        case .notLike: return !like(value, field, leaf, fold: false, whole: false)
        case .notIlike: return !like(value, field, leaf, fold: true, whole: false)
        case .exactLike: return like(value, field, leaf, fold: false, whole: true)
        case .exactIlike: return like(value, field, leaf, fold: true, whole: true)
        case .notExactLike: return !like(value, field, leaf, fold: false, whole: true)
        case .notExactIlike: return !like(value, field, leaf, fold: true, whole: true)
        case .childOf: return value.ids.contains { related($0, field, leaf, up: true) }
        case .parentOf: return value.ids.contains { related($0, field, leaf, up: false) }
        }
    }

    private func contains(_ value: OdooValue, _ field: OdooField, _ leaf: OdooLeaf) -> Bool {
        if field.comodel != nil || field.name == "id" {
            let own = field.name == "id" ? [value.integer] : value.ids
            return leaf.operands.contains { operand in
                switch operand {
                case .empty: own.isEmpty
                case .id(let id): own.contains(id)
                case .integer(let id): own.contains(id)
                case .text(let name): own.contains { displayName(field.comodel ?? "", $0) == name }
                default: false
                }
            }
        }
        return leaf.operands.contains { operand in
            switch (operand, value) {
            case (.empty, _): value.isEmpty
            case (.bool(let wanted), _): value.bool == wanted
            default: Self.order(atPrecision(value), atPrecision(operand)) == 0
            }
        }
    }

    /// Odoo 19 compares dates with times by whole seconds; its forerunners compare what PostgreSQL holds.
    private func atPrecision(_ value: OdooValue) -> OdooValue {
        guard version == .v19, case .instant(let microseconds) = value else { return value }
        return .instant(microseconds / 1_000_000 * 1_000_000)
    }

    private func compare(_ value: OdooValue, _ field: OdooField, _ leaf: OdooLeaf, _ test: (Int) -> Bool) -> Bool {
        let own = field.comodel == nil ? [value] : value.ids.map { OdooValue.integer($0) }
        return own.contains { candidate in
            guard candidate != .empty, let operand = leaf.operands.first, operand != .empty else { return false }
            let bound = operand.id.map { OdooValue.integer($0) } ?? operand
            return Self.order(atPrecision(candidate), atPrecision(bound)).map(test) ?? false
        }
    }

    private func like(_ value: OdooValue, _ field: OdooField, _ leaf: OdooLeaf, fold: Bool, whole: Bool) -> Bool {
        let candidates: [String] =
            if let comodel = field.comodel {
                value.ids.map { displayName(comodel, $0) }
            } else if let text = value.text {
                [text]
            } else {
                value == .empty ? [] : [Self.plain(value)]
            }
        return leaf.texts.contains { pattern in
            let pattern = fold ? pattern.lowercased() : pattern
            return candidates.contains { candidate in
                let candidate = fold ? candidate.lowercased() : candidate
                return whole ? Self.fits(candidate, pattern) : pattern.isEmpty || Self.fits(candidate, "%\(pattern)%")
            }
        }
    }

    /// SQL's LIKE: `%` any text, `_` one character, `\` before a character that stands for itself.
    static func fits(_ text: String, _ pattern: String) -> Bool {
        enum Token: Equatable { case any, one, literal(Character) }
        var tokens: [Token] = []
        var isEscaped = false
        for character in pattern {
            if isEscaped || !["%", "_", "\\"].contains(character) {
                tokens.append(.literal(character))
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                tokens.append(character == "%" ? .any : .one)
            }
        }
        let text = Array(text)
        var at = 0, place = 0
        var star: (pattern: Int, text: Int)?
        while at < text.count {
            if place < tokens.count, tokens[place] == .any {
                star = (place, at)
                place += 1
            } else if place < tokens.count, tokens[place] == .one || tokens[place] == .literal(text[at]) {
                at += 1
                place += 1
            } else if let back = star {
                place = back.pattern + 1
                at = back.text + 1
                star = (back.pattern, back.text + 1)
            } else {
                return false
            }
        }
        return tokens[place...].allSatisfy { $0 == .any }
    }

    private static func plain(_ value: OdooValue) -> String {
        switch value {
        case .integer(let number): "\(number)"
        case .float(let number): "\(number)"
        case .instant(let instant): OdooTime.text(instant)
        case .day(let day): OdooTime.text(day: day)
        default: ""
        }
    }

    /// Whether `id` is one of the operands or below (above) one in the model's own tree.
    private func related(_ id: Int, _ field: OdooField, _ leaf: OdooLeaf, up: Bool) -> Bool {
        guard let comodel = field.comodel.flatMap({ registry[$0] }) else { return false }
        let parent = comodel.fields["parent_id"] != nil ? "parent_id" : "location_id"
        let wanted = Set(leaf.operands.compactMap { $0.id ?? ($0 == .empty ? nil : $0.integer) })
        func line(_ start: Int) -> [Int] {
            var line = [start]
            // A tree is at most as deep as it has nodes; a cycle must not hang the call.
            while line.count < 100, let last = line.last, let above = one(comodel.name, last, parent) {
                line.append(above)
            }
            return line
        }
        return up ? line(id).contains { wanted.contains($0) } : wanted.contains { line($0).contains(id) }
    }

    /// Below, equal or above; nil where the two cannot be compared.
    static func order(_ a: OdooValue, _ b: OdooValue) -> Int? {
        switch (a, b) {
        case (.text(let x), .text(let y)): x == y ? 0 : collated(x, y)
        case (.instant(let x), .instant(let y)): x == y ? 0 : x < y ? -1 : 1
        case (.day(let x), .day(let y)): x == y ? 0 : x < y ? -1 : 1
        case (.bool(let x), .bool(let y)): x == y ? 0 : y ? -1 : 1
        case (.instant(let x), .day(let y)): order(.instant(x), .instant(Int64(y) * 86_400_000_000))
        case (.integer, _), (.float, _), (.id, _):
            switch b {
            case .integer, .float, .id: a.number == b.number ? 0 : a.number < b.number ? -1 : 1
            default: nil
            }
        default: nil
        }
    }

    /// How a database with a natural-language collation sorts: letters first without their case.
    private static func collated(_ x: String, _ y: String) -> Int {
        let a = x.lowercased(), b = y.lowercased()
        if a != b { return a < b ? -1 : 1 }
        return x < y ? 1 : -1
    }
}

extension OdooValue {
    fileprivate var number: Double { if case .id(let id) = self { Double(id) } else { double } }
}
