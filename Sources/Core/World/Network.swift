/// Outgoing connections.
package protocol Network: Sendable {
    /// Opens a TCP connection.
    func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream
    /// Sends one request and reads the whole answer, at most `maximumBody` bytes of it.
    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
}

/// A connection that carries bytes both ways.
package protocol ByteStream: Sendable {
    /// The next bytes, at most 64 KiB, as soon as there are any; nil when the peer closed. One reader at a time.
    /// Throws ``NetworkFailure`` when the connection breaks; with a `timeout`, ``NetworkFailure/Reason/timeout`` when nothing came.
    func read(timeout: Duration?) async throws(NetworkFailure) -> [UInt8]?
    /// Writes all bytes to the operating system.
    func write(_ bytes: [UInt8]) async throws(NetworkFailure)
    /// Ends the connection; may be called more than once.
    func close() async
}

/// A network operation that failed.
package struct NetworkFailure: Error, Sendable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        /// Name not resolved, connection refused, no route: surely nothing was sent.
        case unreachable
        /// The peer's certificate was not accepted, or the handshake failed: surely nothing was sent.
        case untrusted
        /// No answer in time.
        case timeout
        /// The connection broke after it stood.
        case broken
        /// The answer is larger than the caller allowed.
        case tooLarge
        case cancelled
    }
    package let reason: Reason
    /// Whether the peer may have received and carried out the request all the same.
    package let mayHaveArrived: Bool
    package let detail: String

    package init(_ reason: Reason, mayHaveArrived: Bool, detail: String) {
        self.reason = reason
        self.mayHaveArrived = mayHaveArrived
        self.detail = detail
    }

    package var description: String { detail }
}
