import ExactJSON

/// What a name means at a place of the program, as a list from the innermost outwards.
final class NameEntry {
    enum Meaning {
        case variable(String, slot: Int)
        /// A parameter that is a program.
        case closure(String, slot: Int)
        /// A parameter that is a value, by its name without the dollar sign.
        case valueClosure(String, slot: Int)
        case label(String, slot: Int)
        case function(FunctionRecord)
        /// A parameter of a function compiled into its caller: the argument's text and the caller's names.
        case inlined(String, Syntax, names: NameEntry?, override: Int?)
    }

    let meaning: Meaning
    let outer: NameEntry?

    init(_ meaning: Meaning, in outer: NameEntry?) {
        self.meaning = meaning
        self.outer = outer
    }
}

/// A function that a program or the prelude defines.
final class FunctionRecord {
    let definition: Syntax.Definition
    /// The names outside of the definition, and the depth of the environment there.
    let names: NameEntry?
    let depth: Int
    let isPrelude: Bool
    /// Its place in the table of functions, once it has one.
    var index: Int?
    var body: (any Node)?
    var isCompiling = false
    var isRecursive = false

    init(_ definition: Syntax.Definition, names: NameEntry?, depth: Int, isPrelude: Bool) {
        self.definition = definition
        self.names = names
        self.depth = depth
        self.isPrelude = isPrelude
    }

    func matches(_ name: String, _ arity: Int) -> Bool {
        definition.name == name && definition.parameters.count == arity
    }
}

/// A place of the program: what names mean there, and how many bindings the environment has.
struct Scope {
    var names: NameEntry?
    var depth: Int
    /// Where errors are reported instead of the construct's own place: the call, for code of the prelude.
    var override: Int?
    /// How many functions were compiled into one another on the way here.
    var inlining = 0

    static var empty: Scope { Scope(names: nil, depth: 0, override: nil) }

    func place(_ syntax: Syntax) -> Int { override ?? syntax.offset }

    mutating func bind(variable name: String) {
        names = NameEntry(.variable(name, slot: depth), in: names)
        depth += 1
    }

    mutating func bind(closure name: String) {
        names = NameEntry(.closure(name, slot: depth), in: names)
        depth += 1
    }

    /// `def f($a)` makes `$a` and also the function `a`.
    mutating func bind(valueParameter name: String) {
        names = NameEntry(.valueClosure(name, slot: depth), in: names)
        bind(variable: name)
    }

    mutating func bind(label name: String) {
        names = NameEntry(.label(name, slot: depth), in: names)
        depth += 1
    }

    /// Steps outwards from here to the binding in `slot`.
    func steps(to slot: Int) -> Int { depth - 1 - slot }

    func lookUp<Result>(_ match: (NameEntry.Meaning) -> Result?) -> Result? {
        var entry = names
        while let current = entry {
            if let result = match(current.meaning) { return result }
            entry = current.outer
        }
        return nil
    }

    /// The names of all variables that can be used here.
    var variableNames: [String] {
        var found: [String] = []
        var entry = names
        while let current = entry {
            if case .variable(let name, _) = current.meaning { found.append(name) }
            entry = current.outer
        }
        return found
    }

    /// `name/arity` of all functions defined by the program and usable here.
    var functionNames: [(name: String, arity: Int)] {
        var found: [(name: String, arity: Int)] = []
        var entry = names
        while let current = entry {
            switch current.meaning {
            case .function(let record): found.append((record.definition.name, record.definition.parameters.count))
            case .closure(let name, _), .valueClosure(let name, _), .inlined(let name, _, _, _):
                found.append((name, 0))
            default: break
            }
            entry = current.outer
        }
        return found
    }
}
