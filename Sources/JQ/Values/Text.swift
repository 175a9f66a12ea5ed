import ExactJSON

/// Functions on strings that others share. Positions count Unicode code points.
enum Text {
    /// The parts of `text` between the separators; an empty separator cuts between code points.
    static func split(_ text: String, _ separator: String, _ machine: Machine) throws(Fault) -> Value {
        try machine.work(text.utf8.count)
        if text.isEmpty { return Value(.array([]), depth: 1) }
        var parts: [JSON] = []
        if separator.isEmpty {
            try machine.produce(32 + 64 * text.unicodeScalars.count)
            parts = text.unicodeScalars.map { .string(String(Character($0))) }
            return Value(.array(parts), depth: 1)
        }
        let bytes = Array(text.utf8)
        var start = 0
        for offset in occurrences(of: Array(separator.utf8), in: bytes, overlapping: false) {
            try machine.produce(48 + offset - start)
            parts.append(.string(String(decoding: bytes[start..<offset], as: UTF8.self)))
            start = offset + separator.utf8.count
        }
        try machine.produce(48 + bytes.count - start)
        parts.append(.string(String(decoding: bytes[start...], as: UTF8.self)))
        return Value(.array(parts), depth: 1)
    }

    /// Byte offsets at which `pattern` begins. UTF-8 keeps this right for code points.
    static func occurrences(of pattern: [UInt8], in bytes: [UInt8], overlapping: Bool) -> [Int] {
        guard let first = pattern.first, pattern.count <= bytes.count else { return [] }
        var found: [Int] = []
        var index = 0
        let last = bytes.count - pattern.count
        while index <= last {
            if bytes[index] == first, bytes[index...].starts(with: pattern) {
                found.append(index)
                index += overlapping ? 1 : pattern.count
            } else {
                index += 1
            }
        }
        return found
    }

    /// Byte offsets of `pattern` as code point offsets.
    static func indices(of pattern: String, in text: String, _ machine: Machine) throws(Fault) -> [JSON] {
        let bytes = Array(text.utf8)
        // Byte by byte in the worst case: `aaaa…` in `aaaa…`.
        try machine.work(bytes.count)
        if pattern.isEmpty { return [] }
        let offsets = occurrences(of: Array(pattern.utf8), in: bytes, overlapping: true)
        try machine.work(min(offsets.count, bytes.count) * pattern.utf8.count)
        try machine.produce(32 + 16 * offsets.count)
        var result: [JSON] = []
        var (byte, point) = (0, 0)
        for offset in offsets {
            while byte < offset {
                if bytes[byte] & 0xC0 != 0x80 { point += 1 }
                byte += 1
            }
            result.append(.int(point))
        }
        return result
    }

    /// The value as `tostring` gives it: a string as it is, anything else as JSON.
    static func of(_ json: JSON, _ machine: Machine) throws(Fault) -> String {
        if case .string(let text) = json { return text }
        return try written(json, machine)
    }

    /// The value as `tojson` gives it, within the run's limits.
    static func written(_ json: JSON, _ machine: Machine) throws(Fault) -> String {
        switch json {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let number): return Numbers.text(number)
        default: break
        }
        let finished = try OutputInspector.finished(json, machine)
        let bytes = finished.bytes
        try machine.work(bytes.count)
        try machine.produce(32 + bytes.count)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The code points of `text`.
    static func scalars(_ text: String) -> [UInt32] {
        var text = text
        let ascii = text.withUTF8 { bytes -> [UInt32]? in
            bytes.allSatisfy { $0 < 0x80 } ? bytes.map { UInt32($0) } : nil
        }
        return ascii ?? text.unicodeScalars.map(\.value)
    }

    /// Appends code points as UTF-8; what is none becomes U+FFFD.
    static func append(_ scalars: ArraySlice<UInt32>, to bytes: inout [UInt8]) {
        for code in scalars {
            if code < 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: code))
            } else {
                bytes.append(contentsOf: String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")).utf8)
            }
        }
    }

    /// The string of code points.
    static func string(_ scalars: ArraySlice<UInt32>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(scalars.count)
        append(scalars, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// ASCII white space as C knows it, which is what `trim` removes.
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    static func trimmed(_ text: String, left: Bool, right: Bool) -> String {
        var bytes = Substring(text).utf8
        if left { bytes = bytes.drop(while: isSpace) }
        if right { while let last = bytes.last, isSpace(last) { bytes.removeLast() } }
        return String(Substring(bytes))
    }

    /// Letters of ASCII between `first` and its 25 followers moved by `difference`.
    static func shifted(_ text: String, from first: UInt8, by difference: Int) -> String {
        let bytes = text.utf8.map { byte -> UInt8 in
            byte &- first < 26 ? UInt8(truncatingIfNeeded: Int(byte) + difference) : byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
