import ExactJSON

/// Reads data sets and tables (MTConnect Part 2, representations DATA_SET and TABLE; SHDR form of the agent):
/// entries `key=value` separated by spaces, values bare or in `"…"`, `'…'` or `{…}`; a key without `=` was removed.
/// A leading `:NAME` says that the set was reset.
struct SHDRDataSet {
    private let text: [UInt8]
    private var index = 0

    private init(_ text: String) { self.text = Array(text.utf8) }

    /// `{"entries": {…}, "reset": "NAME"}`; removed entries are null. Nil where the text is no data set.
    static func read(_ text: String, isTable: Bool) -> JSON? {
        var reader = SHDRDataSet(text)
        var result: JSONObject = [:]
        if reader.text.first == UInt8(ascii: ":") {
            reader.index = 1
            result["reset"] = .string(reader.word(until: []))
        }
        guard let entries = reader.entries(isTable: isTable) else { return nil }
        result["entries"] = .object(entries)
        return .object(result)
    }

    private mutating func entries(isTable: Bool) -> JSONObject? {
        var entries: JSONObject = [:]
        while true {
            skipSpace()
            guard index < text.count else { return entries }
            let key = word(until: [UInt8(ascii: "=")])
            guard !key.isEmpty else { return nil }
            guard index < text.count, text[index] == UInt8(ascii: "=") else {
                entries[key] = .null
                continue
            }
            index += 1
            guard let value = value() else { return nil }
            if isTable, value.isBraced {
                var row = SHDRDataSet(value.text)
                guard let cells = row.entries(isTable: false) else { return nil }
                entries[key] = .object(cells)
            } else {
                entries[key] = value.isQuoted ? .string(value.text) : Self.scalar(value.text)
            }
        }
    }

    /// The value behind `=`; nil where its quote or brace never closes.
    private mutating func value() -> (text: String, isQuoted: Bool, isBraced: Bool)? {
        guard index < text.count else { return ("", false, false) }
        let open = text[index]
        let close: UInt8
        switch open {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): close = open
        case UInt8(ascii: "{"): close = UInt8(ascii: "}")
        default: return (word(until: []), false, false)
        }
        index += 1
        var body: [UInt8] = []
        var depth = 0
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "\\"), index + 1 < text.count {
                body.append(text[index + 1])
                index += 2
                continue
            }
            index += 1
            if open == UInt8(ascii: "{"), byte == open { depth += 1 }
            if byte == close, depth > 0 {
                depth -= 1
            } else if byte == close {
                return (String(decoding: body, as: UTF8.self), true, open == UInt8(ascii: "{"))
            }
            body.append(byte)
        }
        return nil
    }

    private mutating func word(until stops: [UInt8]) -> String {
        let start = index
        while index < text.count, !Self.isSpace(text[index]), !stops.contains(text[index]) { index += 1 }
        return String(decoding: text[start..<index], as: UTF8.self)
    }

    private mutating func skipSpace() {
        while index < text.count, Self.isSpace(text[index]) { index += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Numbers as numbers, their digits kept; the rest as text.
    private static func scalar(_ text: String) -> JSON {
        ExactNumber(text: text).map { .number($0) } ?? .string(text)
    }
}
