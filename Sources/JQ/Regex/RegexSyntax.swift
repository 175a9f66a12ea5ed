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
    /// Forgets what was matched so far: the match begins here.
    case keep
    /// One character as a reader sees it, with all that combines with it.
    case grapheme
    case condition(group: Int, RegexSyntax, RegexSyntax)
    case repetition(RegexSyntax, least: Int, most: Int?, kind: Repetition)

    enum Repetition { case greedy, lazy, possessive }
}

/// A place that takes no character.
enum RegexAnchor: Sendable {
    case textStart, textEnd, textEndOrLastNewline, lineStart, lineEnd, wordBoundary, noWordBoundary, searchStart
    /// As `\b` and `\B` of ECMA-262, where only ASCII makes words.
    case asciiWordBoundary, noASCIIWordBoundary
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
    }

    var members: [Member] = []
    var isNegated = false
    var ignoresCase = false

    static func one(_ code: UInt32, ignoringCase: Bool) -> RegexSet {
        RegexSet(members: [.range(code, code)], ignoresCase: ignoringCase)
    }

    static func property(_ property: RegexProperty, negated: Bool) -> RegexSet {
        RegexSet(members: [.property(property, negated: negated)])
    }

    /// `[0-9A-Za-z_]`
    static let asciiWord = RegexSet(members: [
        .range(0x30, 0x39), .range(0x41, 0x5A), .range(0x5F, 0x5F), .range(0x61, 0x7A),
    ])

    func contains(_ code: UInt32) -> Bool {
        var isIn = holds(code)
        if !isIn, ignoresCase {
            isIn = holds(RegexCase.lower(code)) || holds(RegexCase.upper(code)) || holdsFolded(code)
        }
        return isIn != isNegated
    }

    private func holds(_ code: UInt32) -> Bool {
        members.contains { member in
            switch member {
            case .range(let first, let last): first <= code && code <= last
            case .property(let property, let negated): property.contains(code) != negated
            }
        }
    }

    /// Letters with three forms, such as K, k and the Kelvin sign.
    private func holdsFolded(_ code: UInt32) -> Bool {
        members.contains { member in
            guard case .range(let first, let last) = member, first == last else { return false }
            return RegexCase.fold(first) == RegexCase.fold(code)
        }
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

    /// The same for all forms of a letter.
    static func fold(_ code: UInt32) -> UInt32 { lower(upper(code)) }

    private static func single(_ text: String?) -> UInt32? {
        guard let scalars = text?.unicodeScalars, scalars.count == 1 else { return nil }
        return scalars.first?.value
    }
}
