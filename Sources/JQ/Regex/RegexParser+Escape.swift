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
        case "1"..."9":
            let number = digits() ?? 0
            guard number <= groupCount else { throw RegexFault(reason: "invalid backref number/name") }
            return .reference(number, ignoringCase: options.ignoresCase)
        case "k":
            index += 1
            guard take("<") else { throw RegexFault(reason: "invalid backref number/name") }
            let name = try text(until: ">")
            let number = Int(name) ?? names.filter { $0.value == name }.keys.max()
            guard let number, number >= 1, number <= groupCount else {
                throw RegexFault(reason: "undefined name <\(name)> reference")
            }
            return .reference(number, ignoringCase: options.ignoresCase)
        case "X", "K", "g", "N", "O", "y", "Y":
            throw RegexFault(reason: "\"\\\(character)\" is not supported in regular expressions")
        default:
            var set = try setEscape()
            set.ignoresCase = options.ignoresCase
            return .set(set)
        }
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
        case "h": return .property(.xdigit, negated: false)
        case "H": return .property(.xdigit, negated: true)
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
        case "v": return .one(0x0B, ignoringCase: false)
        case "f": return .one(0x0C, ignoringCase: false)
        case "r": return .one(0x0D, ignoringCase: false)
        case "a": return .one(0x07, ignoringCase: false)
        case "e": return .one(0x1B, ignoringCase: false)
        case "0": return .one(0, ignoringCase: false)
        case "x":
            if take("{") {
                guard let value = UInt32(try text(until: "}"), radix: 16) else {
                    throw RegexFault(reason: "invalid code point value")
                }
                return .one(value, ignoringCase: options.ignoresCase)
            }
            return .one(try hexadecimal(most: 2), ignoringCase: options.ignoresCase)
        case "u": return .one(try hexadecimal(most: 4), ignoringCase: options.ignoresCase)
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
    mutating func bracket(depth: Int = 0) throws(RegexFault) -> RegexSet {
        guard depth < Self.maximumNesting else { throw RegexFault(reason: "too deep nest of brackets") }
        var set = RegexSet(ignoresCase: options.ignoresCase)
        set.isNegated = take("^")
        var isFirst = true
        while let character = peek {
            if character == "]", !isFirst {
                index += 1
                return set
            }
            isFirst = false
            if character == "[" {
                index += 1
                if peek == ":", let property = try posix() {
                    set.members.append(property)
                } else {
                    set.members.append(.set(try bracket(depth: depth + 1)))
                }
            } else if take("&&") {
                // What follows, up to the bracket's end, restricts what came before.
                var rest = try bracket(depth: depth + 1)
                if rest.members.isEmpty { rest.isNegated = false }
                set.intersections.append(rest)
                return set
            } else {
                try member(&set)
            }
        }
        throw RegexFault(reason: "premature end of char-class")
    }

    private mutating func posix() throws(RegexFault) -> RegexSet.Member? {
        let saved = index
        index += 1
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
    fileprivate var single: UInt32? {
        guard members.count == 1, case .range(let low, let high) = members[0], low == high else { return nil }
        return low
    }
}
