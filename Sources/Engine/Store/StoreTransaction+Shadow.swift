package import Canonical
package import Contracts
package import ExactJSON
import GRDB

/// What a shadow's command would have come to, as it is stored.
package struct ShadowRecord: Sendable, Hashable {
    /// In a word.
    package enum Verdict: String, Sendable, CaseIterable {
        case wouldSend = "would send"
        case isThere = "there already"
        case wouldBeRefused = "would be refused"
    }

    package let verdict: Verdict
    /// What would have been sent.
    package let intent: JSON?
    /// More than the verdict, where there is more to say.
    package let summary: String

    package init(verdict: Verdict, intent: JSON?, summary: String) {
        self.verdict = verdict
        self.intent = intent
        self.summary = summary
    }
}

/// A shadow's command, with what it would have come to.
package struct ShadowCommand: Sendable {
    /// Its intent is that of the record; its reference none.
    package let done: DoneCommand
    package let record: ShadowRecord
}

extension StoreTransaction {
    /// Settles a command of a shadow.
    package func shadow(_ command: Int64, _ record: ShadowRecord, now: Instant) throws {
        try statement("UPDATE command SET state = 6, settled = ?, intent = ?, reference = ?, summary = ? WHERE id = ?")
            .execute(arguments: [
                now.microseconds, record.intent?.description, record.verdict.rawValue, record.summary, command,
            ])
        try setState(.shadowed, ofCommand: command)
    }

    /// Commands of shadows that lead to a target, in the order in which they were settled, behind `mark`.
    package func shadowCommands(_ target: TargetName, after mark: DoneMark, limit: Int) throws -> [ShadowCommand] {
        try settled(.shadowed, target, after: mark, limit: limit).map { row in
            let stored = try stored(row)
            let verdict = ShadowRecord.Verdict(rawValue: row["reference"] ?? "") ?? .wouldSend
            return ShadowCommand(
                done: DoneCommand(
                    command: stored.command, intent: stored.intent, reference: nil, started: stored.started,
                    settled: Instant(microseconds: row["settled"])),
                record: ShadowRecord(verdict: verdict, intent: stored.intent, summary: row["summary"] ?? ""))
        }
    }
}
