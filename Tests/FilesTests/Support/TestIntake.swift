import Canonical
import Contracts
import ExactJSON
import Synchronization

/// An intake that keeps what it gets, in one step a batch, and dies when told to: before the batch is stored or after.
final class TestIntake: Intake {
    struct Death: Error {}

    struct State {
        var readings: [Reading] = []
        var faults: [InputFault] = []
        var documents: [EventDocument] = []
        var positions: [String: JSON] = [:]
        var batches = 0
        var diesAt: Int?
        var diesAfterStoring = false
        var refusals = 0
    }

    private let state = Mutex(State())

    var readings: [Reading] { state.withLock { $0.readings } }
    var faults: [InputFault] { state.withLock { $0.faults } }
    var documents: [EventDocument] { state.withLock { $0.documents } }
    var positions: [String: JSON] { state.withLock { $0.positions } }
    var batches: Int { state.withLock { $0.batches } }
    var names: [String] { readings.map(\.name) }
    var facts: [String] { readings.compactMap(\.factID) }

    func forgetPositions() { state.withLock { $0.positions = [:] } }
    /// The batch after `count` more ends the process.
    func die(after count: Int, storing: Bool) {
        state.withLock {
            $0.diesAt = $0.batches + count
            $0.diesAfterStoring = storing
        }
    }
    func live() { state.withLock { $0.diesAt = nil } }
    /// The next `count` calls are refused as a full node does.
    func refuse(_ count: Int) { state.withLock { $0.refusals = count } }

    func submit(_ batch: SourceBatch) async throws -> IntakeReceipt {
        try state.withLock { state in
            if state.refusals > 0 {
                state.refusals -= 1
                throw Failure(FailureKind("TEST-001", "full", remedy: "wait"), "full")
            }
            let dies = state.diesAt.map { state.batches >= $0 } ?? false
            // Cancellation is the one error that a source does not wait out.
            if dies, !state.diesAfterStoring { throw CancellationError() }
            state.batches += 1
            state.readings += batch.readings
            state.faults += batch.faults
            state.documents += batch.documents
            for position in batch.positions {
                state.positions[position.name] = position.value.isNull ? nil : position.value
            }
            if dies { throw CancellationError() }
        }
        return IntakeReceipt(stored: batch.readings.count)
    }

    func position(_ source: SourceName, _ name: String) async throws -> JSON? { state.withLock { $0.positions[name] } }
}
