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
    private let work: Mutex<Task<Void, Never>?>
    private let stopping = Mutex(false)
    private let reloading = Mutex(false)
    /// How long what is under way may take before other settings come, as in a plant.
    private static let draining = Duration.seconds(5)

    /// Starts the engine. `first` runs before it, on the store as the last process left it.
    init(
        _ engine: NodeEngine, process: SimulatedProcess, first: @escaping @Sendable (Store) async throws -> Void
    ) {
        self.engine = engine
        self.process = process
        work = Mutex(nil)
        let task = process.start {
            do {
                try await first(engine.store)
                try await engine.run()
            } catch {
                // As a process that ends with an error: whoever supervises it starts it again.
            }
            if self.isReloading, !self.isStopping {
                for runner in engine.runners { await runner.target.close() }
                await engine.store.close()
            }
            self.ended.withLock { $0 = true }
        }
        work.withLock { $0 = task }
    }

    /// Tells the process to stop, as SIGTERM does: it ends what it is at and goes.
    func stop() {
        stopping.withLock { $0 = true }
        work.withLock { $0 }?.cancel()
    }

    /// Ends the engine in good order, as for other settings; the process goes on.
    func reload() {
        reloading.withLock { $0 = true }
        process.start {
            await self.engine.drain(patience: Self.draining)
            self.work.withLock { $0 }?.cancel()
        }
    }

    /// Whether the engine ends for other settings.
    var isReloading: Bool { reloading.withLock { $0 } }

    /// Whether it was told to stop.
    var isStopping: Bool { stopping.withLock { $0 } }

    /// Whether the engine stopped working by itself.
    var hasEnded: Bool { ended.withLock { $0 } }

    /// Lets go of the database, as the end of a process does.
    func close() { engine.store.abandon() }
}
