import ExactJSON
import JQ

/// One subschema, compiled.
struct SchemaNode: Sendable {
    let place: SchemaPlace
    /// The resource that it belongs to, for `$dynamicRef`.
    let resource: Int
    /// For `true` and `false`.
    var always: Bool?
    var checks: [SchemaCheck] = []
    /// Whether it asks what others have looked at (`unevaluatedItems`, `unevaluatedProperties`).
    var asksForEvaluated = false
}

/// What a keyword, or several that belong together, demand. Numbers are those of nodes.
enum SchemaCheck: Sendable {
    case type(SchemaTypes)
    case constant(SchemaValue)
    case enumeration(SchemaEnumeration)
    case multiple(ExactNumber)
    case bound(ExactNumber, SchemaBound)
    case length(least: Int?, most: Int?)
    case pattern(ECMAPattern, text: String)
    case format(SchemaFormat)
    case items(prefix: [Int], rest: Int?)
    case contains(Int, least: Int, most: Int?)
    case count(least: Int?, most: Int?)
    case unique
    case properties(SchemaProperties)
    case names(Int)
    case members(least: Int?, most: Int?)
    case required([String])
    case dependentRequired([(name: String, needs: [String])])
    case dependentSchemas([(name: String, node: Int)])
    case all([Int])
    case any([Int])
    case one([Int])
    case not(Int)
    case condition(if: Int, then: Int?, else: Int?)
    case reference(Int)
    /// Where the target is a dynamic anchor, its name.
    case dynamicReference(Int, anchor: String?)
    case unevaluatedItems(Int)
    case unevaluatedProperties(Int)
}

/// `minimum` and its like.
enum SchemaBound: String, Sendable {
    case minimum, maximum, exclusiveMinimum, exclusiveMaximum
}

/// `enum`: its values, and the same to look one up.
final class SchemaEnumeration: Sendable {
    let values: [JSON]
    let set: Set<SchemaValue>

    init(_ values: [JSON]) {
        self.values = values
        set = Set(values.map { SchemaValue($0) })
    }
}

/// `properties`, `patternProperties` and `additionalProperties`, which belong together.
final class SchemaProperties: Sendable {
    let named: [String: Int]
    let patterns: [(pattern: ECMAPattern, text: String, node: Int)]
    let additional: Int?

    init(named: [String: Int], patterns: [(pattern: ECMAPattern, text: String, node: Int)], additional: Int?) {
        self.named = named
        self.patterns = patterns
        self.additional = additional
    }
}

/// The types that `type` allows.
struct SchemaTypes: OptionSet, Hashable, Sendable {
    let rawValue: Int

    static let names = ["null", "boolean", "object", "array", "number", "string", "integer"]
    private static let words = ["null", "true or false", "an object", "a list", "a number", "text", "a whole number"]

    /// The type called `name`; nil for no type's name.
    init?(name: String) {
        guard let index = Self.names.firstIndex(of: name) else { return nil }
        self.init(rawValue: 1 << index)
    }

    init(rawValue: Int) { self.rawValue = rawValue }

    /// Whether `value` is of one of the types; a whole number is one whose fraction is zero, however it is written.
    func admit(_ value: JSON) -> Bool {
        switch value {
        case .null: has("null")
        case .bool: has("boolean")
        case .object: has("object")
        case .array: has("array")
        case .string: has("string")
        case .number(let number): has("number") || (has("integer") && number.isWhole)
        }
    }

    private func has(_ name: String) -> Bool { SchemaTypes(name: name).map { contains($0) } ?? false }

    /// `a number or null`
    var description: String {
        SchemaWords.list(Self.words.indices.filter { rawValue & (1 << $0) != 0 }.map { Self.words[$0] })
    }
}

/// A value that equals another one as JSON Schema has it: texts by their code points, numbers by their value.
struct SchemaValue: Hashable, Sendable {
    let json: JSON

    init(_ json: JSON) { self.json = json }

    static func == (a: SchemaValue, b: SchemaValue) -> Bool { isEqual(a.json, b.json) }

    private static func isEqual(_ a: JSON, _ b: JSON) -> Bool {
        switch (a, b) {
        case (.string(let x), .string(let y)): x.utf8.elementsEqual(y.utf8)
        case (.array(let x), .array(let y)): x.count == y.count && zip(x, y).allSatisfy { isEqual($0, $1) }
        case (.object(let x), .object(let y)):
            x.count == y.count && x.allSatisfy { name, value in y[name].map { isEqual(value, $0) } ?? false }
        default: a == b
        }
    }

    func hash(into hasher: inout Hasher) { json.hash(into: &hasher) }
}
