package import Canonical
import Synchronization
package import World

/// How wrong a machine's clock is: it outlives the processes that read it.
package final class ClockError: Sendable {
    private struct State {
        var offset = Duration.zero
        /// Microseconds that the clock gains in a second; negative where it loses.
        var drift: Int64 = 0
        var since: Instant
    }
    private let state: Mutex<State>

    /// A clock that is right at `start`.
    package init(start: Instant) { state = Mutex(State(since: start)) }

    /// Sets the clock wrong by `offset` from now on, in place of what it was.
    package func set(_ offset: Duration, now: Instant) {
        state.withLock { state in
            state.offset = offset
            state.since = now
        }
    }

    /// Lets the clock gain so many microseconds a second.
    package func drift(_ microsecondsASecond: Int64, now: Instant) {
        state.withLock { state in
            state.offset = Self.error(state, now)
            state.since = now
            state.drift = microsecondsASecond
        }
    }

    /// How far the clock is ahead at `now`.
    package func error(at now: Instant) -> Duration { state.withLock { Self.error($0, now) } }

    private static func error(_ state: State, _ now: Instant) -> Duration {
        state.offset + .microseconds(now.since(state.since).microseconds / 1_000_000 * state.drift)
    }
}

/// A node's clock: the simulator's time, with an error of its own.
package final class SimulatedClock: WorldClock {
    private let process: SimulatedProcess
    private let wrong: ClockError
    private let start: Instant

    private struct Sleep {
        var continuation: CheckedContinuation<Bool, Never>?
        var isOver = false
    }

    package convenience init(_ process: SimulatedProcess, offset: Duration = .zero) {
        let wrong = ClockError(start: process.simulator.now)
        wrong.set(offset, now: process.simulator.now)
        self.init(process, wrong)
    }

    /// A clock whose error is the machine's, not the process's.
    package init(_ process: SimulatedProcess, _ wrong: ClockError) {
        self.process = process
        self.wrong = wrong
        start = process.simulator.now
    }

    /// Sets the node's clock wrong by `duration`.
    package func skew(by duration: Duration) { wrong.set(duration, now: process.simulator.now) }

    package func now() -> Instant {
        let now = process.simulator.now
        return now + wrong.error(at: now)
    }
    package func uptime() -> Duration { process.simulator.now.since(start) }

    package func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        let sleep = Box()
        let simulator = process.simulator
        let isComplete = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if !sleep.begin(continuation) { return }
                simulator.schedule(at: simulator.now + max(.zero, duration)) { sleep.end(true) }
            }
        } onCancel: {
            sleep.end(false)
        }
        if !isComplete { throw CancellationError() }
    }

    private final class Box: Sendable {
        private let state = Mutex(Sleep())

        /// False where it was cancelled before it began; the continuation is resumed then.
        func begin(_ continuation: CheckedContinuation<Bool, Never>) -> Bool {
            let isOver = state.withLock { state in
                if !state.isOver { state.continuation = continuation }
                return state.isOver
            }
            if isOver { continuation.resume(returning: false) }
            return !isOver
        }

        func end(_ isComplete: Bool) {
            let continuation = state.withLock { state in
                state.isOver = true
                defer { state.continuation = nil }
                return state.continuation
            }
            continuation?.resume(returning: isComplete)
        }
    }
}

/// Entropy from the run's seed.
package struct SimulatedEntropy: Entropy {
    private let simulator: Simulator

    package init(_ simulator: Simulator) { self.simulator = simulator }

    package func bytes(_ count: Int) -> [UInt8] {
        simulator.draw { random in (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 32) } }
    }
}
