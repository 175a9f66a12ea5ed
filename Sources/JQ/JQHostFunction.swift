public import ExactJSON

/// A function that the host adds to the language: `lookup("table"; key)`.
///
/// Its arguments are evaluated before it is called; an argument with several outputs calls it once for each.
public struct JQHostFunction: Sendable {
    /// The name in programs. A definition in the program hides it; it hides a built-in of the same name and arity.
    public let name: String
    /// How many arguments it takes.
    public let arity: Int
    let body: @Sendable ([JSON]) throws(JQHostError) -> JSON

    /// A function called `name` that takes `arity` arguments; `body` must not block and must not keep state.
    public init(
        name: String, arity: Int, body: @escaping @Sendable (_ arguments: [JSON]) throws(JQHostError) -> JSON
    ) {
        self.name = name
        self.arity = arity
        self.body = body
    }
}

/// What a host function throws.
public struct JQHostError: Error, Sendable, Equatable {
    /// Whether `try` in the program may catch it.
    public let isFatal: Bool
    /// What happened, for a person.
    public let message: String

    /// An error that the program may catch; `catch` sees `message` as a string.
    public static func catchable(_ message: String) -> JQHostError { JQHostError(isFatal: false, message: message) }

    /// An error that ends the run whatever the program says.
    public static func fatal(_ message: String) -> JQHostError { JQHostError(isFatal: true, message: message) }
}

/// A call of a host function as it stands in a program, for checks before anything runs.
public struct JQHostCall: Sendable, Equatable {
    public let name: String
    /// The arguments that are literals; nil for one that is computed.
    public let arguments: [JSON?]
    /// Line and column (in characters) of the call, from 1.
    public let line: Int
    public let column: Int

    /// A call as it would be found at line and column.
    public init(name: String, arguments: [JSON?], line: Int, column: Int) {
        self.name = name
        self.arguments = arguments
        self.line = line
        self.column = column
    }
}
