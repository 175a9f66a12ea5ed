/// A regular expression as a tree: what the parser makes and the compiler takes.
indirect enum RegexSyntax {
    case empty
    case set(RegexSet)
    case sequence([RegexSyntax])
    case alternatives([RegexSyntax])
    case group(RegexSyntax, index: Int)
    case atomic(RegexSyntax)
    case look(RegexSyntax, ahead: Bool, negative: Bool)
    case anchor(RegexAnchor)
    case reference(Int, ignoringCase: Bool)
    case repetition(RegexSyntax, least: Int, most: Int?, kind: Repetition)

    enum Repetition { case greedy, lazy, possessive }
}

/// A place that takes no character.
enum RegexAnchor: Sendable {
    case textStart, textEnd, textEndOrLastNewline, lineStart, lineEnd, wordBoundary, noWordBoundary, searchStart
}

/// What is wrong with a regular expression.
struct RegexFault: Error {
    let reason: String
}

/// A set of code points, to which one character of the text may belong.
struct RegexSet: Sendable {
    enum Member: Sendable {
        case range(UInt32, UInt32)
        case property(RegexProperty, negated: Bool)
        case set(RegexSet)
    }

    var members: [Member] = []
    /// All of these must hold as well (`&&` in brackets).
    var intersections: [RegexSet] = []
    var isNegated = false
    var ignoresCase = false

    static func one(_ code: UInt32, ignoringCase: Bool) -> RegexSet {
        RegexSet(members: [.range(code, code)], ignoresCase: ignoringCase)
    }

    static func property(_ property: RegexProperty, negated: Bool) -> RegexSet {
        RegexSet(members: [.property(property, negated: negated)])
    }

    func contains(_ code: UInt32) -> Bool {
        var isIn = holds(code)
        if !isIn, ignoresCase {
            isIn = holds(RegexCase.lower(code)) || holds(RegexCase.upper(code))
        }
        return isIn != isNegated
    }

    private func holds(_ code: UInt32) -> Bool {
        let isIn = members.contains { member in
            switch member {
            case .range(let first, let last): first <= code && code <= last
            case .property(let property, let negated): property.contains(code) != negated
            case .set(let set): set.contains(code)
            }
        }
        return isIn && intersections.allSatisfy { $0.contains(code) }
    }
}

/// Letters of one code point and their other case.
enum RegexCase {
    static func lower(_ code: UInt32) -> UInt32 {
        if code < 0x80 { return code &- 0x41 < 26 ? code + 0x20 : code }
        return single(Unicode.Scalar(code)?.properties.lowercaseMapping) ?? code
    }

    static func upper(_ code: UInt32) -> UInt32 {
        if code < 0x80 { return code &- 0x61 < 26 ? code - 0x20 : code }
        return single(Unicode.Scalar(code)?.properties.uppercaseMapping) ?? code
    }

    private static func single(_ text: String?) -> UInt32? {
        guard let scalars = text?.unicodeScalars, scalars.count == 1 else { return nil }
        return scalars.first?.value
    }
}

/// A class of characters with a name, as in `\d`, `[:alpha:]` or `\p{Lu}`.
enum RegexProperty: String, Sendable {
    case any, alnum, alpha, ascii, blank, cntrl, digit, graph, lower, print, punct, space, upper, xdigit, word
    case letter = "l"
    case titlecase = "lt"
    case mark = "m"
    case number = "n"
    case symbol = "s"
    case separator = "z"

    /// The property called `name` in `\p{…}` or `[:…:]`.
    static func named(_ name: String) -> RegexProperty? {
        switch name.lowercased() {
        case "l", "letter": .letter
        case "lu": .upper
        case "ll": .lower
        case "n", "number": .number
        case "nd": .digit
        case "p", "punctuation": .punct
        case "space_separator", "zs": .separator
        case let other: RegexProperty(rawValue: other)
        }
    }

    func contains(_ code: UInt32) -> Bool {
        guard let scalar = Unicode.Scalar(code) else { return false }
        let properties = scalar.properties
        switch self {
        case .any: return true
        case .ascii: return code < 0x80
        case .alpha: return properties.isAlphabetic
        case .digit: return properties.generalCategory == .decimalNumber
        case .alnum: return properties.isAlphabetic || properties.generalCategory == .decimalNumber
        case .word: return isWord(code, properties)
        case .blank: return code == 0x20 || code == 0x09 || properties.generalCategory == .spaceSeparator
        case .space: return properties.isWhitespace
        case .cntrl: return properties.generalCategory == .control
        case .graph: return !properties.isWhitespace && properties.generalCategory != .control
        case .print: return properties.generalCategory != .control
        case .lower: return properties.isLowercase
        case .upper: return properties.isUppercase
        case .xdigit: return code < 0x80 && Character(scalar).isHexDigit
        case .punct: return isPunctuation(properties)
        case .letter: return isLetter(properties)
        case .titlecase: return properties.generalCategory == .titlecaseLetter
        case .mark: return isIn(properties, [.nonspacingMark, .spacingMark, .enclosingMark])
        case .number: return isIn(properties, [.decimalNumber, .letterNumber, .otherNumber])
        case .symbol: return isIn(properties, [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol])
        case .separator: return isIn(properties, [.spaceSeparator, .lineSeparator, .paragraphSeparator])
        }
    }

    private func isIn(_ properties: Unicode.Scalar.Properties, _ categories: [Unicode.GeneralCategory]) -> Bool {
        categories.contains(properties.generalCategory)
    }

    private func isLetter(_ properties: Unicode.Scalar.Properties) -> Bool {
        isIn(properties, [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter])
    }

    private func isWord(_ code: UInt32, _ properties: Unicode.Scalar.Properties) -> Bool {
        if code < 0x80 { return code == 0x5F || code &- 0x30 < 10 || (code | 0x20) &- 0x61 < 26 }
        return properties.isAlphabetic || isIn(properties, [.decimalNumber, .nonspacingMark, .connectorPunctuation])
    }

    private func isPunctuation(_ properties: Unicode.Scalar.Properties) -> Bool {
        isIn(
            properties,
            [
                .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
                .finalPunctuation, .otherPunctuation,
            ])
    }
}
