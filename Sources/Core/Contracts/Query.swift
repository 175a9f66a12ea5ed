package import Canonical
package import ExactJSON

/// A question to a target, as somebody asked it: its name and its arguments as text, as an address or a command line
/// gives them.
package struct Query: Sendable, Hashable {
    /// `availability`
    package let name: String
    package let arguments: [String: String]

    package init(_ name: String, _ arguments: [String: String]) {
        self.name = name
        self.arguments = arguments
    }

    /// The argument, or nil where it was not given.
    package subscript(name: String) -> String? { arguments[name] }
}

/// What a target says to a question.
package enum QueryResult: Sendable {
    /// What stands at the target now.
    case answered(JSON)
    /// It was asked, and there is nothing to say: an unknown record, no right to see it, a wrong argument.
    case refused(Failure)
    /// It could not be asked.
    case unavailable(Deferral)
}

/// An answer as it goes to whoever asked, with all that is needed to judge it.
package struct Answer: Sendable, Hashable {
    /// Where it comes from.
    package enum Origin: Sendable, Hashable {
        /// The target was asked for it.
        case asked
        /// Somebody asked not long ago.
        case remembered
        /// The last known answer, as the target cannot be asked now, for this reason.
        case fallback(Failure)
    }

    package let target: TargetName
    package let query: Query
    package let content: JSON
    /// When the target was asked: what it says held then or later.
    package let asOf: Instant
    package let age: Duration
    package let origin: Origin

    package init(
        target: TargetName, query: Query, content: JSON, asOf: Instant, age: Duration, origin: Origin
    ) {
        self.target = target
        self.query = query
        self.content = content
        self.asOf = asOf
        self.age = age
        self.origin = origin
    }

    /// `{target, query, arguments, answer, asOf, ageSeconds, from, fallback}`; `from` is `target`, `memory` or
    /// `fallback`, and `fallback` says why, or is null.
    package var json: JSON {
        var because = JSON.null
        let from: String
        switch origin {
        case .asked: from = "target"
        case .remembered: from = "memory"
        case .fallback(let failure):
            from = "fallback"
            because = [
                "code": .string(failure.kind.code), "message": .string(failure.message),
                "suggestion": .string(failure.suggestion),
            ]
        }
        let given = query.arguments.sorted { $0.key < $1.key }.reduce(into: JSONObject()) {
            $0[$1.key] = .string($1.value)
        }
        return [
            "target": .string(target.rawValue), "query": .string(query.name), "arguments": .object(given),
            "answer": content, "asOf": .string(asOf.description),
            "ageSeconds": .number(ExactNumber(coefficient: age.microseconds / 1_000, scale: 3).trimmed()),
            "from": .string(from), "fallback": because,
        ]
    }
}

/// What comes back to whoever asked.
package enum QueryReply: Sendable {
    case answer(Answer)
    /// Asking again in the same way does not help.
    case refused(Failure)
    /// There is no answer now, and none from before that is young enough.
    case unavailable(Failure, retryAfter: Duration)
}
