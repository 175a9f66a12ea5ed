import NIOCore
import NIOPosix

/// A TCP server on 127.0.0.1 for the processes of a demo and of chaos.
enum LoopbackListener {
    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Listens until cancelled, and hands each connection to `serve`, which must open it (`executeThenClose`).
    static func run(port: Int, _ serve: @escaping @Sendable (Connection) async -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Nothing is read before somebody serves the connection, so that nothing is lost until then.
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: port) { channel in channel.eventLoop.makeSucceededFuture(channel) }
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { tasks in
                for try await channel in connections { tasks.addTask { await accept(channel, serve) } }
            }
        }
    }

    /// Wraps a connection only now: one that is wrapped and let go without being served brings the process down, and
    /// that is what becomes of those that come in while the server is being closed.
    private static func accept(_ channel: any Channel, _ serve: @Sendable (Connection) async -> Void) async {
        do {
            let connection = try await channel.eventLoop.submit {
                try Connection(wrappingChannelSynchronously: channel)
            }.get()
            channel.setOption(.autoRead, value: true).whenFailure { _ in channel.close(promise: nil) }
            await serve(connection)
        } catch {
            // The peer was gone before it was served.
            channel.close(promise: nil)
        }
    }
}
