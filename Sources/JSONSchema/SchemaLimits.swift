/// How much compiling a schema and looking at one value with it may use.
public struct SchemaLimits: Sendable, Equatable {
    /// Subschemas of a schema and of all that it refers to; one with more is refused.
    public var subschemas: Int
    /// Steps of all its regular expressions, compiled; a schema with more is refused.
    public var patternSteps: Int
    /// Mistakes of a schema that are listed.
    public var errors: Int
    /// Steps of one look: one for each keyword, and for each 16 characters, members or elements gone through.
    /// Reaching it is a fault of the value.
    public var steps: Int
    /// Subschemas that wait for one another during a look. Reaching it is a fault of the value.
    public var depth: Int
    /// Faults of a value that are listed; with so many the look ends.
    public var faults: Int

    /// The limits given; the defaults suit a message of a megabyte.
    public init(
        subschemas: Int = 10_000, patternSteps: Int = 200_000, errors: Int = 20, steps: Int = 1_000_000,
        depth: Int = 64, faults: Int = 20
    ) {
        self.subschemas = subschemas
        self.patternSteps = patternSteps
        self.errors = errors
        self.steps = steps
        self.depth = min(depth, Self.maximumDepth)
        self.faults = max(faults, 1)
    }

    /// The limits that hold unless others are given.
    public static let `default` = SchemaLimits()

    /// No ``depth`` goes beyond this: subschemas wait for one another on the thread's stack.
    public static let maximumDepth = 64
}
