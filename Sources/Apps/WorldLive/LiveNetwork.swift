import AsyncHTTPClient
import Canonical
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
package import World

/// How many connections are kept and how long one may take to be made.
package struct LiveNetworkLimits: Sendable {
    /// HTTP connections to one host; further requests wait for one within their own time.
    package var connectionsPerHost = 32
    /// How long an HTTP connection that nobody uses is kept.
    package var idleConnection: Duration = .seconds(55)
    /// TCP and TLS set-up of an HTTP connection.
    package var connecting: Duration = .seconds(10)

    package init() {}
}

/// Outgoing TCP on SwiftNIO and outgoing HTTP on async-http-client.
package final class LiveNetwork: Network {
    let client: HTTPClient

    package init(_ limits: LiveNetworkLimits = LiveNetworkLimits()) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.tlsConfiguration = Self.tls()
        // Compared with HTTP/2, one exchange a connection makes plain which requests a cut connection has put in doubt.
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .nanoseconds(limits.connecting.microseconds * 1_000)
        configuration.connectionPool.idleTimeout = .nanoseconds(limits.idleConnection.microseconds * 1_000)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = limits.connectionsPerHost
        // Whoever sends has a retry policy of its own and wants to know at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// TLS 1.2 or newer, with the system's roots; the library by itself would still speak TLS 1.0.
    static func tls() -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }

    deinit {
        // The client keeps itself alive until it has closed its connections.
        client.shutdown { _ in }
    }

    package func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
        let peer = "\(host):\(port)"
        guard (1...65_535).contains(port), !host.isEmpty else {
            throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "\(peer) is no address of a server")
        }
        do {
            return try await open(host: host, port: port, timeout: timeout, peer: peer)
        } catch {
            throw NetworkFailure.wrapping(error, sent: false, peer: peer)
        }
    }

    private func open(host: String, port: Int, timeout: Duration, peer: String) async throws -> LiveByteStream {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.nanoseconds(max(0, timeout.microseconds) &* 1_000))
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: StreamHandler.chunkBytes))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        for (option, value) in KeepAlive.options { bootstrap = bootstrap.channelOption(option, value: value) }
        let stream = Handover<LiveByteStream>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                stream.expect(continuation)
                bootstrap.connect(host: host, port: port)
                    .flatMapThrowing { channel in
                        let handler = StreamHandler(peer: peer)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return LiveByteStream(
                            channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop), peer: peer)
                    }
                    .whenComplete { stream.settle($0) }
            }
        } onCancel: {
            // A connection that comes up later is let go, which closes it.
            stream.settle(.failure(CancellationError()))
        }
    }
}

/// Gives one result to one waiting task: the first one counts, wherever it comes from.
private final class Handover<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, any Error>)
        case settled(Result<Value, any Error>)
        case done
    }
    private let state = Mutex(State.empty)

    func expect(_ continuation: CheckedContinuation<Value, any Error>) {
        let early = state.withLock { state -> Result<Value, any Error>? in
            if case .settled(let result) = state {
                state = .done
                return result
            }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(with: early) }
    }

    func settle(_ result: Result<Value, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            switch state {
            case .empty:
                state = .settled(result)
                return nil
            case .waiting(let continuation):
                state = .done
                return continuation
            case .settled, .done: return nil
            }
        }
        continuation?.resume(with: result)
    }
}
