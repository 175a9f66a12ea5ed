import Canonical
import Contracts

/// The faults of a folder: which are kept and which are counted, from where the store says it stands.
struct FaultKeeper {
    let source: SourceName
    let intake: any Intake
    /// Read when it is first needed.
    private var tally: FaultTally?

    init(_ source: SourceName, _ intake: any Intake) {
        self.source = source
        self.intake = intake
    }

    /// Puts into `batch` what is kept of `faults`, and the count of the others.
    mutating func keep(_ faults: [InputFault], in batch: inout SourceBatch, now: Instant) async throws {
        guard !faults.isEmpty else { return }
        var tally = try await loaded()
        batch.add(faults, &tally, now: now)
        self.tally = tally
    }

    /// What was counted and is due to be told; nil where nothing is.
    mutating func due(now: Instant) async throws -> SourceBatch? {
        var tally = try await loaded()
        let kept = tally.due(now: now)
        self.tally = tally
        guard !kept.faults.isEmpty else { return nil }
        return SourceBatch(source: source, faults: kept.faults, positions: [tally.position])
    }

    private func loaded() async throws -> FaultTally {
        if let tally { return tally }
        return FaultTally(stored: try await intake.position(source, FaultTally.positionName))
    }
}
