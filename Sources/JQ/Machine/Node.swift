import ExactJSON

/// What the compiler knows of a node before anything runs.
struct Traits: Sendable {
    /// At most one output, computed by ``Node/direct(_:_:_:)`` on the thread's stack.
    let isDirect: Bool
    /// Whether the node can say which path it took (`.a`, `select`, `if`, …); the others compute values.
    let followsPaths: Bool
    /// How much of the thread's stack evaluation takes, in nested nodes; ``unbounded`` where recursion is in it.
    let height: Int

    static let unbounded = 1_000_000
    /// Nodes that would nest higher are evaluated on the heap.
    static let maximumHeight = 48

    init(direct: Bool, paths: Bool, children: [any Node]) {
        let height = 1 + (children.map(\.traits.height).max() ?? 0)
        self.height = min(height, Self.unbounded)
        isDirect = direct && height <= Self.maximumHeight
        followsPaths = paths
    }

    /// A node whose evaluation may recurse, or whose inside is not known.
    static func open(paths: Bool) -> Traits { Traits(height: unbounded, paths: paths) }

    private init(height: Int, paths: Bool) {
        self.height = height
        isDirect = false
        followsPaths = paths
    }
}

/// A construct, compiled: names resolved, constants folded. Nodes are immutable and shared by all runs.
///
/// There are two ways to evaluate one. ``direct(_:_:_:)`` returns the one output (or none) like any Swift function:
/// fast, and only for nodes whose depth is known to be small. ``start(_:)`` works on the machine's registers, can give
/// any number of outputs through choices, and uses no stack.
protocol Node: AnyObject, Sendable {
    var traits: Traits { get }

    /// The output for `input`, or nil for none. Only called where ``Traits/isDirect``.
    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value?

    /// Begins evaluation with the machine's registers: gives a value, enters another node or goes back.
    func start(_ machine: Machine) throws(Fault)

    /// The same node where the record around it has taken what it looks up by constant names (``Projection``).
    func projected(_ paths: inout ProjectedPaths) -> any Node
}

extension Node {
    func projected(_ paths: inout ProjectedPaths) -> any Node { self }

    var isDirect: Bool { traits.isDirect }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        throw Fault(.fatal("internal error: \(type(of: self)) has no direct evaluation"))
    }

    /// What a direct node does where it is started: for nodes that are always direct and follow no path.
    func start(_ machine: Machine) throws(Fault) {
        if let result = try direct(machine.value, machine.scope, machine) {
            machine.give(result)
        } else {
            machine.goBack()
        }
    }
}
