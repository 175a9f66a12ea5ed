import NIOCore
import Synchronization

/// An MTConnect adapter on loopback. What it says while nobody listens is gone, as with a real adapter; whoever
/// connects gets a snapshot of the last values first.
final class SHDRAdapter: Sendable {
    private struct State {
        /// Keys and their last values, since the session began.
        var snapshot: [(key: String, rest: String)] = []
        var lastTime = ""
        var clients: [Int: AsyncStream<String>.Continuation] = [:]
        var nextClient = 0
        var linesSaid = 0
    }

    private let state = Mutex(State())
    let port: Int
    /// How often it wants a heartbeat, as its `* PONG` says.
    private let heartbeat: Duration

    init(port: Int, heartbeat: Duration = .seconds(10)) {
        self.port = port
        self.heartbeat = heartbeat
    }

    var linesSaid: Int { state.withLock { $0.linesSaid } }
    var hasClient: Bool { state.withLock { !$0.clients.isEmpty } }

    /// Listens on loopback and serves until cancelled.
    func serve() async throws {
        try await LoopbackListener.run(port: port) { await self.serve($0) }
    }

    private func serve(_ connection: LoopbackListener.Connection) async {
        let (lines, continuation) = AsyncStream<String>.makeStream()
        let id = state.withLock { state in
            state.nextClient += 1
            for item in state.snapshot { continuation.yield("\(state.lastTime)|\(item.key)|\(item.rest)") }
            state.clients[state.nextClient] = continuation
            return state.nextClient
        }
        let pong = "* PONG \(heartbeat.components.seconds * 1_000)"
        defer { _ = state.withLock { $0.clients.removeValue(forKey: id) } }
        do {
            try await connection.executeThenClose { incoming, outgoing in
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask {
                        for try await bytes in incoming where String(buffer: bytes).contains("* PING") {
                            continuation.yield(pong)
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

    /// Forgets what was said and disconnects everybody, as an adapter that restarts does.
    func restart() {
        state.withLock { state in
            state.snapshot = []
            for client in state.clients.values { client.finish() }
            state.clients = [:]
        }
    }

    /// Says one line to whoever listens.
    func send(_ line: String) {
        state.withLock { state in
            state.linesSaid += 1
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
