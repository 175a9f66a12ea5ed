package import World

/// Hands batches in, and tries again until they are stored: what was read is kept, and nothing more is read meanwhile.
package struct PatientIntake: Sendable {
    /// The longest wait of ``doubling(from:upTo:)`` unless another is given.
    package static let longestWait = Duration.seconds(30)

    private let intake: any Intake
    private let clock: any WorldClock
    private let wait: @Sendable (_ attempt: Int) -> Duration
    private let refused: @Sendable (_ error: any Error, _ wait: Duration) -> Void

    /// `wait`: how long to wait after try `attempt`, from 0; `refused` hears of each try that failed, and of the wait.
    package init(
        _ intake: any Intake, clock: any WorldClock, wait: @escaping @Sendable (_ attempt: Int) -> Duration,
        refused: @escaping @Sendable (_ error: any Error, _ wait: Duration) -> Void = { _, _ in }
    ) {
        self.intake = intake
        self.clock = clock
        self.wait = wait
        self.refused = refused
    }

    /// Waits that double from `first` on, up to `longest`.
    package static func doubling(
        from first: Duration, upTo longest: Duration = longestWait
    ) -> @Sendable (_ attempt: Int) -> Duration {
        { attempt in min(first * (1 << min(max(0, attempt), 20)), longest) }
    }

    /// Returns when the batch is durable. Throws only where the task is cancelled.
    package func submit(_ batch: SourceBatch) async throws {
        var attempt = 0
        while true {
            try Task.checkCancellation()
            do {
                _ = try await intake.submit(batch)
                return
            } catch let error as CancellationError {
                throw error
            } catch {
                let pause = wait(attempt)
                attempt += 1
                refused(error, pause)
                try await clock.sleep(for: pause)
            }
        }
    }
}
