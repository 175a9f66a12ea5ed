/// What can go wrong with a question to a target, before the target says anything itself.
package enum QueryFailures {
    package static let unknownTarget = FailureKind(
        "QUERY-001", "no target of that name answers questions",
        remedy: "Use the name of a target whose settings have `answers`.")
    package static let unknownQuery = FailureKind(
        "QUERY-002", "the target does not know this question",
        remedy: "GET /v1/targets/TARGET/answers lists the questions that it knows.")
    package static let arguments = FailureKind(
        "QUERY-003", "the question's arguments are wrong", remedy: "Correct the arguments and ask again.")
    package static let unavailable = FailureKind(
        "QUERY-004", "the target cannot be asked, and no answer from before is young enough",
        remedy: "Ask again later, when what the message says is wrong with the target is mended.")
    package static let busy = FailureKind(
        "QUERY-005", "too many questions wait for the target",
        remedy: "Ask again in a few seconds, less often, or raise the target's `answers.concurrency`.")
    package static let slow = FailureKind(
        "QUERY-006", "the target did not answer in time",
        remedy: "Look at what keeps the target busy, or raise the target's `answers.timeout`.")
    package static let unauthorized = FailureKind(
        "QUERY-007", "the question bears no token, or a wrong one",
        remedy: "Send the token of the target's `answers` as Authorization: Bearer ….")
    package static let stopping = FailureKind(
        "QUERY-008", "the node starts or stops", remedy: "Ask again in a few seconds.")

    /// Every kind, for the error reference.
    package static let all = [
        unknownTarget, unknownQuery, arguments, unavailable, busy, slow, unauthorized, stopping,
    ]
}
