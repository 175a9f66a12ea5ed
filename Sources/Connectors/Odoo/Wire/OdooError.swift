package import Contracts

/// Why a call did not give a result, and what may follow from it.
package struct OdooError: Error, Sendable {
    /// What the engine may do next.
    package enum Verdict: Sendable, Hashable {
        /// Trying again cannot help.
        case rejected
        /// Surely not done: try again.
        case deferred(after: Duration?, isTargetDown: Bool)
        /// Sent, and the fate is not known.
        case unknown
    }

    package let verdict: Verdict
    package let failure: Failure
    /// Odoo's own name of the exception, such as `odoo.exceptions.UserError`; nil where Odoo did not answer.
    package let exception: String?
    /// The record that it is about, where whoever met it knew that.
    package let record: OdooRecord?

    package init(_ verdict: Verdict, _ failure: Failure, exception: String? = nil, record: OdooRecord? = nil) {
        self.verdict = verdict
        self.failure = failure
        self.exception = exception
        self.record = record
    }

    /// A refusal that comes from looking at the facts.
    static func reject(
        _ kind: FailureKind, _ message: String, suggestion: String? = nil, about record: OdooRecord? = nil
    ) -> OdooError {
        OdooError(.rejected, Failure(kind, message, suggestion: suggestion), record: record)
    }

    /// What becomes of a command whose write ended so.
    var outcome: Outcome {
        switch verdict {
        case .rejected: .rejected(failure)
        case .deferred(let after, let isDown): .deferred(Deferral(failure, after: after, isTargetDown: isDown))
        case .unknown: .unknown(failure)
        }
    }

    /// What becomes of a command whose preparation ended so: reads have no fate, so a lost answer is only a delay.
    var preparation: Preparation { .settled(asRead.outcome) }

    /// What an inquiry says that ended so.
    var inquiry: Inquiry {
        switch asRead.verdict {
        case .rejected, .unknown: .cannotTell(failure)
        case .deferred(let after, let isDown): .deferred(Deferral(failure, after: after, isTargetDown: isDown))
        }
    }

    /// The same trouble, met while reading.
    var asRead: OdooError {
        guard verdict == .unknown else { return self }
        return OdooError(.deferred(after: nil, isTargetDown: false), failure, exception: exception, record: record)
    }
}
