package import Canonical
import Synchronization

/// Runs the tasks and actors of several nodes on one thread, in an order that the seed decides, on a clock that jumps to
/// the next timer as soon as nothing can run. The same seed gives the same run, to the last step.
///
/// Each node has a ``SimulatedProcess``: its jobs are queued under it, and when it is killed they vanish, as at a power cut.
package final class Simulator: Sendable {
    /// What a job runs on.
    enum Runner: Sendable {
        case task(UnownedTaskExecutor)
        case serial(UnownedSerialExecutor)
    }

    private struct Entry {
        let job: UnownedJob
        let runner: Runner
        let process: SimulatedProcess
    }

    private struct Timer {
        let due: Instant
        let order: Int
        let action: @Sendable () -> Void
    }

    private struct State {
        var random: SeededRandom
        var now: Instant
        var jobs: [Entry] = []
        var timers: [Timer] = []
        var nextOrder = 0
        var steps = 0
        /// What happens between two steps, whatever is under way then.
        var stepActions: [(step: Int, action: @Sendable () -> Void)] = []
    }

    private let state: Mutex<State>

    /// A simulator whose clock starts at `start`.
    package init(seed: UInt64, start: Instant) {
        state = Mutex(State(random: SeededRandom(seed: seed), now: start))
    }

    package var now: Instant { state.withLock { $0.now } }

    /// Jobs run so far: a run's length, and a fingerprint of its sameness.
    package var steps: Int { state.withLock { $0.steps } }

    /// Draws from the run's dice.
    package func draw<R: Sendable>(_ body: @Sendable (inout SeededRandom) -> R) -> R {
        state.withLock { body(&$0.random) }
    }

    func enqueue(_ job: UnownedJob, _ runner: Runner, _ process: SimulatedProcess) {
        state.withLock { $0.jobs.append(Entry(job: job, runner: runner, process: process)) }
    }

    /// Calls `action` when the clock reaches `due`.
    package func schedule(at due: Instant, _ action: @escaping @Sendable () -> Void) {
        state.withLock { state in
            let timer = Timer(due: due, order: state.nextOrder, action: action)
            state.nextOrder += 1
            let place = state.timers.firstIndex { ($0.due, $0.order) > (timer.due, timer.order) }
            state.timers.insert(timer, at: place ?? state.timers.count)
        }
    }

    /// Calls `action` after `count` further steps: between any two of them, while work is under way.
    package func schedule(afterSteps count: Int, _ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.stepActions.append(($0.steps + count, action)) }
    }

    /// Sets the clock on to `instant`, where nothing is due before it.
    package func advance(to instant: Instant) {
        state.withLock { state in
            let next = state.timers.first?.due ?? instant
            state.now = max(state.now, min(instant, next))
        }
    }

    /// Drops everything that was still to happen, and with it what it holds. The run is over.
    package func end() {
        let (timers, actions) = state.withLock { state in
            defer {
                state.timers = []
                state.stepActions = []
                state.jobs = []
            }
            return (state.timers, state.stepActions)
        }
        // Let go of outside of the lock: whatever ends with them may look at the clock.
        _ = (timers.count, actions.count)
    }

    /// Jobs that wait to run: what is ready at this moment.
    package var waitingJobs: Int { state.withLock { $0.jobs.count } }

    private func takeStepAction() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard let index = state.stepActions.firstIndex(where: { $0.step <= state.steps }) else { return nil }
            return state.stepActions.remove(at: index).action
        }
    }

    private enum Step {
        case job(Entry)
        case timer(Timer)
        case nothing
    }

    /// Runs until `isDone` says so, nothing is left, or the clock passes `end`. Returns whether `isDone` was reached.
    /// Called on the one thread of the run.
    package func run(until end: Instant, isDone: () -> Bool) -> Bool {
        while true {
            if isDone() { return true }
            if let action = takeStepAction() { action() }
            let step: Step = state.withLock { state in
                if !state.jobs.isEmpty {
                    let index = Int(state.random.next() % UInt64(state.jobs.count))
                    let entry = state.jobs.remove(at: index)
                    state.steps += 1
                    return .job(entry)
                }
                guard let timer = state.timers.first, timer.due <= end else { return .nothing }
                state.timers.removeFirst()
                state.now = max(state.now, timer.due)
                return .timer(timer)
            }
            switch step {
            case .job(let entry):
                // The jobs of a dead process are never run: its memory is gone.
                guard entry.process.isAlive else { continue }
                switch entry.runner {
                case .task(let executor): entry.job.runSynchronously(on: executor)
                case .serial(let executor): entry.job.runSynchronously(on: executor)
                }
            case .timer(let timer): timer.action()
            case .nothing: return false
            }
        }
    }
}

/// One simulated process: what runs on it dies with it.
package final class SimulatedProcess: TaskExecutor, Sendable {
    package let simulator: Simulator
    package let name: String
    private let alive = Mutex(true)

    package init(_ name: String, on simulator: Simulator) {
        self.name = name
        self.simulator = simulator
    }

    package var isAlive: Bool { alive.withLock { $0 } }

    /// Ends the process between two steps: whatever it had not made durable is gone.
    package func kill() { alive.withLock { $0 = false } }

    package func enqueue(_ job: consuming ExecutorJob) {
        simulator.enqueue(UnownedJob(job), .task(asUnownedTaskExecutor()), self)
    }

    /// Starts the process's first task. It has no parent: that is what a process is.
    /// Cancelling it asks the process to stop.
    @discardableResult
    package func start(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self) { await body() }
    }
}

/// The executor of a simulated node's store: the same thread, an identity of its own.
package final class SimulatedStoreExecutor: SerialExecutor, Sendable {
    private let process: SimulatedProcess

    package init(_ process: SimulatedProcess) { self.process = process }

    package func enqueue(_ job: consuming ExecutorJob) {
        process.simulator.enqueue(UnownedJob(job), .serial(asUnownedSerialExecutor()), process)
    }
}
