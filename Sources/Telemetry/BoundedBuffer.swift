import Synchronization

/// What waits to be exported: never more than so many, and nobody waits to put something in. What finds no room is
/// counted and gone.
package final class BoundedBuffer<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var taken = 0
        var dropped = 0
    }

    package let capacity: Int
    private let state = Mutex(State())

    /// `capacity`: at least one.
    package init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Puts some in, as far as there is room. The oldest stay: they tell how it began.
    package func put(_ elements: some Collection<Element>) {
        state.withLock { state in
            let room = max(0, capacity - state.waiting.count)
            state.waiting.append(contentsOf: elements.prefix(room))
            state.taken += min(room, elements.count)
            state.dropped += max(0, elements.count - room)
        }
    }

    /// The first `limit` of those that wait; they stay until ``remove(_:)``.
    package func first(_ limit: Int) -> [Element] { state.withLock { Array($0.waiting.prefix(limit)) } }

    /// Takes the first `count` out. One reader at a time.
    package func remove(_ count: Int) { state.withLock { $0.waiting.removeFirst(min(count, $0.waiting.count)) } }

    /// How many wait, how many came in ever, and how many found no room.
    package var counts: (waiting: Int, taken: Int, dropped: Int) {
        state.withLock { ($0.waiting.count, $0.taken, $0.dropped) }
    }
}
