import Store

// Commands that only show what they would do.
extension TargetRunner {
    /// Whether nothing of a command is sent: its flow is a shadow, or was when it was made.
    func isShadow(_ carried: CarriedCommand) -> Bool {
        carried.isShadow || policy(carried.command.flow).isShadow
    }

    /// Records what a command would have come to.
    func settle(_ carried: CarriedCommand, shadow outcome: ShadowOutcome) async throws {
        let now = world.clock.now()
        try await store.write { transaction in
            try self.ensureStored(carried, transaction)
            try transaction.shadow(carried.command.id, outcome.record, now: now)
        }
        machine.finish(carried.command.key)
    }
}
