import ExactJSON

/// Turns constructs into nodes: resolves names to places, folds constants, puts small functions into their callers.
struct Compiler {
    /// Nodes that one program may have; inlining stops long before.
    static let maximumNodes = 100_000

    let hostFunctions: [JQHostFunction]
    let globals: [String]
    var functions: [(any Node)?] = []
    var hostCalls: [(name: String, arguments: [JSON?], offset: Int)] = []
    var prelude: [String: FunctionRecord] = [:]
    var nodes = 0
    private var hidden = 0

    init(hostFunctions: [JQHostFunction], globals: [String]) {
        self.hostFunctions = hostFunctions
        self.globals = globals
    }

    /// Walks a row of constructs by a loop, so that only what nests takes the thread's stack.
    mutating func compile(_ syntax: Syntax, _ scope: Scope) throws(SyntaxFault) -> any Node {
        var (syntax, scope) = (syntax, scope)
        var row: [RowPart] = []
        while let part = try rowPart(&syntax, &scope) { row.append(part) }
        var node = try compileNested(syntax, scope)
        for part in row.reversed() { node = finish(part, node) }
        return node
    }

    /// What stands around the rest of a row.
    private enum RowPart {
        case pipe([any Node])
        case bind(any Node)
        case label
        case define
        case alternative(any Node)
        case binary(BinaryOperator, right: any Node, Int)
        case logic(isAnd: Bool, right: any Node)
    }

    private func finish(_ part: RowPart, _ rest: any Node) -> any Node {
        switch part {
        case .pipe(let before): pipe(before + [rest])
        case .bind(let source): BindNode(source, body: rest)
        case .label: LabelNode(body: rest)
        case .define: rest
        case .alternative(let preferred): AlternativeNode(preferred, rest)
        case .binary(let operation, let right, let place): folded(operation, rest, right, at: place)
        case .logic(let isAnd, let right): LogicNode(rest, right, isAnd: isAnd)
        }
    }

    /// Takes the outermost construct off and goes on to the rest of its row; nil where there is no row.
    private mutating func rowPart(_ syntax: inout Syntax, _ scope: inout Scope) throws(SyntaxFault) -> RowPart? {
        let whole = syntax
        guard let rest = whole.kind.row else { return nil }
        try count(whole, scope)
        let part: RowPart
        switch whole.kind {
        case .pipe(let parts): part = .pipe(try compile(all: parts.dropLast(), scope))
        case .bind(let source, let patterns, _):
            guard case .variable(let name) = patterns[0] else {
                syntax = destructured(source: source, patterns[0], rest)
                return .define
            }
            part = .bind(try compile(source, scope))
            scope.bind(variable: name)
        case .label(let name, _):
            scope.bind(label: name)
            part = .label
        case .define(let definitions, _):
            for definition in definitions { try define(definition, &scope) }
            part = .define
        case .alternative(let left, _): part = .alternative(try compile(left, scope))
        case .binary(let operation, _, let right):
            part = .binary(operation, right: try compile(right, scope), scope.place(whole))
        case .and(_, let right): part = .logic(isAnd: true, right: try compile(right, scope))
        case .or(_, let right): part = .logic(isAnd: false, right: try compile(right, scope))
        default: return nil
        }
        syntax = rest
        return part
    }

    private mutating func count(_ syntax: Syntax, _ scope: Scope) throws(SyntaxFault) {
        nodes += 1
        guard nodes <= Self.maximumNodes else {
            throw SyntaxFault(offset: scope.place(syntax), reason: "the program is larger than can be compiled")
        }
    }

    private mutating func compileNested(_ syntax: Syntax, _ scope: Scope) throws(SyntaxFault) -> any Node {
        try count(syntax, scope)
        switch syntax.kind {
        case .identity, .literal, .recurse, .location, .variable, .format, .breaking:
            return try compileLeaf(syntax, at: scope.place(syntax), scope)
        case .string, .array, .object, .index, .slice, .iterate, .negate:
            return try compileValue(syntax, at: scope.place(syntax), scope)
        default: return try compileFlow(syntax, at: scope.place(syntax), scope)
        }
    }

    private mutating func compileLeaf(
        _ syntax: Syntax, at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        switch syntax.kind {
        case .literal(let json): return LiteralNode(json)
        case .recurse: return try call("recurse", [], at: place, scope)
        case .location: return LiteralNode(.object(["file": "<top-level>", "line": .int(line(at: place))]))
        case .variable(let name): return try variable(name, at: place, scope)
        case .format(let name): return formatNode(try format(name, at: place), at: place)
        case .breaking(let name): return try breaking(name, at: place, scope)
        default: return IdentityNode()
        }
    }

    private mutating func compileValue(
        _ syntax: Syntax, at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        switch syntax.kind {
        case .string(let name, let pieces):
            var format = Format.text
            if let name { format = try self.format(name, at: place) }
            return try string(format, pieces, at: place, scope)
        case .array(let inner):
            guard let inner else { return LiteralNode(.array([])) }
            return array(try compile(inner, scope))
        case .object(let entries): return try object(entries, at: place, scope)
        case .index(let target, let key): return try index(target, key, at: place, scope)
        case .slice(let target, let from, let to): return try slice(target, from, to, at: place, scope)
        case .iterate(let target): return pipe([try compile(target, scope), IterateNode(at: place)])
        case .negate(let inner): return try negate(inner, at: place, scope)
        default: return IdentityNode()
        }
    }

    private mutating func compileFlow(
        _ syntax: Syntax, at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        switch syntax.kind {
        case .comma(let parts): return CommaNode(try compile(all: parts, scope))
        case .assign(let operation, let left, let right):
            return try assign(operation, left, right, at: place, scope)
        case .conditional(let branches, let otherwise): return try conditional(branches, otherwise, scope)
        case .attempt(let body, let handler):
            var compiled: (any Node)?
            if let handler { compiled = try compile(handler, scope) }
            return TryNode(try compile(body, scope), handler: compiled)
        case .optional(let access): return try optional(access, at: place, scope)
        case .call(let name, let arguments): return try call(name, arguments, at: place, scope)
        default: return try compileBinding(syntax, at: place, scope)
        }
    }

    private mutating func conditional(
        _ branches: [(condition: Syntax, then: Syntax)], _ otherwise: Syntax?, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        var compiled: [(condition: any Node, then: any Node)] = []
        for branch in branches {
            compiled.append((try compile(branch.condition, scope), try compile(branch.then, scope)))
        }
        var last: any Node = IdentityNode()
        if let otherwise { last = try compile(otherwise, scope) }
        return ConditionalNode(compiled, otherwise: last)
    }

    private mutating func slice(
        _ target: Syntax, _ from: Syntax?, _ to: Syntax?, at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        var (first, second): (any Node, any Node) = (LiteralNode(.null), LiteralNode(.null))
        if let from { first = try compile(from, scope) }
        if let to { second = try compile(to, scope) }
        return SliceNode(try compile(target, scope), from: first, to: second, at: place)
    }

    mutating func compile(all parts: some Sequence<Syntax>, _ scope: Scope) throws(SyntaxFault) -> [any Node] {
        var nodes: [any Node] = []
        for part in parts { nodes.append(try compile(part, scope)) }
        return nodes
    }

    /// A name that no program can write, for values the compiler keeps.
    mutating func hiddenName() -> String {
        hidden += 1
        return "*\(hidden)"
    }

    /// Set by the program before it compiles: turns an offset into a line, for `$__loc__`.
    var lines: SourceLines?

    private func line(at offset: Int) -> Int { lines?.position(of: offset).line ?? 1 }

    // MARK: Simple constructs

    /// Stages in a row; pipes inside are taken apart, and member names one behind the other become one node.
    func pipe(_ stages: [any Node]) -> any Node {
        var flat: [any Node] = []
        for stage in stages {
            switch stage {
            case let inner as PipeNode: flat.append(contentsOf: inner.stages)
            case is IdentityNode: continue
            case let fields as FieldsNode:
                if let before = flat.last as? FieldsNode {
                    flat[flat.count - 1] = before.followed(by: fields)
                } else if let variable = flat.last as? VariableNode {
                    flat[flat.count - 1] = VariableFieldsNode(steps: variable.steps, fields)
                } else {
                    flat.append(fields)
                }
            default: flat.append(stage)
            }
        }
        switch flat.count {
        case 0: return IdentityNode()
        case 1: return flat[0]
        default: return PipeNode(flat)
        }
    }

    private func array(_ inner: any Node) -> any Node {
        if let literal = inner as? LiteralNode { return LiteralNode(.array([literal.json])) }
        if let comma = inner as? CommaNode {
            let literals = comma.parts.compactMap { ($0 as? LiteralNode)?.json }
            if literals.count == comma.parts.count { return LiteralNode(.array(literals)) }
        }
        return ArrayNode(inner)
    }

    private func folded(
        _ operation: BinaryOperator, _ left: any Node, _ right: any Node, at place: Int
    ) -> any Node {
        if operation == .add, let sum = left as? BinaryNode, sum.operation == .add {
            return SumNode(sum, right, at: place)
        }
        let node = BinaryNode(operation, left, right, at: place)
        guard node.operands.allSatisfy({ $0 is LiteralNode }) else { return node }
        let machine = Machine(functions: [], globals: [], limits: JQLimits(steps: 1_000, memory: 4_096))
        // What fails or is large is left to the run, which reports it.
        guard let value = try? node.direct(.null, nil, machine) else { return node }
        return LiteralNode(value.json)
    }

    private mutating func negate(_ inner: Syntax, at place: Int, _ scope: Scope) throws(SyntaxFault) -> any Node {
        let node = try compile(inner, scope)
        if let literal = node as? LiteralNode, case .number(let number) = literal.json {
            return LiteralNode(.number(Numbers.negate(number)))
        }
        let negation = NativeNode(Builtins.negate, [], at: place)
        return pipe([node, negation])
    }

    private mutating func index(
        _ target: Syntax, _ key: Syntax, at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        let targetNode = try compile(target, scope)
        let keyNode = try compile(key, scope)
        if let literal = keyNode as? LiteralNode, case .string(let name) = literal.json {
            return pipe([targetNode, FieldsNode([name], at: place)])
        }
        return IndexNode(targetNode, key: keyNode, at: place)
    }

    private mutating func object(
        _ entries: [Syntax.Entry], at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        var pairs: [(key: any Node, value: any Node)] = []
        for entry in entries { pairs.append((try compile(entry.key, scope), try compile(entry.value, scope))) }
        var names: [String] = []
        for pair in pairs {
            guard let literal = pair.key as? LiteralNode else { continue }
            guard case .string(let name) = literal.json else {
                throw SyntaxFault(
                    offset: place, reason: "an object's keys are strings, and \(literal.json) is none",
                    suggestion: "write (\(literal.json) | tostring)")
            }
            names.append(name)
        }
        guard names.count == pairs.count, Set(names).count == names.count else {
            return ObjectNode(pairs, at: place)
        }
        if pairs.allSatisfy({ $0.value is LiteralNode }) {
            let values = pairs.map { ($0.value as? LiteralNode)?.json ?? .null }
            return LiteralNode(.object(JSONObject(uniqueKeysWithValues: zip(names, values))))
        }
        return RecordNode(names, pairs.map(\.value))
    }

    private mutating func string(
        _ format: Format, _ pieces: [Syntax.Piece], at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        var texts: [String?] = []
        var codes: [any Node] = []
        for piece in pieces {
            switch piece {
            case .text(let text): texts.append(text)
            case .code(let syntax):
                texts.append(nil)
                codes.append(try compile(syntax, scope))
            }
        }
        return StringNode(texts, codes: codes, format: format, at: place)
    }

    private func format(_ name: String, at place: Int) throws(SyntaxFault) -> Format {
        if let format = Format(rawValue: String(name.dropFirst())) { return format }
        let nearest = Nearest.name(to: String(name.dropFirst()), among: Format.allCases.map(\.rawValue))
        throw SyntaxFault(
            offset: place, reason: "\"\(name)\" is not a format", suggestion: nearest.map { "did you mean \"@\($0)\"?" }
        )
    }

    private func formatNode(_ format: Format, at place: Int) -> any Node {
        NativeNode(
            { (input, _, machine) throws(Fault) in
                let text = try format.apply(input.json, machine)
                try machine.produce(32 + text.utf8.count)
                return .string(text)
            }, [], at: place)
    }
}
