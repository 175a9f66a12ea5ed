import Synchronization

/// Wakes whoever waits for "something happened". Rings are counted, so that none is missed between looking and waiting.
package final class Bell: Sendable {
    private struct State {
        var rings = 0
        var nextID = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var isClosed = false
    }
    private let state = Mutex(State())

    package init() {}

    /// How often it rang.
    package var rings: Int { state.withLock { $0.rings } }

    /// Wakes all who wait.
    package func ring() {
        let waiters = state.withLock { state in
            state.rings += 1
            defer { state.waiters = [:] }
            return state.waiters
        }
        // In the order in which they came, so that a simulation repeats.
        for id in waiters.keys.sorted() { waiters[id]?.resume() }
    }

    /// Returns as soon as it has rung more than `rings` times, or the task is cancelled.
    package func wait(beyond rings: Int) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
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
