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
    /// Events of a lane whose content is looked through for a text, or that are looked through for their source.
    private static let lookedThrough = 5_000
    /// Events of one source that are all put in order to find the newest: of a source that has more, the newest are
    /// found among the newest of the lane.
    private static let ordered = 20_000

    /// Journal entries whose id, subject or source's last segment is `text`, newest last, at most `limit`; where there
    /// is none, those of the newest ones that hold `text` as a value: a lot, a serial number.
    package func findEntries(_ text: String, limit: Int) throws -> [JournalEntry] {
        let found = try namedEntries(text, limit: limit)
        guard found.isEmpty else { return found }
        let value = Data(JSON.string(text).bytes)
        return Self.newest(
            try newestOfLanes("instr(body, ?) > 0", [value], among: Self.lookedThrough, limit: limit), limit)
    }

    private func namedEntries(_ text: String, limit: Int) throws -> [JournalEntry] {
        // Each source of the journal by one step into the index, as the index of identities begins with it.
        var found = try entries(
            """
            WITH RECURSIVE sources(source) AS (
                SELECT min(source) FROM event
                UNION ALL SELECT (SELECT min(source) FROM event WHERE source > sources.source) FROM sources
                WHERE sources.source IS NOT NULL)
            SELECT event.* FROM sources CROSS JOIN event ON event.source = sources.source AND event.id = ? LIMIT ?
            """, [text, limit])
        for lane in Lane.allCases {
            let (base, end) = JournalNumber.span(of: lane)
            found += try entries(
                "SELECT * FROM event WHERE subject = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?",
                [text, base, end, limit])
        }
        let sources = try Int64.fetchAll(
            statement("SELECT id FROM name WHERE text = ? OR text LIKE '%/' || ?"), arguments: [text, text])
        for source in sources { found += try newest(ofSource: source, limit: limit) }
        return Self.newest(found, limit)
    }

    /// The newest events of a source.
    private func newest(ofSource source: Int64, limit: Int) throws -> [JournalEntry] {
        let count = try Int.fetchOne(
            statement("SELECT count(*) FROM (SELECT 1 FROM event WHERE source = ? LIMIT ?)"),
            arguments: [source, Self.ordered + 1])
        guard count ?? 0 > Self.ordered else {
            return try Lane.allCases.flatMap { lane in
                let (base, end) = JournalNumber.span(of: lane)
                return try entries(
                    """
                    SELECT * FROM event WHERE seq IN (
                        SELECT seq FROM event INDEXED BY event_identity WHERE source = ? AND seq > ? AND seq < ?
                        ORDER BY seq DESC LIMIT ?)
                    """, [source, base, end, limit])
            }
        }
        return try newestOfLanes("source = ?", [source], among: Self.ordered * 10, limit: limit)
    }

    /// At most `limit` of each lane's newest `count` events for which `condition` holds.
    private func newestOfLanes(
        _ condition: String, _ values: StatementArguments, among count: Int, limit: Int
    ) throws -> [JournalEntry] {
        try Lane.allCases.flatMap { lane in
            let (base, end) = JournalNumber.span(of: lane)
            return try entries(
                """
                SELECT * FROM (SELECT * FROM event WHERE seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?)
                WHERE \(condition) LIMIT ?
                """, [base, end, count] + values + [limit])
        }
    }

    /// The newest `limit` of `found`, each once, newest last.
    private static func newest(_ found: [JournalEntry], _ limit: Int) -> [JournalEntry] {
        var seen: Set<JournalNumber> = []
        return found.filter { seen.insert($0.number).inserted }
            .sorted { ($0.recorded, $0.number.seq) < ($1.recorded, $1.number.seq) }.suffix(limit)
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
            arguments: [Self.lookedThrough])
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
