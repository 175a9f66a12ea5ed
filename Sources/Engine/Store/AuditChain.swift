package import Canonical
package import ExactJSON
import Foundation
import GRDB
import NodeSecurity

/// The audit trail as a chain: each line's digest covers its words and the digest of the line before, so that a line
/// that is changed, taken out or put between breaks the chain at its place. Only the newest lines can be taken away
/// without a trace.
enum AuditChain {
    /// SHA-256 over the digest before (nothing for the first line) and the line as canonical JSON.
    static func digest(
        after previous: [UInt8], number: Int64, time: Int64, actor: String, action: String, detail: String
    ) -> [UInt8] {
        let line: JSON = [.int(Int(number)), .int(Int(time)), .string(actor), .string(action), .string(detail)]
        return Digest.sha256(previous + line.bytes)
    }

    /// Gives the lines of before there was a chain their digests.
    static func begin(_ db: Database) throws {
        var previous: [UInt8] = []
        let rows = try Row.fetchCursor(db, sql: "SELECT seq, time, actor, action, detail FROM audit ORDER BY seq")
        let update = try db.makeStatement(sql: "UPDATE audit SET digest = ? WHERE seq = ?")
        while let row = try rows.next() {
            previous = digest(
                after: previous, number: row[0], time: row[1], actor: row[2], action: row[3], detail: row[4])
            try update.execute(arguments: [Data(previous), row[0] as Int64])
        }
    }
}

/// A line of the audit trail.
package struct AuditLine: Sendable {
    package let number: Int64
    package let time: Instant
    /// Who did it: a person, a node, `store`.
    package let actor: String
    /// `exception.resubmit`, `settings.run`, …
    package let action: String
    /// JSON.
    package let detail: String
}

extension StoreTransaction {
    /// Lines of the audit trail before `number`, the newest first.
    package func auditLines(before number: Int64, limit: Int) throws -> [AuditLine] {
        try Row.fetchAll(
            statement("SELECT seq, time, actor, action, detail FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?"),
            arguments: [number, limit]
        ).map { row in
            AuditLine(
                number: row[0], time: Instant(microseconds: row[1]), actor: row[2], action: row[3], detail: row[4])
        }
    }

    /// Writes a line of the audit trail.
    package func audit(_ action: String, actor: String, detail: JSON, now: Instant) throws {
        let last = try statement("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1")
        let row = try Row.fetchOne(last)
        let previous = row.flatMap { $0[1] as Data? }.map { [UInt8]($0) } ?? []
        let number: Int64 = (row?[0] ?? 0) + 1
        let detail = detail.description
        let digest = AuditChain.digest(
            after: previous, number: number, time: now.microseconds, actor: actor, action: action, detail: detail)
        try statement("INSERT INTO audit(seq, time, actor, action, detail, digest) VALUES(?, ?, ?, ?, ?, ?)")
            .execute(arguments: [number, now.microseconds, actor, action, detail, Data(digest)])
    }

    /// The number of the first line of the audit trail whose digest does not follow from the line before; nil where the
    /// chain is whole.
    package func auditBreak() throws -> Int64? {
        var previous: [UInt8] = []
        let rows = try Row.fetchCursor(
            statement("SELECT seq, time, actor, action, detail, digest FROM audit ORDER BY seq"))
        while let row = try rows.next() {
            let found = (row[5] as Data?).map { [UInt8]($0) }
            let due = AuditChain.digest(
                after: previous, number: row[0], time: row[1], actor: row[2], action: row[3], detail: row[4])
            guard found == due else { return row[0] }
            previous = due
        }
        return nil
    }
}
