import ExactJSON

extension OdooEnvironment {
    /// The ids in a domain, in order, from `offset` on, at most `limit`.
    func search(
        _ model: OdooModel, _ domain: OdooDomain, order: [OdooOrderTerm]? = nil, offset: Int = 0, limit: Int? = nil
    ) -> [Int] {
        let table = database.tables[model.index]
        let active = activeFilter(model, domain)
        let own = ownRecordsOnly(model)
        let candidates = candidates(model, domain) ?? table.ids
        let found = candidates.filter { id in
            guard table.rows[id] != nil, matches(model, id, domain) else { return false }
            if let active, table.rows[id]?.values[active] == .bool(false) { return false }
            if let own, table.rows[id]?.values[own] != .id(uid) { return false }
            return true
        }
        let sorted = sorted(model, found, by: order ?? model.order)
        let rest = sorted.dropFirst(Swift.max(0, offset))
        return Array(limit.map { rest.prefix(Swift.max(0, $0)) } ?? rest)
    }

    /// The slot of `active` where archived records are to be left out (`active_test`).
    private func activeFilter(_ model: OdooModel, _ domain: OdooDomain) -> Int? {
        guard let slot = model.fields["active"]?.slot, slot >= 0 else { return nil }
        if context["active_test"] == false { return nil }
        return domain.mentions("active") ? nil : slot
    }

    /// The slot of the owner for models whose record rule shows each user only the own records.
    private func ownRecordsOnly(_ model: OdooModel) -> Int? {
        guard model.name == "res.users.apikeys", !settings.groups(of: uid).contains(.settings) else { return nil }
        return model.fields["user_id"]?.slot
    }

    /// A small superset of the ids in the domain, where an id or an index gives one.
    private func candidates(_ model: OdooModel, _ domain: OdooDomain) -> [Int]? {
        switch domain {
        case .and(let left, let right):
            guard let first = candidates(model, left) else { return candidates(model, right) }
            guard let second = candidates(model, right) else { return first }
            return first.count <= second.count ? first : second
        case .every(let terms):
            return terms.compactMap { candidates(model, $0) }.min { $0.count < $1.count }
        case .leaf(let leaf):
            guard leaf.path.count == 1, let field = leaf.path.first,
                leaf.comparison == .equal || leaf.comparison == .within
            else { return nil }
            if field.name == "id" { return Array(Set(leaf.operands.map { $0.id ?? $0.integer })).sorted() }
            guard field.slot >= 0, field.isIndexed, leaf.texts.isEmpty || field.comodel == nil else { return nil }
            var ids: Set<Int> = []
            for operand in leaf.operands {
                guard operand != .empty, let found = database.tables[model.index].ids(where: field.slot, is: operand)
                else { return nil }
                ids.formUnion(found)
            }
            return ids.sorted()
        default: return nil
        }
    }

    /// The ids in the order of the terms; at equal terms by id, as they came.
    func sorted(_ model: OdooModel, _ ids: [Int], by order: [OdooOrderTerm]) -> [Int] {
        if order.isEmpty || (order.count == 1 && order[0].field == "id" && !order[0].descending) { return ids.sorted() }
        let keys: [(Int, [OdooValue])] = ids.map { id in
            (id, order.map { term in model.fields[term.field].map { sortKey(model, id, $0) } ?? .empty })
        }
        return keys.sorted { a, b in
            for (place, term) in order.enumerated() {
                let x = a.1[place], y = b.1[place]
                if x == y { continue }
                // PostgreSQL puts NULL behind everything; a descending order turns that round too.
                if x == .empty { return term.descending }
                if y == .empty { return !term.descending }
                guard let sign = Self.order(x, y), sign != 0 else { continue }
                return (sign < 0) != term.descending
            }
            return a.0 < b.0
        }.map(\.0)
    }

    private func sortKey(_ model: OdooModel, _ id: Int, _ field: OdooField) -> OdooValue {
        let value = value(model, id, field)
        guard case .many2one(let comodel) = field.kind, let target = value.id else { return value }
        return .text(displayName(comodel, target))
    }

    /// Reads an `order` argument.
    func order(_ json: JSON?, _ model: OdooModel) throws(OdooFault) -> [OdooOrderTerm]? {
        guard let text = json?.string, !text.isEmpty else { return nil }
        let terms = OdooOrderTerm.parse(text)
        for term in terms {
            guard model.fields[term.field.split(separator: ".").first.map(String.init) ?? ""] != nil else {
                throw .valueError("Invalid field '\(term.field)' on model '\(model.name)'")
            }
        }
        return terms
    }
}

extension OdooDomain {
    /// Whether a condition of the domain is about that field of the model itself.
    func mentions(_ name: String) -> Bool {
        switch self {
        case .all, .none: false
        case .every(let terms): terms.contains { $0.mentions(name) }
        case .and(let left, let right), .or(let left, let right): left.mentions(name) || right.mentions(name)
        case .not(let inner): inner.mentions(name)
        case .leaf(let leaf): leaf.path.first?.name == name
        }
    }
}
