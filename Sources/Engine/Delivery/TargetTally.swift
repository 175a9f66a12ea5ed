package import Canonical
package import Contracts

/// What was asked of a target since the node started, and what came of it.
package struct TargetTally: Sendable {
    /// A call of the target. Raw values are words of telemetry.
    package enum Step: String, Sendable, CaseIterable { case prepare, perform, inquire, forward }

    /// A call with how it ended: `perform`, `accepted`.
    package struct Attempt: Sendable, Hashable {
        package let step: Step
        package let outcome: String
    }

    /// What became of the deliveries of one flow.
    package struct Flow: Sendable {
        package private(set) var accepted = 0
        /// Refused by the target, or given up: they wait for a person.
        package private(set) var rejected = 0
        /// Nobody can tell whether they were done: they wait for a person.
        package private(set) var doubted = 0
        /// From when the fact happened to the target's having it.
        package private(set) var sinceEvent = Histogram.ofWays
        /// From when the fact was stored here.
        package private(set) var sinceStored = Histogram.ofWays

        init() {}

        mutating func accept(_ count: Int, _ times: [(happened: Instant, stored: Instant)], now: Instant) {
            accepted += count
            for time in times {
                sinceEvent.note(now.since(time.happened))
                sinceStored.note(now.since(time.stored))
            }
        }

        mutating func refuse(_ count: Int, inDoubt: Bool) {
            if inDoubt { doubted += count } else { rejected += count }
        }
    }

    package private(set) var attempts: [Attempt: Int] = [:]
    package private(set) var times: [Step: Histogram] = [:]
    package private(set) var flows: [FlowName: Flow] = [:]
    /// Events that a stream target has taken.
    package private(set) var forwarded = 0

    package init() {}

    /// Counts a call that is over.
    mutating func note(_ step: Step, _ outcome: String, in time: Duration) {
        attempts[Attempt(step: step, outcome: outcome), default: 0] += 1
        times[step, default: .ofCalls].note(time)
    }

    mutating func accept(
        _ flow: FlowName, _ count: Int, _ times: [(happened: Instant, stored: Instant)], now: Instant
    ) {
        flows[flow, default: Flow()].accept(count, times, now: now)
    }

    mutating func refuse(_ flow: FlowName, _ count: Int, inDoubt: Bool) {
        flows[flow, default: Flow()].refuse(count, inDoubt: inDoubt)
    }

    mutating func forward(_ count: Int) { forwarded += count }
}
