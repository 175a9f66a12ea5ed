import ExactJSON

/// One change of a to-many field (`odoo.fields.Command`).
enum OdooCommand: Sendable {
    case create([String: JSON])
    case update(Int, [String: JSON])
    case delete(Int)
    case unlink(Int)
    case link(Int)
    case clear
    case set([Int])
}

/// Values of one record as a caller gave them: plain ones, and commands for to-many fields in their order.
struct OdooInput: Sendable {
    var values: OdooValues = [:]
    var commands: [(field: OdooField, commands: [OdooCommand])] = []
    var names: Set<String> = []
}

extension OdooEnvironment {
    /// Reads the values of one record.
    func input(
        _ model: OdooModel, _ object: [String: JSON], unknown: (String) -> OdooFault
    ) throws(OdooFault) -> OdooInput {
        var input = OdooInput()
        for name in object.keys.sorted() where model.fields[name] == nil { throw unknown(name) }
        for name in model.fieldNames {
            guard let json = object[name], let field = model.fields[name] else { continue }
            if ["id", "create_uid", "create_date", "write_uid", "write_date"].contains(name), !model.isTransient {
                continue
            }
            input.names.insert(name)
            if field.isToMany {
                input.commands.append((field, try commands(json, field)))
            } else {
                input.values[name] = try convert(json, field, model)
            }
        }
        return input
    }

    /// Reads one value as the field's `convert_to_cache` does.
    func convert(_ json: JSON, _ field: OdooField, _ model: OdooModel) throws(OdooFault) -> OdooValue {
        switch field.kind {
        case .char, .text, .html, .binary: return Self.textValue(json)
        case .json: return json.isNull || json == false ? .empty : .text(Self.describe(json))
        case .boolean: return .bool(Self.truth(json))
        case .integer: return .integer(try Self.whole(json))
        case .float: return normalised(.float(try Self.decimal(json)), field)
        case .date: return try Self.date(json)
        case .datetime: return try Self.datetime(json)
        case .selection(let keys):
            guard !(json.isNull || json == false) else { return .empty }
            let text = json.string ?? Self.describe(json)
            guard keys.contains(where: { $0.key == text }) else {
                throw .valueError("Wrong value for \(model.name).\(field.name): \(Self.python(json))")
            }
            return .text(text)
        case .many2one:
            switch json {
            case .null, .bool(false): return .empty
            case .number(let number):
                return number.intValue.map { $0 == 0 ? .empty : .id($0) } ?? .empty
            case .array(let parts): return parts.first?.int.map { .id($0) } ?? .empty
            case .string(let text):
                if let id = Int(text) { return .id(id) }
                throw .valueError("Wrong value for \(model.name).\(field.name): \(Self.python(json))")
            default: throw .valueError("Wrong value for \(model.name).\(field.name): \(Self.python(json))")
            }
        case .one2many, .many2many: return .ids((json.array ?? []).compactMap(\.int))
        }
    }

    static func textValue(_ json: JSON) -> OdooValue {
        switch json {
        case .null, .bool(false): .empty
        case .string(let text): .text(text)
        default: .text(describe(json))
        }
    }

    static func truth(_ json: JSON) -> Bool {
        switch json {
        case .null: false
        case .bool(let value): value
        case .number(let number): !number.isZero
        case .string(let text): !text.isEmpty
        case .array(let items): !items.isEmpty
        case .object(let members): !members.isEmpty
        }
    }

    private static func whole(_ json: JSON) throws(OdooFault) -> Int {
        switch json {
        case .number(let number):
            if let whole = number.intValue { return whole }
            return Int(exactly: number.doubleValue.rounded(.towardZero)) ?? 0
        case .string(let text):
            guard let whole = Int(text) else {
                throw .valueError("invalid literal for int() with base 10: '\(text)'")
            }
            return whole
        case .bool(let value): return value ? 1 : 0
        case .null: return 0
        default: throw .typeError("int() argument must be a string, a bytes-like object or a real number")
        }
    }

    private static func decimal(_ json: JSON) throws(OdooFault) -> Double {
        switch json {
        case .number(let number): return number.doubleValue
        case .string(let text):
            // Without a check the names of no number (`nan`, `inf`) would pass, as they do in Python.
            guard let value = Double(text), value.isFinite else {
                throw .valueError("could not convert string to float: '\(text)'")
            }
            return value
        case .bool(let value): return value ? 1 : 0
        case .null: return 0
        default: throw .typeError("float() argument must be a string or a real number")
        }
    }

    private static func datetime(_ json: JSON) throws(OdooFault) -> OdooValue {
        guard let text = json.string, !text.isEmpty else { return .empty }
        return .instant(try OdooTime.strict(text))
    }

    private static func date(_ json: JSON) throws(OdooFault) -> OdooValue {
        guard let text = json.string, !text.isEmpty else { return .empty }
        guard let day = OdooTime.day(text.prefix(10)) else {
            throw .valueError("time data '\(text)' does not match format '%Y-%m-%d'")
        }
        return .day(day)
    }

    /// The value as Python's `repr` would write it, as far as it shows in messages.
    static func python(_ json: JSON) -> String {
        switch json {
        case .string(let text): "'\(text)'"
        case .null: "None"
        case .bool(let value): value ? "True" : "False"
        case .array(let items): "[" + items.map(python).joined(separator: ", ") + "]"
        default: describe(json)
        }
    }

    static func describe(_ json: JSON) -> String {
        if let number = json.number { return "\(number)" }
        var bytes: [UInt8] = []
        JSONWriter.write(json, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func commands(_ json: JSON, _ field: OdooField) throws(OdooFault) -> [OdooCommand] {
        guard let items = json.array else { return [] }
        if items.allSatisfy({ $0.int != nil }) { return [.set(items.compactMap(\.int))] }
        var commands: [OdooCommand] = []
        for item in items {
            if let id = item.int {
                commands.append(.link(id))
                continue
            }
            let id = item[1]?.int ?? 0
            let values =
                item[2]?.object.map { Dictionary($0.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }) } ?? [:]
            switch item[0]?.int {
            case 0: commands.append(.create(values))
            case 1: commands.append(.update(id, values))
            case 2: commands.append(.delete(id))
            case 3: commands.append(.unlink(id))
            case 4: commands.append(.link(id))
            case 5: commands.append(.clear)
            case 6: commands.append(.set((item[2]?.array ?? []).compactMap(\.int)))
            default: throw .valueError("Wrong value for \(field.name): \(Self.python(item))")
            }
        }
        return commands
    }
}
