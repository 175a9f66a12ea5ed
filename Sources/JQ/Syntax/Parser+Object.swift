import ExactJSON

extension Parser {
    /// `{a, "b": 1, $c, (k): v, @text "x\(1)": 2}`
    mutating func object() throws(SyntaxFault) -> Syntax {
        let start = offset
        advance()
        if take("}") { return Syntax(.literal(.object([:])), at: start) }
        var entries: [Syntax.Entry] = []
        repeat {
            // jq lets a comma stand behind the last entry.
            if isSymbol("}"), !entries.isEmpty { break }
            entries.append(try entry())
        } while take(",")
        try expect("}", "to close the object, or \",\"")
        return try make(.object(entries), at: start)
    }

    private mutating func entry() throws(SyntaxFault) -> Syntax.Entry {
        let start = offset
        switch current {
        case .name(let name):
            advance()
            let key = Syntax(.literal(.string(name)), at: start)
            if take(":") { return Syntax.Entry(key: key, value: try objectValue()) }
            return Syntax.Entry(key: key, value: try make(.index(Syntax(.identity, at: start), key: key), at: start))
        case .variable(let name):
            advance()
            let variable = Syntax(name == "__loc__" ? .location : .variable(name), at: start)
            if take(":") { return Syntax.Entry(key: variable, value: try objectValue()) }
            return Syntax.Entry(key: Syntax(.literal(.string(name)), at: start), value: variable)
        case .stringStart, .format: return try stringEntry()
        case .symbol("("):
            advance()
            let key = try nested { parser throws(SyntaxFault) in try parser.pipe() }
            try expect(")", "to close the key")
            try expect(":", "after a key in parentheses")
            return Syntax.Entry(key: key, value: try objectValue())
        case .number(let number):
            throw SyntaxFault(
                offset: start, reason: "an object's keys are strings, and \(number) is a number",
                suggestion: "write \"\(number)\" in quotes")
        default: throw unexpected("a key: a name, a string, $variable or (expression)")
        }
    }

    private mutating func stringEntry() throws(SyntaxFault) -> Syntax.Entry {
        let start = offset
        var format: String?
        if case .format(let name) = current {
            format = name
            advance()
            guard current == .stringStart else { throw unexpected("a string after \"\(name)\"") }
        }
        let key = try string(format: format)
        if take(":") { return Syntax.Entry(key: key, value: try objectValue()) }
        return Syntax.Entry(key: key, value: try make(.index(Syntax(.identity, at: start), key: key), at: start))
    }

    /// A value reaches to the next comma; pipes belong to it.
    private mutating func objectValue() throws(SyntaxFault) -> Syntax {
        try nested { parser throws(SyntaxFault) in
            parser.isObjectValue = true
            return try parser.pipe()
        }
    }

    // MARK: Definitions and patterns

    /// `def name(f; $g): body;`
    mutating func definition() throws(SyntaxFault) -> Syntax.Definition {
        let start = offset
        advance()
        guard case .name(let name) = current else { throw unexpected("a function's name after \"def\"") }
        advance()
        var parameters: [Syntax.Parameter] = []
        if take("(") {
            repeat {
                switch current {
                case .name(let name): parameters.append(Syntax.Parameter(name: name, isValue: false))
                case .variable(let name): parameters.append(Syntax.Parameter(name: name, isValue: true))
                default: throw unexpected("a parameter: a name or $name")
                }
                advance()
            } while take(";")
            try expect(")", "after the parameters of \"\(name)\"")
        }
        try expect(":", "after the head of \"\(name)\"")
        let body = try nested { parser throws(SyntaxFault) in try parser.pipe() }
        try expect(";", "to end the definition of \"\(name)\"")
        return Syntax.Definition(name: name, parameters: parameters, body: body, offset: start)
    }

    /// `as $x`, `as [$a, {b: $c}]`, and alternatives joined by `?//`.
    mutating func patterns() throws(SyntaxFault) -> [Syntax.Pattern] {
        try expectKeyword("as", "and the variables to bind")
        var patterns = [try pattern()]
        while take("?//") { patterns.append(try pattern()) }
        return patterns
    }

    private mutating func pattern() throws(SyntaxFault) -> Syntax.Pattern {
        if case .variable(let name) = current {
            advance()
            return .variable(name)
        }
        if take("[") {
            return try nested { parser throws(SyntaxFault) in
                var elements: [Syntax.Pattern] = []
                repeat { elements.append(try parser.pattern()) } while parser.take(",")
                try parser.expect("]", "to close the pattern")
                return .array(elements)
            }
        }
        guard take("{") else { throw unexpected("a pattern: $name, [ … ] or { … }") }
        return try nested { parser throws(SyntaxFault) in
            var members: [Syntax.Pattern.Member] = []
            repeat { members.append(try parser.patternMember()) } while parser.take(",")
            try parser.expect("}", "to close the pattern")
            return .object(members)
        }
    }

    private mutating func patternMember() throws(SyntaxFault) -> Syntax.Pattern.Member {
        let start = offset
        var variable: String?
        var key: Syntax
        switch current {
        case .variable(let name):
            advance()
            variable = name
            key = Syntax(.literal(.string(name)), at: start)
            guard isSymbol(":") else { return Syntax.Pattern.Member(variable: name, key: key, pattern: nil) }
        case .name(let name):
            advance()
            key = Syntax(.literal(.string(name)), at: start)
        case .stringStart: key = try string(format: nil)
        case .symbol("("):
            advance()
            key = try nested { parser throws(SyntaxFault) in try parser.pipe() }
            try expect(")", "to close the key")
        default: throw unexpected("a member of the pattern: $name, name: or (expression):")
        }
        try expect(":", "and a pattern for the member")
        return Syntax.Pattern.Member(variable: variable, key: key, pattern: try pattern())
    }
}
