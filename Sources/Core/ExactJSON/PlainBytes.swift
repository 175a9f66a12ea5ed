/// Looks for what is special in a JSON string, eight bytes at a time.
enum PlainBytes {
    /// How many bytes from `start` on are surely plain: no quote, no backslash, no control character, and no byte beyond
    /// ASCII where `asciiOnly`. The byte behind them may be any.
    static func count(_ start: UnsafePointer<UInt8>, _ count: Int, asciiOnly: Bool) -> Int {
        let bytes = UnsafeRawPointer(start)
        var index = 0
        while index + 8 <= count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let special = special(word) | (asciiOnly ? word & high : 0)
            if special != 0 { return index + special.trailingZeroBitCount >> 3 }
            index += 8
        }
        return index
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let high: UInt64 = 0x8080_8080_8080_8080

    /// The high bit of each byte that is special. What is borrowed in the subtractions can flag a byte wrongly, but
    /// only behind one that is flagged rightly, and the first one is all that is asked for.
    private static func special(_ word: UInt64) -> UInt64 {
        let quote = word ^ (0x22 * ones)
        let backslash = word ^ (0x5C * ones)
        let delete = word ^ (0x7F * ones)
        let control = (word &- 0x20 * ones) & ~word
        let zeros = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (delete &- ones) & ~delete
        return (control | zeros) & high
    }
}
