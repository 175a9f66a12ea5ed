import Canonical
import Contracts
import ExactJSON
import JSONSchema
import NodeSettings

/// Makes events as they could come: with all members that a fact can have, each with a value of its kind.
struct FactSample {
    private static let deepest = 8
    /// Variants of one event, at most.
    private static let most = 24

    let folder: NodeFolder
    let origin: FactSources.Origin

    /// Events of a type: one with the first word of each code, and one for each further word. `wanted`: values that a
    /// program asks for, which text members have.
    func events(of type: String, wanted: [(path: [String], value: JSON)]) -> [JSON] {
        if let shape = FactShape.of(type: type) {
            let base = data(shape.fields, wanted)
            var variants = [base]
            for field in shape.fields {
                guard case .code(let words) = field.kind else { continue }
                for word in words.dropFirst() where variants.count < Self.most {
                    var other = base
                    other[field.name] = .string(word)
                    variants.append(other)
                }
            }
            // Without what programs ask for, the other branch is taken.
            if !wanted.isEmpty { variants.append(data(shape.fields, [])) }
            return variants.map { event(type, .object($0)) }
        }
        guard let section = folder.eventTypes.first(where: { $0.type == type }), let document = document(type),
            let data = value(document, document, depth: 0), section.schema.faults(in: data, prefix: "").isEmpty
        else { return [] }
        return [event(type, data)]
    }

    private func event(_ type: String, _ data: JSON) -> JSON {
        [
            "specversion": "1.0", "id": "sample-1", "source": .string("/\(origin.plant)/\(origin.asset)"),
            "type": .string(type), "subject": "SAMPLE-1", "time": "2026-03-02T09:00:00.000000Z",
            "plant": .string(origin.plant), "data": data,
        ]
    }

    // MARK: - Canonical facts

    private func data(_ fields: [FactField], _ wanted: [(path: [String], value: JSON)]) -> JSONObject {
        var members: JSONObject = [:]
        for field in fields {
            members[field.name] = value(field)
            guard case .text = field.kind else { continue }
            let asked = wanted.first { $0.path == ["data", field.name] && $0.value.string != nil }
            if let asked { members[field.name] = asked.value }
        }
        return members
    }

    private func value(_ field: FactField) -> JSON {
        if field.name == "asset" { return .string(origin.asset) }
        return value(field.kind)
    }

    private func value(_ kind: FactField.Kind) -> JSON {
        switch kind {
        case .text: "SAMPLE-1"
        case .code(let words): .string(words.first ?? "")
        case .quantity: ["value": 1, "unit": "pcs"]
        case .instant: "2026-03-02T09:00:00.000000Z"
        case .seconds, .number, .integer: 1
        case .boolean: true
        // What may be anything is nothing here: no program can count on more.
        case .any: .null
        case .list(let element): [value(element)]
        case .object(let fields): .object(data(fields, []))
        }
    }

    // MARK: - Types with a schema

    private func document(_ type: String) -> JSON? {
        guard let file = folder.files.first(where: { $0.path == "schemas/\(type).json" }) else { return nil }
        return try? JSONReader.read(file.bytes)
    }

    /// A value that fits a schema of the usual kind; nil where that would take more than to read it.
    private func value(_ schema: JSON, _ root: JSON, depth: Int) -> JSON? {
        guard depth < Self.deepest else { return nil }
        if let constant = schema["const"] { return constant }
        if let word = schema["enum"]?.array?.first { return word }
        if let reference = schema["$ref"]?.string {
            guard let target = Self.resolved(reference, root) else { return nil }
            return value(target, root, depth: depth + 1)
        }
        if let example = schema["examples"]?.array?.first ?? schema["default"] { return example }
        let type = schema["type"]?.string ?? schema["type"]?.array?.first?.string
        switch type ?? (schema["properties"] == nil ? nil : "object") {
        case "object":
            var members: JSONObject = [:]
            for (name, inner) in schema["properties"]?.object ?? [:] {
                guard let value = value(inner, root, depth: depth + 1) else { return nil }
                members[name] = value
            }
            return .object(members)
        case "array":
            guard let items = schema["items"] else { return [] }
            return value(items, root, depth: depth + 1).map { [$0] }
        case "string": return schema["format"] == nil && schema["pattern"] == nil ? "SAMPLE-1" : formatted(schema)
        case "number", "integer": return schema["minimum"] ?? schema["maximum"] ?? 1
        case "boolean": return true
        case "null": return .null
        default: return nil
        }
    }

    private func formatted(_ schema: JSON) -> JSON? {
        guard schema["pattern"] == nil else { return nil }
        switch schema["format"]?.string {
        case "date-time": return "2026-03-02T09:00:00Z"
        case "date": return "2026-03-02"
        default: return nil
        }
    }

    private static func resolved(_ reference: String, _ root: JSON) -> JSON? {
        guard reference.hasPrefix("#/") else { return nil }
        var value = root
        for part in reference.dropFirst(2).split(separator: "/") {
            guard let next = value[String(part)] else { return nil }
            value = next
        }
        return value
    }
}
