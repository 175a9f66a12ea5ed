package import Canonical
package import Contracts
import GRDB

// What a person at the exceptions desk looks at.
extension StoreTransaction {
    /// Exceptions, oldest first; by default those that are open.
    package func exceptions(openOnly: Bool = true, after id: Int64 = 0, limit: Int) throws -> [ExceptionRecord] {
        var filter = ExceptionFilter()
        filter.progress = openOnly ? .open : .all
        return try exceptions(filter, after: id, limit: limit)
    }

    /// Exceptions that a filter lets through, oldest first, from behind `id` and up to `last`.
    package func exceptions(
        _ filter: ExceptionFilter, after id: Int64 = 0, through last: Int64 = .max, limit: Int
    ) throws -> [ExceptionRecord] {
        let (condition, arguments) = filter.condition
        return try Row.fetchAll(
            statement("SELECT * FROM exception WHERE \(condition) AND id > ? AND id <= ? ORDER BY id LIMIT ?"),
            arguments: arguments + [id, last, limit]
        ).map(record)
    }

    /// The same, newest first, from before `id`.
    package func newestExceptions(
        _ filter: ExceptionFilter = ExceptionFilter(), before id: Int64 = .max, limit: Int
    ) throws -> [ExceptionRecord] {
        let (condition, arguments) = filter.condition
        return try Row.fetchAll(
            statement("SELECT * FROM exception WHERE \(condition) AND id < ? ORDER BY id DESC LIMIT ?"),
            arguments: arguments + [id, limit]
        ).map(record)
    }

    /// How many exceptions a filter lets through, up to `last`.
    package func exceptionCount(_ filter: ExceptionFilter, through last: Int64 = .max) throws -> Int {
        let (condition, arguments) = filter.condition
        return try Int.fetchOne(
            statement("SELECT count(*) FROM exception WHERE \(condition) AND id <= ?"), arguments: arguments + [last])
            ?? 0
    }

    /// The id of the newest exception; 0 where there never was one.
    package func lastExceptionID() throws -> Int64 {
        try Int64.fetchOne(statement("SELECT seq FROM sqlite_sequence WHERE name = 'exception'")) ?? 0
    }

    /// Exceptions in groups of the same cause, the largest first, how many groups there are, and how many exceptions in
    /// all of them.
    package func exceptionGroups(
        _ filter: ExceptionFilter, limit: Int
    ) throws -> (groups: [ExceptionGroup], count: Int, exceptions: Int) {
        let (condition, arguments) = filter.condition
        let rows = try Row.fetchAll(
            statement(
                """
                SELECT cause, count(*) AS size, min(id), max(id) FROM exception WHERE \(condition)
                GROUP BY cause ORDER BY size DESC, cause
                """), arguments: arguments)
        let groups = try rows.prefix(limit).compactMap { row -> ExceptionGroup? in
            guard let first = try exception(row[2]), let last = try exception(row[3]) else { return nil }
            return ExceptionGroup(
                cause: row[0], count: row[1], oldest: first.created, newest: last.created, example: last)
        }
        return (groups, rows.count, rows.reduce(0) { $0 + ($1[1] ?? 0) })
    }

    /// The other exceptions that an event led to, oldest first.
    package func exceptions(of event: JournalNumber, besides id: Int64, limit: Int) throws -> [ExceptionRecord] {
        try Row.fetchAll(
            statement("SELECT * FROM exception WHERE event = ? AND id <> ? ORDER BY id LIMIT ?"),
            arguments: [event.seq, id, limit]
        ).map(record)
    }

    /// Who looks after open exceptions, in order.
    package func assignees(limit: Int) throws -> [String] {
        try String.fetchAll(
            statement(
                "SELECT DISTINCT assignee FROM exception WHERE state = 0 AND assignee IS NOT NULL ORDER BY 1 LIMIT ?"),
            arguments: [limit])
    }

    /// Says who looks after an exception; nil for nobody.
    package func assign(exception id: Int64, to person: String?) throws {
        try statement("UPDATE exception SET assignee = ? WHERE id = ?").execute(arguments: [person, id])
    }

    /// Changes the arguments that an exception shows.
    package func setArguments(_ arguments: String, ofException id: Int64) throws {
        try statement("UPDATE exception SET arguments = ? WHERE id = ?").execute(arguments: [arguments, id])
    }
}

/// What somebody did about an exception, or said of it.
package struct ExceptionNote: Sendable {
    /// What it was.
    package enum Kind: String, Sendable { case comment, assigned, edited, failed }
    package let time: Instant
    package let by: String
    package let kind: Kind
    package let text: String
}

extension StoreTransaction {
    /// Writes on an exception.
    package func insertNote(
        _ kind: ExceptionNote.Kind, _ text: String, on exception: Int64, by person: String, now: Instant
    ) throws {
        try statement("INSERT INTO exception_note VALUES(NULL, ?, ?, ?, ?, ?)")
            .execute(arguments: [exception, now.microseconds, person, kind.rawValue, text])
    }

    /// What was written on an exception, oldest first.
    package func notes(on exception: Int64, limit: Int) throws -> [ExceptionNote] {
        try Row.fetchAll(
            statement("SELECT time, by, kind, text FROM exception_note WHERE exception = ? ORDER BY id LIMIT ?"),
            arguments: [exception, limit]
        ).map { row in
            ExceptionNote(
                time: Instant(microseconds: row[0]), by: row[1], kind: .init(rawValue: row[2]) ?? .comment, text: row[3]
            )
        }
    }
}
