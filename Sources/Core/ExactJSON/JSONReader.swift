/// What is wrong with a JSON text, and at which byte of it.
public struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Offset of the byte where reading stopped, from 0.
    public let offset: Int
    /// Line and column (in bytes) of that byte, from 1.
    public let line: Int
    public let column: Int
    public let reason: String

    public var description: String { "\(reason) at line \(line), column \(column) (byte \(offset))" }
}

/// Reads JSON (RFC 8259) strictly: one value, valid UTF-8, no trailing commas, no comments, bounded depth.
///
/// A member named twice keeps its last value, as jq does. Time and memory are linear in the text's length.
public struct JSONReader: ~Copyable {
    /// The deepest nesting that is read unless the caller says otherwise.
    public static let defaultMaximumDepth = 128

    let bytes: UnsafeBufferPointer<UInt8>
    let maximumDepth: Int
    var index = 0
    /// Whether the string read last is ASCII without escapes.
    var isPlain = false
    var scratch = JSONScratch(capacity: 24)

    /// Reads the one value in `bytes`; throws ``JSONSyntaxError`` for anything else.
    public static func read(_ bytes: [UInt8], maximumDepth: Int = defaultMaximumDepth) throws(JSONSyntaxError) -> JSON {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONSyntaxError) in
            try read(buffer, maximumDepth: maximumDepth)
        }
    }

    /// Reads the one value in `text`; throws ``JSONSyntaxError`` for anything else.
    public static func read(_ text: String, maximumDepth: Int = defaultMaximumDepth) throws(JSONSyntaxError) -> JSON {
        try read(Array(text.utf8), maximumDepth: maximumDepth)
    }

    /// Reads the one value in `buffer`; throws ``JSONSyntaxError`` for anything else.
    public static func read(
        _ buffer: UnsafeBufferPointer<UInt8>, maximumDepth: Int = defaultMaximumDepth
    ) throws(JSONSyntaxError) -> JSON {
        var reader = JSONReader(buffer, maximumDepth: maximumDepth)
        reader.skipSpace()
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.index == buffer.count else { throw reader.failure("more text behind the value") }
        return value
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    func failure(_ reason: String, at offset: Int? = nil) -> JSONSyntaxError {
        let offset = min(offset ?? index, bytes.count)
        var line = 1
        var lineStart = 0
        for position in 0..<offset where bytes[position] == 0x0A {
            line += 1
            lineStart = position + 1
        }
        return JSONSyntaxError(offset: offset, line: line, column: offset - lineStart + 1, reason: reason)
    }

    mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    mutating func value(depth: Int) throws(JSONSyntaxError) -> JSON {
        guard index < bytes.count else { throw failure("the text ends where a value is expected") }
        switch bytes[index] {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), 0x30...0x39: return .number(try number())
        default: throw failure("a character that begins no JSON value")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        let count = word.utf8CodeUnitCount
        guard index + count <= bytes.count else { throw failure("the text ends inside a word") }
        for offset in 0..<count where bytes[index + offset] != word.utf8Start[offset] {
            throw failure("a word other than true, false or null")
        }
        index += count
        return value
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSON {
        guard depth <= maximumDepth else { throw failure("nested deeper than \(maximumDepth) levels") }
        index += 1
        var elements: [JSON] = []
        skipSpace()
        if index < bytes.count, bytes[index] == UInt8(ascii: "]") {
            index += 1
            return .array(elements)
        }
        while true {
            skipSpace()
            elements.append(try value(depth: depth))
            skipSpace()
            guard index < bytes.count else { throw failure("the text ends inside an array") }
            switch bytes[index] {
            case UInt8(ascii: ","): index += 1
            case UInt8(ascii: "]"):
                index += 1
                return .array(elements)
            default: throw failure("a comma or ] is expected")
            }
        }
    }

    private mutating func number() throws(JSONSyntaxError) -> ExactNumber {
        let start = index
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        guard index < bytes.count, bytes[index] &- 0x30 <= 9 else { throw failure("a digit is expected") }
        if bytes[index] == 0x30, index + 1 < bytes.count, bytes[index + 1] &- 0x30 <= 9 {
            throw failure("a number must not begin with 0")
        }
        while index < bytes.count {
            switch bytes[index] {
            case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"),
                UInt8(ascii: "-"):
                index += 1
                continue
            default: break
            }
            break
        }
        guard let number = ExactNumber(digits: UnsafeBufferPointer(rebasing: bytes[start..<index])) else {
            throw failure("not a number, or one beyond \(ExactNumber.maximumDigits) digits", at: start)
        }
        return number
    }
}
