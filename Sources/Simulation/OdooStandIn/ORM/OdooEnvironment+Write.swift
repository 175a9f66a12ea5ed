import ExactJSON

// create, write and unlink as a caller meets them: rights, checks, hooks, commands, constraints.
extension OdooEnvironment {
    /// Creates one record from a caller's values and returns its id.
    mutating func create(_ model: OdooModel, _ object: [String: JSON]) throws(OdooFault) -> Int {
        try checkAccess(model, .create)
        guard table(model.name).rows.count < settings.maximumRows else {
            throw .userError("The stand-in holds at most \(settings.maximumRows) records of \(model.name).")
        }
        let version = version
        var object = object
        for (key, value) in context where key.hasPrefix("default_") {
            let name = String(key.dropFirst(8))
            if model.fields[name] != nil, object[name] == nil { object[name] = value }
        }
        let input = try input(model, object) { name in
            version == .v19
                ? .valueError("Invalid field '\(name)' in '\(model.name)'")
                : .valueError("Invalid field '\(name)' on model '\(model.name)'")
        }
        var values = input.values
        for name in model.fieldNames where !input.names.contains(name) {
            if let field = model.fields[name], field.slot >= 0, let value = field.defaultValue?(self) {
                values[name] = value
            }
        }
        try model.behaviour.prepareCreate?(&self, &values)
        if let id = values.removeValue(forKey: Self.existingKey)?.id { return id }
        let id = insert(model.name, values)
        try checkRequired(model, id)
        try checkReferences(model, values)
        for (field, commands) in input.commands { try apply(commands, to: field, of: model, id) }
        try model.behaviour.created?(&self, id, input.names)
        try model.behaviour.passedOn?(&self, id, values)
        return id
    }

    /// A `prepareCreate` puts the id of a record here that is to be used in place of a new one.
    static let existingKey = "\u{0}existing"

    /// Writes a caller's values to records.
    mutating func write(_ model: OdooModel, _ ids: [Int], _ object: [String: JSON]) throws(OdooFault) {
        try checkAccess(model, .write)
        let version = version
        let input = try input(model, object) { name in
            version == .v19 ? .keyError(name) : .valueError("Invalid field '\(name)' on model '\(model.name)'")
        }
        guard !ids.isEmpty else { return }
        for id in ids where table(model.name).rows[id] == nil { throw .missing(model.name, id, uid: uid) }
        var values = input.values
        try model.behaviour.writing?(&self, ids, &values)
        try checkReferences(model, values)
        for id in ids {
            stamp(model.name, id, values)
            if !values.isEmpty { try checkRequired(model, id, only: values) }
            for (field, commands) in input.commands { try apply(commands, to: field, of: model, id) }
        }
        try model.behaviour.written?(&self, ids, input.names)
    }

    /// Deletes records.
    mutating func unlink(_ model: OdooModel, _ ids: [Int]) throws(OdooFault) {
        try checkAccess(model, .unlink)
        for id in ids where table(model.name).rows[id] == nil { throw .missing(model.name, id, uid: uid) }
        try model.behaviour.unlinking?(&self, ids)
        for id in ids { delete(model.name, id) }
    }

    /// Takes a record away, and what was an own part of it.
    mutating func delete(_ model: String, _ id: Int) {
        let model = self.model(model)
        for field in model.fields.values {
            guard case .one2many(let comodel, let inverse) = field.kind, field.compute == nil,
                registry[comodel]?.fields[inverse]?.isRequired == true
            else { continue }
            for child in children(comodel, inverse, of: id) { delete(comodel, child) }
        }
        database.remove(model.index, id)
        guard !model.isTransient else { return }
        for data in externalRows(model.name, id) { database.remove(self.model("ir.model.data").index, data) }
    }

    /// Does the commands of a to-many field.
    mutating func apply(
        _ commands: [OdooCommand], to field: OdooField, of model: OdooModel, _ id: Int
    ) throws(OdooFault) {
        guard let comodel = field.comodel.flatMap({ registry[$0] }) else { return }
        if case .one2many(_, let inverse) = field.kind {
            try applyToChildren(commands, comodel, inverse, id)
            return
        }
        guard field.slot >= 0 else { return }
        var ids = many(model.name, id, field.name)
        for command in commands {
            switch command {
            case .create(let values): ids.append(try create(comodel, values))
            case .update(let other, let values): try write(comodel, [other], values)
            case .delete(let other):
                ids.removeAll { $0 == other }
                try unlink(comodel, [other])
            case .unlink(let other): ids.removeAll { $0 == other }
            case .link(let other): if !ids.contains(other) { ids.append(other) }
            case .clear: ids = []
            case .set(let others): ids = others
            }
        }
        for other in ids where !exists(comodel.name, other) { throw .missing(comodel.name, other, uid: uid) }
        assign(model.name, id, [field.name: ids.isEmpty ? .empty : .ids(ids)])
    }

    private mutating func applyToChildren(
        _ commands: [OdooCommand], _ comodel: OdooModel, _ inverse: String, _ id: Int
    ) throws(OdooFault) {
        for command in commands {
            switch command {
            case .create(var values):
                values[inverse] = .int(id)
                // An import gives a line its external id among its values.
                let external = values.removeValue(forKey: "id")?.string
                let child = try create(comodel, values)
                if let external { bind(external, to: comodel.name, child) }
            case .update(let child, let values): try write(comodel, [child], values)
            case .delete(let child):
                if exists(comodel.name, child) { try unlink(comodel, [child]) }
            case .unlink(let child): try detach(comodel, inverse, child)
            case .link(let child): assign(comodel.name, child, [inverse: .id(id)])
            case .clear:
                for child in children(comodel.name, inverse, of: id) { try detach(comodel, inverse, child) }
            case .set(let wanted):
                for child in children(comodel.name, inverse, of: id) where !wanted.contains(child) {
                    try detach(comodel, inverse, child)
                }
                for child in wanted { assign(comodel.name, child, [inverse: .id(id)]) }
            }
        }
    }

    /// Takes a child from its parent: away where it cannot be without one.
    private mutating func detach(_ comodel: OdooModel, _ inverse: String, _ child: Int) throws(OdooFault) {
        if comodel.fields[inverse]?.isRequired == true {
            try unlink(comodel, [child])
        } else {
            assign(comodel.name, child, [inverse: .empty])
        }
    }

    // MARK: Constraints

    private func checkRequired(_ model: OdooModel, _ id: Int, only: OdooValues? = nil) throws(OdooFault) {
        guard let row = table(model.name).rows[id] else { return }
        for name in model.fieldNames {
            guard let field = model.fields[name], field.isRequired, field.slot >= 0, row.values[field.slot] == .empty,
                only.map({ $0[name] != nil }) ?? true
            else { continue }
            throw requiredFault(model, field)
        }
    }

    /// The NOT NULL violation of a field.
    func requiredFault(_ model: OdooModel, _ field: OdooField) -> OdooFault {
        let name = model.access.deniedAs?.name ?? model.name, label = model.access.deniedAs?.label ?? model.label
        if version == .v19 {
            return .validation(
                "The operation cannot be completed: Missing required value for the field "
                    + "'\(field.label)' (\(field.name)).\n"
                    + "Model: '\(label)' (\(name))\n- create/update: a mandatory field is not set\n"
                    + "- delete: another model requires the record being deleted, you can archive it instead\n")
        }
        return .validation(
            "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n"
                + "- Delete: another model requires the record being deleted. If possible, archive it instead.\n\n"
                + "Model: \(label) (\(name))\nField: \(field.label) (\(field.name))\n")
    }

    private func checkReferences(_ model: OdooModel, _ values: OdooValues) throws(OdooFault) {
        for name in model.fieldNames {
            guard let id = values[name]?.id, let field = model.fields[name], field.slot >= 0,
                let comodel = field.comodel, registry[comodel] != nil, !exists(comodel, id)
            else { continue }
            throw foreignKeyFault(model, field)
        }
    }

    /// The violation of a foreign key, which Odoo words as if something was deleted.
    func foreignKeyFault(_ model: OdooModel, _ field: OdooField) -> OdooFault {
        if version == .v19 {
            return .validation(
                "The operation cannot be completed: Another model is using the record you are trying to delete.\n\n"
                    + "The troublemaker is: '\(model.label)' (\(model.name))\n"
                    + "Thanks to the following constraint: '\(field.label)' (\(field.name))\n"
                    + "How about archiving the record instead?")
        }
        let table = model.name.split(separator: ".").joined(separator: "_")
        return .validation(
            "The operation cannot be completed: another model requires the record being deleted. "
                + "If possible, archive it instead.\n\nModel: \(model.label) (\(model.name))\n"
                + "Constraint: \(table)_\(field.name)_fkey\n")
    }
}
