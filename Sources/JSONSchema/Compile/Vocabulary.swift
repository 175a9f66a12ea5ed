import ExactJSON

/// The vocabularies of 2020-12, which a metaschema chooses from.
struct Vocabularies: OptionSet, Hashable {
    let rawValue: Int

    static let core = Vocabularies(rawValue: 1)
    static let applicator = Vocabularies(rawValue: 2)
    static let unevaluated = Vocabularies(rawValue: 4)
    static let validation = Vocabularies(rawValue: 8)
    static let metadata = Vocabularies(rawValue: 16)
    static let formatAnnotation = Vocabularies(rawValue: 32)
    static let content = Vocabularies(rawValue: 64)
    static let formatAssertion = Vocabularies(rawValue: 128)

    /// Those of the metaschema that holds where a schema names none.
    static let standard: Vocabularies = [
        .core, .applicator, .unevaluated, .validation, .metadata, .formatAnnotation, .content,
    ]

    static let byURI: [String: Vocabularies] = [
        "core": .core, "applicator": .applicator, "unevaluated": .unevaluated, "validation": .validation,
        "meta-data": .metadata, "format-annotation": .formatAnnotation, "content": .content,
        "format-assertion": .formatAssertion,
    ].reduce(into: [:]) { $0["https://json-schema.org/draft/2020-12/vocab/\($1.key)"] = $1.value }
}

/// The keywords of 2020-12: whose they are, and where they hold subschemas.
enum Keyword {
    /// Where subschemas stand in a keyword's value.
    enum Holding { case none, one, list, map }

    static let all: [String: (vocabulary: Vocabularies, holding: Holding)] = {
        var all: [String: (vocabulary: Vocabularies, holding: Holding)] = [:]
        func add(_ vocabulary: Vocabularies, _ names: String, _ holding: Holding = .none) {
            for name in names.split(separator: " ") { all[String(name)] = (vocabulary, holding) }
        }
        add(.core, "$id $schema $ref $anchor $dynamicRef $dynamicAnchor $vocabulary $comment")
        add(.core, "$defs", .map)
        add(.applicator, "prefixItems allOf anyOf oneOf", .list)
        add(.applicator, "items contains additionalProperties propertyNames if then else not", .one)
        add(.applicator, "properties patternProperties dependentSchemas", .map)
        add(.unevaluated, "unevaluatedItems unevaluatedProperties", .one)
        add(.validation, "type const enum multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength")
        add(.validation, "minLength pattern maxItems minItems uniqueItems maxContains minContains maxProperties")
        add(.validation, "minProperties required dependentRequired")
        add(.metadata, "title description default deprecated readOnly writeOnly examples")
        add([.formatAnnotation, .formatAssertion], "format")
        add(.content, "contentEncoding contentMediaType")
        add(.content, "contentSchema", .one)
        return all
    }()

    /// Keywords of earlier drafts, with what took their place.
    static let former: [String: String] = [
        "definitions": "$defs", "dependencies": "dependentSchemas or dependentRequired", "id": "$id",
        "$recursiveRef": "$dynamicRef", "$recursiveAnchor": "$dynamicAnchor", "additionalItems": "items",
    ]
}
