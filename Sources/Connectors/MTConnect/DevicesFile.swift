/// Reads the kinds of data items from an MTConnect device model (`Devices.xml`, MTConnect Part 2).
///
/// It looks at `<DataItem …>` elements alone, and at `<Source>` texts within them, because an adapter may use a data
/// item's name, id or source as its key. Everything else, well-formed or not, is passed over; time and memory are
/// linear.
enum DevicesFile {
    /// Puts the kinds of all data items that are more than one plain value into `model`; returns how many items there
    /// were.
    static func read(_ bytes: [UInt8], into model: inout SHDRModel) -> Int {
        var items = 0
        var current: SHDRKind?
        var index = 0
        while let open = bytes[index...].firstIndex(of: UInt8(ascii: "<")) {
            if starts(bytes, open, "<!--") {
                index = find(bytes, "-->", from: open + 4) ?? bytes.count
                continue
            }
            guard let end = tagEnd(bytes, from: open + 1) else { break }
            index = end + 1
            if starts(bytes, open, "</"), name(bytes, open + 2).hasSuffix("DataItem") {
                current = nil
                continue
            }
            switch localName(name(bytes, open + 1)) {
            case "DataItem":
                items += 1
                let attributes = attributes(bytes[(open + 1)..<end])
                let kind = kind(attributes)
                for key in [attributes["name"], attributes["id"]] { if let key { model[key] = kind } }
                current = bytes[end - 1] == UInt8(ascii: "/") ? nil : kind
            case "Source":
                guard let kind = current else { continue }
                let text = bytes[index...].prefix { $0 != UInt8(ascii: "<") }
                let key = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(
                    separator: " ")
                if !key.isEmpty { model[unescaped(key)] = kind }
            default: continue
            }
        }
        return items
    }

    /// The kind that category, type and representation name (MTConnect Part 2, DataItem).
    private static func kind(_ attributes: [String: String]) -> SHDRKind {
        if attributes["category"] == "CONDITION" { return .condition }
        switch attributes["representation"] {
        case "TIME_SERIES": return .timeSeries
        case "DATA_SET": return .dataSet
        case "TABLE": return .table
        default: break
        }
        switch attributes["type"] {
        case "MESSAGE": return .message
        case "ALARM": return .alarm
        default: return .value
        }
    }

    /// The index of the `>` that ends a tag, quoted attribute values passed over.
    private static func tagEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        var quote: UInt8?
        for index in start..<bytes.count {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index
            }
        }
        return nil
    }

    private static func attributes(_ tag: ArraySlice<UInt8>) -> [String: String] {
        var result: [String: String] = [:]
        var rest = tag.drop { !isSpace($0) }
        while let mark = rest.firstIndex(of: UInt8(ascii: "=")) {
            let name = String(decoding: rest[..<mark].filter { !isSpace($0) }, as: UTF8.self)
            let value = rest[(mark + 1)...].drop { isSpace($0) }
            guard let quote = value.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { break }
            let body = value.dropFirst()
            guard let end = body.firstIndex(of: quote) else { break }
            result[name] = unescaped(String(decoding: body[..<end], as: UTF8.self))
            rest = body[(end + 1)...]
        }
        return result
    }

    /// The five entities that XML itself knows.
    private static func unescaped(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var result = ""
        var rest = text[...]
        while let mark = rest.firstIndex(of: "&") {
            result += rest[..<mark]
            rest = rest[mark...]
            guard let entity = entities.first(where: { rest.hasPrefix($0.name) }) else {
                result += "&"
                rest = rest.dropFirst()
                continue
            }
            result += entity.text
            rest = rest.dropFirst(entity.name.count)
        }
        return result + rest
    }

    private static let entities: [(name: String, text: String)] = [
        ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
    ]

    private static func name(_ bytes: [UInt8], _ start: Int) -> String {
        let body = bytes[start...].prefix { !isSpace($0) && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "/") }
        return String(decoding: body.prefix(128), as: UTF8.self)
    }

    private static func localName(_ name: String) -> String {
        name.split(separator: ":").last.map(String.init) ?? name
    }

    private static func starts(_ bytes: [UInt8], _ index: Int, _ text: String) -> Bool {
        bytes[index...].starts(with: text.utf8)
    }

    private static func find(_ bytes: [UInt8], _ text: String, from start: Int) -> Int? {
        let wanted = Array(text.utf8)
        guard start + wanted.count <= bytes.count else { return nil }
        for index in start...(bytes.count - wanted.count) where bytes[index...].starts(with: wanted) {
            return index + wanted.count
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
