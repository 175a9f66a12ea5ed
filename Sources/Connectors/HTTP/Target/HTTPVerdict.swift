import Canonical
import Contracts
import ExactJSON
import World

/// What follows from an answer, or from none. Pure.
struct HTTPVerdict: Sendable {
    /// The nesting that an answer may have to be looked into.
    static let maximumDepth = 64

    let table: AnswerTable
    let reference: JSONPointer?
    let settle: Duration
    let excerpt: AnswerExcerpt

    /// `isRepeatable`: whether the request may be sent once more whatever became of it; `isKeyed`: whether that is so
    /// because the receiver knows its key again, and not because of its method.
    func outcome(
        _ response: HTTPResponse, of request: PlannedRequest, isRepeatable: Bool, isKeyed: Bool, now: Instant
    ) -> Outcome {
        let said = excerpt.words(response)
        let words =
            excerpt.clean("\(request.words) is answered \(response.status)") + (said.isEmpty ? "" : ": \(said)")
        let wait = RetryAfter.wait(response.headers, now: now)
        switch table[response.status] {
        case .accepted:
            return .accepted(Acceptance(reference: receipt(response), summary: words))
        case .retried:
            let isBusy = response.status == 429 || response.status >= 500
            return .deferred(Deferral(Failure(HTTPTargetFailures.busy, words), after: wait, isTargetDown: isBusy))
        case .rejected:
            return .rejected(Failure(HTTPTargetFailures.refused, words))
        case .targetWide:
            return .deferred(Deferral(targetWide(response, words), after: wait, isTargetDown: true))
        case .doubtful:
            guard isRepeatable else { return .unknown(Failure(HTTPTargetFailures.fateUnknown, words)) }
            // Who knows the key sees a repetition as one at any time. Another one could still be working on the first,
            // and finish it behind what comes next.
            let pause = isKeyed ? wait : max(wait ?? .zero, settle)
            // An error of its own may be about this command alone; the others are a server's that is not there.
            return .deferred(
                Deferral(
                    Failure(HTTPTargetFailures.troubled, words), after: pause, isTargetDown: response.status != 500))
        }
    }

    /// No answer came.
    func outcome(_ failure: NetworkFailure, of request: PlannedRequest) -> Outcome {
        let (sent, words) = (excerpt.clean(request.words), excerpt.clean(failure.detail))
        if failure.mayHaveArrived {
            return .unknown(Failure(HTTPTargetFailures.fateUnknown, "no answer to \(sent): \(words)"))
        }
        return .deferred(
            Deferral(
                Failure(HTTPTargetFailures.unreachable, "\(sent) was not sent: \(words)"),
                isTargetDown: failure.reason != .cancelled))
    }

    private func targetWide(_ response: HTTPResponse, _ words: String) -> Failure {
        guard (300..<400).contains(response.status) else { return Failure(HTTPTargetFailures.credentials, words) }
        let place = response.headers["location"].map { " and points to \(excerpt.clean($0).prefix(200))" } ?? ""
        return Failure(HTTPTargetFailures.redirected, words + place)
    }

    /// The id of what was made: from the place in the answer, else its address, else what the receiver said.
    private func receipt(_ response: HTTPResponse) -> String {
        if let reference, let body = try? JSONReader.read(response.body, maximumDepth: Self.maximumDepth),
            let value = reference.value(in: body), !value.isNull
        {
            return bounded(value.string ?? value.description)
        }
        return bounded(response.headers["location"] ?? "status \(response.status)")
    }

    private func bounded(_ text: String) -> String {
        let clean = excerpt.clean(text).unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        return String(clean.prefix(200))
    }
}
