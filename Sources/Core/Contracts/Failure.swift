/// One kind of failure with its stable code: the entry of the error reference.
package struct FailureKind: Sendable, Hashable {
    /// `ODOO-017`: area and number; never reused for another meaning.
    package let code: String
    /// What happened, in a few words without values.
    package let title: String
    /// What the person who reads it should do next.
    package let remedy: String

    package init(_ code: String, _ title: String, remedy: String) {
        self.code = code
        self.title = title
        self.remedy = remedy
    }
}

/// A failure as a person meets it: kind, the real values, and what to do. Never holds a secret.
package struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
    package let kind: FailureKind
    /// What happened, with the real values.
    package let message: String
    /// What to do next where it differs from the kind's own remedy.
    package let suggestion: String
    /// For the log alone: a peer's traceback, an operating system's words. Bounded by the maker.
    package let detail: String?
    /// The record that it is about, where one is known.
    package let subject: FailureSubject?

    package init(
        _ kind: FailureKind, _ message: String, suggestion: String? = nil, detail: String? = nil,
        subject: FailureSubject? = nil
    ) {
        self.kind = kind
        self.message = message
        self.suggestion = suggestion ?? kind.remedy
        self.detail = detail
        self.subject = subject
    }

    /// The same about a record, where it names none itself.
    package func about(_ subject: FailureSubject?) -> Failure {
        guard self.subject == nil, let subject else { return self }
        return Failure(kind, message, suggestion: suggestion, detail: detail, subject: subject)
    }

    package var description: String { "\(kind.code) \(message). \(suggestion)" }
}
