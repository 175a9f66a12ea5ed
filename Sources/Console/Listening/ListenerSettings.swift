/// Where and how the node's one HTTP listener listens.
package struct ListenerSettings: Sendable {
    /// Certificate and key of the server, as PEM files.
    package struct TLS: Sendable {
        /// The server's certificate first, then the ones between it and the root.
        package var certificateChain: String
        /// The certificate's private key, not encrypted.
        package var privateKey: String

        package init(certificateChain: String, privateKey: String) {
            self.certificateChain = certificateChain
            self.privateKey = privateKey
        }
    }

    /// An address of this machine, or its name.
    package var host: String
    /// 0 takes a free one, which ``Listener/run(_:)`` reports.
    package var port: Int
    /// Nil only for loopback addresses.
    package var tls: TLS?
    package var limits = ListenerLimits()

    package init(host: String, port: Int, tls: TLS? = nil, limits: ListenerLimits = ListenerLimits()) {
        self.host = host
        self.port = port
        self.tls = tls
        self.limits = limits
    }

    /// Whether what goes to ``host`` never leaves this machine.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// The listener's bounds. A client that goes beyond one is answered with a problem document or cut off; nobody else
/// notices.
package struct ListenerLimits: Sendable, Hashable {
    /// Open connections; further ones wait in the system's queue until one closes.
    package var connections = 256
    /// Connections that wait to be accepted; the system refuses further ones.
    package var backlog = 256
    /// Streams (server-sent events) at one time; a further one is answered 503.
    package var streams = 32
    /// Bytes of all request bodies together that are being read or worked on; at least one of the largest that a route
    /// takes (503 beyond, with the wish to come back).
    package var bodies = 64 << 20
    /// Bytes of one header field and its name (431 beyond).
    package var headerField = 16 << 10
    /// Bytes of all header fields together (431 beyond).
    package var headerList = 32 << 10
    /// Number of header fields (431 beyond).
    package var headerCount = 100
    /// How long a connection may stand without a whole request head; then it is closed.
    package var idle: Duration = .seconds(60)
    /// How long the body may take to arrive (408 beyond).
    package var body: Duration = .seconds(60)
    /// How long a client may take nothing of its answer; then the connection is closed.
    package var stalled: Duration = .seconds(30)
    /// How long the rest of a refused body is thrown away, so that the client gets to read why.
    package var linger: Duration = .seconds(2)
    /// How long running requests may go on when the listener is stopped.
    package var grace: Duration = .seconds(10)

    package init() {}
}
