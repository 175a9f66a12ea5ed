package import Contracts

/// What can go wrong between a command and the receiver of an HTTP target.
package enum HTTPTargetFailures {
    package static let request = FailureKind(
        "HTTP-007", "a command makes no request",
        remedy: "Correct the flow's map at what is named, then resubmit.")
    package static let unreachable = FailureKind(
        "HTTP-008", "the receiver cannot be reached",
        remedy: "Check `endpoint`, the network between, and `certificates`; it is tried again, and nothing is lost.")
    package static let credentials = FailureKind(
        "HTTP-009", "the receiver does not take who sends",
        remedy: "Correct `auth` and its secret, or give that user the right to do it; it is tried again by itself. "
            + "Where the status means one command alone, put it under `status.rejected`.")
    package static let refused = FailureKind(
        "HTTP-010", "the receiver refuses a request",
        remedy: "Correct what it names, in the flow's map or at the receiver, then resubmit; or discard it.")
    package static let busy = FailureKind(
        "HTTP-011", "the receiver asks for a later try",
        remedy: "It is tried again by itself. Where that goes on, give the target a `rate`.")
    package static let fateUnknown = FailureKind(
        "HTTP-012", "it is not known whether a request was carried out",
        remedy: "Look at the receiver whether it has it. If it does, discard this with a note; if not, resubmit it. "
            + "A receiver that knows the key of a request again needs no person: `repeats: keyed`.")
    package static let troubled = FailureKind(
        "HTTP-013", "the receiver fails at a request that may be repeated",
        remedy: "It is tried again by itself; look at the receiver where that goes on.")
    package static let redirected = FailureKind(
        "HTTP-014", "the receiver points elsewhere",
        remedy: "Write the address that it points to as `endpoint`; redirects are not followed. It is tried again.")
    package static let token = FailureKind(
        "HTTP-015", "no access token",
        remedy: "Check `auth.tokens`, `client`, its secret and the scope at whoever issues tokens; it is tried again.")
    package static let mayBeDone = FailureKind(
        "HTTP-016", "a request may have been sent by a store that is forgotten",
        remedy: "Look at the receiver whether it has it. If it does, discard this with a note; if not, resubmit it.")
    package static let held = FailureKind(
        "HTTP-017", "nothing is sent, as answers were lost one after the other",
        remedy: "Look why the receiver does not answer. One request goes after a while, and with its answer the others."
    )
    package static let signing = FailureKind(
        "HTTP-018", "a secret signs nothing",
        remedy: "Put in what the receiver handed out: `whsec_` and 24 to 64 bytes in Base64.")

    /// All kinds, for the error reference.
    package static let all = [
        request, unreachable, credentials, refused, busy, fateUnknown, troubled, redirected, token, mayBeDone, held,
        signing,
    ]
}
