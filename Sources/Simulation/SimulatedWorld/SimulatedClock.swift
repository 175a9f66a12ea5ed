package import Canonical
import Synchronization
package import World

/// A node's clock: the simulator's time, with an offset of its own.
package final class SimulatedClock: WorldClock {
    private let process: SimulatedProcess
    private let offset: Mutex<Duration>
    private let start: Instant

    private struct Sleep {
        var continuation: CheckedContinuation<Bool, Never>?
        var isOver = false
    }

    package init(_ process: SimulatedProcess, offset: Duration = .zero) {
        self.process = process
        self.offset = Mutex(offset)
        start = process.simulator.now
    }

    /// Sets the node's clock wrong by `duration`.
    package func skew(by duration: Duration) { offset.withLock { $0 = duration } }

    package func now() -> Instant { process.simulator.now + offset.withLock { $0 } }
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
