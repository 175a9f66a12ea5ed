import ExactJSON

extension Parser {
    private static let reserved: Set<String> = [
        "def", "module", "import", "include", "if", "then", "else", "elif", "end", "as", "and", "or", "reduce",
        "foreach", "try", "catch", "label",
    ]

    /// A term with all that may follow it: `.a`, `[…]`, `."a"`, `?`.
    mutating func postfix() throws(SyntaxFault) -> Syntax {
        var term = try self.term()
        // Whether `term` ends in an access that was read here, which a `?` behind it then means alone.
        var isAccess = false
        while true {
            let start = offset
            let wasAccess = isAccess
            isAccess = true
            switch current {
            case .field(let name):
                advance()
                let key = Syntax(.literal(.string(name)), at: start)
                term = try make(.index(term, key: key), at: start)
            case .symbol("."):
                advance()
                if current == .stringStart {
                    term = try make(.index(term, key: try string(format: nil)), at: start)
                } else if isSymbol("[") {
                    term = try brackets(behind: term)
                } else {
                    throw unexpected("a field's name, a string or \"[\" after \".\"")
                }
            case .symbol("["): term = try brackets(behind: term)
            case .symbol("?"), .symbol("?//"):
                if isSymbol("?//") {
                    // Outside of patterns, `a?//b` is `a? // b`.
                    tokens[position] = PlacedToken(token: .symbol("//"), offset: start + 1)
                } else {
                    advance()
                }
                term = try make(wasAccess ? .optional(term) : .attempt(term, handler: nil), at: start)
                isAccess = false
            default: return term
            }
        }
    }

    private mutating func brackets(behind term: Syntax) throws(SyntaxFault) -> Syntax {
        let start = offset
        advance()
        if take("]") { return try make(.iterate(term), at: start) }
        if take(":") {
            let end = try nested { parser throws(SyntaxFault) in try parser.pipe() }
            try expect("]", "after a slice")
            return try make(.slice(term, from: nil, to: end), at: start)
        }
        let key = try nested { parser throws(SyntaxFault) in try parser.pipe() }
        if take(":") {
            if take("]") { return try make(.slice(term, from: key, to: nil), at: start) }
            let end = try nested { parser throws(SyntaxFault) in try parser.pipe() }
            try expect("]", "after a slice")
            return try make(.slice(term, from: key, to: end), at: start)
        }
        try expect("]", "after an index")
        return try make(.index(term, key: key), at: start)
    }

    private mutating func term() throws(SyntaxFault) -> Syntax {
        let start = offset
        switch current {
        case .number(let number):
            advance()
            return Syntax(.literal(.number(number)), at: start)
        case .stringStart: return try string(format: nil)
        case .format(let name):
            advance()
            return current == .stringStart ? try string(format: name) : Syntax(.format(name), at: start)
        case .variable(let name):
            advance()
            return Syntax(name == "__loc__" ? .location : .variable(name), at: start)
        case .field(let name):
            advance()
            let key = Syntax(.literal(.string(name)), at: start)
            return try make(.index(Syntax(.identity, at: start), key: key), at: start)
        case .symbol(let symbol): return try term(symbol: symbol, at: start)
        case .name(let name): return try term(name: name, at: start)
        default: throw unexpected("an expression")
        }
    }

    private mutating func term(symbol: String, at start: Int) throws(SyntaxFault) -> Syntax {
        switch symbol {
        case ".":
            advance()
            let identity = Syntax(.identity, at: start)
            guard current == .stringStart else { return identity }
            return try make(.index(identity, key: try string(format: nil)), at: start)
        case "..":
            advance()
            return Syntax(.recurse, at: start)
        case "(":
            advance()
            let inside = try nested { parser throws(SyntaxFault) in try parser.pipe() }
            try expect(")", "to close the parenthesis")
            return inside
        case "[":
            advance()
            if take("]") { return Syntax(.literal(.array([])), at: start) }
            let inside = try nested { parser throws(SyntaxFault) in try parser.pipe() }
            try expect("]", "to close the array")
            return try make(.array(inside), at: start)
        case "{": return try object()
        default: throw unexpected("an expression")
        }
    }

    private mutating func term(name: String, at start: Int) throws(SyntaxFault) -> Syntax {
        switch name {
        case "null", "true", "false":
            advance()
            if name == "null" { return Syntax(.literal(.null), at: start) }
            return Syntax(.literal(.bool(name == "true")), at: start)
        case "if": return try nested { parser throws(SyntaxFault) in try parser.conditional() }
        case "try": return try nested { parser throws(SyntaxFault) in try parser.attempt() }
        case "reduce": return try nested { parser throws(SyntaxFault) in try parser.reduce() }
        case "foreach": return try nested { parser throws(SyntaxFault) in try parser.foreach() }
        case "def", "label":
            // `try def f: 1; f` and the like: a definition reaches to the end of its pipe.
            return try nested { parser throws(SyntaxFault) in try parser.pipe() }
        case "import", "include", "module":
            throw SyntaxFault(offset: start, reason: "\"\(name)\" is not supported: a program here has no modules")
        case _ where Self.reserved.contains(name):
            throw unexpected("an expression")
        default: return try call(name, at: start)
        }
    }

    private mutating func call(_ name: String, at start: Int) throws(SyntaxFault) -> Syntax {
        advance()
        if name.contains("::") {
            throw SyntaxFault(offset: start, reason: "\"\(name)\" names a module, and modules are not supported")
        }
        if name == "break" {
            guard case .variable(let label) = current else {
                throw unexpected("a label after \"break\", such as $out")
            }
            advance()
            return Syntax(.breaking(label), at: start)
        }
        guard take("(") else { return try make(.call(name, []), at: start) }
        var arguments: [Syntax] = []
        repeat {
            arguments.append(try nested { parser throws(SyntaxFault) in try parser.pipe() })
        } while take(";")
        try expect(")", "after the arguments of \"\(name)\"")
        return try make(.call(name, arguments), at: start)
    }

    /// A string from its opening quote, with the programs inside it.
    mutating func string(format: String?) throws(SyntaxFault) -> Syntax {
        let start = offset
        advance()
        var pieces: [Syntax.Piece] = []
        while true {
            switch current {
            case .text(let text):
                advance()
                pieces.append(.text(text))
            case .codeStart:
                advance()
                pieces.append(.code(try nested { parser throws(SyntaxFault) in try parser.pipe() }))
                guard current == .codeEnd else { throw unexpected("\")\" to close \"\\(\"") }
                advance()
            case .stringEnd:
                advance()
                if pieces.isEmpty { return Syntax(.literal(""), at: start) }
                if pieces.count == 1, case .text(let text) = pieces[0] {
                    return Syntax(.literal(.string(text)), at: start)
                }
                return try make(.string(format: format, pieces: pieces), at: start)
            default: throw unexpected("the string's end")
            }
        }
    }

    // MARK: Words that begin a construct

    private mutating func conditional() throws(SyntaxFault) -> Syntax {
        let start = offset
        var branches: [(condition: Syntax, then: Syntax)] = []
        var otherwise: Syntax?
        repeat {
            advance()
            let condition = try pipe()
            try expectKeyword("then", "after the condition")
            branches.append((condition, try pipe()))
        } while isKeyword("elif")
        if isKeyword("else") {
            advance()
            otherwise = try pipe()
        }
        try expectKeyword("end", "to close \"if\"")
        return try make(.conditional(branches, otherwise: otherwise), at: start)
    }

    private mutating func attempt() throws(SyntaxFault) -> Syntax {
        let start = offset
        advance()
        let body = try tried()
        var handler: Syntax?
        if isKeyword("catch") {
            advance()
            handler = try tried()
        }
        return try make(.attempt(body, handler: handler), at: start)
    }

    private mutating func tried() throws(SyntaxFault) -> Syntax {
        let start = offset
        if take("-") { return try make(.negate(try postfix()), at: start) }
        return try postfix()
    }

    private mutating func reduce() throws(SyntaxFault) -> Syntax {
        let start = offset
        advance()
        let source = try postfix()
        let patterns = try self.patterns()
        try expect("(", "after the variables of \"reduce\"")
        let initial = try pipe()
        try expect(";", "between the start value and the update of \"reduce\"")
        let update = try pipe()
        try expect(")", "to close \"reduce\"")
        return try make(.reduce(source, patterns, initial: initial, update: update), at: start)
    }

    private mutating func foreach() throws(SyntaxFault) -> Syntax {
        let start = offset
        advance()
        let source = try postfix()
        let patterns = try self.patterns()
        try expect("(", "after the variables of \"foreach\"")
        let initial = try pipe()
        try expect(";", "between the start value and the update of \"foreach\"")
        let update = try pipe()
        let extract = take(";") ? try pipe() : nil
        try expect(")", "to close \"foreach\"")
        return try make(.foreach(source, patterns, initial: initial, update: update, extract: extract), at: start)
    }
}
