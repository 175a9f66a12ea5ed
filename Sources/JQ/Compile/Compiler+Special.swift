import ExactJSON

extension Compiler {
    /// Functions that are constructs: they do not just take values.
    mutating func special(
        _ name: String, _ arguments: [Syntax], at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> (any Node)? {
        switch (name, arguments.count) {
        case ("empty", 0): return EmptyNode()
        case ("error", 0): return ErrorNode(nil, at: place)
        case ("error", 1): return ErrorNode(try compile(arguments[0], scope), at: place)
        case ("halt", 0): return HaltNode(isError: false, code: nil, at: place)
        case ("halt_error", 0): return HaltNode(isError: true, code: nil, at: place)
        case ("halt_error", 1): return HaltNode(isError: true, code: try compile(arguments[0], scope), at: place)
        case ("now", 0): return NowNode(at: place)
        case ("path", 1): return PathNode(try compile(arguments[0], scope), at: place)
        case ("getpath", 1): return GetPathNode(try compile(arguments[0], scope), at: place)
        case ("first", 1): return LimitNode(nil, try compile(arguments[0], scope), at: place)
        case ("limit", 2):
            return LimitNode(try compile(arguments[0], scope), try compile(arguments[1], scope), at: place)
        case ("range", 1...3): return try range(arguments, at: place, scope)
        case ("builtins", 0):
            let names = Builtins.signatures.filter { !$0.name.hasPrefix("_") }.map { "\($0.name)/\($0.arity)" }
            return LiteralNode(.array(names.sorted().map { .string($0) }))
        case ("_test", 1...2), ("_matches", 1...2), ("_split", 2):
            return try match(name, arguments, at: place, scope)
        case ("sub", 2), ("sub", 3), ("gsub", 2), ("gsub", 3):
            return try substitution(name, arguments, at: place, scope)
        default: return nil
        }
    }

    /// The names and arities of ``special(_:_:at:_:)``, for suggestions.
    static let specialNames = [
        ("empty", 0), ("error", 0), ("error", 1), ("now", 0), ("path", 1), ("getpath", 1), ("first", 1), ("limit", 2),
        ("range", 1), ("range", 2), ("range", 3), ("builtins", 0), ("halt", 0), ("halt_error", 0), ("halt_error", 1),
    ]

    private mutating func range(_ arguments: [Syntax], at place: Int, _ scope: Scope) throws(SyntaxFault) -> any Node {
        let nodes = try compile(all: arguments, scope)
        switch nodes.count {
        case 1: return RangeNode(LiteralNode(0), nodes[0], LiteralNode(1), at: place)
        case 2: return RangeNode(nodes[0], nodes[1], LiteralNode(1), at: place)
        default: return RangeNode(nodes[0], nodes[1], nodes[2], at: place)
        }
    }

    private mutating func match(
        _ name: String, _ arguments: [Syntax], at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> any Node {
        let nodes = try compile(all: arguments, scope)
        // Without flags, the pattern may bring them along: ["pattern", "flags"].
        let flags = nodes.count > 1 ? nodes[1] : nil
        let ready = try constantRegex(nodes[0], flags, all: false, at: place)
        return NativeNode(RegexFunctions.function(name, ready), nodes, at: place)
    }

    /// Regular expressions that are constant are read here, and faults in them reported.
    private func constantRegex(
        _ pattern: any Node, _ flags: (any Node)?, all: Bool, at place: Int
    ) throws(SyntaxFault) -> Regex? {
        guard let pattern = (pattern as? LiteralNode)?.json else { return nil }
        let letters = (flags as? LiteralNode)?.json
        guard letters != nil || flags == nil else { return nil }
        do throws(Fault) {
            return try RegexFunctions.regex(pattern, letters, all: all)
        } catch {
            let reason = error.caught?.string ?? "the regular expression cannot be read"
            let shown = pattern.string.map { " in \(Shown.short(.string($0), bytes: 80))" } ?? ""
            throw SyntaxFault(offset: place, reason: reason + (reason.hasPrefix("Regex") ? shown : ""))
        }
    }

    /// `sub` and `gsub` where the new text is known to have one output; nil leaves the others to the prelude.
    private mutating func substitution(
        _ name: String, _ arguments: [Syntax], at place: Int, _ scope: Scope
    ) throws(SyntaxFault) -> (any Node)? {
        let text = try compile(arguments[1], scope)
        guard text.isDirect else { return nil }
        let pattern = try compile(arguments[0], scope)
        var flags: any Node = LiteralNode(.null)
        if arguments.count == 3 { flags = try compile(arguments[2], scope) }
        let ready = try constantRegex(pattern, flags, all: name == "gsub", at: place)
        return SubstitutionNode(pattern, text, flags, all: name == "gsub", ready, at: place)
    }
}
