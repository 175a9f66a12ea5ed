import BigInt

extension ExactNumber {
    /// Reads a number in JSON's grammar (RFC 8259 section 6), with a leading `+` and leading zeros let pass; nil for
    /// anything else, and for a number beyond the bounds.
    public init?(text: String) {
        var text = text
        let parsed = text.withUTF8 { ExactNumber(digits: $0) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Reads a number from its bytes; nil where they are no number or one beyond the bounds.
    init?(digits bytes: UnsafeBufferPointer<UInt8>) {
        var index = 0
        var negative = false
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
            negative = bytes[index] == UInt8(ascii: "-")
            index += 1
        }
        var small: Int64 = 0
        var count = 0
        var significant = 0
        var scale = 0
        var seenPoint = false
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            if byte &- 0x30 <= 9 {
                count += 1
                if seenPoint { scale += 1 }
                if significant > 0 || byte != 0x30 { significant += 1 }
                if significant <= 18 { small = small &* 10 &+ Int64(byte &- 0x30) }
            } else if byte == UInt8(ascii: "."), !seenPoint, count > 0 {
                seenPoint = true
            } else {
                break
            }
            index += 1
        }
        guard count > 0, significant <= Self.maximumDigits, bytes[index - 1] != UInt8(ascii: ".") else { return nil }
        let end = index
        if index < bytes.count {
            guard bytes[index] | 0x20 == UInt8(ascii: "e") else { return nil }
            guard let exponent = Self.exponent(bytes, from: index + 1) else { return nil }
            scale -= exponent
        }
        guard abs(scale) <= Self.maximumScale else { return nil }
        if significant <= 18 {
            self.init(storage: .small(negative ? -small : small), scale: scale)
            return
        }
        let digits = String(decoding: bytes[start..<end].filter { $0 != UInt8(ascii: ".") }, as: UTF8.self)
        guard let big = BigInt((negative ? "-" : "") + digits) else { return nil }
        guard let number = try? ExactNumber(big: big, scale: scale) else { return nil }
        self = number
    }

    private static func exponent(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var index = start
        var negative = false
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
            negative = bytes[index] == UInt8(ascii: "-")
            index += 1
        }
        guard index < bytes.count else { return nil }
        var value = 0
        while index < bytes.count {
            guard bytes[index] &- 0x30 <= 9 else { return nil }
            value = value * 10 + Int(bytes[index] &- 0x30)
            // Beyond any scale allowed: reading on could only overflow.
            guard value <= 1_000_000 else { return nil }
            index += 1
        }
        return negative ? -value : value
    }
}
