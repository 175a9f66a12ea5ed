import Canonical
package import FaultDisk
import SimulatedWorld

/// One fault at its time.
package struct ScheduledFault: Sendable {
    /// What goes wrong.
    package enum What: Sendable {
        /// After so many further steps, whatever is under way then; back after the pause.
        case kill(Side, steps: Int, pause: Duration)
        /// Between two steps, or in the middle of the disk operation that is the `operation`th from then on.
        case powerLoss(Side, operation: Int?, pause: Duration)
        case diskFull(Side, lasts: Duration)
        case cut(lasts: Duration)
        case odooDown(lasts: Duration)
        case keyRefused(lasts: Duration)
        case clockJump(Side, Duration)
        /// `drains`: it is asked to stop first, else it is killed.
        case upgrade(Side, drains: Bool)
        case diskLost(Side)
        /// Beside the running node.
        case backup(Side)
        /// The store of the last backup takes the place of the node's own, which ends; back after the pause.
        case restore(Side, pause: Duration)
        /// The disk does not say so: in the disk operation that is the `operation`th from then on.
        case silent(Side, DiskFault, operation: Int)
        /// A bit of the store's files turns over while they lie there.
        case bitRot(Side)
        /// The process goes on with a new engine and other settings.
        case reload(Side)
        /// Of Odoo's database, while it works.
        case odooBackup
        /// The last backup takes the place of Odoo's database; a person looks at it after the pause.
        case odooRestore(pause: Duration)
    }
    /// Its place among all faults of the run, from 0: names it for ``PlantRun/Changes/only``.
    package var number = 0
    package let after: Duration
    package let what: What
}

/// When which fault happens in one run: drawn from the seed before the run begins, each kind with dice of its own, so
/// that leaving one out moves no other.
package struct FaultSchedule: Sendable {
    package private(set) var faults: [ScheduledFault] = []

    package init(_ scenario: PlantScenario, seed: UInt64) {
        for fault in scenario.faults {
            let name = fault.name.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
                ($0 ^ UInt64($1)) &* 1_099_511_628_211
            }
            var random = SeededRandom(seed: seed &* 0x9E37_79B9_7F4A_7C15 ^ name)
            add(fault, within: scenario.plant.duration, &random)
        }
        faults.sort { $0.after < $1.after }
        for index in faults.indices { faults[index].number = index }
    }

    private mutating func add(_ fault: PlantFault, within duration: Duration, _ random: inout SeededRandom) {
        switch fault {
        case .link, .odoo, .diskErrors, .clockDrift: break
        case .kill(let side, let every):
            repeated(every, within: duration, &random) { random in
                .kill(side, steps: Int(random.next() % 80), pause: Self.pause(&random))
            }
        case .powerLoss(let side, let every):
            repeated(every, within: duration, &random) { random in
                let operation = random.next() % 4 == 0 ? nil : Int(random.next() % 40) + 1
                return .powerLoss(side, operation: operation, pause: Self.pause(&random))
            }
        case .diskFull(let side, let every, let lasts):
            repeated(every, within: duration, &random) { .diskFull(side, lasts: Self.upTo(lasts * 2, &$0)) }
        case .cut(let after, let lasts): faults.append(ScheduledFault(after: after, what: .cut(lasts: lasts)))
        case .odooDown(let every, let lasts):
            repeated(every, within: duration, &random) { .odooDown(lasts: Self.upTo(lasts * 2, &$0)) }
        case .keyRefused(let every, let lasts):
            repeated(every, within: duration, &random) { .keyRefused(lasts: Self.upTo(lasts * 2, &$0)) }
        case .clockJumps(let side, let every, let most):
            repeated(every, within: duration, &random) { .clockJump(side, Self.upTo(most * 2, &$0) - most) }
        case .upgrade(let side, let after):
            let moment = after / 2 + Self.upTo(after, &random)
            faults.append(ScheduledFault(after: moment, what: .upgrade(side, drains: random.next() % 2 == 0)))
        case .diskLost(let side, let after): faults.append(ScheduledFault(after: after, what: .diskLost(side)))
        case .restore(let side):
            addRestore(.backup(side), within: duration, &random) { .restore(side, pause: $0) }
        case .reload(let side, let every): repeated(every, within: duration, &random) { _ in .reload(side) }
        case .odooRestored: addRestore(.odooBackup, within: duration, &random) { .odooRestore(pause: $0) }
        case .silentErrors(let side, let kinds, let most):
            several(most, within: duration, &random) { random in
                let kind = kinds[Int(random.next() % UInt64(kinds.count))]
                return .silent(side, kind, operation: Int(random.next() % 40) + 1)
            }
        case .bitRot(let side, let most): several(most, within: duration, &random) { _ in .bitRot(side) }
        }
    }

    /// A backup in the first two thirds of the time, and at any time behind it the need for it.
    private mutating func addRestore(
        _ backup: ScheduledFault.What, within duration: Duration, _ random: inout SeededRandom,
        _ restore: (_ pause: Duration) -> ScheduledFault.What
    ) {
        let moment = Self.upTo(duration * 2 / 3, &random)
        let need = moment + Self.upTo((duration - moment) * 9 / 10, &random)
        // A person is quick, but not as quick as what is still on its way to Odoo.
        let pause = Duration.seconds(5) + Self.upTo(.seconds(20), &random)
        faults.append(ScheduledFault(after: moment, what: backup))
        faults.append(ScheduledFault(after: need, what: restore(pause)))
    }

    private mutating func several(
        _ most: Int, within duration: Duration, _ random: inout SeededRandom,
        _ make: (inout SeededRandom) -> ScheduledFault.What
    ) {
        for _ in 0...Int(random.next() % UInt64(max(1, most))) {
            faults.append(ScheduledFault(after: Self.upTo(duration, &random), what: make(&random)))
        }
    }

    private mutating func repeated(
        _ every: Duration, within duration: Duration, _ random: inout SeededRandom,
        _ make: (inout SeededRandom) -> ScheduledFault.What
    ) {
        var after = Self.upTo(every * 2, &random)
        while after < duration {
            faults.append(ScheduledFault(after: after, what: make(&random)))
            after += Self.upTo(every * 2, &random)
        }
    }

    private static func upTo(_ duration: Duration, _ random: inout SeededRandom) -> Duration {
        .milliseconds(Int64(random.next() % UInt64(max(1, duration.microseconds / 1_000))) + 1)
    }

    /// How long a machine takes to come back.
    private static func pause(_ random: inout SeededRandom) -> Duration {
        .milliseconds(50) + upTo(.seconds(2), &random)
    }
}
