package import Contracts

/// One thing that a look at a target and its Odoo came to, with what mends it.
package struct OdooFinding: Sendable, Hashable {
    /// How bad it is.
    package enum Severity: String, Sendable, CaseIterable {
        case fine
        /// It works, and something about it will hurt.
        case warning
        /// Something that this node does there cannot work.
        case fault
    }

    package let severity: Severity
    /// What was looked at: `connection`, `rights`, `key`, …
    package let topic: String
    /// What was found, with the real values.
    package let words: String
    /// What a person does about it; nil where it is fine.
    package let mend: String?

    package init(_ severity: Severity, _ topic: String, _ words: String, mend: String? = nil) {
        self.severity = severity
        self.topic = topic
        self.words = words
        self.mend = mend
    }
}
