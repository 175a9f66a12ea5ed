import ExactJSON

/// `@name`: how a value is written into a string (jq 1.7 manual, "Format strings and escaping").
enum Format: String, Sendable, CaseIterable {
    case text, json, csv, tsv, html, uri, sh, base64, base64d, base32, base32d

    /// The value in this format.
    func apply(_ json: JSON, _ machine: Machine) throws(Fault) -> String {
        switch self {
        case .text: return try Text.of(json, machine)
        case .json: return try Text.written(json, machine)
        case .csv: return try row(json, machine, separator: ",", cell: Self.csvCell)
        case .tsv: return try row(json, machine, separator: "\t", cell: Self.tsvCell)
        case .html: return try escaped(json, machine, Self.html)
        case .uri: return try uri(json, machine)
        case .sh: return try shell(json, machine)
        case .base64: return Base64.encoded(Array(try Text.of(json, machine).utf8))
        case .base64d: return try decoded(json, machine, Base64.decoded, "base64")
        case .base32: return Base32.encoded(Array(try Text.of(json, machine).utf8))
        case .base32d: return try decoded(json, machine, Base32.decoded, "base32")
        }
    }

    private func row(
        _ json: JSON, _ machine: Machine, separator: String, cell: (JSON, Machine) throws(Fault) -> String
    ) throws(Fault) -> String {
        guard case .array(let elements) = json else {
            throw .message("\(Shown.typed(json)) cannot be \(rawValue)-formatted, only array")
        }
        try machine.work(elements.count)
        var line = ""
        for (index, element) in elements.enumerated() {
            if index > 0 { line += separator }
            switch element {
            case .array, .object: throw .message("\(Shown.typed(element)) is not valid in a csv row")
            case .null: break
            case .number(let number) where Numbers.isNaN(number): break
            default: line += try cell(element, machine)
            }
        }
        return line
    }

    private static func csvCell(_ json: JSON, _ machine: Machine) throws(Fault) -> String {
        guard case .string(let text) = json else { return try Text.of(json, machine) }
        return "\"" + replaced(text) { $0 == UInt8(ascii: "\"") ? "\"\"" : nil } + "\""
    }

    private static func tsvCell(_ json: JSON, _ machine: Machine) throws(Fault) -> String {
        guard case .string(let text) = json else { return try Text.of(json, machine) }
        return replaced(text) { byte in
            switch byte {
            case 0x09: "\\t"
            case 0x0A: "\\n"
            case 0x0D: "\\r"
            case UInt8(ascii: "\\"): "\\\\"
            default: nil
            }
        }
    }

    private static func html(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "'"): "&apos;"
        case UInt8(ascii: "\""): "&quot;"
        default: nil
        }
    }

    private func escaped(
        _ json: JSON, _ machine: Machine, _ escape: (UInt8) -> String?
    ) throws(Fault) -> String {
        let text = try Text.of(json, machine)
        try machine.work(text.utf8.count)
        return Self.replaced(text, escape)
    }

    private static func replaced(_ text: String, _ escape: (UInt8) -> String?) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if let replacement = escape(byte) {
                output.append(contentsOf: replacement.utf8)
            } else {
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private func uri(_ json: JSON, _ machine: Machine) throws(Fault) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        return try escaped(json, machine) { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                nil
            default:
                String(decoding: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]], as: UTF8.self)
            }
        }
    }

    private func shell(_ json: JSON, _ machine: Machine) throws(Fault) -> String {
        guard case .array(let elements) = json else { return try shellWord(json, machine) }
        var words: [String] = []
        for element in elements { words.append(try shellWord(element, machine)) }
        return words.joined(separator: " ")
    }

    private func shellWord(_ json: JSON, _ machine: Machine) throws(Fault) -> String {
        switch json {
        case .array, .object: throw .message("\(Shown.typed(json)) can not be escaped for shell")
        case .string(let text): return "'" + Self.replaced(text) { $0 == UInt8(ascii: "'") ? "'\\''" : nil } + "'"
        default: return try Text.of(json, machine)
        }
    }

    private func decoded(
        _ json: JSON, _ machine: Machine, _ decode: ([UInt8]) -> [UInt8]?, _ name: String
    ) throws(Fault) -> String {
        let text = try Text.of(json, machine)
        try machine.work(text.utf8.count)
        let letters = Array(text.utf8.prefix { $0 != UInt8(ascii: "=") })
        guard let bytes = decode(letters) else {
            throw .message("\(Shown.typed(.string(text))) is not valid \(name) data")
        }
        if name == "base64", letters.count % 4 == 1 {
            throw .message("\(Shown.typed(.string(text))) trailing base64 byte found")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
