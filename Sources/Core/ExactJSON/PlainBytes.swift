/// Looks for what is special in a JSON string, eight bytes at a time.
enum PlainBytes {
    /// How many bytes from `start` on are plain: no quote, no backslash, no control character, and no byte beyond
    /// ASCII where `asciiOnly`. What stands behind them is special, or nothing does.
    @inline(__always)
    static func count(_ start: UnsafePointer<UInt8>, _ count: Int, asciiOnly: Bool) -> Int {
        let bytes = UnsafeRawPointer(start)
        var index = 0
        while index + 8 <= count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let found = first(in: word, asciiOnly)
            if found < 8 { return index + found }
            index += 8
        }
        if index == count { return index }
        if index > 0 {
            // The last eight once more, in part: what was seen before is plain.
            let last = bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
            return count - 8 + first(in: UInt64(littleEndian: last), asciiOnly)
        }
        return first(in: few(bytes, count), asciiOnly)
    }

    /// Fewer than eight bytes, and zeros behind them: these are special, so none is looked for beyond the bytes.
    @inline(__always)
    private static func few(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt64 {
        var word: UInt64 = 0
        var shift: UInt64 = 0
        var index = 0
        if count & 4 != 0 {
            word = UInt64(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
            index = 4
            shift = 32
        }
        if count & 2 != 0 {
            let two = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt16.self))
            word |= UInt64(two) << shift
            index += 2
            shift += 16
        }
        if count & 1 != 0 { word |= UInt64(bytes.load(fromByteOffset: index, as: UInt8.self)) << shift }
        return word
    }

    /// The place of the first special byte, 8 where there is none.
    @inline(__always)
    private static func first(in word: UInt64, _ asciiOnly: Bool) -> Int {
        (special(word) | (asciiOnly ? word & high : 0)).trailingZeroBitCount >> 3
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
