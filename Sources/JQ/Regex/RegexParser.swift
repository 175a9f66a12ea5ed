/// Reads Oniguruma's syntax, as far as it is regular or commonly used (jq 1.7 manual, "Regular expressions").
///
/// Left out, and refused by name: calls of groups, absent groups, script names in `\p{…}`.
struct RegexParser: RegexScanner {
    let scalars: [UInt32]
    var index = 0
    var groupCount = 0
    /// The names of groups, by group number.
    var names: [Int: String] = [:]
    var options: Options
    private var nesting = 0

    struct Options {
        var ignoresCase = false
        /// Blanks and comments in the pattern mean nothing.
        var isExtended = false
        /// The point takes a newline, too.
        var pointTakesNewline = false
        /// `^` and `$` are the text's ends, which is jq's default; otherwise those of each line.
        var isSingleLine = true
    }

    /// The tree of `pattern`, the number of its groups and their names.
    static func parse(
        _ pattern: String, _ options: Options
    ) throws(RegexFault) -> (tree: RegexSyntax, groups: Int, names: [Int: String]) {
        var parser = RegexParser(scalars: pattern.unicodeScalars.map(\.value), options: options)
        let tree = try parser.alternatives()
        guard parser.index == parser.scalars.count else { throw RegexFault(reason: "unmatched close parenthesis") }
        return (tree, parser.groupCount, parser.names)
    }

    private init(scalars: [UInt32], options: Options) {
        self.scalars = scalars
        self.options = options
    }

    // MARK: Structure

    private mutating func alternatives() throws(RegexFault) -> RegexSyntax {
        guard nesting < Self.maximumNesting else {
            throw RegexFault(reason: "groups nested deeper than \(Self.maximumNesting) levels")
        }
        nesting += 1
        let outer = options
        defer {
            nesting -= 1
            options = outer
        }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(RegexFault) -> RegexSyntax {
        var parts: [RegexSyntax] = []
        while let character = peek, character != "|", character != ")" {
            if options.isExtended {
                if character.isWhitespace {
                    index += 1
                    continue
                }
                if character == "#" {
                    while let next = peek, !next.isNewline { index += next == "\n" ? 0 : 1 }
                    continue
                }
            }
            guard let part = try atom() else { continue }
            parts.append(try repeated(part))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    /// One thing that can be repeated; nil for what only changes options.
    private mutating func atom() throws(RegexFault) -> RegexSyntax? {
        guard let character = peek else { return .empty }
        index += 1
        switch character {
        case "(": return try group()
        case "[": return .set(try bracket())
        case ".":
            if options.pointTakesNewline { return .set(.property(.any, negated: false)) }
            return .set(RegexSet(members: [.range(0x0A, 0x0A)], isNegated: true))
        case "^": return .anchor(options.isSingleLine ? .textStart : .lineStart)
        case "$": return .anchor(options.isSingleLine ? .textEndOrLastNewline : .lineEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw RegexFault(reason: "target of repeat operator is not specified")
        default: return .set(.one(scalars[index - 1], ignoringCase: options.ignoresCase))
        }
    }

    private mutating func repeated(_ part: RegexSyntax) throws(RegexFault) -> RegexSyntax {
        var part = part
        while let (least, most) = try bounds() {
            var kind = RegexSyntax.Repetition.greedy
            if take("?") { kind = .lazy } else if take("+") { kind = .possessive }
            part = .repetition(part, least: least, most: most, kind: kind)
        }
        return part
    }

    /// `*`, `+`, `?`, `{2}`, `{2,}`, `{2,3}`; a brace that is none of these stands for itself.
    private mutating func bounds() throws(RegexFault) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard peek == "{" else { return nil }
        let saved = index
        index += 1
        let least = digits()
        var most = least
        if take(",") { most = digits() } else if least == nil { most = nil }
        guard take("}"), least != nil else {
            index = saved
            return nil
        }
        let isOpen = most == nil
        guard max(least ?? 0, most ?? 0) <= Self.maximumRepetition else {
            throw RegexFault(reason: "too big number for repeat range (more than \(Self.maximumRepetition))")
        }
        if let most, let least, most < least { throw RegexFault(reason: "upper bound of repeat range below the lower") }
        return (least ?? 0, isOpen ? nil : most)
    }

    private mutating func close(_ tree: RegexSyntax) throws(RegexFault) -> RegexSyntax {
        guard take(")") else { throw RegexFault(reason: "end pattern with unmatched parenthesis") }
        return tree
    }

    private mutating func group() throws(RegexFault) -> RegexSyntax? {
        guard take("?") else { return try capture(name: nil) }
        if take("#") {
            _ = try text(until: ")")
            return nil
        }
        if take(":") { return try close(try alternatives()) }
        if take("=") { return try close(.look(try alternatives(), ahead: true, negative: false)) }
        if take("!") { return try close(.look(try alternatives(), ahead: true, negative: true)) }
        if take(">") { return try close(.atomic(try alternatives())) }
        if take("<=") { return try close(.look(try alternatives(), ahead: false, negative: false)) }
        if take("<!") { return try close(.look(try alternatives(), ahead: false, negative: true)) }
        if take("<") || take("P<") { return try capture(name: try text(until: ">")) }
        if take("'") { return try capture(name: try text(until: "'")) }
        if take("(") { return try condition() }
        if peek == "~" { throw RegexFault(reason: "\"(?~\" is not supported in regular expressions") }
        return try optionGroup()
    }

    private mutating func capture(name: String?) throws(RegexFault) -> RegexSyntax {
        groupCount += 1
        let number = groupCount
        if let name {
            guard !name.isEmpty else { throw RegexFault(reason: "group name is empty") }
            names[number] = name
        }
        return try close(.group(try alternatives(), index: number))
    }

    /// `(?(1)a|b)`, `(?(<name>)a|b)`: by whether the group has matched.
    private mutating func condition() throws(RegexFault) -> RegexSyntax {
        var number: Int?
        if take("<") {
            let name = try text(until: ">")
            number = Int(name) ?? names.filter { $0.value == name }.keys.max()
        } else {
            number = digits()
        }
        guard take(")") else { throw RegexFault(reason: "invalid group name <>") }
        guard let number, number >= 1, number <= groupCount else {
            throw RegexFault(reason: "invalid backref number/name")
        }
        let inner = try close(try alternatives())
        guard case .alternatives(let branches) = inner else { return .condition(group: number, inner, .empty) }
        guard branches.count == 2 else { throw RegexFault(reason: "invalid if-else syntax") }
        return .condition(group: number, branches[0], branches[1])
    }

    /// `(?imx-imx)` for the rest of the group, `(?imx-imx:…)` for its own content.
    private mutating func optionGroup() throws(RegexFault) -> RegexSyntax? {
        var changed = options
        var isOn = true
        while let character = peek {
            index += 1
            switch character {
            case "-": isOn = false
            case "i": changed.ignoresCase = isOn
            case "x": changed.isExtended = isOn
            case "s": changed.pointTakesNewline = isOn
            case "m": changed.isSingleLine = !isOn
            case ")":
                options = changed
                return nil
            case ":":
                let outer = options
                options = changed
                defer { options = outer }
                return try close(try alternatives())
            default: throw RegexFault(reason: "undefined group option \"(?\(character)\"")
            }
        }
        throw RegexFault(reason: "end pattern in group")
    }
}
