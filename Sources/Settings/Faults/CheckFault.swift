package import Contracts

/// One thing that is wrong with a settings folder: what, where, and the way out.
package struct CheckFault: Error, Sendable, Hashable {
    /// How bad it is.
    package enum Severity: String, Sendable {
        /// The folder cannot be run.
        case error
        /// The folder can be run; a person should look.
        case warning
    }

    /// The entry of the error reference, with its stable code (`SET-009`).
    package let kind: FailureKind
    package let severity: Severity
    /// Line and column count from 1, columns in Unicode scalars. Line 0 means the file or folder as a whole.
    package let location: SettingLocation
    /// What is wrong, with the real text and what was expected.
    package let reason: String
    /// What to do next, for this very place.
    package let suggestion: String

    /// A fault with its kind's remedy, or a suggestion for this very place.
    package init(
        _ kind: FailureKind, _ severity: Severity = .error, at location: SettingLocation, _ reason: String,
        suggestion: String? = nil
    ) {
        self.kind = kind
        self.severity = severity
        self.location = location
        self.reason = reason
        self.suggestion = suggestion ?? kind.remedy
    }

    /// `SET-009`
    package var code: String { kind.code }
    /// The file, below the settings folder.
    package var file: String { location.file }
    /// The line, from 1; 0 for the file as a whole.
    package var line: Int { location.line }
    /// The column, from 1, in Unicode scalars.
    package var column: Int { location.column }
}

extension CheckFault: Comparable {
    /// File, then line, then column, then code: the order in which a person works through them.
    package static func < (a: CheckFault, b: CheckFault) -> Bool {
        (a.file, a.line, a.column, a.code, a.reason) < (b.file, b.line, b.column, b.code, b.reason)
    }
}

extension CheckFault: CustomStringConvertible {
    /// One line: `flows/progress.yaml:6:9: error: … [SET-028]`.
    package var description: String {
        "\(place): \(severity.rawValue): \(reason) [\(code)]"
    }

    /// `file:line:column`, or only the file where no line can be named.
    package var place: String { line == 0 ? file : location.description }
}
