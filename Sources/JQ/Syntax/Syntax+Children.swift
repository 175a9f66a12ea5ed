extension Syntax.Kind {
    /// The one construct inside with which the row goes on, that ``Compiler/compile(_:_:)`` walks by a loop.
    var row: Syntax? {
        switch self {
        case .pipe(let parts): parts.last
        case .bind(_, let patterns, let body): patterns.count == 1 ? body : nil
        case .label(_, let body), .define(_, let body): body
        case .alternative(_, let right): right
        case .binary(_, let left, _), .and(let left, _), .or(let left, _): left
        default: nil
        }
    }

    /// The constructs inside this one.
    var children: [Syntax] {
        switch self {
        case .identity, .recurse, .literal, .format, .variable, .location, .breaking: []
        case .string(_, let pieces):
            pieces.compactMap { if case .code(let code) = $0 { code } else { nil } }
        case .array(let inside): inside.map { [$0] } ?? []
        case .object(let entries): entries.flatMap { [$0.key, $0.value] }
        case .index(let target, let key): [target, key]
        case .slice(let target, let from, let to): [target] + [from, to].compactMap { $0 }
        case .iterate(let inside), .negate(let inside), .optional(let inside), .label(_, let inside): [inside]
        case .pipe(let parts), .comma(let parts), .call(_, let parts): parts
        case .binary(_, let left, let right), .and(let left, let right), .or(let left, let right): [left, right]
        case .alternative(let left, let right), .assign(_, let left, let right): [left, right]
        case .conditional(let branches, let otherwise):
            branches.flatMap { [$0.condition, $0.then] } + (otherwise.map { [$0] } ?? [])
        case .attempt(let body, let handler): [body] + (handler.map { [$0] } ?? [])
        case .reduce(let source, let patterns, let initial, let update):
            [source, initial, update] + patterns.flatMap(\.keys)
        case .foreach(let source, let patterns, let initial, let update, let extract):
            [source, initial, update] + (extract.map { [$0] } ?? []) + patterns.flatMap(\.keys)
        case .bind(let source, let patterns, let body): [source, body] + patterns.flatMap(\.keys)
        case .define(let definitions, let body): definitions.map(\.body) + [body]
        }
    }
}

extension Syntax.Pattern {
    /// The programs that compute the keys of object patterns.
    var keys: [Syntax] {
        switch self {
        case .variable: []
        case .array(let patterns): patterns.flatMap(\.keys)
        case .object(let members): members.flatMap { [$0.key] + ($0.pattern?.keys ?? []) }
        }
    }
}
