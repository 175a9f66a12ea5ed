/// A JSON value (RFC 8259) whose numbers keep their digits and whose objects keep the order of their members.
///
/// Two objects are equal when they have the same members, whatever their order. Scalars lie in the value itself, and so
/// does the one reference that an object or an array is.
public enum JSON: Sendable {
    case null
    case bool(Bool)
    case number(ExactNumber)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON: Hashable {
    public static func == (a: JSON, b: JSON) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let x), .bool(let y)): x == y
        case (.number(let x), .number(let y)): x == y
        case (.string(let x), .string(let y)): x == y
        case (.array(let x), .array(let y)): x == y
        case (.object(let x), .object(let y)): x.hasSameMembers(as: y)
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .number(let value): hasher.combine(value)
        case .string(let value): hasher.combine(value)
        case .array(let values): hasher.combine(values)
        case .object(let members):
            // Order must not show, so members are combined by a commutative sum.
            var sum = 0
            for (key, value) in members {
                var member = Hasher()
                member.combine(key)
                member.combine(value)
                sum &+= member.finalize()
            }
            hasher.combine(sum)
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(ExactNumber(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements, uniquingKeysWith: { $1 }))
    }
}

extension JSON {
    /// The whole number `value`.
    public static func int(_ value: Int) -> JSON { .number(ExactNumber(value)) }

    /// The member `key` of an object; nil for a missing member and for anything that is no object.
    public subscript(key: String) -> JSON? {
        get { if case .object(let members) = self { members[key] } else { nil } }
        set {
            guard case .object(var members) = self else { return }
            self = .null  // lets the object be changed in place
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The element at `index` of an array; nil outside its bounds and for anything that is no array.
    public subscript(index: Int) -> JSON? {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
    }

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var number: ExactNumber? { if case .number(let value) = self { value } else { nil } }
    public var int: Int? { number?.intValue }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    public var isNull: Bool { if case .null = self { true } else { false } }
}

extension JSON {
    /// This value changed by a merge patch (RFC 7396): members of objects are replaced one by one, null takes one out,
    /// and anything that is no object replaces what is there.
    public func merging(_ patch: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var members = object ?? [:]
        for (name, change) in changes {
            if change.isNull {
                members.removeValue(forKey: name)
            } else {
                members[name] = (members[name] ?? .null).merging(change)
            }
        }
        return .object(members)
    }
}

extension JSON {
    /// The merge patch that makes `other` of this value: ``merging(_:)`` with it gives `other`, but for members that
    /// are null there, which no merge patch can say.
    public func mergePatch(to other: JSON) -> JSON {
        guard case .object(let old) = self, case .object(let new) = other else { return other }
        var patch: JSONObject = [:]
        for name in old.keys where new[name] == nil { patch[name] = .null }
        for (name, value) in new {
            guard let before = old[name] else {
                patch[name] = value
                continue
            }
            if before != value { patch[name] = before.mergePatch(to: value) }
        }
        return .object(patch)
    }

    /// Over several lines, two blanks for each level: for people.
    public var pretty: String {
        var output = ""
        writePretty(to: &output, indent: "")
        return output
    }

    private func writePretty(to output: inout String, indent: String) {
        let inner = indent + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            output += "["
            for (index, element) in elements.enumerated() {
                output += index == 0 ? "\n" + inner : ",\n" + inner
                element.writePretty(to: &output, indent: inner)
            }
            output += "\n" + indent + "]"
        case .object(let members) where !members.isEmpty:
            output += "{"
            for (index, member) in members.enumerated() {
                output += index == 0 ? "\n" + inner : ",\n" + inner
                output += "\(JSON.string(member.key)): "
                member.value.writePretty(to: &output, indent: inner)
            }
            output += "\n" + indent + "}"
        default: output += description
        }
    }
}
