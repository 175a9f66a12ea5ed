extension RegexParser {
    /// What stands behind a backslash outside of brackets.
    mutating func escape() throws(RegexFault) -> RegexSyntax {
        guard let character = peek else { throw RegexFault(reason: "end pattern at escape") }
        switch character {
        case "A": return anchor(.textStart)
        case "z": return anchor(.textEnd)
        case "Z": return anchor(.textEndOrLastNewline)
        case "b": return anchor(.wordBoundary)
        case "B": return anchor(.noWordBoundary)
        case "G": return anchor(.searchStart)
        case "R":
            index += 1
            let newline = RegexSet(members: [.range(0x0A, 0x0D), .range(0x85, 0x85), .range(0x2028, 0x2029)])
            let pair = RegexSyntax.sequence([
                .set(.one(0x0D, ignoringCase: false)), .set(.one(0x0A, ignoringCase: false)),
            ])
            return .atomic(.alternatives([pair, .set(newline)]))
        case "K":
            index += 1
            return .keep
        case "X":
            index += 1
            return .grapheme
        case "N":
            index += 1
            return .set(RegexSet(members: [.range(0x0A, 0x0A)], isNegated: true))
        case "O":
            index += 1
            return .set(.property(.any, negated: false))
        case "Q":
            index += 1
            return quoted()
        case "1"..."9": return try numbered()
        case "k":
            index += 1
            guard take("<") else { throw RegexFault(reason: "invalid backref number/name") }
            let name = try text(until: ">")
            let number = Int(name) ?? names.filter { $0.value == name }.keys.max()
            guard let number, number >= 1, number <= groupCount else {
                throw RegexFault(reason: "undefined name <\(name)> reference")
            }
            return .reference(number, ignoringCase: options.ignoresCase)
        case "g", "y", "Y":
            throw RegexFault(reason: "\"\\\(character)\" is not supported in regular expressions")
        default:
            var set = try setEscape()
            set.ignoresCase = options.ignoresCase
            return .set(set)
        }
    }

    /// `\1`: a group, or where there is none of this number up to three octal digits.
    private mutating func numbered() throws(RegexFault) -> RegexSyntax {
        let start = index
        let number = digits() ?? 0
        if number <= groupCount { return .reference(number, ignoringCase: options.ignoresCase) }
        index = start
        guard let code = octal(most: 3) else { throw RegexFault(reason: "invalid backref number/name") }
        return .set(.one(code, ignoringCase: options.ignoresCase))
    }

    /// `\Q…\E`: each character stands for itself.
    private mutating func quoted() -> RegexSyntax {
        var parts: [RegexSyntax] = []
        while index < scalars.count, !take("\\E") {
            parts.append(.set(.one(scalars[index], ignoringCase: options.ignoresCase)))
            index += 1
        }
        return .sequence(parts)
    }

    private mutating func octal(most: Int) -> UInt32? {
        var value: UInt32?
        var count = 0
        while count < most, let digit = peek?.wholeNumberValue, digit < 8, peek?.isASCII == true {
            value = (value ?? 0) * 8 + UInt32(digit)
            index += 1
            count += 1
        }
        return value
    }

    private mutating func anchor(_ anchor: RegexAnchor) -> RegexSyntax {
        index += 1
        return .anchor(anchor)
    }

    /// An escape that stands for a character or a set of them, inside and outside of brackets.
    private mutating func setEscape() throws(RegexFault) -> RegexSet {
        guard let character = peek else { throw RegexFault(reason: "end pattern at escape") }
        let code = scalars[index]
        index += 1
        switch character {
        case "d": return .property(.digit, negated: false)
        case "D": return .property(.digit, negated: true)
        case "w": return .property(.word, negated: false)
        case "W": return .property(.word, negated: true)
        case "s": return .property(.space, negated: false)
        case "S": return .property(.space, negated: true)
        case "p", "P":
            guard take("{") else { throw RegexFault(reason: "invalid character property name {\(character)}") }
            let isInverse = take("^")
            let name = try text(until: "}")
            guard let property = RegexProperty.named(name) else {
                throw RegexFault(reason: "invalid character property name {\(name)}")
            }
            return .property(property, negated: (character == "P") != isInverse)
        case "t": return .one(0x09, ignoringCase: false)
        case "n": return .one(0x0A, ignoringCase: false)
        case "f": return .one(0x0C, ignoringCase: false)
        case "r": return .one(0x0D, ignoringCase: false)
        case "a": return .one(0x07, ignoringCase: false)
        case "e": return .one(0x1B, ignoringCase: false)
        case "0"..."7":
            index -= 1
            return .one(octal(most: 3) ?? 0, ignoringCase: false)
        case "c":
            guard index < scalars.count else { throw RegexFault(reason: "end pattern at control") }
            index += 1
            return .one(scalars[index - 1] & 0x1F, ignoringCase: false)
        case "o" where take("{"):
            guard let value = UInt32(try text(until: "}"), radix: 8) else {
                throw RegexFault(reason: "invalid code point value")
            }
            return .one(value, ignoringCase: options.ignoresCase)
        case "x":
            if take("{") {
                guard let value = UInt32(try text(until: "}"), radix: 16) else {
                    throw RegexFault(reason: "invalid code point value")
                }
                return .one(value, ignoringCase: options.ignoresCase)
            }
            return .one(try hexadecimal(most: 2), ignoringCase: options.ignoresCase)
        default: return .one(code, ignoringCase: options.ignoresCase)
        }
    }

    private mutating func hexadecimal(most: Int) throws(RegexFault) -> UInt32 {
        var value: UInt32 = 0
        var count = 0
        while count < most, let digit = peek?.hexDigitValue {
            value = value << 4 | UInt32(digit)
            index += 1
            count += 1
        }
        guard count > 0 else { throw RegexFault(reason: "invalid code point value") }
        return value
    }

    // MARK: Brackets

    /// A set from behind its opening bracket.
    mutating func bracket() throws(RegexFault) -> RegexSet {
        var set = RegexSet(ignoresCase: options.ignoresCase)
        set.isNegated = take("^")
        var isFirst = true
        while let character = peek {
            if character == "]", !isFirst {
                index += 1
                return set
            }
            isFirst = false
            // Perl's syntax has classes in brackets, and no brackets in brackets.
            if character == "[", peek(1) == ":", let property = try posix() {
                set.members.append(property)
            } else {
                try member(&set)
            }
        }
        throw RegexFault(reason: "premature end of char-class")
    }

    private mutating func posix() throws(RegexFault) -> RegexSet.Member? {
        let saved = index
        index += 2
        let isNegated = take("^")
        var name = ""
        while let letter = peek, letter.isLetter {
            name.append(letter)
            index += 1
        }
        guard take(":]"), let property = RegexProperty.named(name) else {
            index = saved
            return nil
        }
        return .property(property, negated: isNegated)
    }

    /// One character, an escape or a range `a-z`.
    private mutating func member(_ set: inout RegexSet) throws(RegexFault) {
        let first = try edge()
        guard peek == "-", peek(1) != "]", peek(1) != nil, let low = first.single else {
            set.members += first.members
            return
        }
        let saved = index
        index += 1
        let last = try edge()
        guard let high = last.single else {
            // `[a-\d]`: the minus stands for itself.
            index = saved + 1
            set.members += first.members + [.range(0x2D, 0x2D)]
            return
        }
        guard low <= high else { throw RegexFault(reason: "empty range in char class") }
        set.members.append(.range(low, high))
    }

    private mutating func edge() throws(RegexFault) -> RegexSet {
        let code = scalars[index]
        if take("\\") {
            if take("b") { return .one(0x08, ignoringCase: false) }
            return try setEscape()
        }
        index += 1
        return .one(code, ignoringCase: false)
    }
}

extension RegexSet {
    /// The one code point that the set is.
    var single: UInt32? {
        guard members.count == 1, case .range(let low, let high) = members[0], low == high else { return nil }
        return low
    }
}
