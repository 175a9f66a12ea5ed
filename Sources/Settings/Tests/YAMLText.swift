package import ExactJSON

/// Writes values as YAML that ``SettingsNode/json`` reads back as the same values.
package enum YAMLText {
    /// Columns that a line may have where several values stand in it.
    private static let columns = 100
    /// Members that stand in one line at most.
    private static let inLine = 4

    /// The lines of `key: value`, indented by so many spaces.
    package static func lines(_ key: String, _ value: JSON, indent: Int) -> [String] {
        let start = String(repeating: " ", count: indent) + scalar(.string(key)) + ":"
        if let short = short(value), start.count + 1 + short.count <= columns || isSmall(value) {
            return [start + " " + short]
        }
        switch value {
        case .object(let members): return [start] + members.flatMap { lines($0, $1, indent: indent + 2) }
        case .array(let elements): return [start] + elements.flatMap { item($0, indent: indent + 2) }
        default: return [start + " " + scalar(value)]
        }
    }

    /// An element of a list.
    private static func item(_ value: JSON, indent: Int) -> [String] {
        let pad = String(repeating: " ", count: indent)
        if let short = short(value), indent + 2 + short.count <= columns || isSmall(value) {
            return [pad + "- " + short]
        }
        var lines: [String] = []
        switch value {
        case .object(let members): lines = members.flatMap { self.lines($0, $1, indent: indent + 2) }
        case .array(let elements): lines = elements.flatMap { item($0, indent: indent + 2) }
        default: return [pad + "- " + scalar(value)]
        }
        if let first = lines.first { lines[0] = pad + "- " + first.dropFirst(indent + 2) }
        return lines
    }

    /// Whether it cannot be written over several lines.
    private static func isSmall(_ value: JSON) -> Bool {
        switch value {
        case .object(let members): members.isEmpty
        case .array(let elements): elements.isEmpty
        default: true
        }
    }

    /// The value in one line, where it is a scalar or holds few scalars.
    private static func short(_ value: JSON) -> String? {
        switch value {
        case .object(let members) where members.isEmpty: return "{}"
        case .array(let elements) where elements.isEmpty: return "[]"
        case .object(let members):
            guard members.count <= inLine, members.values.allSatisfy(isScalar) else { return nil }
            return "{ " + members.map { "\(scalar(.string($0))): \(scalar($1))" }.joined(separator: ", ") + " }"
        case .array(let elements):
            guard elements.count <= 2 * inLine, elements.allSatisfy(isScalar) else { return nil }
            return "[" + elements.map(scalar).joined(separator: ", ") + "]"
        default: return scalar(value)
        }
    }

    private static func isScalar(_ value: JSON) -> Bool {
        switch value {
        case .object, .array: false
        default: true
        }
    }

    private static func scalar(_ value: JSON) -> String {
        guard case .string(let text) = value, isPlain(text) else { return escaped(value.description) }
        return text
    }

    /// JSON is YAML but for characters that end a line there, or that it does not allow.
    private static func escaped(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
                let digits = String(scalar.value, radix: 16)
                let zeros = String(repeating: "0", count: 4 - digits.count)
                output.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
            default: output.append(scalar)
            }
        }
        return String(output)
    }

    /// Words that a person, or an older YAML, takes for something else than text.
    private static let reserved: Set = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    /// Whether the text stands for itself without quotes.
    private static func isPlain(_ text: String) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 100, text.last != " ", text.last != ":",
            !text.contains(": "), !reserved.contains(text.lowercased()), !SettingsNode.isNumber(text)
        else { return false }
        return text.utf8.allSatisfy { isLetter($0) || " .-+:%".utf8.contains($0) }
    }
}
