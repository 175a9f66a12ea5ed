import Canonical
import Contracts
import Synchronization
import World

/// The network of one source of a case: at its only other end an adapter says what the case hands it, and keeps the
/// heartbeat. Nothing else can be reached.
final class CaseNetwork: Network {
    private let adapter: CaseAdapter

    init(clock: any WorldClock) { adapter = CaseAdapter(clock: clock) }

    /// Lets the adapter say these bytes.
    func say(_ bytes: [UInt8]) { adapter.say(bytes) }

    func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream { adapter }

    func send(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) async throws(NetworkFailure) -> HTTPResponse {
        throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "a test reaches no \(request.target)")
    }
}

/// A machine's adapter in a case.
private final class CaseAdapter: ByteStream {
    /// How long a reader without a timeout waits at a time.
    private static let patience = Duration.seconds(3_600)
    /// The longest piece that one read gives.
    private static let piece = 64 << 10

    private let clock: any WorldClock
    private let waiting = Mutex<[UInt8]>([])
    /// Rings when something was said: a reader that looked every moment would make a night of many steps.
    private let bell = Bell()

    init(clock: any WorldClock) { self.clock = clock }

    func say(_ bytes: [UInt8]) {
        waiting.withLock { $0 += bytes }
        bell.ring()
    }

    func read(timeout: Duration?) async throws(NetworkFailure) -> [UInt8]? {
        let begun = clock.uptime()
        while true {
            let rings = bell.rings
            let bytes = waiting.withLock { waiting in
                let bytes = Array(waiting.prefix(Self.piece))
                waiting.removeFirst(bytes.count)
                return bytes
            }
            if !bytes.isEmpty { return bytes }
            if let timeout, clock.uptime() - begun >= timeout {
                throw NetworkFailure(.timeout, mayHaveArrived: false, detail: "nothing was said")
            }
            let rest = timeout.map { $0 - (clock.uptime() - begun) } ?? Self.patience
            await bell.wait(beyond: rings, atMost: rest, clock)
            if Task.isCancelled {
                throw NetworkFailure(.cancelled, mayHaveArrived: false, detail: "cancelled")
            }
        }
    }

    /// `* PING` is answered as adapters do (MTConnect, part 1, heartbeat): so time alone makes no connection silent.
    func write(_ bytes: [UInt8]) async throws(NetworkFailure) {
        if bytes.starts(with: "* PING".utf8) { say(Array("* PONG 10000\n".utf8)) }
    }

    func close() async {}
}
