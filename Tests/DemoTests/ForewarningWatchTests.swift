import Canonical
import Contracts
import Synchronization
import Testing
import World

@testable import millwright

@Suite("what will need somebody in time")
struct ForewarningWatchTests {
    /// A clock that a test sets.
    private final class HandClock: WorldClock {
        let time = Mutex(Duration.zero)
        func now() -> Instant { Instant(microseconds: 0) + time.withLock { $0 } }
        func uptime() -> Duration { time.withLock { $0 } }
        func sleep(for duration: Duration) async throws { throw CancellationError() }
    }

    private final class Part: Forewarning {
        let answer = Mutex<[String]?>([])

        func warnings() async throws(Failure) -> [Failure] {
            let kind = FailureKind("TEST-001", "a key ends soon", remedy: "Make a new one.")
            guard let answer = answer.withLock({ $0 }) else { throw Failure(kind, "not reached") }
            return answer.map { Failure(kind, $0) }
        }
    }

    private final class Log: Sendable {
        let lines = Mutex<[String]>([])
        var count: Int { lines.withLock { $0.count } }
    }

    @Test("it is said at once, again each day, and kept where it cannot be told; what was mended is gone")
    func said() async {
        let (clock, part, log) = (HandClock(), Part(), Log())
        let watch = ForewarningWatch([("target odoo", part)], clock: clock) { line in
            log.lines.withLock { $0.append(line) }
        }
        await watch.look()
        #expect(log.count == 0)
        part.answer.withLock { $0 = ["the key ends at noon, in 9 days"] }
        for hour in 1...30 {
            clock.time.withLock { $0 = .seconds(hour * 3_600) }
            if hour == 12 { part.answer.withLock { $0 = nil } }
            if hour == 14 { part.answer.withLock { $0 = ["the key ends at noon, in 8 days"] } }
            await watch.look()
            #expect(await watch.warnings(of: "target odoo").count == 1)
        }
        #expect(log.count == 2, "\(log.lines.withLock { $0 })")
        #expect(log.lines.withLock { $0 }.allSatisfy { $0.hasPrefix("target odoo: ") && $0.contains("TEST-001") })
        part.answer.withLock { $0 = [] }
        await watch.look()
        #expect(await watch.warnings(of: "target odoo").isEmpty)
    }
}
