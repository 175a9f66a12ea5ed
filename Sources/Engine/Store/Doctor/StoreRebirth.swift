import Canonical
import Contracts
import ExactJSON
import Foundation
import GRDB

/// Makes a store out of copied rows that stands on its own: a new epoch, streams without holes, nothing that waits for
/// what is gone, and an exception for each thing that is lost.
struct StoreRebirth {
    /// Numbers of rows are never used twice, also where those that were given last are lost.
    private static let skippedNumbers = 1_000_000
    /// The type of the events that stand in for lost ones, so that whoever follows the journal learns of the loss.
    static let lostType = "millwright.store.lost.v1"

    let epoch: String
    let now: Instant

    /// Makes a store of rows that were saved from a damaged one. Returns the report, with the events that are lost.
    func mend(_ db: Database, _ salvaged: SalvageReport, _ reason: String) throws -> SalvageReport {
        var report = salvaged
        try StoreSchema.migrate(db)
        let transaction = StoreTransaction(db: db, names: NameTable())
        try Self.nameAgain(transaction)
        report.losses = try begin(transaction, report.losses)
        // Copies of rows may be lost that no reader needed: then nothing is.
        if !report.losses.isEmpty || report.hasStalePages { try doubt(transaction) }
        try remember(transaction, report)
        try Self.askAgain(transaction, report.losses, now: now)
        try Self.release(transaction, now: now)
        try note(transaction, report, reason)
        return report
    }

    /// Begins the epoch, on whole rows too. Returns `losses`, those of events by lane.
    func begin(
        _ transaction: StoreTransaction, _ losses: [SalvageReport.Loss] = []
    ) throws -> [SalvageReport.Loss] {
        let db = transaction.db
        try db.execute(sql: "INSERT OR REPLACE INTO meta VALUES('epoch', ?)", arguments: [epoch])
        try db.execute(
            sql: """
                INSERT INTO sqlite_sequence(name, seq) SELECT 'command', 0
                WHERE NOT EXISTS(SELECT 1 FROM sqlite_sequence WHERE name = 'command')
                """)
        try db.execute(
            sql: """
                UPDATE sqlite_sequence SET seq = \(Self.skippedNumbers) + max(seq, CASE name
                WHEN 'command' THEN (SELECT coalesce(max(command), 0) FROM delivery)
                WHEN 'exception' THEN (SELECT coalesce(max(exception), 0) FROM blocked_key) ELSE 0 END)
                """)
        return try Self.fillLanes(transaction, losses, epoch: epoch)
    }

    /// Notes that until now more may have been sent than this store knows. What a person decided before is asked anew.
    func doubt(_ transaction: StoreTransaction) throws {
        try transaction.setDoubt(now)
        try transaction.db.execute(sql: "UPDATE delivery SET resubmitted = 0 WHERE state < 3 AND resubmitted <> 0")
    }

    // MARK: - The journal

    /// Events whose source's or type's name is lost say it themselves; who took them in is not known any more.
    private static func nameAgain(_ transaction: StoreTransaction) throws {
        for column in ["source", "type"] {
            let rows = try Row.fetchCursor(
                transaction.db,
                sql: """
                    SELECT \(column), body FROM event
                    WHERE \(column) NOT IN (SELECT id FROM name) GROUP BY \(column) ORDER BY \(column)
                    """)
            var names: [(id: Int64, text: String)] = []
            while let row = try rows.next() {
                let body = try? JSONReader.read([UInt8](row[1] as Data))
                if let text = body?[column]?.string { names.append((row[0], text)) }
            }
            for name in names {
                try transaction.db.execute(
                    sql: "INSERT OR IGNORE INTO name VALUES(?, ?)", arguments: [name.id, name.text])
            }
        }
        try transaction.db.execute(
            sql: "UPDATE event SET via = 0 WHERE via <> 0 AND via NOT IN (SELECT id FROM name)")
    }

    /// Makes each lane a run without holes, which begins behind its origin. Returns the losses, those of events by
    /// lane.
    static func fillLanes(
        _ transaction: StoreTransaction, _ salvaged: [SalvageReport.Loss], epoch: String
    ) throws -> [SalvageReport.Loss] {
        let raw = salvaged.filter { $0.table == "event" }.compactMap(\.rows)
        var losses = salvaged.filter { $0.table != "event" || $0.rows == nil }
        let others = losses.count
        for lane in Lane.allCases {
            let (base, end) = JournalNumber.span(of: lane)
            let top = end - 1
            let db = transaction.db
            let ends = try Row.fetchOne(
                db, sql: "SELECT min(seq), max(seq) FROM event WHERE seq > ? AND seq <= ?", arguments: [base, top])
            let first: Int64? = ends?[0]
            let stored = try Int64.fetchOne(db, sql: "SELECT last FROM lane WHERE lane = ?", arguments: [lane.rawValue])
            let last = base + max(stored ?? 0, (ends?[1] as Int64?).map { $0 - base } ?? 0)
            let unread = raw.filter { $0.overlaps((base + 1)...top) }.map { $0.clamped(to: (base + 1)...top) }
            // What is lost before the first event that is left may have been trimmed.
            let front = first.map { $0 - 1 } ?? last
            for range in unread where front > base && range.lowerBound <= front {
                losses.append(loss(max(range.lowerBound, base + 1)...min(range.upperBound, front), lane, base))
            }
            var origin = last
            if let first {
                let filled = try fill(first...max(first, last), unread, lane, transaction, epoch: epoch)
                losses += filled.losses
                origin = filled.origin
            }
            try db.execute(
                sql: "INSERT INTO lane VALUES(?, ?, 0) ON CONFLICT(lane) DO UPDATE SET last = excluded.last",
                arguments: [lane.rawValue, last - base])
            try db.execute(
                sql: "INSERT OR REPLACE INTO meta VALUES(?, ?)",
                arguments: ["origin.\(lane.name)", String(origin - base)])
        }
        // Where nothing is left that tells their numbers, it is still said that there were some.
        if !raw.isEmpty, losses.count == others {
            losses.append(SalvageReport.Loss(table: "event", rows: nil, lane: nil))
        }
        return losses
    }

    private static func loss(_ range: ClosedRange<Int64>, _ lane: Lane, _ base: Int64) -> SalvageReport.Loss {
        SalvageReport.Loss(
            table: "event", rows: (range.lowerBound - base)...(range.upperBound - base), lane: lane)
    }

    /// An event that says so in the place of each one that is lost: whoever follows the journal counts without gaps.
    /// Holes that no damage made are what trimming left around single events that it kept: the epoch's streams begin
    /// behind the last of them, at the origin.
    private static func fill(
        _ range: ClosedRange<Int64>, _ unread: [ClosedRange<Int64>], _ lane: Lane, _ transaction: StoreTransaction,
        epoch: String
    ) throws -> (losses: [SalvageReport.Loss], origin: Int64) {
        let base = JournalNumber(lane: lane, number: 0).seq
        let holes = try Row.fetchAll(
            transaction.db,
            sql: """
                SELECT seq, next FROM (SELECT seq, lead(seq, 1, ?) OVER (ORDER BY seq) AS next FROM event
                WHERE seq >= ? AND seq <= ?) WHERE next <> seq + 1
                """, arguments: [range.upperBound + 1, range.lowerBound, range.upperBound])
        var losses: [SalvageReport.Loss] = []
        var origin = range.lowerBound - 1
        for hole in holes {
            let missing = ((hole[0] as Int64) + 1)...((hole[1] as Int64) - 1)
            let lost = unread.filter { $0.overlaps(missing) }.map { $0.clamped(to: missing) }
            for part in lost { try standIn(part, behind: hole[0], lane, transaction, epoch: epoch) }
            losses += lost.map { loss($0, lane, base) }
            if lost.reduce(0, { $0 + $1.count }) < missing.count { origin = missing.upperBound }
        }
        return (losses, origin)
    }

    /// Under the source of the event `before`, which whoever reads the journal knows.
    private static func standIn(
        _ range: ClosedRange<Int64>, behind before: Int64, _ lane: Lane, _ transaction: StoreTransaction, epoch: String
    ) throws {
        let (db, names) = (transaction.db, transaction.names)
        guard let entry = try transaction.entry(JournalNumber(seq: before)) else { return }
        let envelope = entry.document.envelope
        let insert = try EventInsert(db)
        for seq in range {
            let number = JournalNumber(seq: seq).number
            let document = EventDocument(
                Event(
                    id: "lost-\(epoch)-\(lane.name)-\(number)", source: envelope.source, type: lostType,
                    subject: envelope.subject, time: envelope.time,
                    data: ["lane": .string(lane.name), "number": .int(Int(number))]))
            _ = try insert.write(
                document, seq: seq, source: names.id(of: envelope.source, db), type: names.id(of: lostType, db),
                recorded: entry.recorded, db)
        }
    }

    // MARK: - What is asked for again

    /// How long edges surely still hold what they forwarded: half of what they keep by default. What is older is not
    /// asked for, as an edge that has trimmed it could not go on.
    private static let heldByEdges = Duration.seconds(7 * 86_400)

    /// Has edges send again what is lost of a lane: their streams go back by as many events as the hub stored since,
    /// and what the hub still has of them is known by its identity.
    private static func askAgain(
        _ transaction: StoreTransaction, _ losses: [SalvageReport.Loss], now: Instant
    ) throws {
        let db = transaction.db
        // Where a stream's place is lost, its last batch tells it.
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO stream SELECT node, epoch, lane, max(first + count - 1), ? FROM stream_batch
                GROUP BY node, epoch, lane
                """, arguments: [now.microseconds])
        for lane in Lane.allCases {
            let lost = losses.filter { $0.lane == lane }.compactMap(\.rows)
            guard
                let last = try Int64.fetchOne(
                    db, sql: "SELECT last FROM lane WHERE lane = ?", arguments: [lane.rawValue])
            else { continue }
            let recent = try lost.filter { try isHeld($0, lane, transaction, now: now) }
            guard let earliest = recent.map(\.lowerBound).min() else { continue }
            // What came again before stands behind what came after it: then a lane does not end where a stream does.
            let first = min(earliest, try Self.firstStandIn(lane, transaction) ?? earliest)
            try db.execute(
                sql: "UPDATE stream SET position = max(0, position - ?) WHERE lane = ?",
                arguments: [last - first + 1, lane.rawValue])
            try db.execute(sql: "DELETE FROM stream_batch WHERE lane = ?", arguments: [lane.rawValue])
        }
    }

    /// The number of the first event that stands in for a lost one; nil where there is none.
    private static func firstStandIn(_ lane: Lane, _ transaction: StoreTransaction) throws -> Int64? {
        let (base, end) = JournalNumber.span(of: lane)
        return try Int64.fetchOne(
            transaction.db, sql: "SELECT min(seq) - ? FROM event WHERE seq > ? AND seq < ? AND type = ?",
            arguments: [base, base, end, try transaction.names.id(of: lostType, transaction.db)])
    }

    /// Whether what came just before the lost events was stored recently.
    private static func isHeld(
        _ lost: ClosedRange<Int64>, _ lane: Lane, _ transaction: StoreTransaction, now: Instant
    ) throws -> Bool {
        guard lost.lowerBound > 1,
            let before = try transaction.entry(JournalNumber(lane: lane, number: lost.lowerBound - 1))
        else { return false }
        return now.since(before.recorded) < heldByEdges
    }

    // MARK: - What waits

    /// Frees what waited for rows that are gone: nothing may wait for ever, and nobody know of it.
    private static func release(_ transaction: StoreTransaction, now: Instant) throws {
        let db = transaction.db
        // Behind a key that nothing holds.
        try db.execute(
            sql: """
                UPDATE delivery SET state = 0 WHERE state = 2 AND NOT EXISTS(
                SELECT 1 FROM blocked_key b WHERE b.target = delivery.target AND b.key = delivery.key)
                """)
        // Behind an exception that is gone: a person frees it as before, by ending the one that takes its place.
        let held = try Row.fetchAll(
            db,
            sql: """
                SELECT DISTINCT exception, target, key FROM blocked_key b
                WHERE NOT EXISTS(SELECT 1 FROM exception e WHERE e.id = b.exception)
                """)
        for row in held {
            let failure = StoreFailures.lostRows.failure(
                "what held key \(row["key"] as String) of \(row["target"] as String) is lost",
                suggestion: "Look in \(row["target"] as String) what became of the key. Then discard this: what waits "
                    + "behind it goes on.")
            let id = try transaction.insert(
                ExceptionRecord(
                    kind: .input, created: now, source: "store", target: TargetName(row["target"]),
                    key: OrderingKey(row["key"]), failure: failure, original: []))
            try db.execute(
                sql: "UPDATE exception SET id = ? WHERE id = ?", arguments: [row["exception"] as Int64, id])
        }
        // Part of a command that is gone: it may have been sent, so only a person can tell.
        let orphans = try Row.fetchAll(
            db,
            sql: """
                SELECT id, target, flow, key, event, arguments FROM delivery
                WHERE state = 1 AND NOT EXISTS(SELECT 1 FROM command c WHERE c.id = delivery.command)
                """)
        for row in orphans {
            let failure = StoreFailures.lostCommand.failure("the command of delivery \(row["id"] as Int64) is lost")
            let (target, key) = (TargetName(row["target"]), OrderingKey(row["key"]))
            let exception = try transaction.insert(
                ExceptionRecord(
                    kind: .map, created: now, source: "store", flow: FlowName(row["flow"]), target: target, key: key,
                    event: JournalNumber(seq: row["event"]), failure: failure, original: [],
                    arguments: try? JSONReader.read(row["arguments"] as String)))
            let delivery: Int64 = row["id"]
            try db.execute(sql: "UPDATE delivery SET state = 4, command = NULL WHERE id = ?", arguments: [delivery])
            if let exception { try transaction.block(target, key, exception: exception, from: delivery, now: now) }
        }
    }

    // MARK: - The report

    private func note(_ transaction: StoreTransaction, _ report: SalvageReport, _ reason: String) throws {
        for loss in report.losses {
            let failure = StoreFailures.lostRows.failure(
                "lost: \(loss)", suggestion: loss.advice, detail: "\(reason); \(report.summary)")
            try transaction.insert(
                ExceptionRecord(
                    kind: .input, created: now, source: "store", failure: failure, origin: report.setAside,
                    original: [], fact: "lost:\(epoch):\(loss)"))
        }
        if report.hasStalePages {
            let failure = StoreFailures.lostCommits.failure(
                """
                pages of commits that were on the disk are gone from the log: \(report.missingFrames) from its end, \
                \(report.damagedFrames) are damaged
                """, detail: reason)
            try transaction.insert(
                ExceptionRecord(
                    kind: .input, created: now, source: "store", failure: failure, origin: report.setAside,
                    original: [], fact: "lost:\(epoch):commits"))
        }
        try transaction.audit(
            "store.mended", actor: "store", detail: ["report": .string(report.summary), "reason": .string(reason)],
            now: now)
    }
}
