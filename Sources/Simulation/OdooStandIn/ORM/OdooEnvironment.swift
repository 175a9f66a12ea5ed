import Canonical
import ExactJSON

/// One transaction: the database, who asks, with which context, and when it began.
///
/// Every method of a model is a `mutating` function here; what throws leaves the undoing to the caller.
struct OdooEnvironment: Sendable {
    var database: OdooDatabase
    let registry: OdooRegistry
    /// The start of the transaction, in microseconds: the `write_date` of all that it writes.
    let now: Int64
    var uid: Int
    /// The caller's context.
    var context: [String: JSON]
    /// Whether rights are asked for; business code that Odoo runs with `sudo()` sets it.
    var isSuperuser = false
    let settings: OdooStandInSettings

    var version: OdooStandInVersion { registry.version }

    // MARK: Reading

    func model(_ name: String) -> OdooModel {
        // Names in the source are right or the first test of that model fails; a fallback keeps the server up.
        registry[name] ?? registry.models[0]
    }

    func table(_ model: String) -> OdooTable { database.tables[self.model(model).index] }

    func exists(_ model: String, _ id: Int) -> Bool { table(model).rows[id] != nil }

    /// The value of a field, computed, related or held; ``OdooValue/empty`` where the record is not there.
    func value(_ model: OdooModel, _ id: Int, _ field: OdooField) -> OdooValue {
        if field.slot >= 0 { return database.tables[model.index].rows[id]?.values[field.slot] ?? .empty }
        if field.name == "id" { return .integer(id) }
        if let compute = field.compute {
            return database.tables[model.index].rows[id] == nil ? .empty : compute(self, id)
        }
        if let path = field.related { return value(model, id, path: path[...]) }
        if case .one2many(let comodel, let inverse) = field.kind { return .ids(children(comodel, inverse, of: id)) }
        return .empty
    }

    func value(_ model: String, _ id: Int, _ field: String) -> OdooValue {
        let model = self.model(model)
        guard let field = model.fields[field] else { return .empty }
        return value(model, id, field)
    }

    private func value(_ model: OdooModel, _ id: Int, path: ArraySlice<String>) -> OdooValue {
        guard let first = path.first, let field = model.fields[first] else { return .empty }
        let step = value(model, id, field)
        if path.count == 1 { return step }
        guard let comodel = field.comodel.flatMap({ registry[$0] }), let next = step.ids.first else { return .empty }
        return value(comodel, next, path: path.dropFirst())
    }

    /// The records of `model` whose many2one `inverse` points to `id`, in the model's order.
    func children(_ model: String, _ inverse: String, of id: Int) -> [Int] {
        let model = self.model(model)
        guard let slot = model.fields[inverse]?.slot, slot >= 0 else { return [] }
        let table = database.tables[model.index]
        let found =
            table.ids(where: slot, is: .id(id)) ?? table.ids.filter { table.rows[$0]?.values[slot] == .id(id) }
        return found.count > 1 ? sorted(model, found, by: model.order) : found
    }

    func text(_ model: String, _ id: Int, _ field: String) -> String { value(model, id, field).text ?? "" }
    func number(_ model: String, _ id: Int, _ field: String) -> Double { value(model, id, field).double }
    func flag(_ model: String, _ id: Int, _ field: String) -> Bool { value(model, id, field).bool }
    func many(_ model: String, _ id: Int, _ field: String) -> [Int] { value(model, id, field).ids }
    func one(_ model: String, _ id: Int, _ field: String) -> Int? { value(model, id, field).id }

    func displayName(_ model: String, _ id: Int) -> String {
        let model = self.model(model)
        if let name = model.behaviour.displayName { return name(self, id) }
        guard let field = model.fields[model.recordName] else { return "\(model.name),\(id)" }
        return value(model, id, field).text ?? ""
    }

    /// The first record of a model where the field has the value.
    func first(_ model: String, where field: String, is value: OdooValue) -> Int? {
        let model = self.model(model)
        guard let slot = model.fields[field]?.slot, slot >= 0 else { return nil }
        let table = database.tables[model.index]
        if let found = table.ids(where: slot, is: value) { return found.first }
        return table.ids.first { table.rows[$0]?.values[slot] == value }
    }

    // MARK: Changing without stamps, hooks or checks

    /// Sets fields as a recomputation does: no stamp, no check of rights.
    mutating func assign(_ model: String, _ id: Int, _ values: OdooValues) {
        let model = self.model(model)
        for (name, value) in values {
            guard let field = model.fields[name], field.slot >= 0 else { continue }
            database.set(model.index, id, slot: field.slot, normalised(value, field))
        }
    }

    /// Sets fields and stamps the record with the user and the start of the transaction.
    mutating func stamp(_ model: String, _ id: Int, _ values: OdooValues = [:]) {
        var values = values
        values["write_uid"] = .id(uid)
        values["write_date"] = .instant(now)
        assign(model, id, values)
    }

    /// Makes a record with the model's defaults and stamps, without hooks and checks.
    mutating func insert(_ model: String, _ values: OdooValues) -> Int {
        let model = self.model(model)
        let id = database.takeID(model.index)
        var row = OdooRow(id: id, values: Array(repeating: .empty, count: model.slotCount))
        for name in model.fieldNames {
            guard let field = model.fields[name], field.slot >= 0 else { continue }
            if let value = values[name] {
                row.values[field.slot] = normalised(value, field)
            } else if let value = stampValue(name) ?? field.defaultValue?(self) {
                row.values[field.slot] = normalised(value, field)
            } else {
                row.values[field.slot] = Self.zero(field)
            }
        }
        database.put(model.index, row)
        return id
    }

    private func stampValue(_ name: String) -> OdooValue? {
        switch name {
        case "create_date", "write_date": .instant(now)
        case "create_uid", "write_uid": .id(uid)
        default: nil
        }
    }

    /// What a field holds that was never given: numbers are 0 and flags false, the rest is empty.
    static func zero(_ field: OdooField) -> OdooValue {
        switch field.kind {
        case .boolean: .bool(false)
        case .integer: .integer(0)
        case .float: .float(0)
        default: .empty
        }
    }

    /// Rounds a number to the field's digits and turns ids of a many2one into one form.
    func normalised(_ value: OdooValue, _ field: OdooField) -> OdooValue {
        switch (field.kind, value) {
        case (.float(let digits), .float(let number)):
            digits.map { .float(odooRound(number, digits: $0)) } ?? .float(number)
        case (.float, .integer(let number)): .float(Double(number))
        case (.float, .empty), (.integer, .empty), (.boolean, .empty): Self.zero(field)
        case (.many2one, .integer(let id)): .id(id)
        case (.char, .text(let text)) where text.isEmpty: .empty
        default: value
        }
    }

    /// The next name of a document: `WH/MO/00001`.
    mutating func next(_ sequence: String, prefix: String, width: Int = 5) -> String {
        let number = (database.sequences[sequence] ?? 0) + 1
        database.sequences[sequence] = number
        let digits = String(number)
        return prefix + String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }

    func contextFlag(_ name: String) -> Bool {
        switch context[name] {
        case .bool(let value)?: value
        case .number(let number)?: !number.isZero
        case .string(let text)?: !text.isEmpty
        case .array(let items)?: !items.isEmpty
        default: false
        }
    }
}
