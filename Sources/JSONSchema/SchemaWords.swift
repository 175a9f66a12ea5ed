import ExactJSON

/// How values and lists are put into sentences.
enum SchemaWords {
    private static let longest = 60

    /// `"a"`, `12.5`, `an object`, `a list of 3`
    static func value(_ value: JSON) -> String {
        switch value {
        case .object(let members): return members.isEmpty ? "an empty object" : "an object"
        case .array(let elements): return elements.isEmpty ? "an empty list" : "a list of \(elements.count)"
        case .string(let text): return shortened(JSON.string(String(text.prefix(longest + 1))).description)
        default: return shortened(value.description)
        }
    }

    /// `a, b or c`
    static func list(_ words: [String], _ conjunction: String = "or") -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }

    /// A text of the schema's, in quotes.
    static func quoted(_ text: String) -> String {
        shortened(JSON.string(String(text.prefix(longest + 1))).description)
    }

    static func shortened(_ text: String, _ most: Int = longest) -> String {
        text.count > most ? text.prefix(most - 1) + "…" : text
    }

    /// `1 member`, `3 members`
    static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
