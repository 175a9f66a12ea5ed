import ExactJSON

/// One binding of the running program and those around it: a list that grows inwards and is shared by closures.
///
/// The compiler knows how many steps outwards each name lies, so nothing is looked up by name.
final class Environment {
    /// Environments hold one another through closures, and are freed by recursion: this bounds it.
    static let maximumHeight: Int32 = 1_000

    enum Binding {
        case value(Value)
        /// A program given as an argument, and where its names lie.
        case closure(any Node, Environment?)
        /// A label: how many choices were waiting when it was set.
        case label(height: Int)
    }

    let outer: Environment?
    let binding: Binding
    private let height: Int32

    init(_ binding: Binding, in outer: Environment?) throws(Fault) {
        var height = outer?.height ?? 0
        if case .closure(_, let scope?) = binding { height = max(height, scope.height) }
        guard height < Self.maximumHeight else { throw .limit(.depth) }
        self.outer = outer
        self.binding = binding
        self.height = height + 1
    }

    /// The value bound `steps` further out.
    static func value(_ steps: Int, from start: Environment?) throws(Fault) -> Value {
        let place = steps == 0 ? start : up(steps, from: start)
        guard case .value(let value)? = place?.binding else {
            throw Fault(.fatal("internal error: a variable's place holds no value"))
        }
        return value
    }

    /// The environment `steps` further out.
    static func up(_ steps: Int, from start: Environment?) -> Environment? {
        var scope = start
        for _ in 0..<steps { scope = scope?.outer }
        return scope
    }
}
