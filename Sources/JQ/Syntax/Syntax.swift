import ExactJSON

/// A construct of the program as it was written: the parser's answer, the compiler's input.
final class Syntax: Sendable {
    let kind: Kind
    /// Where the construct begins, in UTF-8 bytes from the program's start.
    let offset: Int
    /// How many constructs lie in one another at most, this one included. What follows in a row (the body behind
    /// `as`, the left side of an operator) does not count: it is compiled by a loop.
    let height: Int
    /// The same, with what follows in a row.
    let length: Int

    init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
        let row = kind.row
        height = max(1 + (kind.children.filter { $0 !== row }.map(\.height).max() ?? 0), row?.height ?? 0)
        length = 1 + (kind.children.map(\.length).max() ?? 0)
    }

    enum Kind: Sendable {
        case identity
        case recurse
        case literal(JSON)
        case string(format: String?, pieces: [Piece])
        case format(String)
        case variable(String)
        case location
        case array(Syntax?)
        case object([Entry])
        case index(Syntax, key: Syntax)
        case slice(Syntax, from: Syntax?, to: Syntax?)
        case iterate(Syntax)
        case negate(Syntax)
        case pipe([Syntax])
        case comma([Syntax])
        case binary(BinaryOperator, Syntax, Syntax)
        case and(Syntax, Syntax)
        case or(Syntax, Syntax)
        case alternative(Syntax, Syntax)
        case assign(AssignOperator, Syntax, Syntax)
        case conditional([(condition: Syntax, then: Syntax)], otherwise: Syntax?)
        case attempt(Syntax, handler: Syntax?)
        /// `t.a?`, `t[k]?`, `t[]?`: only the last access may fail.
        case optional(Syntax)
        case reduce(Syntax, [Pattern], initial: Syntax, update: Syntax)
        case foreach(Syntax, [Pattern], initial: Syntax, update: Syntax, extract: Syntax?)
        case bind(Syntax, [Pattern], body: Syntax)
        case label(String, body: Syntax)
        case breaking(String)
        case call(String, [Syntax])
        case define([Definition], body: Syntax)
    }

    /// A part of a string: its text or a program whose outputs stand there.
    enum Piece: Sendable {
        case text(String)
        case code(Syntax)
    }

    /// One `key: value` of an object construction; both are programs.
    struct Entry: Sendable {
        let key: Syntax
        let value: Syntax
    }

    /// `def name(parameters): body;`
    struct Definition: Sendable {
        let name: String
        let parameters: [Parameter]
        let body: Syntax
        let offset: Int
    }

    /// A parameter: a program (`f`) or a value (`$f`).
    struct Parameter: Sendable {
        let name: String
        let isValue: Bool
    }

    /// What stands behind `as`.
    indirect enum Pattern: Sendable {
        case variable(String)
        case array([Pattern])
        case object([Member])

        struct Member: Sendable {
            /// `$name` binds the member itself, whatever the pattern behind it.
            let variable: String?
            let key: Syntax
            let pattern: Pattern?
        }

        /// The names that it binds, in their order.
        var variables: [String] {
            switch self {
            case .variable(let name): [name]
            case .array(let patterns): patterns.flatMap(\.variables)
            case .object(let members):
                members.flatMap { ($0.variable.map { [$0] } ?? []) + ($0.pattern?.variables ?? []) }
            }
        }
    }
}

/// The operators that take two values and give one.
enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

/// The operators that change what a path leads to.
enum AssignOperator: Sendable, Equatable {
    case set
    case update
    case alternative
    case arithmetic(BinaryOperator)
}
