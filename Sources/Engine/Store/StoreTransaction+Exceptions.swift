package import Canonical
package import Contracts
package import ExactJSON
import Foundation
import GRDB

extension StoreTransaction {
    /// Puts an exception into the queue and returns its id; nil where this very fault is there already.
    @discardableResult
    package func insert(_ exception: ExceptionRecord) throws -> Int64? {
        try statement(
            """
            INSERT INTO exception VALUES(
            NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, NULL, NULL, NULL, ?, NULL, ?)
            ON CONFLICT(source, fact) WHERE fact IS NOT NULL DO NOTHING
            """
        ).execute(arguments: [
            exception.kind.rawValue, exception.created.microseconds, exception.source, exception.flow?.rawValue,
            exception.target?.rawValue, exception.key?.rawValue, exception.event?.seq, exception.eventID,
            exception.command, exception.failure.kind.code, exception.failure.message, exception.failure.suggestion,
            exception.failure.detail, exception.origin, Data(exception.original), exception.arguments?.description,
            exception.fact, ExceptionCause(exception).id, exception.failure.subject?.json.description,
        ])
        return db.changesCount > 0 ? db.lastInsertedRowID : nil
    }

    /// An exception that holds a key, or nil where the key is free.
    package func blockingException(_ target: TargetName, _ key: OrderingKey) throws -> Int64? {
        try Int64.fetchOne(
            statement("SELECT exception FROM blocked_key WHERE target = ? AND key = ? LIMIT 1"),
            arguments: [target.rawValue, key.rawValue])
    }

    /// Blocks a key behind an exception, from `delivery` on: what is pending behind that waits.
    package func block(
        _ target: TargetName, _ key: OrderingKey, exception: Int64, from delivery: Int64, now: Instant
    ) throws {
        try statement("INSERT OR IGNORE INTO blocked_key VALUES(?, ?, ?, ?, ?)")
            .execute(arguments: [target.rawValue, key.rawValue, exception, delivery, now.microseconds])
        try order(target, key)
    }

    /// Lifts what `exception` holds; ``order(_:_:)`` then makes pending what waited for nothing else.
    package func unblock(_ target: TargetName, exception: Int64) throws {
        try statement("DELETE FROM blocked_key INDEXED BY blocked_key_exception WHERE target = ? AND exception = ?")
            .execute(arguments: [target.rawValue, exception])
    }

    /// Makes pending what lies before everything that a person must still decide about, and lets the rest wait.
    package func order(_ target: TargetName, _ key: OrderingKey) throws {
        let first = try Int64.fetchOne(
            statement("SELECT min(delivery) FROM blocked_key WHERE target = ? AND key = ?"),
            arguments: [target.rawValue, key.rawValue])
        let arguments: StatementArguments = [target.rawValue, key.rawValue, first ?? .max]
        try statement(
            "UPDATE delivery INDEXED BY delivery_blocked SET state = 0 WHERE target = ? AND key = ? AND state = 2 AND id < ?"
        ).execute(arguments: arguments)
        try statement(
            "UPDATE delivery INDEXED BY delivery_key SET state = 2 WHERE target = ? AND key = ? AND state = 0 AND id > ?"
        ).execute(arguments: arguments)
    }

    /// The keys of a target that wait for a person.
    package func blockedKeys(_ target: TargetName) throws -> Set<OrderingKey> {
        Set(
            try String.fetchAll(
                statement("SELECT DISTINCT key FROM blocked_key WHERE target = ?"), arguments: [target.rawValue]
            ).map { OrderingKey($0) })
    }

    /// One exception, or nil.
    package func exception(_ id: Int64) throws -> ExceptionRecord? {
        try Row.fetchOne(statement("SELECT * FROM exception WHERE id = ?"), arguments: [id]).map(record)
    }

    /// How many deliveries wait behind the key that this exception holds.
    package func waitingBehind(_ exception: Int64) throws -> Int {
        try Int.fetchOne(
            statement(
                """
                SELECT count(*) FROM delivery d JOIN blocked_key b ON b.target = d.target AND b.key = d.key
                WHERE b.exception = ? AND d.state = 2 AND d.id > b.delivery
                """), arguments: [exception]) ?? 0
    }

    /// Ends an exception.
    package func settle(
        exception id: Int64, as state: ExceptionRecord.State, by person: String, note: String?, now: Instant
    ) throws {
        try statement("UPDATE exception SET state = ?, settled = ?, settled_by = ?, note = ? WHERE id = ?")
            .execute(arguments: [state.rawValue, now.microseconds, person, note, id])
    }

    /// Reads a row of the table `exception`.
    func record(_ row: Row) throws -> ExceptionRecord {
        let flow: String? = row["flow"]
        let target: String? = row["target"]
        let key: String? = row["key"]
        let event: Int64? = row["event"]
        let arguments: String? = row["arguments"]
        let settled: Int64? = row["settled"]
        let subject: String? = row["record"]
        let kind = FailureKind(row["code"], row["message"], remedy: row["suggestion"])
        // What an older version stored names none; what is no address of a page is none.
        let failure = Failure(
            kind, row["message"], suggestion: row["suggestion"], detail: row["detail"],
            subject: subject.flatMap { try? JSONReader.read($0) }.flatMap { FailureSubject(json: $0) })
        var record = ExceptionRecord(
            kind: ExceptionRecord.Kind(rawValue: row["kind"]) ?? .input, created: Instant(microseconds: row["created"]),
            source: row["source"], flow: flow.map { FlowName($0) }, target: target.map { TargetName($0) },
            key: key.map { OrderingKey($0) }, event: event.map { JournalNumber(seq: $0) }, eventID: row["event_id"],
            command: row["command"],
            failure: failure, origin: row["origin"], original: [UInt8](row["original"] as Data),
            arguments: try arguments.map { try JSONReader.read($0) }, fact: row["fact"])
        record.id = row["id"]
        record.state = ExceptionRecord.State(rawValue: row["state"]) ?? .open
        record.settled = settled.map { Instant(microseconds: $0) }
        record.settledBy = row["settled_by"]
        record.note = row["note"]
        record.assignee = row["assignee"]
        record.cause = row["cause"]
        return record
    }
}
