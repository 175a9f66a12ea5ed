import Canonical
import Synchronization
import World

/// A clock that moves when a test says so, and when somebody sleeps.
final class TestClock: WorldClock {
    private let elapsed = Mutex(Duration.zero)
    let start = Instant(text: "2025-02-03T06:00:00Z") ?? Instant(microseconds: 0)

    func advance(_ duration: Duration) { elapsed.withLock { $0 += duration } }
    func now() -> Instant { start + uptime() }
    func uptime() -> Duration { elapsed.withLock { $0 } }
    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        advance(duration)
        await Task.yield()
    }
}

struct NoNetwork: Network {
    func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
        throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "there is no network here")
    }
    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
    {
        throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "there is no network here")
    }
}

struct NoEntropy: Entropy {
    func bytes(_ count: Int) -> [UInt8] { Array(repeating: 4, count: count) }
}

/// Runs jobs where they are handed in.
final class InlineExecutor: SerialExecutor {
    func enqueue(_ job: consuming ExecutorJob) { UnownedJob(job).runSynchronously(on: asUnownedSerialExecutor()) }
}

extension World {
    static func test(_ disk: any Disk, _ clock: any WorldClock = TestClock()) -> World {
        World(clock: clock, disk: disk, network: NoNetwork(), entropy: NoEntropy(), storeExecutor: InlineExecutor())
    }
}

/// A seeded generator (SplitMix64), so that a failing run can be repeated.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
