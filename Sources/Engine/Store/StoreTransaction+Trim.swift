package import Canonical
import GRDB

extension StoreTransaction {
    /// What one look at the old end of a lane did.
    package struct Trimmed: Sendable, Hashable {
        package let removed: Int
        /// The last event that was looked at; the next look goes on behind it.
        package let last: Int64
        /// Nothing behind `last` may go now.
        package let isDone: Bool
    }

    /// Looks at `limit` events of a lane behind `after` and removes those that were stored before `before`, lie behind
    /// every active cursor and belong to no delivery that is open or waits for a person. Their identity stays in `seen`.
    /// The last one stays: a stream's target is asked with it whether it still has all.
    package func trim(_ lane: Lane, after: Int64 = 0, storedBefore before: Instant, limit: Int) throws -> Trimmed {
        let base = JournalNumber(lane: lane, number: 0).seq
        let cursor = try Int64.fetchOne(
            statement(
                """
                SELECT min(min(position), (SELECT last - 1 FROM lane WHERE lane = ?1))
                FROM cursor WHERE lane = ?1 AND active = 1
                """), arguments: [lane.rawValue])
        guard let cursor else { return Trimmed(removed: 0, last: after, isDone: true) }
        let rows = try Row.fetchAll(
            statement(
                """
                SELECT seq, source, id, recorded, EXISTS(
                    SELECT 1 FROM delivery d WHERE d.event = event.seq AND d.state NOT IN (3, 5))
                FROM event WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?
                """), arguments: [base + after, base + cursor, limit])
        let see = try statement("INSERT OR IGNORE INTO seen VALUES(?, ?, ?)")
        let delete = try statement("DELETE FROM event WHERE seq = ?")
        var (removed, last) = (0, after)
        for row in rows {
            // Events are stored in the order of their numbers: behind one that is young there is none that is old.
            guard (row[3] as Int64) < before.microseconds else {
                return Trimmed(removed: removed, last: last, isDone: true)
            }
            last = (row[0] as Int64) - base
            if row[4] as Bool { continue }
            try see.execute(arguments: [row[1] as Int64, row[2] as String, row[3] as Int64])
            try delete.execute(arguments: [row[0] as Int64])
            removed += 1
        }
        return Trimmed(removed: removed, last: last, isDone: rows.count < limit)
    }

    /// Removes at most `limit` settled commands and their deliveries from before `before`. Returns how many went.
    package func trimSettled(before: Instant, limit: Int) throws -> Int {
        let ids = try Int64.fetchAll(
            statement(
                """
                SELECT id FROM command WHERE state >= 3 AND settled < ? AND NOT EXISTS(
                    SELECT 1 FROM delivery WHERE command = command.id AND state = 4) LIMIT ?
                """), arguments: [before.microseconds, limit])
        for id in ids {
            try statement("DELETE FROM delivery WHERE command = ?").execute(arguments: [id])
            try statement("DELETE FROM command WHERE id = ?").execute(arguments: [id])
        }
        if !ids.isEmpty { try forgetDeliveries(before: before) }
        return ids.count
    }

    /// Notes that of events stored before `before` it may not be known any more what was made of them.
    private func forgetDeliveries(before: Instant) throws {
        try statement(
            """
            INSERT INTO meta VALUES('deliveriesForgotten', ?1) ON CONFLICT(name) DO UPDATE SET value = excluded.value
            WHERE CAST(excluded.value AS INTEGER) > CAST(value AS INTEGER)
            """
        ).execute(arguments: [String(before.microseconds)])
    }

    /// Until when events were stored of which it may not be known any more what was made of them: history was trimmed,
    /// or a part of the store is forgotten. Nil where nothing is.
    package func deliveriesForgotten() throws -> Instant? {
        try Int64.fetchOne(
            statement("SELECT max(CAST(value AS INTEGER)) FROM meta WHERE name IN ('deliveriesForgotten', 'doubt')")
        ).map { Instant(microseconds: $0) }
    }

    /// Removes at most `limit` exceptions that were settled before `before`, with what hangs on them, and requests of
    /// operators of that time. One whose fact may come again is only made small until `forgotten`, so that it stays
    /// known. Returns how many of a kind were touched, at most `limit`: as many again may be left then.
    package func trimExceptions(settledBefore before: Instant, forgotten: Instant, limit: Int) throws -> Int {
        let rows = try Row.fetchAll(
            statement(
                """
                SELECT id, event, flow, target FROM exception WHERE state <> 0 AND fact IS NULL AND settled < ?1
                UNION ALL SELECT id, event, flow, target FROM exception WHERE state <> 0 AND fact IS NOT NULL
                AND settled < ?2 LIMIT ?3
                """), arguments: [before.microseconds, forgotten.microseconds, limit])
        for row in rows {
            try statement("DELETE FROM delivery WHERE event = ? AND flow = ? AND target = ? AND state = 5")
                .execute(arguments: [row[1] as Int64?, row[2] as String?, row[3] as String?])
            try statement("DELETE FROM exception WHERE id = ?").execute(arguments: [row[0] as Int64])
            try statement("DELETE FROM exception_note WHERE exception = ?").execute(arguments: [row[0] as Int64])
        }
        if !rows.isEmpty { try forgetDeliveries(before: before) }
        try statement(
            """
            UPDATE exception SET original = x'', arguments = NULL WHERE id IN (
                SELECT id FROM exception WHERE state <> 0 AND settled < ? AND original <> x'' LIMIT ?)
            """
        ).execute(arguments: [before.microseconds, limit])
        let emptied = db.changesCount
        try statement(
            "DELETE FROM request WHERE id IN (SELECT id FROM request WHERE done IS NOT NULL AND done < ? LIMIT ?)"
        ).execute(arguments: [before.microseconds, limit])
        return max(rows.count, emptied, db.changesCount)
    }

    /// Forgets at most `limit` identities of events stored before `before`: only older than any source can repeat.
    package func trimSeen(before: Instant, limit: Int) throws -> Int {
        try statement(
            "DELETE FROM seen WHERE (source, id) IN (SELECT source, id FROM seen WHERE recorded < ? LIMIT ?)"
        ).execute(arguments: [before.microseconds, limit])
        return db.changesCount
    }
}

extension StoreTransaction {
    /// For tests of the refusal: makes the store look as if a newer program had written it.
    package func pretendNewerVersion() throws {
        try db.execute(sql: "PRAGMA user_version = \(StoreSchema.version + 1)")
    }
}
