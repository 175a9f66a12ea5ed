package import Canonical
package import Contracts
package import ExactJSON
import Foundation
import GRDB

/// What became of one delivery of an event.
package struct DeliveryTrace: Sendable {
    package let delivery: Delivery
    package let state: DeliveryState
    package let command: CommandTrace?
}

/// The times of a command.
package struct CommandTrace: Sendable {
    package let id: Int64
    package let operation: String
    package let state: CommandState
    package let started: Instant?
    package let settled: Instant?
    package let attempts: Int
    package let reference: String?
    package let summary: String?
}

extension StoreTransaction {
    /// Events of a lane whose content is looked through for a text.
    private static let lookedThrough = 5_000

    /// Journal entries whose id, subject or source's last segment is `text`, newest last, at most `limit`; where there
    /// is none, those of the newest ones that hold `text` as a value: a lot, a serial number.
    package func findEntries(_ text: String, limit: Int) throws -> [JournalEntry] {
        let found = try namedEntries(text, limit: limit)
        guard found.isEmpty else { return found }
        let value = Data(JSON.string(text).bytes)
        let held = try Lane.allCases.flatMap { lane in
            let base = JournalNumber(lane: lane, number: 0).seq
            return try entries(
                """
                SELECT * FROM (SELECT * FROM event WHERE seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?)
                WHERE instr(body, ?) > 0 LIMIT ?
                """, [base, base + (1 << JournalNumber.laneShift), Self.lookedThrough, value, limit])
        }
        return held.sorted { ($0.recorded, $0.number.seq) < ($1.recorded, $1.number.seq) }.suffix(limit)
    }

    private func namedEntries(_ text: String, limit: Int) throws -> [JournalEntry] {
        let sources = try Int64.fetchAll(
            statement("SELECT id FROM name WHERE text = ? OR text LIKE '%/' || ?"), arguments: [text, text])
        let marks = sources.isEmpty ? "-1" : sources.map(String.init).joined(separator: ",")
        return try entries(
            """
            SELECT * FROM (SELECT * FROM event WHERE id = ? OR subject = ? OR source IN (\(marks))
            ORDER BY recorded DESC, seq DESC LIMIT ?) ORDER BY recorded, seq
            """, [text, text, limit])
    }

    /// What became of an entry at each target.
    package func trace(_ number: JournalNumber) throws -> [DeliveryTrace] {
        try deliveries(of: number).map { delivery, state, command in
            let row = try command.flatMap { id in
                try Row.fetchOne(statement("SELECT * FROM command WHERE id = ?"), arguments: [id])
            }
            return DeliveryTrace(delivery: delivery, state: state, command: row.map(Self.commandTrace))
        }
    }

    private static func commandTrace(_ row: Row) -> CommandTrace {
        let started: Int64? = row["started"]
        let settled: Int64? = row["settled"]
        return CommandTrace(
            id: row["id"], operation: row["operation"], state: CommandState(rawValue: row["state"]) ?? .doubt,
            started: started.map { Instant(microseconds: $0) }, settled: settled.map { Instant(microseconds: $0) },
            attempts: row["attempts"], reference: row["reference"], summary: row["summary"])
    }

    /// The open exception of an entry, or nil.
    package func openException(of number: JournalNumber) throws -> ExceptionRecord? {
        let id = try Int64.fetchOne(
            statement("SELECT id FROM exception WHERE event = ? AND state = 0"), arguments: [number.seq])
        return try id.flatMap { try exception($0) }
    }

    /// Cursors of all targets by lane.
    package func cursors() throws -> [(target: TargetName, lane: Lane, position: Int64)] {
        try Row.fetchAll(statement("SELECT target, lane, position FROM cursor ORDER BY target, lane")).map {
            (TargetName($0[0]), Lane(rawValue: $0[1]) ?? .normal, $0[2])
        }
    }

    /// How far each edge's streams are stored, and when that last moved.
    package func streams() throws -> [(node: NodeID, lane: Lane, position: Int64, updated: Instant)] {
        try Row.fetchAll(statement("SELECT node, lane, position, updated FROM stream ORDER BY node, lane")).map {
            (NodeID($0[0]), Lane(rawValue: $0[1]) ?? .normal, $0[2], Instant(microseconds: $0[3]))
        }
    }

    /// Commands of a target by state, and how long their deliveries took from stored to accepted, newest `sample` of them.
    package func latencies(_ target: TargetName, sample: Int) throws -> [Duration] {
        try Int64.fetchAll(
            statement(
                """
                SELECT c.settled - e.recorded FROM command c JOIN delivery d ON d.command = c.id
                JOIN event e ON e.seq = d.event WHERE c.target = ? AND c.state = 3 ORDER BY c.id DESC LIMIT ?
                """), arguments: [target.rawValue, sample]
        ).map { .microseconds($0) }
    }

    /// Deliveries of a target by state.
    package func deliveryCounts(_ target: TargetName) throws -> [DeliveryState: Int] {
        var counts: [DeliveryState: Int] = [:]
        let rows = try Row.fetchAll(
            statement("SELECT state, count(*) FROM delivery WHERE target = ? GROUP BY state"),
            arguments: [target.rawValue])
        for row in rows { if let state = DeliveryState(rawValue: row[0]) { counts[state] = row[1] } }
        return counts
    }

    /// The arguments of deliveries that wait for a person: rejected, or behind a key that is.
    package func waitingDeliveries(limit: Int) throws -> [(operation: String, key: OrderingKey, arguments: JSON)] {
        try Row.fetchAll(
            statement("SELECT operation, key, arguments FROM delivery WHERE state IN (2, 4) LIMIT ?"),
            arguments: [limit]
        ).map { ($0[0], OrderingKey($0[1]), try JSONReader.read($0[2] as String)) }
    }

    /// The time at which the oldest delivery that is not done was mapped, or nil.
    package func oldestOpen(_ target: TargetName) throws -> Instant? {
        let pending = try waitingShares(target).compactMap { share in
            try Int64.fetchOne(
                statement(
                    """
                    SELECT created FROM delivery INDEXED BY delivery_share
                    WHERE target = ? AND state = 0 AND lane = ? AND flow = ? AND origin = ? ORDER BY id LIMIT 1
                    """), arguments: [target.rawValue, share.lane.rawValue, share.flow.rawValue, share.origin])
        }.min()
        let open = try Int64.fetchOne(
            statement("SELECT min(created) FROM command INDEXED BY command_open WHERE target = ? AND state < 3"),
            arguments: [target.rawValue])
        return [pending, open].compactMap { $0 }.min().map { Instant(microseconds: $0) }
    }

    /// Events stored since the store was made.
    package func storedCount() throws -> Int {
        try Int.fetchOne(statement("SELECT sum(last) FROM lane")) ?? 0
    }

    /// Open exceptions.
    package func openExceptionCount() throws -> Int {
        try Int.fetchOne(statement("SELECT count(*) FROM exception WHERE state = 0")) ?? 0
    }
}
