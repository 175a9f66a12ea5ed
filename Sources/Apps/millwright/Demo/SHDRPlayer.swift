import NIOCore
import NIOPosix
import Synchronization

/// An MTConnect adapter that plays recorded sessions to whoever connects. What was sent while nobody listened is gone, as
/// with a real adapter; whoever connects gets a snapshot first.
final class SHDRPlayer: Sendable {
    private struct State {
        /// Lines sent since the session began, as keys and their last values.
        var snapshot: [(key: String, rest: String)] = []
        var lastTime = ""
        var clients: [Int: AsyncStream<String>.Continuation] = [:]
        var nextClient = 0
        var linesPlayed = 0
        var isDone = false
    }

    private let recording: SHDRRecording
    /// Nil: as fast as the client takes it.
    private let speed: Double?
    private let state = Mutex(State())
    let port: Int

    /// `hasPlayed`: an earlier run has played everything, and the machine stands where it stopped.
    init(_ recording: SHDRRecording, port: Int, speed: Double?, hasPlayed: Bool) {
        self.recording = recording
        self.port = port
        self.speed = speed
        guard hasPlayed, let last = recording.sessions.last else { return }
        for line in last.lines { send(line) }
        state.withLock { $0.isDone = true }
    }

    var isDone: Bool { state.withLock { $0.isDone } }
    var linesPlayed: Int { state.withLock { $0.linesPlayed } }
    var hasClient: Bool { state.withLock { !$0.clients.isEmpty } }

    /// Listens on loopback and serves until cancelled.
    func serve() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { tasks in
                for try await connection in connections { tasks.addTask { await self.serve(connection) } }
            }
        }
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        let (lines, continuation) = AsyncStream<String>.makeStream()
        let (id, snapshot) = state.withLock { state in
            state.nextClient += 1
            let time = state.lastTime
            let known = state.snapshot.map { "\(time)|\($0.key)|\($0.rest)" }
            for line in known { continuation.yield(line) }
            state.clients[state.nextClient] = continuation
            return (state.nextClient, known)
        }
        _ = snapshot
        defer { _ = state.withLock { $0.clients.removeValue(forKey: id) } }
        do {
            try await connection.executeThenClose { incoming, outgoing in
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask {
                        for try await bytes in incoming where String(buffer: bytes).contains("* PING") {
                            continuation.yield("* PONG 10000")
                        }
                    }
                    tasks.addTask {
                        for await line in lines { try await outgoing.write(ByteBuffer(string: line + "\n")) }
                    }
                    try await tasks.next()
                    tasks.cancelAll()
                }
            }
        } catch {
            // The client is gone; it will connect again.
        }
    }

    /// Plays all sessions; between two of them every client is disconnected, as an adapter that restarts does.
    func play() async throws {
        guard !isDone else { return }
        for session in recording.sessions {
            state.withLock { state in
                state.snapshot = []
                for client in state.clients.values { client.finish() }
                state.clients = [:]
            }
            while !hasClient { try await Task.sleep(for: .milliseconds(20)) }
            var sinceBreath = 0
            for line in session.lines {
                if let speed { try await Task.sleep(for: .seconds(0.2 / speed)) }
                send(line)
                sinceBreath += 1
                if speed == nil, sinceBreath % 200 == 0 { try await Task.sleep(for: .milliseconds(10)) }
            }
            // What an adapter last said stands until it goes.
            try await Task.sleep(for: .milliseconds(600))
        }
        state.withLock { $0.isDone = true }
    }

    private func send(_ line: String) {
        state.withLock { state in
            state.linesPlayed += 1
            let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            if fields.count >= 3, !fields[1].hasPrefix("@"), !line.hasPrefix("--"), !line.hasPrefix("*") {
                state.lastTime = fields[0]
                Self.remember(fields, &state.snapshot)
            }
            for client in state.clients.values { client.yield(line) }
        }
    }

    private static func remember(_ fields: [String], _ snapshot: inout [(key: String, rest: String)]) {
        let pairs: [(String, String)]
        if fields.count > 4, fields[1].hasSuffix("_cond") {
            pairs = [(fields[1], fields[2...].joined(separator: "|"))]
        } else {
            pairs = stride(from: 1, to: fields.count - 1, by: 2).map { (fields[$0], fields[$0 + 1]) }
        }
        for (key, rest) in pairs {
            if let place = snapshot.firstIndex(where: { $0.key == key }) {
                snapshot[place].rest = rest
            } else {
                snapshot.append((key, rest))
            }
        }
    }
}
