public import ExactJSON

/// Why a program cannot be compiled, and where.
public struct JQCompileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The program's name, as given to ``JQProgram/compile(_:name:functions:variables:)``.
    public let name: String
    /// The line, from 1.
    public let line: Int
    /// The column in characters, from 1.
    public let column: Int
    /// What is wrong, naming the construct.
    public let reason: String
    /// What to write instead, where there is a good guess.
    public let suggestion: String?

    public var description: String {
        "\(name):\(line):\(column): \(reason)" + (suggestion.map { "; \($0)" } ?? "")
    }
}

/// Why a run ended early, and at which construct.
public struct JQRuntimeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What ended the run.
    public enum Kind: Sendable, Equatable {
        /// An error of the program or its data that no `try` caught; the value is what `catch` would have seen.
        case raised(JSON)
        /// A host function's error that `try` must not catch, or a service that this run was not given.
        case fatal
        /// A bound of ``JQLimits`` was reached.
        case limit(JQLimits.Name)
        /// The program ended itself by `halt_error`, with the exit code that it asked for. (`halt` is no error.)
        case halted(JSON, exitCode: Int)
    }

    public let kind: Kind
    /// What happened, in jq's words where jq has words for it.
    public let message: String
    /// The program's name.
    public let name: String
    /// The line of the construct that failed, from 1.
    public let line: Int
    /// The column of that construct in characters, from 1.
    public let column: Int
    /// The beginning of the value that the construct was applied to, as JSON; empty where it does not matter.
    public let input: String

    public var description: String {
        "\(name):\(line):\(column): \(message)" + (input.isEmpty ? "" : " (input: \(input))")
    }
}
