import ExactJSON

/// Walks over JSON without building values: the inner loop of the intake.
struct JSONSkimmer {
    struct Fault: Error {
        let offset: Int
        let reason: String
        /// The text is JSON all the same; only its content is not what is expected.
        var isContent = false
    }

    /// A string's bytes between its quotes, and whether an escape or a byte beyond ASCII is among them.
    struct StringRange {
        let start: Int
        let end: Int
        let escaped: Bool
        let ascii: Bool
    }

    let bytes: UnsafeBufferPointer<UInt8>
    let maximumDepth: Int
    var index = 0
    /// Whether every number passed over is short and has no exponent, so that it surely is an exact number.
    private(set) var hasPlainNumbers = true
    private static let plainDigits = 30

    init(_ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    var atEnd: Bool { index >= bytes.count }
    var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    mutating func consume(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    func matches(_ range: StringRange, _ word: StaticString) -> Bool {
        matches(range, UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    func matches(_ range: StringRange, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
        guard range.end - range.start == word.count else { return false }
        for offset in 0..<word.count where bytes[range.start + offset] != word[offset] { return false }
        return true
    }

    func slice<R>(_ range: StringRange, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        body(UnsafeBufferPointer(rebasing: bytes[range.start..<range.end]))
    }

    func text(_ range: StringRange) throws -> String {
        if !range.escaped {
            let slice = UnsafeBufferPointer(rebasing: bytes[range.start..<range.end])
            return String(decoding: slice, as: UTF8.self)
        }
        let quoted = Array(bytes[(range.start - 1)...range.end])
        guard case .string(let text) = try JSONReader.read(quoted) else {
            throw Fault(offset: range.start, reason: "not a string")
        }
        return text
    }

    /// Passes over a string at its opening quote.
    mutating func stringRange() throws -> StringRange {
        guard consume(UInt8(ascii: "\"")) else { throw Fault(offset: index, reason: "a double quote is expected") }
        let start = index
        var escaped = false
        var ascii = true
        while true {
            skipPlainText()
            guard index < bytes.count else { throw Fault(offset: index, reason: "the text ends inside a string") }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                let range = StringRange(start: start, end: index, escaped: escaped, ascii: ascii)
                if !ascii, !validUTF8(range) {
                    throw Fault(offset: start, reason: "bytes that are not UTF-8 inside a string")
                }
                index += 1
                return range
            }
            if byte == UInt8(ascii: "\\") {
                escaped = true
                try skipEscape()
                continue
            }
            guard byte >= 0x20 else {
                throw Fault(offset: index, reason: "a control character inside a string must be escaped")
            }
            if byte >= 0x80 { ascii = false }
            index += 1
        }
    }

    /// Passes over whole words of a string's bytes that need no closer look: printable ASCII but quotes and backslashes.
    private mutating func skipPlainText() {
        let every: UInt64 = 0x0101_0101_0101_0101
        while index + 8 <= bytes.count {
            let word = UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // The high bit of a byte is set where the byte is one of these (or a neighbour borrowed): never too few.
            let quote = (word ^ (every &* 0x22)) &- every
            let backslash = (word ^ (every &* 0x5C)) &- every
            let control = word &- every &* 0x20
            guard (word | quote | backslash | control) & (every &* 0x80) == 0 else { return }
            index += 8
        }
    }

    private func validUTF8(_ range: StringRange) -> Bool {
        String(validating: UnsafeBufferPointer(rebasing: bytes[range.start..<range.end]), as: UTF8.self) != nil
    }

    private mutating func skipEscape() throws {
        index += 1
        guard index < bytes.count else { throw Fault(offset: index, reason: "the text ends inside an escape") }
        switch bytes[index] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 1
        case UInt8(ascii: "u"):
            guard index + 4 < bytes.count else { throw Fault(offset: index, reason: "the text ends inside an escape") }
            for offset in 1...4 {
                let byte = bytes[index + offset]
                guard byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 <= 5 else {
                    throw Fault(offset: index + offset, reason: "four hexadecimal digits are expected")
                }
            }
            index += 5
        default: throw Fault(offset: index, reason: "an escape that JSON does not know")
        }
    }

    /// Passes over any value; `depth` is the nesting it stands at.
    mutating func skipValue(depth: Int) throws {
        guard depth <= maximumDepth else {
            throw Fault(offset: index, reason: "nested deeper than \(maximumDepth) levels")
        }
        guard let byte = peek else { throw Fault(offset: index, reason: "the text ends where a value is expected") }
        switch byte {
        case UInt8(ascii: "\""): _ = try stringRange()
        case UInt8(ascii: "{"): try skipContainer(close: UInt8(ascii: "}"), members: true, depth: depth)
        case UInt8(ascii: "["): try skipContainer(close: UInt8(ascii: "]"), members: false, depth: depth)
        case UInt8(ascii: "t"): try skip("true")
        case UInt8(ascii: "f"): try skip("false")
        case UInt8(ascii: "n"): try skip("null")
        default: try skipNumber()
        }
    }

    private mutating func skipContainer(close: UInt8, members: Bool, depth: Int) throws {
        index += 1
        skipSpace()
        if consume(close) { return }
        repeat {
            skipSpace()
            if members {
                _ = try stringRange()
                skipSpace()
                guard consume(UInt8(ascii: ":")) else { throw Fault(offset: index, reason: "a colon is expected") }
                skipSpace()
            }
            try skipValue(depth: depth + 1)
            skipSpace()
        } while consume(UInt8(ascii: ","))
        guard consume(close) else { throw Fault(offset: index, reason: "a comma or the closing bracket is expected") }
    }

    private mutating func skip(_ word: StaticString) throws {
        for offset in 0..<word.utf8CodeUnitCount {
            guard index < bytes.count, bytes[index] == word.utf8Start[offset] else {
                throw Fault(offset: index, reason: "a word other than true, false or null")
            }
            index += 1
        }
    }

    private mutating func digits() throws {
        let start = index
        while index < bytes.count, bytes[index] &- 0x30 <= 9 { index += 1 }
        guard index > start else { throw Fault(offset: index, reason: "a digit is expected") }
    }

    private mutating func skipNumber() throws {
        let start = index
        defer { if index - start > Self.plainDigits { hasPlainNumbers = false } }
        let negative = consume(UInt8(ascii: "-"))
        guard let first = peek, first &- 0x30 <= 9 else {
            throw Fault(
                offset: index, reason: negative ? "a digit is expected" : "a character that begins no JSON value")
        }
        if first == 0x30 { index += 1 } else { try digits() }
        if let next = peek, next &- 0x30 <= 9 { throw Fault(offset: index, reason: "a number must not begin with 0") }
        if consume(UInt8(ascii: ".")) { try digits() }
        if let exponent = peek, exponent | 0x20 == UInt8(ascii: "e") {
            hasPlainNumbers = false
            index += 1
            if !consume(UInt8(ascii: "+")) { _ = consume(UInt8(ascii: "-")) }
            try digits()
        }
    }
}
