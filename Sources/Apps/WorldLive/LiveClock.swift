package import Canonical
import Glibc
import World

/// The machine's own clocks.
package struct LiveClock: WorldClock {
    package init() {}

    /// `CLOCK_REALTIME`, cut to microseconds.
    package func now() -> Instant {
        let time = Self.read(CLOCK_REALTIME)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    /// `CLOCK_MONOTONIC`: time since the machine started.
    package func uptime() -> Duration {
        let time = Self.read(CLOCK_MONOTONIC)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    package func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // Fails only for a clock that the kernel does not have (POSIX clock_gettime); Linux has both.
        let status = clock_gettime(clock, &time)
        precondition(status == 0, "the system has no clock \(clock)")
        return time
    }
}
