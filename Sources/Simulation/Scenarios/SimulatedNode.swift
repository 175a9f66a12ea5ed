import Contracts
import Runtime
import SimulatedWorld
import Store
import Synchronization

/// A node in its simulated process: from its start to the end of that process.
final class SimulatedNode: Sendable {
    let engine: NodeEngine
    let process: SimulatedProcess
    private let ended = Mutex(false)

    /// Starts the engine. `first` runs before it, on the store as the last process left it.
    init(
        _ engine: NodeEngine, process: SimulatedProcess, first: @escaping @Sendable (Store) async throws -> Void
    ) {
        self.engine = engine
        self.process = process
        process.start {
            do {
                try await first(engine.store)
                try await engine.run()
            } catch {
                // As a process that ends with an error: whoever supervises it starts it again.
            }
            self.ended.withLock { $0 = true }
        }
    }

    /// Whether the engine stopped working by itself.
    var hasEnded: Bool { ended.withLock { $0 } }

    /// Lets go of the database, as the end of a process does.
    func close() { engine.store.abandon() }
}
