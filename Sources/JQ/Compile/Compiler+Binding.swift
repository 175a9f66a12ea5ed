import ExactJSON

extension Compiler {
    mutating func compileBinding(
        _ syntax: Syntax, at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        switch syntax.kind {
        case .bind(let source, let patterns, let body):
            return try bind(source, patterns, body, scope)
        case .reduce(let source, let patterns, let initial, let update):
            let (name, changed) = try looped(patterns, update, at: syntax.offset)
            var inside = scope
            inside.bind(variable: name)
            return ReduceNode(
                try compile(source, scope), initial: try compile(initial, scope), update: try compile(changed, inside))
        case .foreach(let source, let patterns, let initial, let update, let extract):
            let (name, changed) = try looped(patterns, update, at: syntax.offset)
            var inside = scope
            inside.bind(variable: name)
            var extractNode: (any Node)?
            if let extract {
                extractNode = try compile(wrapped(extract, patterns, name: name, at: syntax.offset), inside)
            }
            return ForeachNode(
                try compile(source, scope), initial: try compile(initial, scope), update: try compile(changed, inside),
                extract: extractNode)
        default:
            throw SyntaxFault(offset: place, reason: "internal error: a construct without a compiler")
        }
    }

    /// The one variable of a loop, and its body with what the patterns take out of that variable.
    private mutating func looped(
        _ patterns: [Syntax.Pattern], _ body: Syntax, at offset: Int
    ) throws(SyntaxFault) -> (name: String, body: Syntax) {
        if patterns.count == 1, case .variable(let name) = patterns[0] { return (name, body) }
        let name = hiddenName()
        return (name, wrapped(body, patterns, name: name, at: offset))
    }

    private func wrapped(_ body: Syntax, _ patterns: [Syntax.Pattern], name: String, at offset: Int) -> Syntax {
        if patterns.count == 1, case .variable = patterns[0] { return body }
        return Syntax(.bind(Syntax(.variable(name), at: offset), patterns, body: body), at: offset)
    }

    /// `source as P1 ?// P2 | body`
    private mutating func bind(
        _ source: Syntax, _ patterns: [Syntax.Pattern], _ body: Syntax, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        let sourceNode = try compile(source, scope)
        let name = hiddenName()
        var inside = scope
        inside.bind(variable: name)
        let value = Syntax(.variable(name), at: source.offset)
        // Every alternative knows the variables of all; those that it does not bind are null.
        let all = patterns.flatMap(\.variables)
        var attempts: [any Node] = []
        for pattern in patterns {
            var text = destructured(value, pattern, body)
            for missing in Set(all).subtracting(pattern.variables).sorted() {
                let null = Syntax(.literal(.null), at: source.offset)
                text = Syntax(.bind(null, [.variable(missing)], body: text), at: source.offset)
            }
            attempts.append(try compile(text, inside))
        }
        return BindNode(sourceNode, body: PatternAlternativesNode(attempts))
    }

    /// `source as [$a, {b: $c}] | body` with simple variables only.
    mutating func destructured(source: Syntax, _ pattern: Syntax.Pattern, _ body: Syntax) -> Syntax {
        let name = hiddenName()
        let inner = destructured(Syntax(.variable(name), at: source.offset), pattern, body)
        return Syntax(.bind(source, [.variable(name)], body: inner), at: source.offset)
    }

    /// `value as pattern | body` in terms of simple variables: `.` stays what it was, for the keys that are computed.
    private mutating func destructured(_ value: Syntax, _ pattern: Syntax.Pattern, _ body: Syntax) -> Syntax {
        let offset = value.offset
        switch pattern {
        case .variable(let name): return Syntax(.bind(value, [.variable(name)], body: body), at: offset)
        case .array(let elements):
            var body = body
            for (index, element) in elements.enumerated().reversed() {
                let key = Syntax(.literal(.int(index)), at: offset)
                body = part(Syntax(.index(value, key: key), at: offset), element, body)
            }
            return body
        case .object(let members):
            var body = body
            for member in members.reversed() {
                if let inner = member.pattern {
                    body = part(Syntax(.index(value, key: member.key), at: member.key.offset), inner, body)
                }
                if let name = member.variable {
                    let whole = Syntax(.index(value, key: member.key), at: member.key.offset)
                    body = Syntax(.bind(whole, [.variable(name)], body: body), at: offset)
                }
            }
            return body
        }
    }

    private mutating func part(_ value: Syntax, _ pattern: Syntax.Pattern, _ body: Syntax) -> Syntax {
        if case .variable = pattern { return destructured(value, pattern, body) }
        let name = hiddenName()
        let inner = destructured(Syntax(.variable(name), at: value.offset), pattern, body)
        return Syntax(.bind(value, [.variable(name)], body: inner), at: value.offset)
    }

    /// Only the last access is tried: what computes its target and its key still fails.
    mutating func optional(_ access: Syntax, at place: Int, _ scope: Scope) throws(SyntaxFault) -> any Node {
        let dot = Syntax(.identity, at: access.offset)
        func attempt(_ kind: Syntax.Kind) -> Syntax {
            Syntax(.attempt(Syntax(kind, at: access.offset), handler: nil), at: access.offset)
        }
        func keep(_ key: Syntax?, _ name: String) -> Syntax? {
            key.map { Syntax(.variable(name), at: $0.offset) }
        }
        var (target, keys, last): (Syntax, [(name: String, key: Syntax)], Syntax)
        switch access.kind {
        case .iterate(let inner): (target, keys, last) = (inner, [], attempt(.iterate(dot)))
        case .index(let inner, let key):
            if case .literal = key.kind {
                (target, keys, last) = (inner, [], attempt(.index(dot, key: key)))
            } else {
                let name = hiddenName()
                let kept = Syntax(.variable(name), at: key.offset)
                (target, keys, last) = (inner, [(name, key)], attempt(.index(dot, key: kept)))
            }
        case .slice(let inner, let from, let to):
            let (first, second) = (hiddenName(), hiddenName())
            keys = [(first, from), (second, to)].compactMap { pair in pair.1.map { (pair.0, $0) } }
            (target, last) = (inner, attempt(.slice(dot, from: keep(from, first), to: keep(to, second))))
        default: return TryNode(try compile(access, scope), handler: nil)
        }
        var whole = Syntax(.pipe([target, last]), at: access.offset)
        for (name, key) in keys.reversed() {
            whole = Syntax(.bind(key, [.variable(name)], body: whole), at: access.offset)
        }
        return try compile(whole, scope)
    }

    // MARK: Names

    func variable(_ name: String, at place: Int, _ scope: Scope) throws(SyntaxFault) -> any Node {
        let slot = scope.lookUp { meaning -> Int? in
            if case .variable(name, let slot) = meaning { slot } else { nil }
        }
        if let slot { return VariableNode(steps: scope.steps(to: slot)) }
        if let index = globals.firstIndex(of: name) { return GlobalNode(index) }
        if name == "ENV" {
            throw SyntaxFault(offset: place, reason: "\"$ENV\" is not available: programs cannot read the environment")
        }
        let nearest = Nearest.name(to: name, among: scope.variableNames.filter { !$0.hasPrefix("*") } + globals)
        throw SyntaxFault(
            offset: place, reason: "\"$\(name)\" is not defined", suggestion: nearest.map { "did you mean \"$\($0)\"?" }
        )
    }

    func breaking(_ name: String, at place: Int, _ scope: Scope) throws(SyntaxFault) -> any Node {
        let slot = scope.lookUp { meaning -> Int? in
            if case .label(name, let slot) = meaning { slot } else { nil }
        }
        guard let slot else {
            throw SyntaxFault(offset: place, reason: "\"break $\(name)\" is in no \"label $\(name)\"")
        }
        return BreakNode(steps: scope.steps(to: slot))
    }

    mutating func assign(
        _ operation: AssignOperator, _ left: Syntax, _ right: Syntax, at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        let paths = try compile(left, scope)
        let value = try compile(right, scope)
        switch operation {
        case .update: return UpdateNode(paths, value, at: place)
        case .set: return AssignNode(paths, .set, value, at: place)
        case .alternative: return AssignNode(paths, .alternative, value, at: place)
        case .arithmetic(let arithmetic): return AssignNode(paths, .arithmetic(arithmetic), value, at: place)
        }
    }
}

extension FieldsNode {
    /// Both in one.
    func followed(by other: FieldsNode) -> FieldsNode { FieldsNode(names + other.names, at: other.place) }
}
