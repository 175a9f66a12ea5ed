import AsyncHTTPClient
import Canonical
import NIOCore
import NIOPosix
import NIOSSL
import World

extension NetworkFailure {
    /// The failure that an error of the network libraries stands for. `sent`: whether a part of the request may be out;
    /// an error that can only happen before the connection stood says "not arrived" all the same.
    static func wrapping(_ error: any Error, sent: Bool, peer: String) -> NetworkFailure {
        switch error {
        case let failure as NetworkFailure: failure
        case is CancellationError:
            NetworkFailure(.cancelled, mayHaveArrived: sent, detail: "the exchange with \(peer) was cancelled")
        case let error as NIOConnectionError:
            // Roots that cannot be read come up only when a connection is being made.
            if let tls = error.connectionErrors.first(where: { $0.error is NIOSSLError || isRootless($0.error) })?.error
            {
                wrapping(tls, sent: false, peer: peer)
            } else {
                NetworkFailure(.unreachable, mayHaveArrived: false, detail: "cannot reach \(peer): \(words(error))")
            }
        case let error as HTTPClientError: wrapping(error, sent: sent, peer: peer)
        case ChannelError.connectTimeout(let amount):
            NetworkFailure(
                .unreachable, mayHaveArrived: false,
                detail: "cannot reach \(peer): no connection within \(amount.nanoseconds / 1_000_000) ms")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            if hasEnded(error), !sent {
                NetworkFailure(
                    .unreachable, mayHaveArrived: false,
                    detail: "\(peer) ended the connection before TLS was agreed on")
            } else if isHandshake(error) || !sent {
                NetworkFailure(
                    .untrusted, mayHaveArrived: false, detail: "no trusted connection to \(peer): \(words(error))")
            } else {
                NetworkFailure(.broken, mayHaveArrived: true, detail: "connection to \(peer) broke: \(words(error))")
            }
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            // Only connecting is refused: nothing was sent, also where the request has no body that would tell.
            NetworkFailure(.unreachable, mayHaveArrived: false, detail: "cannot reach \(peer): \(words(error))")
        case is IOError where !sent, is ChannelError where !sent:
            NetworkFailure(.unreachable, mayHaveArrived: false, detail: "cannot reach \(peer): \(words(error))")
        default:
            NetworkFailure(.broken, mayHaveArrived: sent, detail: "connection to \(peer) broke: \(words(error))")
        }
    }

    private static func wrapping(_ error: HTTPClientError, sent: Bool, peer: String) -> NetworkFailure {
        switch error {
        case .cancelled:
            NetworkFailure(.cancelled, mayHaveArrived: sent, detail: "the exchange with \(peer) was cancelled")
        case .connectTimeout, .socksHandshakeTimeout, .httpProxyHandshakeTimeout:
            NetworkFailure(.unreachable, mayHaveArrived: false, detail: "cannot reach \(peer): no connection in time")
        case .getConnectionFromPoolTimeout:
            NetworkFailure(.timeout, mayHaveArrived: false, detail: "all connections to \(peer) were busy")
        case .tlsHandshakeTimeout:
            NetworkFailure(
                .unreachable, mayHaveArrived: false, detail: "\(peer) did not finish the TLS handshake in time")
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            NetworkFailure(.timeout, mayHaveArrived: sent, detail: "\(peer) did not answer in time")
        case .invalidURL, .emptyHost, .emptyScheme:
            NetworkFailure(.unreachable, mayHaveArrived: false, detail: "\(peer) is no address of an HTTP server")
        case .remoteConnectionClosed:
            NetworkFailure(
                .broken, mayHaveArrived: sent, detail: "\(peer) closed the connection before it had answered")
        default:
            // Among these are requests that the client refuses to send (a line feed in a header); `sent` tells.
            NetworkFailure(
                sent ? .broken : .unreachable, mayHaveArrived: sent,
                detail: "exchange with \(peer) failed: \(words(error))")
        }
    }

    /// Whether the peer went away while TLS was being set up: that says nothing about its certificate.
    private static func hasEnded(_ error: any Error) -> Bool {
        switch error {
        case NIOSSLError.handshakeFailed(.sslError(let errors)): errors.contains(.eofDuringHandshake)
        case NIOSSLError.handshakeFailed(.syscallError), NIOSSLError.handshakeFailed(.zeroReturn): true
        case NIOSSLError.uncleanShutdown: true
        default: false
        }
    }

    /// Whether the error can only come from setting TLS up, before any byte of a request.
    private static func isHandshake(_ error: any Error) -> Bool {
        switch error {
        case NIOSSLError.handshakeFailed, NIOSSLError.failedToLoadCertificate, NIOSSLError.noSuchFilesystemObject,
            NIOSSLError.noCertificateToValidate, NIOSSLError.unableToValidateCertificate:
            true
        case let error as NIOSSLExtraError: error == .failedToValidateHostname
        default: false
        }
    }

    /// Whether the library found nothing to trust: all that it says then is that something is wrong with nothing.
    private static func isRootless(_ error: any Error) -> Bool {
        if case BoringSSLError.unknownError(let errors) = error { errors.isEmpty } else { false }
    }

    /// What the library says, on one line and bounded: for a person who has to find the reason.
    static func words(_ error: any Error) -> String {
        let text =
            switch error {
            case let error as NIOConnectionError: connectionWords(error)
            case let error as IOError: String(cString: strerror(error.errnoCode))
            case NIOSSLError.handshakeFailed(let reason): handshakeWords("\(reason)")
            case NIOSSLError.noSuchFilesystemObject: "the file of trusted roots is not there"
            case NIOSSLError.failedToLoadCertificate: "the file of trusted roots holds no PEM certificate"
            case _ where isRootless(error):
                "this machine has no trusted roots (Debian, Ubuntu: install ca-certificates)"
            case NIOSSLError.uncleanShutdown: "the peer cut the connection"
            case let error as NIOSSLExtraError where error == .failedToValidateHostname:
                "its certificate is for another name"
            case let error as NIOSSLExtraError: error.description
            case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.outputClosed: "it is closed"
            case ChannelError.eof: "the peer closed it"
            default: "\(error)"
            }
        return String(text.prefix(400).map { $0.isNewline ? " " : $0 })
    }

    /// The library names the place in its own sources; what is left is what a person can do something about.
    private static func handshakeWords(_ reason: String) -> String {
        guard !reason.contains("CERTIFICATE_VERIFY_FAILED") else {
            return "its certificate is signed by none of the trusted roots, or is out of date"
        }
        let words = reason.firstRange(of: " at /").map { reason[..<$0.lowerBound] } ?? reason[...]
        return "TLS handshake failed (\(words))"
    }

    private static func connectionWords(_ error: NIOConnectionError) -> String {
        if let attempt = error.connectionErrors.first {
            return error.connectionErrors.count == 1
                ? words(attempt.error) : "\(words(attempt.error)) (\(error.connectionErrors.count) addresses tried)"
        }
        return "the name \(error.host) is not known"
    }
}
