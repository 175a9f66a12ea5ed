import Glibc
import NIOConcurrencyHelpers
import Synchronization

/// Runs an actor's jobs one after the other on a thread of its own, so that synchronous database work blocks nobody
/// else.
///
/// The thread lives until ``shutdown()``, and holds the executor until then: an actor may keep nothing but an unowned
/// reference.
package final class StoreExecutor: SerialExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isStopping = false
        var thread: pthread_t?
    }

    private let state = Mutex(State())
    /// Wakes the thread. The jobs lie in ``state``, so that enqueuing waits for nothing that runs.
    private let hasWork = ConditionLock(value: false)

    /// Starts the thread.
    package init() {
        let start = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<StoreExecutor>.fromOpaque(raw).takeRetainedValue().loop()
                return nil
            }, start.toOpaque())
        // Fails only where the process may have no further thread: a node cannot start without its store's.
        precondition(status == 0, "cannot start the store's thread: \(String(cString: strerror(status)))")
        pthread_detach(thread)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { state in
            precondition(!state.isStopping, "a job for a store executor that was shut down")
            state.jobs.append(job)
        }
        wake()
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    package func checkIsolated() {
        precondition(isOnThread, "not on the store's thread")
    }

    /// What `assumeIsolated` asks where the runtime does not know: whether this is the executor's thread.
    package func isIsolatingCurrentContext() -> Bool? { isOnThread }

    /// Ends the thread after all jobs that are enqueued now have run; no job may come after it.
    package func shutdown() {
        state.withLock { $0.isStopping = true }
        wake()
    }

    private var isOnThread: Bool {
        state.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    private func wake() {
        hasWork.lock()
        hasWork.unlock(withValue: true)
    }

    private func loop() {
        state.withLock { $0.thread = pthread_self() }
        while true {
            hasWork.lock(whenValue: true)
            hasWork.unlock(withValue: false)
            // What comes while these jobs run wakes the loop again, so nothing is left lying.
            let (jobs, isStopping) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isStopping)
            }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            if isStopping { return }
        }
    }
}
