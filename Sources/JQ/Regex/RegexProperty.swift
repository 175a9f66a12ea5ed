/// A class of characters with a name, as in `\d`, `[:alpha:]` or `\p{Lu}`.
enum RegexProperty: Sendable, Equatable {
    case any, alnum, alpha, ascii, blank, cntrl, digit, graph, lower, print, punct, space, upper, xdigit, word
    /// Unicode's general categories.
    case categories(Set<Unicode.GeneralCategory>)

    /// The property called `name` in `\p{…}` or `[:…:]`; case, blanks, `_` and `-` mean nothing.
    static func named(_ name: String) -> RegexProperty? {
        let plain = name.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" }
        if let known = classes[plain] { return known }
        return categories[plain].map { .categories($0) }
    }

    private static let classes: [String: RegexProperty] = [
        "any": .any, "alnum": .alnum, "alpha": .alpha, "ascii": .ascii, "blank": .blank, "cntrl": .cntrl,
        "digit": .digit, "graph": .graph, "lower": .lower, "print": .print, "punct": .punct, "space": .space,
        "upper": .upper, "xdigit": .xdigit, "word": .word, "alphabetic": .alpha, "uppercase": .upper,
        "lowercase": .lower, "whitespace": .space,
    ]

    private static let categories: [String: Set<Unicode.GeneralCategory>] = {
        let names: [(String, String, Unicode.GeneralCategory)] = [
            ("lu", "uppercaseletter", .uppercaseLetter), ("ll", "lowercaseletter", .lowercaseLetter),
            ("lt", "titlecaseletter", .titlecaseLetter), ("lm", "modifierletter", .modifierLetter),
            ("lo", "otherletter", .otherLetter), ("mn", "nonspacingmark", .nonspacingMark),
            ("mc", "spacingmark", .spacingMark), ("me", "enclosingmark", .enclosingMark),
            ("nd", "decimalnumber", .decimalNumber), ("nl", "letternumber", .letterNumber),
            ("no", "othernumber", .otherNumber), ("pc", "connectorpunctuation", .connectorPunctuation),
            ("pd", "dashpunctuation", .dashPunctuation), ("ps", "openpunctuation", .openPunctuation),
            ("pe", "closepunctuation", .closePunctuation), ("pi", "initialpunctuation", .initialPunctuation),
            ("pf", "finalpunctuation", .finalPunctuation), ("po", "otherpunctuation", .otherPunctuation),
            ("sm", "mathsymbol", .mathSymbol), ("sc", "currencysymbol", .currencySymbol),
            ("sk", "modifiersymbol", .modifierSymbol), ("so", "othersymbol", .otherSymbol),
            ("zs", "spaceseparator", .spaceSeparator), ("zl", "lineseparator", .lineSeparator),
            ("zp", "paragraphseparator", .paragraphSeparator), ("cc", "control", .control), ("cf", "format", .format),
            ("co", "privateuse", .privateUse), ("cn", "unassigned", .unassigned), ("cs", "surrogate", .surrogate),
        ]
        let groups = [
            "l": "letter", "m": "mark", "n": "number", "p": "punctuation", "s": "symbol", "z": "separator",
            "c": "other",
        ]
        var table: [String: Set<Unicode.GeneralCategory>] = [:]
        for (short, long, category) in names {
            (table[short], table[long]) = ([category], [category])
            let group = String(short.prefix(1))
            table[group, default: []].insert(category)
            if let long = groups[group] { table[long, default: []].insert(category) }
        }
        return table
    }()

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
        case .graph: return !properties.isWhitespace && !isUnseen(properties)
        case .print: return !isUnseen(properties)
        case .lower: return properties.isLowercase
        case .upper: return properties.isUppercase
        case .xdigit: return code < 0x80 && Character(scalar).isHexDigit
        case .punct: return isPunctuation(code, properties)
        case .categories(let categories): return categories.contains(properties.generalCategory)
        }
    }

    private func isUnseen(_ properties: Unicode.Scalar.Properties) -> Bool {
        [.control, .surrogate, .unassigned].contains(properties.generalCategory)
    }

    private func isWord(_ code: UInt32, _ properties: Unicode.Scalar.Properties) -> Bool {
        if code < 0x80 { return code == 0x5F || code &- 0x30 < 10 || (code | 0x20) &- 0x61 < 26 }
        if properties.isAlphabetic { return true }
        let others: [Unicode.GeneralCategory] = [
            .decimalNumber, .nonspacingMark, .spacingMark, .enclosingMark, .connectorPunctuation,
        ]
        return others.contains(properties.generalCategory)
    }

    /// Punctuation, and the nine symbols of ASCII that POSIX counts as such.
    private func isPunctuation(_ code: UInt32, _ properties: Unicode.Scalar.Properties) -> Bool {
        if code < 0x80, [0x24, 0x2B, 0x3C, 0x3D, 0x3E, 0x5E, 0x60, 0x7C, 0x7E].contains(code) { return true }
        return Self.categories["p"]?.contains(properties.generalCategory) ?? false
    }
}
