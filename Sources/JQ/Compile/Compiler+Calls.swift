import ExactJSON

extension Compiler {
    /// Functions are compiled into their callers as long as the program has no more nodes than this.
    private static let inliningNodes = 20_000
    private static let inliningDepth = 12

    mutating func call(
        _ name: String, _ arguments: [Syntax], at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        if let meaning = scope.lookUp({ Self.meaning($0, of: name, arity: arguments.count) }) {
            return try call(meaning, arguments, at: place, scope)
        }
        if let host = hostFunctions.first(where: { $0.name == name && $0.arity == arguments.count }) {
            return try call(host, arguments, at: place, scope)
        }
        if let node = try special(name, arguments, at: place, scope) { return node }
        if let native = Builtins.natives["\(name)/\(arguments.count)"] {
            return NativeNode(native, try compile(all: arguments, scope), at: place)
        }
        if let definition = Prelude.definition(name, arguments.count) {
            // One record a call, so that errors are reported at the call.
            let record = FunctionRecord(definition, names: nil, depth: 0, isPrelude: true)
            return try call(.function(record), arguments, at: place, scope)
        }
        throw undefined(name, arguments.count, at: place, scope)
    }

    private static func meaning(_ meaning: NameEntry.Meaning, of name: String, arity: Int) -> NameEntry.Meaning? {
        switch meaning {
        case .function(let record): record.matches(name, arity) ? meaning : nil
        case .closure(name, _), .valueClosure(name, _), .inlined(name, _, _, _): arity == 0 ? meaning : nil
        default: nil
        }
    }

    private mutating func call(
        _ meaning: NameEntry.Meaning, _ arguments: [Syntax], at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        switch meaning {
        case .closure(_, let slot): return ParameterNode(steps: scope.steps(to: slot))
        case .valueClosure(_, let slot): return VariableNode(steps: scope.steps(to: slot))
        case .inlined(_, let syntax, let names, let override):
            var there = scope
            there.names = names
            there.override = override
            return try compile(syntax, there)
        case .function(let record):
            if canInline(record, arguments, scope) { return try inline(record, arguments, at: place, scope) }
            return try call(record, arguments, at: place, scope)
        case .variable, .label: throw undefined("", arguments.count, at: place, scope)
        }
    }

    // MARK: Functions of the program and of the prelude

    /// Compiles the definition and makes its name known.
    mutating func define(_ definition: Syntax.Definition, _ scope: inout Scope) throws(SyntaxFault) {
        let record = FunctionRecord(definition, names: scope.names, depth: scope.depth, isPrelude: false)
        scope.names = NameEntry(.function(record), in: scope.names)
        record.isRecursive = definition.body.calls(definition.name, definition.parameters.count)
        try compileBody(record, override: scope.override, inlining: scope.inlining)
    }

    private mutating func compileBody(_ record: FunctionRecord, override: Int?, inlining: Int) throws(SyntaxFault) {
        let index = functions.count
        functions.append(nil)
        record.index = index
        record.isCompiling = true
        var inside = Scope(
            names: NameEntry(.function(record), in: record.names), depth: record.depth, override: override,
            inlining: inlining)
        for parameter in record.definition.parameters {
            if parameter.isValue {
                inside.bind(valueParameter: parameter.name)
            } else {
                inside.bind(closure: parameter.name)
            }
        }
        let body = try compile(record.definition.body, inside)
        record.isCompiling = false
        record.body = body
        functions[index] = body
    }

    private mutating func call(
        _ record: FunctionRecord, _ arguments: [Syntax], at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        if record.index == nil { try compileBody(record, override: place, inlining: scope.inlining) }
        var compiled: [Argument] = []
        for (parameter, syntax) in zip(record.definition.parameters, arguments) {
            let node = try compile(syntax, scope)
            if parameter.isValue {
                compiled.append(.value(node))
            } else if let alias = node as? ParameterNode {
                compiled.append(.alias(steps: alias.steps))
            } else {
                compiled.append(.closure(node))
            }
        }
        return CallNode(
            index: record.index ?? 0, body: record.body, steps: scope.depth - record.depth, arguments: compiled,
            at: place)
    }

    private func canInline(_ record: FunctionRecord, _ arguments: [Syntax], _ scope: Scope) -> Bool {
        let definition = record.definition
        guard scope.inlining < Self.inliningDepth, nodes < Self.inliningNodes, !record.isCompiling else { return false }
        guard record.isPrelude || definition.parameters.contains(where: { !$0.isValue }) else { return false }
        guard !record.isRecursive, !definition.body.calls(definition.name, definition.parameters.count) else {
            return false
        }
        for (parameter, argument) in zip(definition.parameters, arguments) where !parameter.isValue {
            guard argument.height <= 1 || definition.body.count(of: parameter.name, 0) <= 1 else { return false }
        }
        return true
    }

    /// The body in place of the call: arguments that are values become variables, programs stand where they are called.
    private mutating func inline(
        _ record: FunctionRecord, _ arguments: [Syntax], at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        var inside = scope
        inside.names = record.names
        inside.inlining += 1
        if record.isPrelude { inside.override = place }
        var values: [any Node] = []
        for (parameter, syntax) in zip(record.definition.parameters, arguments) {
            if parameter.isValue {
                var there = scope
                there.depth = inside.depth
                values.append(try compile(syntax, there))
                inside.bind(valueParameter: parameter.name)
            } else {
                let meaning = NameEntry.Meaning.inlined(
                    parameter.name, syntax, names: scope.names, override: scope.override)
                inside.names = NameEntry(meaning, in: inside.names)
            }
        }
        var node = try compile(record.definition.body, inside)
        for value in values.reversed() { node = BindNode(value, body: node) }
        return node
    }

    // MARK: Functions of the host

    private mutating func call(
        _ host: JQHostFunction, _ arguments: [Syntax], at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        let nodes = try compile(all: arguments, scope)
        hostCalls.append((host.name, nodes.map { ($0 as? LiteralNode)?.json }, place))
        return HostNode(host, nodes, at: place)
    }

    // MARK: Names that mean nothing

    private func undefined(_ name: String, _ arity: Int, at place: Int, _ scope: Scope) -> SyntaxFault {
        if let reason = Builtins.refused[name] {
            return SyntaxFault(offset: place, reason: "\"\(name)\" is not available: \(reason)")
        }
        let known = scope.functionNames + hostFunctions.map { ($0.name, $0.arity) } + Builtins.signatures
        let arities = Set(known.filter { $0.name == name }.map(\.arity)).sorted()
        if !arities.isEmpty {
            let counts = arities.map(String.init).joined(separator: " or ")
            return SyntaxFault(
                offset: place, reason: "\"\(name)\" takes \(counts) argument(s), not \(arity)",
                suggestion: "arguments are separated by \";\"")
        }
        let nearest = Nearest.name(to: name, among: known.map(\.name))
        return SyntaxFault(
            offset: place, reason: "the function \"\(name)/\(arity)\" is not defined",
            suggestion: nearest.map { "did you mean \"\($0)\"?" })
    }
}

extension Syntax {
    /// Whether a call of the function stands anywhere inside.
    func calls(_ name: String, _ arity: Int) -> Bool { count(of: name, arity) > 0 }

    /// How many calls of the function stand inside. Counts what a definition of the same name hides, too.
    func count(of name: String, _ arity: Int) -> Int {
        var count = kind.children.reduce(0) { $0 + $1.count(of: name, arity) }
        if case .call(name, let arguments) = kind, arguments.count == arity { count += 1 }
        return count
    }
}
