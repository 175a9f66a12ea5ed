/// Compiles a jq program and says what is wrong with it; empty where it compiles. `name` is what errors call it.
package typealias ProgramCheck = @Sendable (_ source: String, _ name: String) -> [ProgramFault]

/// What is wrong with a jq program, and where in it.
package struct ProgramFault: Sendable, Hashable {
    /// From 1.
    package let line: Int
    /// In characters, from 1.
    package let column: Int
    package let reason: String
    package let suggestion: String?

    /// A fault at `line` and `column`, both from 1.
    package init(line: Int, column: Int, reason: String, suggestion: String? = nil) {
        self.line = line
        self.column = column
        self.reason = reason
        self.suggestion = suggestion
    }
}
