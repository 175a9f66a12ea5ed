package import Canonical
package import Contracts
package import ExactJSON

/// What happens to one command, step by step. Pure: it is told what happened and answers with what to do.
///
/// The order of durable steps is the guarantee: the intent is stored before the first byte leaves, and after a lost
/// answer the target is asked, as often as it takes, before anything is sent again.
package struct CommandLifecycle: Sendable {
    package enum Action: Sendable {
        /// Look up and decide what to write, after a wait.
        case prepare(after: Duration)
        /// The ledger lines of these keys are wanted; prepare again with them.
        case loadLedger([LedgerKey])
        /// Store the intent (with the command, the first time), then perform.
        case storeAndPerform(intent: JSON)
        /// Store that the outcome is unknown, then ask after a wait.
        case doubt(after: Duration, Failure)
        /// Ask the target whether it happened, after a wait.
        case inquire(after: Duration)
        /// Store that it surely was not done, then prepare again after a wait.
        case retreat(after: Duration)
        case accept(Acceptance)
        case reject(Failure)
        /// A person must find out what happened.
        case giveUp(Failure)
    }

    package let retry: RetryPolicy
    package let settlingTime: Duration
    /// When the target can last have been told something, by a clock that nobody sets.
    package private(set) var started: Instant?
    /// Calls in a row that led nowhere: the waits between them grow with it.
    package private(set) var failures = 0
    /// Those of them that the target answered, and that count as a flow's tries.
    private var tries = 0
    private var inquiries = 0
    private var doubt: Failure?

    package init(retry: RetryPolicy, settlingTime: Duration) {
        self.retry = retry
        self.settlingTime = settlingTime
    }

    /// A command that was in flight or in doubt when the process ended: its fate is asked for first.
    package static func resumed(retry: RetryPolicy, settlingTime: Duration, started: Instant) -> CommandLifecycle {
        var machine = CommandLifecycle(retry: retry, settlingTime: settlingTime)
        machine.started = started
        return machine
    }

    package mutating func prepared(_ preparation: Preparation, now: Instant, random: UInt64) -> Action {
        switch preparation {
        case .needsLedger(let keys): return .loadLedger(keys)
        case .ready(let intent):
            started = now
            return .storeAndPerform(intent: intent)
        case .settled(.accepted(let acceptance)): return .accept(acceptance)
        case .settled(.rejected(let failure)): return .reject(failure)
        case .settled(.deferred(let deferral)): return putOff(deferral, random) { .prepare(after: $0) }
        case .settled(.unknown(let failure)):
            // Preparing only reads, so nothing can be in doubt yet.
            return putOff(Deferral(failure, isTargetDown: false), random) { .prepare(after: $0) }
        }
    }

    package mutating func performed(_ outcome: Outcome, now: Instant, random: UInt64) -> Action {
        switch outcome {
        case .accepted(let acceptance): return .accept(acceptance)
        case .rejected(let failure): return .reject(failure)
        case .deferred(let deferral): return putOff(deferral, random) { .retreat(after: $0) }
        case .unknown(let failure):
            doubt = failure
            inquiries = 0
            // Whatever went out did so before now: from here on it must have settled.
            started = now
            return .doubt(after: retry.wait(attempt: 1, random: random), failure)
        }
    }

    package mutating func inquired(_ inquiry: Inquiry, now: Instant, random: UInt64) -> Action {
        inquiries += 1
        switch inquiry {
        case .happened(let acceptance): return .accept(acceptance)
        case .cannotTell(let failure): return .giveUp(failure)
        case .deferred(let deferral): return .inquire(after: wait(deferral, random))
        case .notFound:
            let age = started.map { now.since($0) } ?? settlingTime
            guard age >= settlingTime else {
                // It may still be on its way: asked again, and once more when it no longer can be.
                let left = settlingTime - age
                return .inquire(
                    after: min(left, max(.milliseconds(10), retry.wait(attempt: inquiries + 1, random: random))))
            }
            started = nil
            return .retreat(after: .zero)
        }
    }

    /// The next try, or a person where the flow allows no further one. A target that is down costs no tries, neither
    /// then nor afterwards: that would turn every outage into a heap of exceptions.
    private mutating func putOff(_ deferral: Deferral, _ random: UInt64, _ next: (Duration) -> Action) -> Action {
        let delay = wait(deferral, random)
        guard !deferral.isTargetDown else { return next(delay) }
        tries += 1
        guard let attempts = retry.attempts, tries >= attempts else { return next(delay) }
        return .reject(deferral.failure)
    }

    private mutating func wait(_ deferral: Deferral, _ random: UInt64) -> Duration {
        failures += 1
        return deferral.after ?? retry.wait(attempt: failures, random: random)
    }
}
