extension Lexer {
    /// Reads one escape of a string: JSON's own, where lone surrogates become U+FFFD.
    mutating func escape(into text: inout [UInt8]) throws(SyntaxFault) {
        let start = index
        guard index + 1 < bytes.count else {
            throw SyntaxFault(offset: start, reason: "the program ends inside an escape")
        }
        let byte = bytes[index + 1]
        index += 2
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): try unicode(from: start, into: &text)
        default:
            throw SyntaxFault(
                offset: start, reason: "a string knows no escape \"\\\(Character(Unicode.Scalar(byte)))\"",
                suggestion: "write \\\\ for a backslash")
        }
    }

    private mutating func unicode(from start: Int, into text: inout [UInt8]) throws(SyntaxFault) {
        var code = try hexadecimal(from: start)
        if (0xD800...0xDBFF).contains(code), index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        {
            let saved = index
            index += 2
            let low = try hexadecimal(from: start)
            if (0xDC00...0xDFFF).contains(low) {
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
            } else {
                index = saved
            }
        }
        let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
        text.append(contentsOf: String(Character(scalar)).utf8)
    }

    private mutating func hexadecimal(from start: Int) throws(SyntaxFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard index < bytes.count, let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
                throw SyntaxFault(offset: start, reason: "\\u wants four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}
