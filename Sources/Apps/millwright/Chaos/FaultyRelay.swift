import Canonical
import NIOCore
import NIOPosix
import Synchronization

/// Passes TCP connections on, on loopback, as well as its weather allows: the network between two peers.
final class FaultyRelay: Sendable {
    /// What happens to bytes.
    struct Weather: Sendable {
        /// New connections are reset at once.
        var refuses = false
        /// Bytes to the server, and to the client, go nowhere.
        var dropsRequests = false
        var dropsAnswers = false
        /// Each piece of bytes takes so much longer.
        var delay = Duration.zero
        /// Of a hundred pieces so many come `late`.
        var latePercent: UInt64 = 0
        var late = Duration.zero
    }

    private struct Pair {
        let client: any Channel
        var server: (any Channel)?
        /// Bytes of it are gone: nothing that follows them may pass, as TCP never leaves a gap.
        var isBroken = false
    }

    private struct State {
        var weather = Weather()
        var pairs: [Int: Pair] = [:]
        var nextPair = 0
        var random: SystemRandom
    }

    let listenPort: Int
    let targetPort: Int
    private let state: Mutex<State>

    init(listenPort: Int, targetPort: Int, seed: UInt64) {
        self.listenPort = listenPort
        self.targetPort = targetPort
        state = Mutex(State(random: SystemRandom(seed: seed)))
    }

    func set(_ weather: Weather) { state.withLock { $0.weather = weather } }

    /// Lets everything pass again; connections that lost bytes are reset.
    func clear() async {
        let isBroken = state.withLock { state in
            state.weather = Weather()
            return state.pairs.values.contains { $0.isBroken }
        }
        if isBroken { await reset() }
    }

    /// Ends every connection with a reset: both ends see an error, and what was under way is gone.
    func reset() async {
        let pairs = state.withLock { Array($0.pairs.values) }
        for channel in pairs.flatMap({ [$0.client, $0.server].compactMap(\.self) }) {
            try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            channel.close(promise: nil)
        }
    }

    /// Tells every client that nothing more will come, and lets it go on sending.
    func closeAnswers() async {
        for pair in state.withLock({ Array($0.pairs.values) }) { try? await pair.client.close(mode: .output) }
    }

    /// Listens on 127.0.0.1 and relays until cancelled.
    func run() async throws { try await LoopbackListener.run(port: listenPort) { await self.relay($0) } }

    private func relay(_ client: LoopbackListener.Connection) async {
        let (id, isRefused) = state.withLock { state in
            state.nextPair += 1
            state.pairs[state.nextPair] = Pair(client: client.channel)
            return (state.nextPair, state.weather.refuses)
        }
        defer { _ = state.withLock { $0.pairs.removeValue(forKey: id) } }
        do {
            // The client's side is opened first: a channel that is let go without it brings the process down.
            try await client.executeThenClose { clientIn, clientOut in
                guard !isRefused else { return }
                try await client.channel.setOption(.allowRemoteHalfClosure, value: true).get()
                let upstream = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connectTimeout(.seconds(1))
                    .connect(host: "127.0.0.1", port: targetPort) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                        }
                    }
                state.withLock { $0.pairs[id]?.server = upstream.channel }
                try await upstream.executeThenClose { upstreamIn, upstreamOut in
                    try await withThrowingTaskGroup(of: Void.self) { tasks in
                        tasks.addTask {
                            try await self.pass(id, clientIn, to: upstreamOut, drops: { $0.dropsRequests })
                        }
                        tasks.addTask { try await self.pass(id, upstreamIn, to: clientOut, drops: { $0.dropsAnswers }) }
                        // Either side closing ends the pair.
                        try await tasks.next()
                        tasks.cancelAll()
                    }
                }
            }
        } catch {
            // A connection that broke is what this relay is there to show; both ends see it closed.
        }
    }

    private func pass(
        _ pair: Int, _ incoming: NIOAsyncChannelInboundStream<ByteBuffer>,
        to outgoing: NIOAsyncChannelOutboundWriter<ByteBuffer>, drops: @escaping @Sendable (Weather) -> Bool
    ) async throws {
        for try await bytes in incoming {
            let (isDropped, wait) = state.withLock { state in
                let weather = state.weather
                if drops(weather) { state.pairs[pair]?.isBroken = true }
                let isLate = weather.latePercent > 0 && state.random.next() % 100 < weather.latePercent
                return (state.pairs[pair]?.isBroken == true, weather.delay + (isLate ? weather.late : .zero))
            }
            if isDropped { continue }
            if wait > .zero { try await Task.sleep(for: wait) }
            try await outgoing.write(bytes)
        }
    }
}
