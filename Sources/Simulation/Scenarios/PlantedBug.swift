import Canonical
import Contracts
import ExactJSON
import OdooConnector
import Routing
import SimulatedWorld
import Synchronization
import World

/// A bug that is put in on purpose, to see that the simulation finds it. Each is put in at a seam that exists anyway:
/// what sources hand their batches to, the target, or a policy.
package enum PlantedBug: String, Sendable, CaseIterable {
    /// Sources hear "stored" before the commit.
    case acknowledgeBeforeCommit = "acknowledge-before-commit"
    /// A source's position is stored in a transaction of its own, before the events.
    case positionBeforeEvents = "position-before-events"
    /// After a lost answer the command is made anew from what is seen then, in place of the one that was stored.
    case reformedCommand = "re-formed-command"
    /// After a lost answer the command is sent again without asking whether it happened.
    case retryWithoutAsking = "retry-without-asking"
    /// "It is not there" is believed at once, while Odoo may still be working on it.
    case notFoundTooEarly = "not-found-too-early"
    /// What comes behind a refused command of the same key is sent all the same.
    case blockedKeyOvertaken = "blocked-key-overtaken"
    /// The identities of trimmed events are forgotten while their source can still repeat them.
    case seenTrimmedTooSoon = "seen-trimmed-too-soon"
    /// A counter's baseline lives in memory alone.
    case baselineNotStored = "baseline-not-stored"
    /// A store that is restored from a backup goes on under the epoch that it had.
    case wrongEpochAfterRestore = "wrong-epoch-after-a-restore"
    /// The critical lane is served when nothing else is left to do.
    case laneStarved = "lane-starved"

    /// The scenario that is most likely to find it.
    package var scenario: String {
        switch self {
        case .acknowledgeBeforeCommit, .positionBeforeEvents, .baselineNotStored: "crashes"
        case .reformedCommand, .retryWithoutAsking: "odoo-no-answer"
        case .notFoundTooEarly: "odoo-slow"
        case .blockedKeyOvertaken: "refusals"
        case .seenTrimmedTooSoon: "repeats"
        case .wrongEpochAfterRestore: "edge-restored"
        case .laneStarved: "flood"
        }
    }

    /// How many of `seeds` were run on ``scenario`` until one showed the bug, that one included; nil where none did.
    package func seedsUntilFound(_ seeds: Range<UInt64>) throws -> Int? {
        guard let plant = PlantScenario.named(scenario) else { return nil }
        let found = try seeds.first { try !PlantRun(plant, seed: $0, bug: self).run().violations.isEmpty }
        return found.map { Int($0 - seeds.lowerBound) + 1 }
    }

    /// What sources hand their batches to instead of the intake; nil for the intake itself.
    func sourceIntake(_ process: SimulatedProcess) -> (@Sendable (any Intake) -> any Intake)? {
        switch self {
        case .acknowledgeBeforeCommit: { HastyIntake(real: $0, process: process) }
        case .positionBeforeEvents: { SplittingIntake(real: $0) }
        default: nil
        }
    }

    /// What stands in a target's place.
    func target(_ real: OdooTarget, clock: any WorldClock) -> any Target {
        switch self {
        case .laneStarved: UnfairTarget(real: real, clock: clock)
        case .reformedCommand, .retryWithoutAsking, .notFoundTooEarly: CarelessTarget(real: real, bug: self)
        default: real
        }
    }
}

/// Tells a source "stored" first, and stores afterwards.
private struct HastyIntake: Intake {
    let real: any Intake
    let process: SimulatedProcess

    func submit(_ batch: SourceBatch) async throws -> IntakeReceipt {
        let real = real
        process.start { _ = try? await real.submit(batch) }
        return IntakeReceipt(stored: batch.documents.count + batch.readings.count)
    }

    func position(_ source: SourceName, _ name: String) async throws -> JSON? {
        try await real.position(source, name)
    }
}

/// Stores positions first and facts afterwards.
private struct SplittingIntake: Intake {
    let real: any Intake

    func submit(_ batch: SourceBatch) async throws -> IntakeReceipt {
        var facts = batch
        facts.positions = []
        _ = try await real.submit(SourceBatch(source: batch.source, positions: batch.positions))
        return try await real.submit(facts)
    }

    func position(_ source: SourceName, _ name: String) async throws -> JSON? {
        try await real.position(source, name)
    }
}

/// A target that does not take a lost answer seriously.
private struct CarelessTarget: Target {
    let real: OdooTarget
    let bug: PlantedBug

    static var operations: [OperationSpec] { OdooTarget.operations }
    var name: TargetName { real.name }
    var settlingTime: Duration { bug == .reformedCommand ? real.settlingTime : .zero }

    func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        await real.prepare(command, ledger: ledger)
    }

    func perform(_ attempt: Attempt) async -> Outcome { await real.perform(attempt) }

    func inquire(_ attempt: Attempt) async -> Inquiry {
        switch bug {
        case .retryWithoutAsking: return .notFound
        case .reformedCommand:
            guard case .ready(let intent) = await real.prepare(attempt.command, ledger: attempt.ledger) else {
                return await real.inquire(attempt)
            }
            return await real.inquire(
                Attempt(
                    command: attempt.command, intent: intent, ledger: attempt.ledger, started: attempt.started,
                    writer: attempt.writer))
        default: return await real.inquire(attempt)
        }
    }
}

/// A target that puts critical commands off while there are others.
private struct UnfairTarget: Target {
    let real: OdooTarget
    let clock: any WorldClock
    private let lastOther = Latest()

    private final class Latest: Sendable {
        let time = Mutex<Duration?>(nil)
    }

    init(real: OdooTarget, clock: any WorldClock) {
        (self.real, self.clock) = (real, clock)
    }

    static var operations: [OperationSpec] { OdooTarget.operations }
    var name: TargetName { real.name }
    var settlingTime: Duration { real.settlingTime }

    func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        let now = clock.uptime()
        if command.lane != .critical {
            lastOther.time.withLock { $0 = now }
        } else if let last = lastOther.time.withLock({ $0 }), now - last < .seconds(3) {
            let failure = RoutingFailures.predicate.failure("others are before it")
            return .settled(.deferred(Deferral(failure, after: .seconds(3), isTargetDown: false)))
        }
        return await real.prepare(command, ledger: ledger)
    }

    func perform(_ attempt: Attempt) async -> Outcome { await real.perform(attempt) }

    func inquire(_ attempt: Attempt) async -> Inquiry { await real.inquire(attempt) }
}
