/// What stands behind `xn--` in a label (RFC 3492).
enum Punycode {
    /// Whether it decodes to a label that IDNA 2008 could have made: none of ASCII alone, none that begins with a
    /// combining mark, none with hyphens in the third and fourth place (RFC 5891 section 4.2.3).
    static func isLabel(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let scalars = decoded(bytes), let first = scalars.first, scalars.contains(where: { $0.value >= 0x80 })
        else {
            return false
        }
        let marks: [Unicode.GeneralCategory] = [.nonspacingMark, .spacingMark, .enclosingMark]
        let hasHyphens = scalars.count >= 4 && scalars[2] == "-" && scalars[3] == "-"
        return !hasHyphens && !marks.contains(first.properties.generalCategory)
    }

    /// The text; nil where the bytes decode to none.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> [Unicode.Scalar]? {
        var output: [UInt32] = []
        var rest = bytes
        if let delimiter = bytes.lastIndex(of: UInt8(ascii: "-")) {
            output = bytes[..<delimiter].map { UInt32($0) }
            rest = bytes[(delimiter + 1)...]
        }
        guard !rest.isEmpty else { return nil }
        var (code, index, bias) = (128, 0, 72)
        while !rest.isEmpty {
            let before = index
            var (weight, k) = (1, 36)
            while true {
                guard let byte = rest.popFirst(), let digit = digit(byte) else { return nil }
                index += digit * weight
                guard index < 1 << 32 else { return nil }
                let threshold = k <= bias ? 1 : (k >= bias + 26 ? 26 : k - bias)
                if digit < threshold { break }
                weight *= 36 - threshold
                guard weight < 1 << 32 else { return nil }
                k += 36
            }
            bias = adapted(index - before, output.count + 1, isFirst: before == 0)
            code += index / (output.count + 1)
            index %= output.count + 1
            guard code <= 0x10FFFF else { return nil }
            output.insert(UInt32(code), at: index)
            index += 1
        }
        let scalars = output.compactMap { Unicode.Scalar($0) }
        return scalars.count == output.count ? scalars : nil
    }

    private static func digit(_ byte: UInt8) -> Int? {
        if ASCII.isDigit(byte) { return Int(byte) - 0x30 + 26 }
        return ASCII.isLetter(byte) ? Int(byte | 0x20) - 0x61 : nil
    }

    private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var k = 0
        while delta > 455 {
            delta /= 35
            k += 36
        }
        return k + 36 * delta / (delta + 38)
    }
}
