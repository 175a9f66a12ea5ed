import Canonical
import Contracts
import Store
import Synchronization

/// What was found to be wrong in a run.
final class Verdict: Sendable {
    private let found = Mutex<[String]>([])
    /// Enough to understand what is wrong; a broken run repeats itself.
    private static let maximum = 20

    var violations: [String] { found.withLock { $0 } }

    func report(_ violation: String) {
        found.withLock { if $0.count < Self.maximum, !$0.contains(violation) { $0.append(violation) } }
    }
}

/// What must hold on the edge's store at any time: what a source was told is there, and no position is ahead.
struct EdgeCheck: Sendable {
    let machines: [PlantScenario.Machine: MachineMemory]
    /// The planted bug: the baseline is gone with the process.
    let forgetsBaseline: Bool
    let told: ToldLosses
    let verdict: Verdict

    /// Looks at the store of a node that starts.
    func run(_ store: Store) async throws {
        if forgetsBaseline {
            try await store.write { try $0.setSignalState(CountingSource.stateKey, .null) }
        }
        told.note(.edge, try await store.read { try $0.exceptions(openOnly: false, limit: 1_000) })
        for finding in try await store.read({ try findings($0) }) { verdict.report("at the edge's start: \(finding)") }
    }

    /// What does not hold, in words.
    func findings(_ transaction: StoreTransaction) throws -> [String] {
        var findings: [String] = []
        if let line = try transaction.auditBreak(), told.count(.edge, "audit rows") == 0 {
            findings.append("the audit chain breaks at line \(line)")
        }
        if let memory = machines[.pushing] {
            for fact in memory.facts(after: 0, limit: memory.acknowledged)
            where try !transaction.knows(source: PlantScenario.Machine.pushing.source, id: fact.id) {
                findings.append("fact \(fact.number) of the pushing machine was acknowledged and is not stored")
            }
        }
        for machine in [PlantScenario.Machine.following, .logging] {
            guard let memory = machines[machine] else { continue }
            let position = try transaction.position(SourceName(machine.rawValue), FollowingSource.position)?.int ?? 0
            for fact in memory.facts(after: 0, limit: position)
            where try !transaction.knows(source: machine.source, id: FollowingSource.eventID(fact)) {
                findings.append(
                    "the \(machine.rawValue) machine's position is \(position), and fact \(fact.number) is not stored")
            }
        }
        return findings
    }
}

/// What must hold on a hub's store at any time: no stream's position is ahead of its events.
struct HubCheck: Sendable {
    let told: ToldLosses
    let verdict: Verdict
    /// Nothing is trimmed: every event that came is there, and every event behind the target's cursor has its delivery.
    let keepsAll: Bool

    /// Looks at the store of a node that starts.
    func run(_ store: Store) async throws {
        told.note(.hub, try await store.read { try $0.exceptions(openOnly: false, limit: 1_000) })
        for finding in try await store.read({ try findings($0) }) { verdict.report("at the hub's start: \(finding)") }
    }

    /// What does not hold, in words.
    func findings(_ transaction: StoreTransaction) throws -> [String] {
        var findings: [String] = []
        if let line = try transaction.auditBreak(), told.count(.hub, "audit rows") == 0 {
            findings.append("the audit chain breaks at line \(line)")
        }
        for stream in try transaction.streams() {
            let last = try transaction.lastNumber(stream.lane)
            // With several epochs of one edge the positions overlap, and each alone is less.
            let missing = told.count(.hub, ToldLosses.trimmed(stream.lane)) ?? 0
            if stream.position > last + Int64(missing) {
                findings.append(
                    "the stream \(stream.lane.name) of \(stream.node) is at \(stream.position), the journal at \(last)")
            }
        }
        guard keepsAll else { return findings }
        for cursor in try transaction.cursors() {
            for entry in try transaction.journal(lane: cursor.lane, after: 0, limit: Int(cursor.position))
            where entry.number.number <= cursor.position && entry.document.envelope.type.contains("completed") {
                if try transaction.deliveries(of: entry.number).isEmpty {
                    findings.append(
                        "\(cursor.target)'s cursor is at \(cursor.position), and \(entry.number.number) has no delivery"
                    )
                }
            }
        }
        return findings
    }
}
