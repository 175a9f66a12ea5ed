/// Base64 (RFC 4648 section 4).
enum Base64 {
    static func encoded(_ bytes: [UInt8]) -> String { BaseEncoding.encoded(bytes, alphabet: alphabet, bits: 6) }

    /// The bytes, where the letters are those of base64; nil otherwise. Padding is not among them.
    static func decoded(_ text: [UInt8]) -> [UInt8]? { BaseEncoding.decoded(text, alphabet: alphabet, bits: 6) }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}

/// Base32 (RFC 4648 section 6).
enum Base32 {
    static func encoded(_ bytes: [UInt8]) -> String { BaseEncoding.encoded(bytes, alphabet: alphabet, bits: 5) }

    /// The bytes, where the letters are those of base32; nil otherwise. Padding is not among them.
    static func decoded(_ text: [UInt8]) -> [UInt8]? { BaseEncoding.decoded(text, alphabet: alphabet, bits: 5) }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
}

/// What both have in common: groups of `bits` bits, each a letter.
private enum BaseEncoding {
    static func encoded(_ bytes: [UInt8], alphabet: [UInt8], bits: Int) -> String {
        var output: [UInt8] = []
        var (buffer, count) = (0, 0)
        for byte in bytes {
            buffer = (buffer << 8 | Int(byte)) & 0xFFFF
            count += 8
            while count >= bits {
                count -= bits
                output.append(alphabet[buffer >> count & (alphabet.count - 1)])
            }
        }
        if count > 0 { output.append(alphabet[buffer << (bits - count) & (alphabet.count - 1)]) }
        let group = bits == 6 ? 4 : 8
        while !output.count.isMultiple(of: group) { output.append(UInt8(ascii: "=")) }
        return String(decoding: output, as: UTF8.self)
    }

    static func decoded(_ text: [UInt8], alphabet: [UInt8], bits: Int) -> [UInt8]? {
        var values = [UInt8?](repeating: nil, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        var output: [UInt8] = []
        var (buffer, count) = (0, 0)
        for letter in text {
            guard let value = values[Int(letter)] else { return nil }
            buffer = (buffer << bits | Int(value)) & 0xFFFF
            count += bits
            if count >= 8 {
                count -= 8
                output.append(UInt8(buffer >> count & 0xFF))
            }
        }
        return output
    }
}
