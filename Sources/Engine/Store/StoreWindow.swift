import GRDB
import Synchronization

/// The store's second connection, for those who only look: opened when somebody does.
final class StoreWindow: Sendable {
    private enum State {
        case shut
        case open(DatabaseQueue)
        /// The store is closed: nothing is opened any more.
        case gone
    }

    private let address: StoreAddress
    private let state = Mutex(State.shut)

    init(_ address: StoreAddress) { self.address = address }

    /// Runs `body` on one committed state. Looks wait for one another.
    func read<R: Sendable>(_ body: @escaping @Sendable (StoreTransaction) throws -> R) async throws -> R {
        // Names are read anew each time: those of a transaction that is undone must not be remembered.
        try await queue().read { try body(StoreTransaction(db: $0, names: NameTable())) }
    }

    private func queue() throws -> DatabaseQueue {
        try state.withLock { state in
            switch state {
            case .open(let queue): return queue
            case .gone: throw CancellationError()
            case .shut:
                let queue = try StoreConnection.openForReading(address)
                state = .open(queue)
                return queue
            }
        }
    }

    /// Waits for the look under way, and lets none follow.
    func close() {
        let queue: DatabaseQueue? = state.withLock { state in
            defer { state = .gone }
            if case .open(let queue) = state { return queue }
            return nil
        }
        try? queue?.close()
    }
}
