import Synchronization

/// Falls once; whoever waits for it, before or after, goes on then.
package final class Latch: Sendable {
    private struct State {
        var hasFallen = false
        var nextID = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = Mutex(State())

    /// One that has not fallen.
    package init() {}

    /// Whether it has.
    package var hasFallen: Bool { state.withLock { $0.hasFallen } }

    /// Lets everybody go on who waits, and whoever comes later.
    package func fall() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.hasFallen = true
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns when the latch has fallen or the task is cancelled.
    package func wait() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.hasFallen || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
