package import ExactJSON

extension SettingsNode {
    /// The value where any may stand, by YAML's JSON schema (YAML 1.2, section 10.2): what is not quoted and reads as a
    /// JSON number, `true`, `false` or `null` is that, everything else is text. Nothing after a key is null.
    package var json: JSON {
        switch content {
        case .scalar(let text, .plain): Self.plain(text)
        case .scalar(let text, _): .string(text)
        case .sequence(let elements): .array(elements.map(\.json))
        case .mapping(let entries):
            .object(JSONObject(entries.map { ($0.key, $0.value.json) }, uniquingKeysWith: { first, _ in first }))
        }
    }

    private static func plain(_ text: String) -> JSON {
        switch text {
        case "", "~", "null": .null
        case "true": .bool(true)
        case "false": .bool(false)
        default: isNumber(text) ? ExactNumber(text: text).map { .number($0) } ?? .string(text) : .string(text)
        }
    }

    /// Whether it is a number as JSON writes one: `1.10`, and neither `01` nor `+1`, which are codes.
    static func isNumber(_ text: String) -> Bool {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let first = digits.utf8.first, (0x30...0x39).contains(first) else { return false }
        let isCode = first == 0x30 && digits.utf8.dropFirst().first.map { (0x30...0x39).contains($0) } ?? false
        return !isCode && (try? JSONReader.read(Array(text.utf8))) != nil
    }
}
