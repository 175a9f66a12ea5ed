/// How much one run of a program may use. Reaching a limit ends the run with ``JQRuntimeError/Kind/limit(_:)``;
/// `try` and `?` in the program do not catch it.
public struct JQLimits: Sendable, Equatable {
    /// Evaluation steps: one for each construct entered, and one for each 16 elements that a function goes through.
    public var steps: Int
    /// Evaluations waiting for one another, as in a recursion that is not in tail position. They wait on the heap,
    /// never on the thread's stack.
    public var depth: Int
    /// Values that the program may put out.
    public var outputs: Int
    /// Estimated bytes of all strings, arrays and objects made during the run, those already forgotten included, and
    /// of each output.
    public var memory: Int
    /// How deep arrays and objects may lie in one another, in made values, in paths and in outputs.
    public var nesting: Int

    /// The limits given; the defaults suit a program that maps one event.
    public init(
        steps: Int = 100_000, depth: Int = 1_000, outputs: Int = 1_000, memory: Int = 16 << 20, nesting: Int = 256
    ) {
        self.steps = steps
        self.depth = depth
        self.outputs = outputs
        self.memory = memory
        self.nesting = min(nesting, Self.maximumNesting)
    }

    /// The limits that hold unless others are given.
    public static let `default` = JQLimits()

    /// No ``nesting`` goes beyond this: values are compared, written and freed by recursion on the thread's stack.
    public static let maximumNesting = 256

    /// Which limit was reached.
    public enum Name: String, Sendable, Equatable, CaseIterable {
        case steps, depth, outputs, memory, nesting
    }

    /// The value of the limit `name`.
    public subscript(name: Name) -> Int {
        switch name {
        case .steps: steps
        case .depth: depth
        case .outputs: outputs
        case .memory: memory
        case .nesting: nesting
        }
    }
}
