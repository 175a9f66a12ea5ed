package import Canonical
package import Contracts
import GRDB

/// What a person can pause.
package enum PauseSubject: Sendable, Hashable {
    case flow(FlowName)
    case target(TargetName)

    /// `flow` or `target`.
    package var kind: String {
        switch self {
        case .flow: "flow"
        case .target: "target"
        }
    }

    package var name: String {
        switch self {
        case .flow(let name): name.rawValue
        case .target(let name): name.rawValue
        }
    }

    /// Reads what ``kind`` and ``name`` say; nil for anything else.
    package init?(kind: String, name: String) {
        switch kind {
        case "flow": self = .flow(FlowName(name))
        case "target": self = .target(TargetName(name))
        default: return nil
        }
    }
}

/// One thing that is paused: since when, by whom, and why.
package struct Pause: Sendable, Hashable {
    package let subject: PauseSubject
    package let since: Instant
    package let by: String
    package let note: String?
}

/// Everything that is paused.
package struct Pauses: Sendable, Hashable {
    package let flows: Set<FlowName>
    package let targets: Set<TargetName>

    package init(_ all: [Pause] = []) {
        var (flows, targets): (Set<FlowName>, Set<TargetName>) = ([], [])
        for pause in all {
            switch pause.subject {
            case .flow(let name): flows.insert(name)
            case .target(let name): targets.insert(name)
            }
        }
        (self.flows, self.targets) = (flows, targets)
    }
}

extension StoreTransaction {
    /// What is paused, the oldest first.
    package func pauses() throws -> [Pause] {
        try Row.fetchAll(statement("SELECT kind, name, since, by, note FROM pause ORDER BY since, kind, name"))
            .compactMap { row in
                PauseSubject(kind: row[0], name: row[1]).map {
                    Pause(subject: $0, since: Instant(microseconds: row[2]), by: row[3], note: row[4])
                }
            }
    }

    /// Pauses `subject`; false where it is paused already.
    package func pause(_ subject: PauseSubject, by: String, note: String?, now: Instant) throws -> Bool {
        try statement("INSERT OR IGNORE INTO pause VALUES(?, ?, ?, ?, ?)")
            .execute(arguments: [subject.kind, subject.name, now.microseconds, by, note])
        return db.changesCount == 1
    }

    /// Lets `subject` go on; false where it is not paused.
    package func resume(_ subject: PauseSubject) throws -> Bool {
        try statement("DELETE FROM pause WHERE kind = ? AND name = ?").execute(arguments: [subject.kind, subject.name])
        return db.changesCount == 1
    }
}
