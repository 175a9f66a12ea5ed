package import Contracts

/// What can go wrong with keys, signatures and secrets.
package enum SecurityFailures {
    package static let keyFile = FailureKind(
        "SEC-001", "a key file cannot be used",
        remedy: "Make a key with `millwright keygen`, and name its file under security.key.")
    package static let secret = FailureKind(
        "SEC-002", "a secret cannot be read",
        remedy: "Put the secret where the settings say that it is, readable by the user that runs the node.")
    package static let signature = FailureKind(
        "SEC-003", "a request's signature does not hold",
        remedy: "Nothing between the two nodes may change the message: look for a proxy that rewrites paths or bodies.")
    package static let enrolment = FailureKind(
        "SEC-004", "the list of enrolled nodes cannot be used",
        remedy: "Put the file back from a backup, or remove it and enrol the nodes again.")
    package static let loosePermissions = FailureKind(
        "SEC-005", "a key file can be read by other users",
        remedy: "Run `chmod 600` on it; if others may have read it, make a new key.")
    package static let notEnrolled = FailureKind(
        "SEC-006", "a request is signed with a key that is not enrolled",
        remedy: "Enrol the node's key where the request was refused: `millwright enrol NODE KEY`.")
    package static let digest = FailureKind(
        "SEC-007", "a body is not the one that its sender described",
        remedy: "It was damaged or changed on its way; the sender tries again.")

    /// Every kind, for the reference of errors.
    package static let all = [keyFile, secret, signature, enrolment, loosePermissions, notEnrolled, digest]
}
