package import Canonical
package import Contracts
import GRDB

// What telemetry asks of a store, each bounded.
extension StoreTransaction {
    /// When each fact of a command happened, and when it was stored here: for the deliveries whose event is still
    /// there.
    package func times(ofCommand id: Int64) throws -> [(happened: Instant, stored: Instant)] {
        try Row.fetchAll(
            statement(
                """
                SELECT d.time, e.recorded FROM delivery d INDEXED BY delivery_command
                JOIN event e ON e.seq = d.event WHERE d.command = ?
                """), arguments: [id]
        ).map { (Instant(microseconds: $0[0]), Instant(microseconds: $0[1])) }
    }

    /// Open exceptions by kind and code, of the first `limit` that are open.
    package func openExceptions(
        countedUpTo limit: Int
    ) throws -> [(kind: ExceptionRecord.Kind, code: String, count: Int)] {
        try Row.fetchAll(
            statement(
                """
                SELECT kind, code, count(*) FROM (SELECT kind, code FROM exception WHERE state = 0 ORDER BY id LIMIT ?)
                GROUP BY kind, code ORDER BY kind, code
                """), arguments: [limit]
        ).compactMap { row in ExceptionRecord.Kind(rawValue: row[0]).map { ($0, row[1], row[2]) } }
    }

    /// Exceptions that were ever made here.
    package func exceptionsMade() throws -> Int {
        try Int.fetchOne(statement("SELECT seq FROM sqlite_sequence WHERE name = 'exception'")) ?? 0
    }

    /// When the oldest of the open exceptions was made; nil where none is open.
    package func oldestException() throws -> Instant? {
        try Int64.fetchOne(statement("SELECT created FROM exception WHERE state = 0 ORDER BY id LIMIT 1"))
            .map { Instant(microseconds: $0) }
    }

    /// How many events of a lane wait for a stream target.
    package func unforwarded(_ target: TargetName, _ lane: Lane) throws -> Int {
        Int(max(0, try lastNumber(lane) - cursor(target, lane)))
    }

    /// How many events of all lanes wait for a stream target.
    package func unforwarded(_ target: TargetName) throws -> Int {
        try Lane.allCases.map { try unforwarded(target, $0) }.reduce(0, +)
    }

    /// How many events were handed on to a stream target.
    package func forwarded(_ target: TargetName) throws -> Int {
        Int(try Lane.allCases.map { try cursor(target, $0) }.reduce(0, +))
    }

    /// When the oldest event was stored that waits for a stream target; nil where none does.
    package func oldestUnforwarded(_ target: TargetName) throws -> Instant? {
        try Lane.allCases.compactMap { lane in
            let last = JournalNumber(lane: lane, number: try cursor(target, lane)).seq
            return try Int64.fetchOne(
                statement("SELECT recorded FROM event WHERE seq > ? AND seq < ? ORDER BY seq LIMIT 1"),
                arguments: [last, JournalNumber.span(of: lane).end])
        }.min().map { Instant(microseconds: $0) }
    }
}
