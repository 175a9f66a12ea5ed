import Synchronization
package import World

/// Wakes whoever waits for "something happened". Rings are counted, so that none is missed between looking and waiting.
package final class Bell: Sendable {
    private struct State {
        var rings = 0
        var nextID = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = Mutex(State())

    /// One that has not rung.
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

    /// The same, and returns when `limit` is over as well; nil for none.
    package func wait(beyond rings: Int, atMost limit: Duration?, _ clock: any WorldClock) async {
        await withTaskGroup { group in
            group.addTask { await self.wait(beyond: rings) }
            if let limit { group.addTask { try? await clock.sleep(for: limit) } }
            _ = await group.next()
            group.cancelAll()
        }
    }
}
