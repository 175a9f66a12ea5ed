package import Contracts
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import NIOSSL
package import World

/// The node's one HTTP listener: sources and console contribute routes, it does the rest.
package final class Listener: Sendable {
    private let settings: ListenerSettings
    private let responder: RequestResponder
    private let board: RouteBoard
    private let tls: TLSConfiguration?
    private let stopping = Latch()

    /// A listener whose routes stay as they are.
    package convenience init(
        _ settings: ListenerSettings, routes: [Route], streams: [StreamingRoute] = [], disk: any Disk
    ) throws(Failure) {
        let board = RouteBoard()
        board.put(try RouteBoard.Generation(routes, streams: streams))
        try self.init(settings, board: board, largestBody: routes.map(\.maximumBody).max() ?? 0, disk: disk)
    }

    /// Checks everything that can be checked without listening: loopback or TLS, certificate and key.
    /// `largestBody`: bytes of the largest body that any route may take; `tally` counts what is answered.
    package init(
        _ settings: ListenerSettings, board: RouteBoard, largestBody: Int, disk: any Disk, tally: RequestTally? = nil
    ) throws(Failure) {
        guard settings.tls != nil || settings.isLoopback else {
            throw Failure(
                ListenerFailures.unprotected,
                "\(settings.host):\(settings.port) can be reached from outside, and no TLS is set")
        }
        self.settings = settings
        tls = try settings.tls.map { files throws(Failure) in try ServerCertificate.configuration(files, disk) }
        self.board = board
        responder = RequestResponder(
            board: board, limits: settings.limits, stopping: stopping, openStreams: .init(),
            bodies: BodyBudget(limit: max(settings.limits.bodies, largestBody)), tally: tally)
    }

    /// Listens until the task is cancelled, then lets running requests end (``ListenerLimits/grace``) and returns.
    /// `isListening` is called with the port once connections are taken. Throws ``Failure`` where it cannot listen.
    /// To be called once.
    package func run(_ isListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }) async throws {
        let responder = responder
        let limits = settings.limits
        let plain = HTTP1Channel(
            responder: { request, writer, _ in try await responder.respond(request, writer) },
            configuration: .init(
                additionalChannelHandlers: [ConnectionGuard(limits)], idleTimeout: nil,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerField, maxHeaderListSize: limits.headerList,
                    maxHeaderFieldCount: limits.headerCount)))
        if let tls {
            try await serve(TLSChannel(plain, tlsConfiguration: tls), isListening)
        } else {
            try await serve(plain, isListening)
        }
    }

    private func serve(
        _ child: some ServerChildChannel, _ isListening: @escaping @Sendable (_ port: Int) async -> Void
    ) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let logger = Logger(label: "listener") { _ in SwiftLogNoOpLogHandler() }
        let server = Server(
            childChannelSetup: child,
            configuration: ServerConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: settings.limits.backlog,
                availableConnectionsDelegate: .maximum(settings.limits.connections, logger: logger)),
            onServerRunning: { channel in await isListening(channel.localAddress?.port ?? 0) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let (stopping, board) = (stopping, board)
        let givingUp = Latch()
        // The server's tasks hang on the event loop and not on this task: cancelling this one must not cut running
        // requests off, but begin their end. They never outlive this call, which waits for the future.
        let served = loop.makeFutureWithTask {
            try await withThrowingTaskGroup { group in
                group.addTask { try await server.run() }
                group.addTask { await givingUp.wait() }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        let grace = TimeAmount.nanoseconds(settings.limits.grace.microseconds * 1_000)
        do {
            try await withTaskCancellationHandler {
                try await served.get()
            } onCancel: {
                stopping.fall()
                board.endStreams()
                _ = loop.makeFutureWithTask { try await server.shutdownGracefully() }
                loop.scheduleTask(in: grace) { givingUp.fall() }
            }
        } catch {
            if stopping.hasFallen { return }
            let words = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw Failure(ListenerFailures.address, "cannot listen on \(settings.host):\(settings.port): \(words)")
        }
        guard stopping.hasFallen else {
            throw Failure(ListenerFailures.stopped, "the listener on \(settings.host):\(settings.port) ended")
        }
    }
}
