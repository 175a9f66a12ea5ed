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
    /// When it was begun.
    package let created: Instant
    /// When it was ready and stored, to be sent.
    package let started: Instant?
    package let settled: Instant?
    package let attempts: Int
    package let reference: String?
    package let summary: String?
}

extension StoreTransaction {
    /// Deliveries among which a target is looked for first.
    private static let recentDeliveries = 5_000

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
            created: Instant(microseconds: row["created"]), started: started.map { Instant(microseconds: $0) },
            settled: settled.map { Instant(microseconds: $0) }, attempts: row["attempts"],
            reference: row["reference"], summary: row["summary"])
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

    /// How long the newest accepted commands took from the storing of their events: at most `sample` of those that were
    /// settled since `since`, of one target or of all.
    package func latencies(of target: TargetName? = nil, since: Instant, sample: Int) throws -> [Duration] {
        try Int64.fetchAll(
            statement(
                """
                SELECT c.settled - e.recorded FROM (
                    SELECT id, settled FROM command INDEXED BY command_settled
                    WHERE state >= 3 AND state = 3 AND settled >= ?1 AND (?2 IS NULL OR target = ?2)
                    ORDER BY settled DESC LIMIT ?3) c
                CROSS JOIN delivery d ON d.command = c.id CROSS JOIN event e ON e.seq = d.event
                """), arguments: [since.microseconds, target?.rawValue, sample]
        ).map { .microseconds($0) }
    }

    /// Which of these targets have no delivery at all: events are handed on to them as they are.
    package func withoutDeliveries(_ targets: Set<TargetName>) throws -> Set<TargetName> {
        // Most that have any have one among the newest.
        let recent = try String.fetchAll(
            statement("SELECT DISTINCT target FROM (SELECT target FROM delivery ORDER BY id DESC LIMIT ?)"),
            arguments: [Self.recentDeliveries])
        return try targets.subtracting(recent.map { TargetName($0) }).filter { target in
            try Bool.fetchOne(
                statement("SELECT EXISTS(SELECT 1 FROM delivery WHERE target = ?)"), arguments: [target.rawValue])
                != true
        }
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
