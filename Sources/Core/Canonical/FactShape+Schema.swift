package import ExactJSON

extension FactShape {
    /// The JSON Schema (2020-12) of the fact's data, made from its fields.
    package var jsonSchema: JSON {
        guard case .object(var members) = Self.schema(of: .object(fields)) else { return .null }
        members["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        members["$id"] = .string(dataSchema)
        members["title"] = .string("\(family).\(fact)")
        members["description"] = .string(summary)
        return .object(members)
    }

    private static func schema(of kind: FactField.Kind) -> JSON {
        switch kind {
        case .text: ["type": "string"]
        case .code(let words): ["enum": .array(words.map { .string($0) })]
        case .quantity:
            [
                "type": "object", "required": ["value", "unit"],
                "properties": ["value": ["type": "number"], "unit": ["type": "string"]],
            ]
        case .instant: ["type": "string", "format": "date-time"]
        case .seconds: ["type": "number", "minimum": 0]
        case .number: ["type": "number"]
        case .integer: ["type": "integer"]
        case .boolean: ["type": "boolean"]
        case .any: [:]
        case .list(let element): ["type": "array", "items": schema(of: element)]
        case .object(let fields): object(fields)
        }
    }

    private static func object(_ fields: [FactField]) -> JSON {
        var properties: JSONObject = [:]
        for field in fields {
            var property = schema(of: field.kind)
            property["description"] = .string(field.summary)
            properties[field.name] = property
        }
        return [
            "type": "object", "required": .array(fields.filter(\.isRequired).map { .string($0.name) }),
            "properties": .object(properties),
        ]
    }

    /// The reference of all facts in Markdown.
    package static var reference: String {
        var text = "# Canonical events\n"
        for shape in all {
            text +=
                "\n## `\(shape.type)`\n\n\(shape.summary)\n\n| field | kind | required | meaning |\n| --- | --- | --- | --- |\n"
            for field in shape.fields {
                text +=
                    "| `\(field.name)` | \(field.kind.name) | \(field.isRequired ? "yes" : "") | \(field.summary) |\n"
            }
        }
        return text
    }
}
