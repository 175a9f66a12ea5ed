import ExactJSON

@testable import OdooStandIn

/// What ids and made-up names of a recording stand for in the stand-in.
///
/// A binding is learned the first time a pair is met and holds from then on, in both directions: a second answer that
/// pairs one of the two with something else is a difference.
struct Unifier {
    let registry: OdooRegistry
    private(set) var ids: [String: [Int: Int]] = [:]
    private var back: [String: [Int: Int]] = [:]
    private var names: [String: String] = [:]
    /// Stamps of the recording that an answer showed, and what the stand-in showed in their place.
    var stamps: [String: String] = [:]
    /// The microseconds of all the stand-in's stamps.
    static let fraction = ".234586"

    init(registry: OdooRegistry) { self.registry = registry }

    func bound(_ model: String, _ recorded: Int) -> Int? { ids[model]?[recorded] }

    mutating func bind(_ model: String, _ recorded: Int, to own: Int) {
        ids[model, default: [:]][recorded] = own
        back[model, default: [:]][own] = recorded
    }

    /// Whether the two may be the same record; learns it where both are new.
    mutating func unify(_ model: String, _ recorded: Int, _ own: Int) -> Bool {
        if let known = ids[model]?[recorded] { return known == own }
        if back[model]?[own] != nil { return false }
        bind(model, recorded, to: own)
        return true
    }

    /// Whether two names agree, numbers of sequences (`WH/MO/00040`, `SP/00005`, `0000004`) taken as made-up.
    mutating func unifyName(_ recorded: String, _ own: String) -> Bool {
        if recorded == own { return true }
        let a = Self.parts(recorded), b = Self.parts(own)
        guard a.count == b.count else { return false }
        for (index, (x, y)) in zip(a, b).enumerated() where x != y {
            guard Self.isMadeUp(x), Self.isMadeUp(y) else { return false }
            // Each sequence counts for itself: what stands before the number tells which.
            let sequence = index == 0 ? "" : a[index - 1].split(separator: " ").last.map(String.init) ?? ""
            if let known = names[sequence + x] {
                guard known == y else { return false }
            } else {
                names[sequence + x] = y
            }
        }
        return true
    }

    /// Cuts a text at the borders of its runs of digits.
    private static func parts(_ text: String) -> [String] {
        var parts: [String] = []
        var isDigits: Bool?
        for character in text {
            let digit = character.isASCII && character.isNumber
            if digit == isDigits { parts[parts.count - 1].append(character) } else { parts.append(String(character)) }
            isDigits = digit
        }
        return parts
    }

    /// A number of a sequence has at least five digits.
    private static func isMadeUp(_ part: String) -> Bool { part.count >= 5 && part.allSatisfy(\.isNumber) }

    // MARK: Requests

    /// Ids of the request that no answer has shown yet.
    var unknown: [(model: String, id: Int)] = []

    mutating func translated(_ model: String, _ id: Int) -> Int {
        if let own = ids[model]?[id] { return own }
        // Ids of the tests for missing records are meant to be unknown; they stay far from real ones.
        if id < 90_000 { unknown.append((model, id)) }
        return id < 90_000 ? id + 1_000_000 : id
    }

    mutating func translate(ids json: JSON, of model: String) -> JSON {
        if let id = json.int { return .int(translated(model, id)) }
        return .array((json.array ?? []).map { item in item.int.map { .int(translated(model, $0)) } ?? item })
    }

    mutating func translate(values: JSON, of model: OdooModel) -> JSON {
        guard let members = values.object else { return values }
        var result = JSONObject()
        for (name, value) in members {
            result[name] = model.fields[name].map { translate(value, of: $0) } ?? value
            if name == "res_id", let target = values["model"]?.string, let id = value.int {
                result[name] = .int(translated(target, id))
            }
        }
        return .object(result)
    }

    mutating func translate(_ value: JSON, of field: OdooField) -> JSON {
        guard let comodel = field.comodel, let model = registry[comodel] else { return value }
        if case .many2one = field.kind { return value.int.map { .int(translated(comodel, $0)) } ?? value }
        return .array(
            (value.array ?? []).map { command in
                guard let kind = command[0]?.int else {
                    return command.int.map { .int(translated(comodel, $0)) } ?? command
                }
                switch kind {
                case 0: return [0, 0, translate(values: command[2] ?? [:], of: model)]
                case 1:
                    return [
                        1, translate(ids: command[1] ?? 0, of: comodel),
                        translate(values: command[2] ?? [:], of: model),
                    ]
                case 6: return [6, 0, translate(ids: command[2] ?? [], of: comodel)]
                default: return .array([.int(kind), translate(ids: command[1] ?? 0, of: comodel), 0])
                }
            })
    }

    mutating func translate(domain: JSON, of model: OdooModel) -> JSON {
        guard let items = domain.array else { return domain }
        return .array(
            items.map { item in
                guard let name = item[0]?.string, item.array?.count == 3, let value = item[2] else { return item }
                var owner: OdooModel? = model
                var target: String?
                for part in name.split(separator: ".") {
                    let field = owner?.fields[String(part)]
                    target = part == "id" ? owner?.name : field?.comodel
                    owner = field?.comodel.flatMap { registry[$0] }
                }
                if name == "res_id", model.name == "ir.model.data" { target = nil }
                if let text = value.string,
                    let stamp = stamps[String(text.prefix(19)).split(separator: "T").joined(separator: " ")]
                {
                    let stamp = text.contains("T") ? stamp.split(separator: " ").joined(separator: "T") : stamp
                    let tail = text.dropFirst(19)
                    return [
                        item[0] ?? "", item[1] ?? "",
                        .string(stamp + (tail.hasPrefix(".") ? Self.fraction : String(tail))),
                    ]
                }
                guard let target else { return item }
                if value.int != nil || value.array != nil {
                    return [item[0] ?? "", item[1] ?? "", translate(ids: value, of: target)]
                }
                return item
            })
    }

    mutating func translate(context: JSON, of model: OdooModel) -> JSON {
        guard let members = context.object else { return context }
        var result = JSONObject()
        for (name, value) in members {
            if name.hasPrefix("default_"), let field = model.fields[String(name.dropFirst(8))] {
                result[name] = translate(value, of: field)
            } else if name.hasSuffix("_mo_ids") || name.hasPrefix("mo_ids") || name.hasSuffix("production_ids") {
                result[name] = value.isNull ? value : translate(ids: value, of: "mrp.production")
            } else if name.hasSuffix("picking_ids") || name.hasPrefix("picking_ids") {
                result[name] = translate(ids: value, of: "stock.picking")
            } else {
                result[name] = value
            }
        }
        return .object(result)
    }

    /// Arguments by name, whatever the method.
    mutating func translate(named: JSONObject, of model: OdooModel, method: String) -> JSONObject {
        var result = JSONObject()
        for (name, value) in named { result[name] = translate(argument: name, value, of: model, method: method) }
        return result
    }

    mutating func translate(argument name: String, _ value: JSON, of model: OdooModel, method: String) -> JSON {
        switch name {
        case "ids": return translate(ids: value, of: model.name)
        case "vals", "values", "default": return translate(values: value, of: model)
        case "vals_list":
            if let many = value.array, many.allSatisfy({ $0.object != nil }) {
                return .array(many.map { translate(values: $0, of: model) })
            }
            return translate(values: value, of: model)
        case "domain", "args": return translate(domain: value, of: model)
        case "context": return translate(context: value, of: model)
        case "data" where method == "load": return value
        default: return value
        }
    }

    mutating func translate(rows: JSON, fields: JSON, of model: OdooModel) -> JSON {
        let columns = (fields.array ?? []).map { $0.string ?? "" }
        return .array(
            (rows.array ?? []).map { row in
                .array(
                    zip(columns, row.array ?? []).map { column, cell in
                        let parts = column.split(separator: "/").map(String.init)
                        guard parts.last == ".id", let text = cell.string, let id = Int(text),
                            let comodel = parts.count == 1 ? model.name : model.fields[parts[0]]?.comodel
                        else { return cell }
                        return .string(String(translated(comodel, id)))
                    })
            })
    }
}
