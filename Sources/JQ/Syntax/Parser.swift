import ExactJSON

/// Turns tokens into constructs: recursive descent for what nests, loops for what follows one another.
///
/// The grammar is that of jq 1.7, and what jq 1.8 made more generous: operators in an object's values without
/// parentheses, `if`, `reduce` and `foreach` wherever a term may stand.
struct Parser {
    /// How deep operators may nest, and brackets half as deep. Parsing recurses with them, on a stack that may be as
    /// small as 512 KiB.
    static let maximumNesting = 64
    /// How high the tree of constructs may grow, for the same reason in the compiler.
    static let maximumHeight = 48
    /// How many constructs may follow one another in a row. They are freed by recursion.
    static let maximumLength = 500

    var tokens: [PlacedToken]
    var position = 0
    var nesting = 0
    /// In an object's value a comma ends the value.
    var isObjectValue = false

    /// The program's one expression. A program of nothing but blanks and comments is `.`.
    static func parse(_ source: String) throws(SyntaxFault) -> Syntax {
        var parser = Parser(tokens: try Lexer.tokens(of: source))
        try parser.refuseModules()
        if parser.tokens.count == 1 { return Syntax(.identity, at: 0) }
        var definitions: [Syntax.Definition] = []
        while parser.isKeyword("def") { definitions.append(try parser.definition()) }
        var program = Syntax(.identity, at: 0)
        if parser.current != .end { program = try parser.pipe() }
        guard parser.current == .end else { throw parser.unexpected("the program's end or an operator") }
        return definitions.isEmpty ? program : try parser.make(.define(definitions, body: program), at: 0)
    }

    private init(tokens: [PlacedToken]) {
        self.tokens = tokens
    }

    // MARK: Tokens

    var current: Token { tokens[position].token }
    var offset: Int { tokens[position].offset }

    mutating func advance() {
        if position + 1 < tokens.count { position += 1 }
    }

    func isSymbol(_ symbol: String) -> Bool { current == .symbol(symbol) }
    func isKeyword(_ word: String) -> Bool { current == .name(word) }

    /// Steps over the symbol where it stands next.
    mutating func take(_ symbol: String) -> Bool {
        guard isSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: String, _ what: String) throws(SyntaxFault) {
        guard take(symbol) else { throw unexpected("\"\(symbol)\" \(what)") }
    }

    mutating func expectKeyword(_ word: String, _ what: String) throws(SyntaxFault) {
        guard isKeyword(word) else { throw unexpected("\"\(word)\" \(what)") }
        advance()
    }

    func unexpected(_ wanted: String) -> SyntaxFault {
        SyntaxFault(offset: offset, reason: "\(current.shown) is unexpected here; expected \(wanted)")
    }

    /// A construct, refused where the tree would grow too high to be walked on a small stack.
    mutating func make(_ kind: Syntax.Kind, at offset: Int) throws(SyntaxFault) -> Syntax {
        let syntax = Syntax(kind, at: offset)
        guard syntax.height <= Self.maximumHeight else {
            throw SyntaxFault(
                offset: offset, reason: "constructs are nested deeper than \(Self.maximumHeight) levels",
                suggestion: "move a part into a function (def)")
        }
        guard syntax.length <= Self.maximumLength else {
            throw SyntaxFault(
                offset: offset, reason: "more than \(Self.maximumLength) constructs in a row",
                suggestion: "put parts of the row into parentheses")
        }
        return syntax
    }

    /// Runs `body` one bracket deeper; brackets count twice.
    mutating func nested<Result>(
        _ body: (inout Parser) throws(SyntaxFault) -> Result
    ) throws(SyntaxFault) -> Result {
        guard nesting < Self.maximumNesting else {
            throw SyntaxFault(offset: offset, reason: "nested deeper than \(Self.maximumNesting / 2) brackets")
        }
        // A bracket takes about twice the stack of an operator.
        nesting += 2
        let outer = isObjectValue
        isObjectValue = false
        defer {
            nesting -= 2
            isObjectValue = outer
        }
        return try body(&self)
    }

    private func refuseModules() throws(SyntaxFault) {
        for word in ["import", "include", "module"] where isKeyword(word) {
            throw SyntaxFault(
                offset: offset, reason: "\"\(word)\" is not supported: a program here is one text without modules",
                suggestion: "put the definitions into this program")
        }
    }

    // MARK: Pipes, commas, operators

    /// One step of a pipe: what it binds or defines holds for all that follows.
    private enum Stage {
        case plain(Syntax)
        case bind(Syntax, [Syntax.Pattern], Int)
        case label(String, Int)
        case define([Syntax.Definition], Int)
    }

    /// `a | b as $x | def f: …; c, d`
    mutating func pipe() throws(SyntaxFault) -> Syntax {
        var stages: [Stage] = []
        while true {
            let start = offset
            if isKeyword("def") {
                var definitions: [Syntax.Definition] = []
                while isKeyword("def") { definitions.append(try definition()) }
                stages.append(.define(definitions, start))
                continue
            }
            if isKeyword("label") {
                stages.append(.label(try labelName(), start))
                continue
            }
            let first = isSymbol("-") ? nil : try postfix()
            if let first, isKeyword("as") {
                let patterns = try self.patterns()
                try expect("|", "after the variables that \"as\" binds")
                stages.append(.bind(first, patterns, start))
                continue
            }
            stages.append(.plain(isObjectValue ? try binary(0, first: first) : try comma(first: first)))
            guard take("|") else { break }
        }
        return try fold(stages)
    }

    private mutating func fold(_ stages: [Stage]) throws(SyntaxFault) -> Syntax {
        var following: [Syntax] = []
        for stage in stages.reversed() {
            switch stage {
            case .plain(let syntax):
                following.insert(syntax, at: 0)
                continue
            default: break
            }
            let body = try piped(following)
            switch stage {
            case .plain: break
            case .bind(let source, let patterns, let start):
                following = [try make(.bind(source, patterns, body: body), at: start)]
            case .label(let name, let start): following = [try make(.label(name, body: body), at: start)]
            case .define(let definitions, let start):
                following = [try make(.define(definitions, body: body), at: start)]
            }
        }
        return try piped(following)
    }

    private mutating func piped(_ stages: [Syntax]) throws(SyntaxFault) -> Syntax {
        guard let first = stages.first else { throw unexpected("an expression") }
        return stages.count == 1 ? first : try make(.pipe(stages), at: first.offset)
    }

    private mutating func comma(first: Syntax?) throws(SyntaxFault) -> Syntax {
        var parts = [try binary(0, first: first)]
        while take(",") { parts.append(try binary(0, first: nil)) }
        return parts.count == 1 ? parts[0] : try make(.comma(parts), at: parts[0].offset)
    }

    private enum Associativity { case left, right, none }

    private static let operators: [String: (level: Int, associativity: Associativity)] = [
        "//": (1, .right), "=": (2, .none), "|=": (2, .none), "+=": (2, .none), "-=": (2, .none), "*=": (2, .none),
        "/=": (2, .none), "%=": (2, .none), "//=": (2, .none), "or": (3, .left), "and": (4, .left), "==": (5, .none),
        "!=": (5, .none), "<": (5, .none), "<=": (5, .none), ">": (5, .none), ">=": (5, .none), "+": (6, .left),
        "-": (6, .left), "*": (7, .left), "/": (7, .left), "%": (7, .left),
    ]

    private var operatorText: String? {
        switch current {
        case .symbol(let text): text
        case .name("and"): "and"
        case .name("or"): "or"
        default: nil
        }
    }

    /// Operators of at least `lowest`, by precedence climbing; `first` is an operand that was already read.
    mutating func binary(_ lowest: Int, first: Syntax?) throws(SyntaxFault) -> Syntax {
        guard nesting < Self.maximumNesting else {
            throw SyntaxFault(offset: offset, reason: "nested deeper than \(Self.maximumNesting / 2) brackets")
        }
        nesting += 1
        defer { nesting -= 1 }
        var left: Syntax
        if let first { left = first } else { left = try operand() }
        var unrepeatable: Int?
        while let text = operatorText, let (level, associativity) = Self.operators[text], level >= lowest {
            guard level != unrepeatable else { throw unexpected("parentheses: \"\(text)\" cannot follow its like") }
            let start = offset
            advance()
            let right = try binary(associativity == .right ? level : level + 1, first: nil)
            left = try make(Self.operation(text, left, right), at: start)
            unrepeatable = associativity == .none ? level : nil
        }
        return left
    }

    private static func operation(_ text: String, _ left: Syntax, _ right: Syntax) -> Syntax.Kind {
        if let plain = BinaryOperator(rawValue: text) { return .binary(plain, left, right) }
        switch text {
        case "//": return .alternative(left, right)
        case "and": return .and(left, right)
        case "or": return .or(left, right)
        case "=": return .assign(.set, left, right)
        case "|=": return .assign(.update, left, right)
        case "//=": return .assign(.alternative, left, right)
        default:
            let arithmetic = BinaryOperator(rawValue: String(text.dropLast())) ?? .add
            return .assign(.arithmetic(arithmetic), left, right)
        }
    }

    /// An operand: what may stand on either side of an operator, up to constructs that reach to the pipe's end.
    private mutating func operand() throws(SyntaxFault) -> Syntax {
        let start = offset
        if take("-") { return try make(.negate(try binary(7, first: nil)), at: start) }
        if isKeyword("def") || isKeyword("label") { return try inner() }
        let term = try postfix()
        guard isKeyword("as") else { return term }
        let patterns = try self.patterns()
        try expect("|", "after the variables that \"as\" binds")
        return try make(.bind(term, patterns, body: try inner()), at: start)
    }

    /// The rest of the pipe that an operand reaches over.
    private mutating func inner() throws(SyntaxFault) -> Syntax {
        guard nesting < Self.maximumNesting else {
            throw SyntaxFault(offset: offset, reason: "nested deeper than \(Self.maximumNesting / 2) brackets")
        }
        nesting += 1
        defer { nesting -= 1 }
        return try pipe()
    }

    private mutating func labelName() throws(SyntaxFault) -> String {
        advance()
        guard case .variable(let name) = current else { throw unexpected("a label's name, such as $out") }
        advance()
        try expect("|", "after the label")
        return name
    }
}
