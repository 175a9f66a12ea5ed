public import ExactJSON

/// What can be told of a program without running it: which members of its input it reads by name, what it calls, which
/// keys it gives the objects that it makes, and whether a condition can ever hold.
///
/// It says less than there is, and nothing that is not so: a path is one only where `.` is surely the program's input.
public struct JQReading: Sendable {
    /// Where something stands in the program.
    public struct Place: Sendable, Hashable {
        /// From 1.
        public let line: Int
        /// In characters, from 1.
        public let column: Int
    }

    /// A member of the program's input that is read by constant names: `.data.order`.
    public struct Member: Sendable, Hashable {
        public let path: [String]
        /// Of the last name.
        public let place: Place
    }

    /// What a call is given, as far as it can be told.
    public enum Argument: Sendable, Hashable {
        case literal(JSON)
        case member([String])
        case computed
    }

    /// A call of a function by name.
    public struct Call: Sendable, Hashable {
        public let name: String
        public let arguments: [Argument]
        public let place: Place
        /// Of each argument.
        public let places: [Place]
    }

    /// A constant key of an object that the program makes.
    public struct Key: Sendable, Hashable {
        public let name: String
        public let place: Place
    }

    /// Whether a condition holds.
    public enum Verdict: Sendable, Equatable { case never, always, unknown }

    /// Members and the constants that the program compares them with.
    public let comparisons: [(path: [String], value: JSON)]
    public let members: [Member]
    public let calls: [Call]
    public let keys: [Key]
    private let root: Syntax

    /// Nil where the source is no program.
    public init?(_ source: String) {
        guard source.utf8.count <= JQProgram.maximumSourceBytes, let root = try? Parser.parse(source) else {
            return nil
        }
        self.root = root
        var walk = ReadingWalk(lines: SourceLines(source))
        walk.visit(root, isInput: true)
        (members, calls, keys, comparisons) = (walk.members, walk.calls, walk.keys, walk.comparisons)
    }

    /// Whether the program, taken as a condition, can hold. `known`: all values that a member of the input can have;
    /// nil where that is not known.
    public func verdict(known: ([String]) -> [JSON]?) -> Verdict {
        guard let values = withoutActuallyEscaping(known, do: { ConditionReading(known: $0).values(root, depth: 0) })
        else { return .unknown }
        let isTrue = values.map { $0 != .null && $0 != .bool(false) }
        if isTrue.allSatisfy({ !$0 }) { return .never }
        return isTrue.allSatisfy { $0 } ? .always : .unknown
    }
}

/// Goes through a program once.
private struct ReadingWalk {
    let lines: SourceLines
    var members: [JQReading.Member] = []
    var calls: [JQReading.Call] = []
    var keys: [JQReading.Key] = []
    var comparisons: [(path: [String], value: JSON)] = []
    /// Deeper than this nothing is told.
    private static let deepest = 256

    init(lines: SourceLines) { self.lines = lines }

    private func place(_ offset: Int) -> JQReading.Place {
        let (line, column) = lines.position(of: offset)
        return JQReading.Place(line: line, column: column)
    }

    /// `isInput`: `.` is the program's own input here.
    mutating func visit(_ node: Syntax, isInput: Bool, depth: Int = 0) {
        guard depth < Self.deepest else { return }
        if isInput, case .index = node.kind, let path = node.memberPath {
            members.append(JQReading.Member(path: path, place: place(node.nameOffset)))
        }
        func go(_ inner: Syntax, _ isInput: Bool) { visit(inner, isInput: isInput, depth: depth + 1) }
        switch node.kind {
        case .pipe(let parts):
            var isStill = isInput
            for part in parts {
                go(part, isStill)
                isStill = isStill && part.passesInputOn
            }
        case .call(let name, let arguments):
            note(name, arguments, node.offset, isInput)
            // Most functions hand their arguments something else than what they get themselves.
            let keeps = ["select", "lookup", "error", "not", "has", "test", "startswith", "endswith", "if"]
            for argument in arguments { go(argument, isInput && keeps.contains(name)) }
        case .object(let entries):
            for entry in entries {
                if let name = entry.key.constantText {
                    keys.append(JQReading.Key(name: name, place: place(entry.key.offset)))
                }
                go(entry.key, isInput)
                go(entry.value, isInput)
            }
        case .binary(.equal, let left, let right):
            if isInput, let path = left.memberPath, let value = right.constant { comparisons.append((path, value)) }
            if isInput, let path = right.memberPath, let value = left.constant { comparisons.append((path, value)) }
            go(left, isInput)
            go(right, isInput)
        case .reduce(let source, _, let initial, let update):
            go(source, isInput)
            go(initial, isInput)
            go(update, false)
        case .foreach(let source, _, let initial, let update, let extract):
            go(source, isInput)
            go(initial, isInput)
            go(update, false)
            if let extract { go(extract, false) }
        case .assign(_, let left, let right):
            go(left, isInput)
            go(right, false)
        case .attempt(let body, let handler):
            go(body, isInput)
            if let handler { go(handler, false) }
        case .define(let definitions, let body):
            for definition in definitions { go(definition.body, false) }
            go(body, isInput)
        default:
            for child in node.kind.children { go(child, isInput) }
        }
    }

    private mutating func note(_ name: String, _ arguments: [Syntax], _ offset: Int, _ isInput: Bool) {
        let read = arguments.map { argument -> JQReading.Argument in
            if let value = argument.constant { return .literal(value) }
            if isInput, let path = argument.memberPath { return .member(path) }
            return .computed
        }
        calls.append(
            JQReading.Call(
                name: name, arguments: read, place: place(offset), places: arguments.map { place($0.offset) }))
    }
}

extension Syntax {
    /// `["data", "order"]` of `.data.order`; empty for `.`; nil for anything else.
    fileprivate var memberPath: [String]? {
        var names: [String] = []
        var node = self
        while true {
            switch node.kind {
            case .identity: return names.reversed()
            case .index(let target, let key):
                guard let name = key.constantText else { return nil }
                names.append(name)
                node = target
            case .optional(let inside), .attempt(let inside, handler: nil): node = inside
            default: return nil
            }
        }
    }

    /// Where the last name of a path stands.
    fileprivate var nameOffset: Int {
        switch kind {
        case .index(_, let key): key.offset
        case .optional(let inside), .attempt(let inside, _): inside.nameOffset
        default: offset
        }
    }

    /// A text that is written out.
    fileprivate var constantText: String? { constant?.string }

    /// A value that is written out.
    fileprivate var constant: JSON? {
        switch kind {
        case .literal(let value): return value
        case .string(format: nil, let pieces):
            var text = ""
            for piece in pieces {
                guard case .text(let part) = piece else { return nil }
                text += part
            }
            return .string(text)
        case .array(nil): return .array([])
        case .array(let inside?):
            let parts: [Syntax] = if case .comma(let parts) = inside.kind { parts } else { [inside] }
            let values = parts.compactMap(\.constant)
            return values.count == parts.count ? .array(values) : nil
        case .call(let name, let arguments) where arguments.isEmpty:
            return ["null": .null, "true": .bool(true), "false": .bool(false)][name]
        default: return nil
        }
    }

    /// Whether what it puts out is what it gets: `.`, `select(…)`, `if … then . else empty end` are not looked into.
    fileprivate var passesInputOn: Bool {
        switch kind {
        case .identity: true
        case .call("select", _): true
        default: false
        }
    }
}

/// All values that a condition can have, where they can be told.
private struct ConditionReading {
    let known: ([String]) -> [JSON]?
    private static let most = 64
    private static let deepest = 64

    func values(_ node: Syntax, depth: Int) -> [JSON]? {
        guard depth < Self.deepest else { return nil }
        if let value = node.constant { return [value] }
        if let path = node.memberPath { return path.isEmpty ? nil : known(path) }
        func inner(_ node: Syntax) -> [JSON]? { values(node, depth: depth + 1) }
        switch node.kind {
        case .and(let left, let right): return both(inner(left), inner(right), decides: false)
        case .or(let left, let right): return both(inner(left), inner(right), decides: true)
        case .binary(let sign, let left, let right): return compared(sign, inner(left), inner(right))
        case .pipe(let parts):
            guard parts.count == 2, let first = inner(parts[0]) else { return nil }
            return piped(first, into: parts[1])
        case .call("select", let arguments):
            // Nothing comes out of what never holds, and that is no true.
            guard arguments.count == 1, let inside = inner(arguments[0]), inside.allSatisfy(Self.isFalse) else {
                return nil
            }
            return [.bool(false)]
        case .call("empty", _): return [.bool(false)]
        default: return nil
        }
    }

    private static func isFalse(_ value: JSON) -> Bool { value == .null || value == .bool(false) }

    /// `and` is false where one side surely is, whatever the other one; `or` true.
    private func both(_ left: [JSON]?, _ right: [JSON]?, decides: Bool) -> [JSON]? {
        func all(_ values: [JSON]?, _ wanted: Bool) -> Bool {
            values?.allSatisfy { Self.isFalse($0) != wanted } ?? false
        }
        if all(left, decides) || all(right, decides) { return [.bool(decides)] }
        guard all(left, !decides), all(right, !decides) else { return nil }
        return [.bool(!decides)]
    }

    private func compared(_ sign: BinaryOperator, _ left: [JSON]?, _ right: [JSON]?) -> [JSON]? {
        guard let left, let right, left.count * right.count <= Self.most * Self.most else { return nil }
        var found: Set<Bool> = []
        for a in left {
            for b in right {
                guard let holds = Self.holds(sign, a, b) else { return nil }
                found.insert(holds)
            }
        }
        return found.map { .bool($0) }
    }

    private static func holds(_ sign: BinaryOperator, _ a: JSON, _ b: JSON) -> Bool? {
        switch sign {
        case .equal: return a == b
        case .notEqual: return a != b
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard let x = a.number, let y = b.number else { return nil }
            switch sign {
            case .less: return x < y
            case .lessOrEqual: return x <= y
            case .greater: return x > y
            default: return x >= y
            }
        default: return nil
        }
    }

    private func piped(_ values: [JSON], into node: Syntax) -> [JSON]? {
        guard case .call(let name, let arguments) = node.kind else { return nil }
        switch (name, arguments.count) {
        case ("not", 0): return values.map { .bool(Self.isFalse($0)) }
        case ("startswith", 1), ("endswith", 1):
            guard let wanted = arguments[0].constantText else { return nil }
            var found: [JSON] = []
            for value in values {
                guard let text = value.string else { return nil }
                found.append(.bool(name == "startswith" ? text.hasPrefix(wanted) : text.hasSuffix(wanted)))
            }
            return found
        default: return nil
        }
    }
}
