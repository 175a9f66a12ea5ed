import Synchronization

/// Wakes who waits for "something happened". Rings are counted, so that none is missed between looking and waiting.
final class Doorbell: Sendable {
    private struct State {
        var rings = 0
        var nextID = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = Mutex(State())

    /// How often it rang.
    var rings: Int { state.withLock { $0.rings } }

    /// Wakes all who wait, in the order in which they came.
    func ring() {
        let waiters = state.withLock { state in
            state.rings += 1
            defer { state.waiters = [:] }
            return state.waiters
        }
        for id in waiters.keys.sorted() { waiters[id]?.resume() }
    }

    /// Returns as soon as it has rung more than `rings` times, or the task is cancelled.
    func wait(beyond rings: Int) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    // The flag is looked at under the lock that the handler takes, so that a cancellation is never
                    // missed.
                    if state.rings > rings || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
