/// Reads the syntax of ECMA-262's regular expressions with the flag `u` (section 22.2.1), and nothing more.
struct ECMAParser: RegexScanner {
    let scalars: [UInt32]
    var index = 0
    var groupCount = 0
    /// The groups with names, which may be named before they stand there.
    let names: [String: Int]
    /// The groups of the whole pattern.
    let total: Int
    private var nesting = 0

    /// The tree of `pattern` and the number of its groups.
    static func parse(_ pattern: String) throws(RegexFault) -> (tree: RegexSyntax, groups: Int) {
        let scalars = pattern.unicodeScalars.map(\.value)
        let all = try groups(scalars)
        var parser = ECMAParser(scalars: scalars, names: all.names, total: all.count)
        let tree = try parser.alternatives()
        guard parser.index == parser.scalars.count else { throw RegexFault(reason: "a ) that closes no group") }
        return (tree, parser.groupCount)
    }

    private init(scalars: [UInt32], names: [String: Int], total: Int) {
        self.scalars = scalars
        self.names = names
        self.total = total
    }

    /// What the whole pattern has of groups: a reference may stand before its group.
    private static func groups(_ scalars: [UInt32]) throws(RegexFault) -> (count: Int, names: [String: Int]) {
        var names: [String: Int] = [:]
        var count = 0
        var index = 0
        var isInSet = false
        func at(_ place: Int) -> UInt32 { place < scalars.count ? scalars[place] : 0 }
        while index < scalars.count {
            switch scalars[index] {
            case 0x5C: index += 1  // backslash
            case 0x5B: isInSet = true
            case 0x5D: isInSet = false
            case 0x28 where !isInSet:
                let isLook = at(index + 3) == 0x3D || at(index + 3) == 0x21
                let isNamed = at(index + 1) == 0x3F && at(index + 2) == 0x3C && !isLook
                if at(index + 1) != 0x3F || isNamed { count += 1 }
                guard isNamed, let end = scalars[index...].firstIndex(of: 0x3E) else { break }
                let name = Text.string(scalars[(index + 3)..<end])
                guard names.updateValue(count, forKey: name) == nil else {
                    throw RegexFault(reason: "two groups are called \(name)")
                }
            default: break
            }
            index += 1
        }
        return (count, names)
    }

    // MARK: Structure

    private mutating func alternatives() throws(RegexFault) -> RegexSyntax {
        guard nesting < Self.maximumNesting else {
            throw RegexFault(reason: "groups nested deeper than \(Self.maximumNesting) levels")
        }
        nesting += 1
        defer { nesting -= 1 }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(RegexFault) -> RegexSyntax {
        var parts: [RegexSyntax] = []
        while let character = peek, character != "|", character != ")" {
            parts.append(try repeated(try part()))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func part() throws(RegexFault) -> RegexSyntax {
        guard let character = peek else { return .empty }
        index += 1
        switch character {
        case "(": return try group()
        case "[": return .set(try bracket())
        case ".":
            return .set(
                RegexSet(members: [.range(0x0A, 0x0A), .range(0x0D, 0x0D), .range(0x2028, 0x2029)], isNegated: true))
        case "^": return .anchor(.textStart)
        case "$": return .anchor(.textEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw RegexFault(reason: "\(character) repeats nothing")
        default: return .set(.one(scalars[index - 1], ignoringCase: false))
        }
    }

    private mutating func repeated(_ part: RegexSyntax) throws(RegexFault) -> RegexSyntax {
        guard let (least, most) = try bounds() else { return part }
        if case .anchor = part { throw RegexFault(reason: "a repetition of a place that takes no character") }
        let kind: RegexSyntax.Repetition = take("?") ? .lazy : .greedy
        if let next = peek, next == "*" || next == "+" || next == "?" {
            throw RegexFault(reason: "\(next) repeats nothing")
        }
        return .repetition(part, least: least, most: most, kind: kind)
    }

    /// `*`, `+`, `?`, `{2}`, `{2,}`, `{2,3}`; a brace that is none of these stands for itself.
    private mutating func bounds() throws(RegexFault) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let saved = index
        guard take("{") else { return nil }
        let least = digits()
        var most = least
        if take(",") { most = digits() }
        guard let least, take("}") else {
            index = saved
            return nil
        }
        guard max(least, most ?? 0) <= Self.maximumRepetition else {
            throw RegexFault(reason: "more than \(Self.maximumRepetition) repetitions")
        }
        if let most, most < least { throw RegexFault(reason: "the bounds {\(least),\(most)} are out of order") }
        return (least, most)
    }

    private mutating func close(_ tree: RegexSyntax) throws(RegexFault) -> RegexSyntax {
        guard take(")") else { throw RegexFault(reason: "a group that is not closed") }
        return tree
    }

    private mutating func group() throws(RegexFault) -> RegexSyntax {
        if take("?:") { return try close(try alternatives()) }
        if take("?=") { return try close(.look(try alternatives(), ahead: true, negative: false)) }
        if take("?!") { return try close(.look(try alternatives(), ahead: true, negative: true)) }
        if take("?<=") { return try close(.look(try alternatives(), ahead: false, negative: false)) }
        if take("?<!") { return try close(.look(try alternatives(), ahead: false, negative: true)) }
        if take("?<") {
            let name = try text(until: ">")
            guard let first = name.unicodeScalars.first, first.properties.isIDStart || first == "_" || first == "$",
                name.unicodeScalars.allSatisfy({ $0.properties.isIDContinue || $0 == "$" })
            else { throw RegexFault(reason: "\"\(name)\" is no name of a group") }
        } else if peek == "?" {
            throw RegexFault(reason: "(? and what follows are no group of ECMA-262")
        }
        groupCount += 1
        let number = groupCount
        return try close(.group(try alternatives(), index: number))
    }
}
