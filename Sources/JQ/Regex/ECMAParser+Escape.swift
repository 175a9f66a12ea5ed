extension ECMAParser {
    /// What stands behind a backslash outside of brackets.
    mutating func escape() throws(RegexFault) -> RegexSyntax {
        guard let character = peek else { throw RegexFault(reason: "a backslash at the end") }
        switch character {
        case "b":
            index += 1
            return .anchor(.asciiWordBoundary)
        case "B":
            index += 1
            return .anchor(.noASCIIWordBoundary)
        case "1"..."9":
            let number = digits() ?? 0
            return try reference(number, "\\\(number)")
        case "k":
            index += 1
            guard take("<") else { throw RegexFault(reason: "\\k without <name>") }
            let name = try text(until: ">")
            return try reference(names[name] ?? 0, "\\k<\(name)>")
        default: return .set(try setEscape())
        }
    }

    /// A group that took nothing yet fits everywhere, unlike in Oniguruma.
    private func reference(_ number: Int, _ text: String) throws(RegexFault) -> RegexSyntax {
        guard number >= 1, number <= total else { throw RegexFault(reason: "\(text) names no group") }
        return .condition(group: number, .reference(number, ignoringCase: false), .empty)
    }

    private static let space = RegexSet(members: [
        .range(0x09, 0x0D), .range(0x20, 0x20), .range(0xA0, 0xA0), .range(0x1680, 0x1680), .range(0x2000, 0x200A),
        .range(0x2028, 0x2029), .range(0x202F, 0x202F), .range(0x205F, 0x205F), .range(0x3000, 0x3000),
        .range(0xFEFF, 0xFEFF),
    ])
    private static let digit = RegexSet(members: [.range(0x30, 0x39)])

    private static func not(_ set: RegexSet) -> RegexSet {
        // As ranges, so that it can stand among others in brackets.
        var members: [RegexSet.Member] = []
        var next: UInt32 = 0
        for case .range(let first, let last) in set.members {
            if next < first { members.append(.range(next, first - 1)) }
            next = last + 1
        }
        members.append(.range(next, 0x10FFFF))
        return RegexSet(members: members)
    }

    /// An escape that stands for a character or a set of them, inside and outside of brackets.
    private mutating func setEscape() throws(RegexFault) -> RegexSet {
        guard let character = peek else { throw RegexFault(reason: "a backslash at the end") }
        let code = scalars[index]
        index += 1
        switch character {
        case "d": return Self.digit
        case "D": return Self.not(Self.digit)
        case "w": return .asciiWord
        case "W": return Self.not(.asciiWord)
        case "s": return Self.space
        case "S": return Self.not(Self.space)
        case "p", "P": return try property(isNegated: character == "P")
        case "t": return .one(0x09, ignoringCase: false)
        case "n": return .one(0x0A, ignoringCase: false)
        case "v": return .one(0x0B, ignoringCase: false)
        case "f": return .one(0x0C, ignoringCase: false)
        case "r": return .one(0x0D, ignoringCase: false)
        case "0":
            if let next = peek, next.isASCII, next.isNumber { throw RegexFault(reason: "an octal escape") }
            return .one(0, ignoringCase: false)
        case "c":
            guard let letter = peek, letter.isASCII, letter.isLetter else {
                throw RegexFault(reason: "\\c without a letter behind it")
            }
            index += 1
            return .one(scalars[index - 1] & 0x1F, ignoringCase: false)
        case "x": return .one(try hexadecimal(2), ignoringCase: false)
        case "u": return .one(try codePoint(), ignoringCase: false)
        default:
            guard !(character.isASCII && (character.isLetter || character.isNumber)) else {
                throw RegexFault(reason: "\\\(character) is no escape of ECMA-262")
            }
            return .one(code, ignoringCase: false)
        }
    }

    /// `\p{Letter}`, `\p{gc=Lu}`
    private mutating func property(isNegated: Bool) throws(RegexFault) -> RegexSet {
        guard take("{") else { throw RegexFault(reason: "\\p without {…}") }
        let name = try text(until: "}")
        let parts = name.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, parts[0] != "General_Category", parts[0] != "gc" {
            throw RegexFault(reason: "\\p{\(name)}: only general categories are supported")
        }
        guard let property = RegexProperty.named(String(parts[parts.count - 1])) else {
            throw RegexFault(reason: "\\p{\(name)} is no property that is supported")
        }
        return .property(property, negated: isNegated)
    }

    /// Behind `\u`: four digits, two such for what lies beyond U+FFFF, or `{…}`.
    private mutating func codePoint() throws(RegexFault) -> UInt32 {
        if take("{") {
            guard let value = UInt32(try text(until: "}"), radix: 16), value <= 0x10FFFF else {
                throw RegexFault(reason: "\\u{…} is no code point")
            }
            return value
        }
        let first = try hexadecimal(4)
        guard (0xD800...0xDBFF).contains(first) else { return first }
        let saved = index
        if take("\\u"), let second = try? hexadecimal(4), (0xDC00...0xDFFF).contains(second) {
            return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        }
        index = saved
        return first
    }

    private mutating func hexadecimal(_ count: Int) throws(RegexFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = peek?.hexDigitValue, peek?.isASCII == true else {
                throw RegexFault(reason: "\(count) hexadecimal digits are expected")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    // MARK: Brackets

    /// A set from behind its opening bracket; `[]` takes nothing, `[^]` everything.
    mutating func bracket() throws(RegexFault) -> RegexSet {
        var set = RegexSet()
        set.isNegated = take("^")
        while let character = peek {
            if character == "]" {
                index += 1
                return set
            }
            try member(&set)
        }
        throw RegexFault(reason: "a [ that is not closed")
    }

    /// One character, an escape or a range `a-z`.
    private mutating func member(_ set: inout RegexSet) throws(RegexFault) {
        let first = try edge()
        let saved = index
        guard let low = first.single, take("-"), let next = peek, next != "]" else {
            index = saved
            set.members += first.members
            return
        }
        let last = try edge()
        guard let high = last.single else {
            // `[a-\d]`: the minus stands for itself.
            set.members += first.members + [.range(0x2D, 0x2D)] + last.members
            return
        }
        guard low <= high else { throw RegexFault(reason: "a range whose end comes before its beginning") }
        set.members.append(.range(low, high))
    }

    private mutating func edge() throws(RegexFault) -> RegexSet {
        let code = scalars[index]
        guard take("\\") else {
            index += 1
            return .one(code, ignoringCase: false)
        }
        return take("b") ? .one(0x08, ignoringCase: false) : try setEscape()
    }
}
