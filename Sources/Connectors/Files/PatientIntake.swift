import Contracts
import World

/// Hands batches in, and tries again until they are stored: what was read is kept, and nothing more is read meanwhile.
struct PatientIntake {
    /// The longest wait between two tries.
    static let longestWait = Duration.seconds(30)

    let intake: any Intake
    let clock: any WorldClock
    /// The wait before the second try; doubled after each.
    let first: Duration

    /// Returns when the batch is durable. Throws only where the task is cancelled.
    func submit(_ batch: SourceBatch) async throws {
        var wait = first
        while true {
            do {
                _ = try await intake.submit(batch)
                return
            } catch let error as CancellationError {
                throw error
            } catch {
                try await clock.sleep(for: wait)
                wait = min(wait * 2, Self.longestWait)
            }
        }
    }
}
