extension JSONReader {
    /// Reads a string at its opening quote; the fast way takes strings without escapes as they stand.
    mutating func string() throws(JSONSyntaxError) -> String {
        let start = index + 1
        var end = start
        if let base = bytes.baseAddress { end += PlainBytes.count(base + start, bytes.count - start, asciiOnly: true) }
        var union: UInt8 = 0
        while end < bytes.count {
            let byte = bytes[end]
            if byte == UInt8(ascii: "\"") {
                index = end + 1
                isPlain = union < 0x80
                return isPlain ? ascii(start, end) : try text(start, end)
            }
            if byte == UInt8(ascii: "\\") { break }
            guard byte >= 0x20 else { throw failure("a control character inside a string must be escaped", at: end) }
            union |= byte
            end += 1
        }
        guard end < bytes.count else { throw failure("the text ends inside a string", at: end) }
        isPlain = false
        return try escaped(start, firstEscape: end)
    }

    /// ASCII needs no validation, which costs more than all the rest.
    private func ascii(_ start: Int, _ end: Int) -> String {
        let text = UnsafeBufferPointer(rebasing: bytes[start..<end])
        // Short texts lie in the string itself, and are put there at once.
        guard let from = text.baseAddress, text.count <= 15 else { return String(decoding: text, as: UTF8.self) }
        return String(unsafeUninitializedCapacity: text.count) { to in
            to.baseAddress?.initialize(from: from, count: text.count)
            return text.count
        }
    }

    private func text(_ start: Int, _ end: Int) throws(JSONSyntaxError) -> String {
        guard let text = String(validating: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self) else {
            throw failure("bytes that are not UTF-8 inside a string", at: start)
        }
        return text
    }

    private mutating func escaped(_ start: Int, firstEscape: Int) throws(JSONSyntaxError) -> String {
        var output = Array(bytes[start..<firstEscape])
        index = firstEscape
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                guard let text = String(validating: output, as: UTF8.self) else {
                    throw failure("bytes that are not UTF-8 inside a string", at: start)
                }
                return text
            case UInt8(ascii: "\\"):
                index += 1
                try appendEscape(to: &output)
            case 0..<0x20:
                throw failure("a control character inside a string must be escaped")
            default:
                output.append(byte)
                index += 1
            }
        }
        throw failure("the text ends inside a string")
    }

    private mutating func appendEscape(to output: inout [UInt8]) throws(JSONSyntaxError) {
        guard index < bytes.count else { throw failure("the text ends inside an escape") }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(byte)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"): try appendUnicode(to: &output)
        default: throw failure("an escape that JSON does not know", at: index - 1)
        }
    }

    private mutating func appendUnicode(to output: inout [UInt8]) throws(JSONSyntaxError) {
        let first = try hexadecimal()
        var code = first
        if (0xD800...0xDBFF).contains(first) {
            guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
            else {
                code = 0xFFFD
                return append(code, to: &output)
            }
            let saved = index
            index += 2
            let second = try hexadecimal()
            if (0xDC00...0xDFFF).contains(second) {
                code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            } else {
                index = saved
                code = 0xFFFD
            }
        } else if (0xDC00...0xDFFF).contains(first) {
            code = 0xFFFD
        }
        append(code, to: &output)
    }

    private func append(_ code: UInt32, to output: inout [UInt8]) {
        // Lone surrogates, which no UTF-8 can say, become U+FFFD as in jq.
        let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
        output.append(contentsOf: String(Character(scalar)).utf8)
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw failure("four hexadecimal digits are expected") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
                throw failure("four hexadecimal digits are expected")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}
