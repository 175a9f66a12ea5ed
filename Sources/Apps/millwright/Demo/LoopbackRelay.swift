import NIOCore
import NIOPosix

/// Passes TCP connections on, byte for byte: the front that stands before Odoo in the demo, so that it can be killed or cut
/// without touching Odoo's records.
struct LoopbackRelay: Sendable {
    let listenPort: Int
    let targetHost: String
    let targetPort: Int

    /// Listens on 127.0.0.1 and relays until cancelled.
    func run() async throws { try await LoopbackListener.run(port: listenPort) { await relay($0) } }

    private func relay(_ client: LoopbackListener.Connection) async {
        do {
            // The client's side is opened first: a channel that is let go without it brings the process down.
            try await client.executeThenClose { clientIn, clientOut in
                let upstream = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: targetHost, port: targetPort) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                        }
                    }
                try await upstream.executeThenClose { upstreamIn, upstreamOut in
                    try await withThrowingTaskGroup(of: Void.self) { tasks in
                        tasks.addTask { for try await bytes in clientIn { try await upstreamOut.write(bytes) } }
                        tasks.addTask { for try await bytes in upstreamIn { try await clientOut.write(bytes) } }
                        // Either side closing ends the pair.
                        try await tasks.next()
                        tasks.cancelAll()
                    }
                }
            }
        } catch {
            // A connection that broke is what a relay is there to show; both ends see it closed.
        }
    }
}
