import Canonical
import Contracts
import ExactJSON
import Intake
import Runtime
import SimulatedWorld
import World

/// A node in its simulated process.
final class SimulatedNode: Sendable {
    let engine: NodeEngine
    let process: SimulatedProcess

    init(_ parts: NodeParts, world: World, process: SimulatedProcess) throws {
        let engine = try NodeEngine(parts, world: world)
        self.engine = engine
        self.process = process
        process.start { try? await engine.run() }
    }

    /// Lets go of the database, as the end of a process does.
    func close() { engine.store.abandon() }
}

/// The planted bug: tells a source "stored" first, and stores afterwards.
struct HastyIntake: Intake {
    private let real: any Intake
    private let process: SimulatedProcess

    init(_ real: any Intake, _ process: SimulatedProcess) {
        self.real = real
        self.process = process
    }

    func submit(_ batch: SourceBatch) async throws -> IntakeReceipt {
        let real = real
        process.start { _ = try? await real.submit(batch) }
        return IntakeReceipt(stored: batch.documents.count + batch.readings.count)
    }

    func position(_ source: SourceName, _ name: String) async throws -> JSON? {
        try await real.position(source, name)
    }
}
