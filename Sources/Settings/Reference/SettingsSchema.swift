package import Contracts
package import ExactJSON

/// Makes JSON Schemas (2020-12) of settings files from the specs, so that editors complete and check while one writes.
///
/// Editors see scalars as YAML guesses them, so text may be a number or a truth value there.
package enum SettingsSchema {
    /// The schema of a source's or target's file with this connector.
    package static func schema(for spec: ConnectorSpec, signals: FieldKind) -> JSON {
        let own = Set(spec.fields.map(\.name))
        var kind = signals
        if case .list(let element) = signals { kind = element }
        let common = spec.role == .source ? SourceFields.all(signals: kind) : TargetFields.all
        var schema = self.schema(
            name: "\(spec.role.rawValue):\(spec.name)", summary: spec.summary,
            fields: common.filter { !own.contains($0.name) } + spec.fields)
        schema["properties"]?["protocol"] = ["const": .string(spec.name), "description": "the connector"]
        return schema
    }

    /// The schema of a file with these keys; `name` ends its `$id`.
    package static func schema(name: String, summary: String, fields: [FieldSpec]) -> JSON {
        var schema: JSON = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": .string("urn:millwright:settings:\(name)"),
            "title": .string(name),
            "description": .string(summary),
        ]
        for (key, value) in object(fields).object ?? [:] { schema[key] = value }
        return schema
    }

    private static func object(_ fields: [FieldSpec]) -> JSON {
        var properties = JSONObject()
        for field in fields { properties[field.name] = property(field) }
        var schema: JSON = ["type": "object", "properties": .object(properties), "additionalProperties": false]
        let required = fields.filter(\.isRequired).map { JSON.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return schema
    }

    private static func property(_ field: FieldSpec) -> JSON {
        var schema = self.schema(field.kind)
        schema["description"] = .string(field.summary)
        if let text = field.defaultText { schema["default"] = literal(text, field.kind) }
        if let example = field.example, isScalar(field.kind) {
            schema["examples"] = [literal(unquoted(example), field.kind)]
        }
        return schema
    }

    private static func isScalar(_ kind: FieldKind) -> Bool {
        switch kind {
        case .json, .list, .oneOrMany, .map, .object, .variants: false
        default: true
        }
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let quote = text.first, quote == "\"" || quote == "'", text.last == quote else {
            return text
        }
        return String(text.dropFirst().dropLast())
    }

    /// A default or example as the value that it is.
    private static func literal(_ text: String, _ kind: FieldKind) -> JSON {
        switch kind {
        case .integer, .number: ExactNumber(text: text).map { .number($0) } ?? .string(text)
        case .object: [:]
        case .list, .oneOrMany, .map, .variants: text == "[]" ? [] : .string(text)
        default: .string(text)
        }
    }

    private static func schema(_ kind: FieldKind) -> JSON {
        switch kind {
        case .text: ["type": ["string", "number", "boolean"]]
        case .json: [:]
        case .name: pattern("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
        case .integer(let range): integer(range)
        case .number: ["type": "number"]
        case .duration: pattern("^[0-9]+ ?(ms|s|m|h|d)$")
        case .durationOrNever: pattern("^([0-9]+ ?(ms|s|m|h|d)|never)$")
        case .bytes(let range):
            ["anyOf": [integer(range), pattern("^[0-9]+ ?(B|[kK]B|MB|GB|TB|KiB|MiB|GiB|TiB)$")]]
        case .choice(let choices): ["enum": .array(choices.map { .string($0.word) })]
        case .url(let schemes):
            schemes.isEmpty
                ? ["type": "string", "format": "uri"]
                : pattern("^(\(schemes.joined(separator: "|")))://", format: "uri")
        case .hostAndPort: pattern("^(\\[[^\\]]+\\]|[^:]+):[0-9]{1,5}$")
        case .secret: pattern("^\\$\\{(file|env):.+\\}$")
        case .path, .glob, .timeFormat, .timeZone, .quietWindow, .cron, .jq: ["type": "string", "minLength": 1]
        case .reference: ["type": ["string", "number"]]
        case .list(let element): ["type": "array", "items": schema(element)]
        case .oneOrMany(let element): ["anyOf": [schema(element), ["type": "array", "items": schema(element)]]]
        case .map(.object(let fields)) where !fields.contains(where: \.isRequired):
            ["type": "object", "additionalProperties": ["anyOf": [object(fields), ["type": "null"]]]]
        case .map(let element): ["type": "object", "additionalProperties": schema(element)]
        case .object(let fields): object(fields)
        case .variants(let key, let variants): ["oneOf": .array(variants.map { variant($0, by: key) })]
        }
    }

    private static func variant(_ variant: FieldKind.Variant, by key: String) -> JSON {
        let decider = FieldSpec(
            key, .choice([FieldKind.Choice(variant.word, variant.summary)]), required: true, variant.summary)
        return object([decider] + variant.fields.filter { $0.name != key })
    }

    private static func integer(_ range: ClosedRange<Int>) -> JSON {
        var schema: JSON = ["type": "integer"]
        if range.lowerBound != .min { schema["minimum"] = .int(range.lowerBound) }
        if range.upperBound != .max { schema["maximum"] = .int(range.upperBound) }
        return schema
    }

    private static func pattern(_ pattern: String, format: String? = nil) -> JSON {
        var schema: JSON = ["type": "string", "pattern": .string(pattern)]
        if let format { schema["format"] = .string(format) }
        return schema
    }
}
