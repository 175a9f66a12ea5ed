import ExactJSON

/// Where a value stands in a record: `TotalGoodPieces`, `job.order` for a member of a member, `Wire#2` for the second
/// part of a comma-separated field.
struct FieldPath: Sendable, Hashable {
    let text: String
    private let whole: String
    private let steps: [String]
    /// Which comma-separated part, from 1; nil for all of it.
    private let part: Int?

    init(_ text: String) {
        self.text = text
        var whole = text
        var part: Int?
        if let mark = text.lastIndex(of: "#"), let number = Int(text[text.index(after: mark)...]), number > 0 {
            whole = String(text[..<mark])
            part = number
        }
        self.whole = whole
        self.part = part
        steps = whole.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// The value there; nil where the record has none. A field called `a.b` comes before the member `b` of `a`.
    func value(in record: JSONObject) -> JSON? {
        guard let found = record[whole] ?? member(of: record) else { return nil }
        guard let part else { return found }
        guard let text = found.plainText else { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        return part <= parts.count ? .string(parts[part - 1].trimmingSpaces) : nil
    }

    /// The value as text without surrounding spaces; nil where there is none or it is empty, a list or an object.
    func text(in record: JSONObject) -> String? {
        guard let text = value(in: record)?.plainText?[...].trimmingSpaces, !text.isEmpty else { return nil }
        return text
    }

    private func member(of record: JSONObject) -> JSON? {
        guard steps.count > 1, var value = record[steps[0]] else { return nil }
        for step in steps.dropFirst() {
            guard let next = value[step] else { return nil }
            value = next
        }
        return value
    }
}

extension JSON {
    /// A scalar as a person would write it; nil for null, lists and objects.
    var plainText: String? {
        switch self {
        case .string(let text): text
        case .number(let number): number.description
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// A number, also one written as text: SHDR and text files know no other.
    var asNumber: ExactNumber? {
        switch self {
        case .number(let number): number
        case .string(let text): ExactNumber(text: text) ?? ExactNumber(text: text[...].trimmingSpaces)
        default: nil
        }
    }
}

extension Substring {
    /// The text without spaces and tabs around it.
    var trimmingSpaces: String {
        var part = self
        while let first = part.utf8.first, first == 0x20 || first == 0x09 { part = part.dropFirst() }
        while let last = part.utf8.last, last == 0x20 || last == 0x09 { part = part.dropLast() }
        return String(part)
    }
}
