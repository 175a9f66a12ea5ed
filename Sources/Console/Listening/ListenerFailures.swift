package import Contracts

/// What keeps the listener from working.
package enum ListenerFailures {
    package static let unprotected = FailureKind(
        "LISTEN-001", "listen address without TLS",
        remedy: "give the listener a certificate and a key, or let it listen on 127.0.0.1 only")
    package static let address = FailureKind(
        "LISTEN-002", "cannot listen", remedy: "free the address or choose another one in millwright.yaml under listen")
    package static let certificate = FailureKind(
        "LISTEN-003", "TLS certificate or key cannot be used",
        remedy: "give a PEM certificate chain (leaf first) and its unencrypted PEM private key")
    package static let routes = FailureKind(
        "LISTEN-004", "two routes with one path", remedy: "give one of the sources another path")
    package static let stopped = FailureKind(
        "LISTEN-005", "the listener stopped by itself",
        remedy: "look at the log before this line; the node starts it again")

    /// All kinds, for the error reference.
    package static let all = [unprotected, address, certificate, routes, stopped]
}
