package import Canonical
import GRDB

extension StoreTransaction {
    /// Removes at most `limit` events of a lane that were stored before `before`, lie behind every cursor and belong to
    /// no delivery that is still open. Their identity stays in `seen`. Returns how many went.
    package func trim(_ lane: Lane, storedBefore before: Instant, limit: Int) throws -> Int {
        let base = JournalNumber(lane: lane, number: 0).seq
        let cursor =
            try Int64.fetchOne(statement("SELECT min(position) FROM cursor WHERE lane = ?"), arguments: [lane.rawValue])
        guard let cursor else { return 0 }
        let rows = try Row.fetchAll(
            statement(
                """
                SELECT seq, source, id, recorded FROM event WHERE seq > ? AND seq <= ? AND recorded < ?
                AND NOT EXISTS(SELECT 1 FROM delivery d WHERE d.event = event.seq AND d.state < 3) ORDER BY seq LIMIT ?
                """), arguments: [base, base + cursor, before.microseconds, limit])
        let see = try statement("INSERT OR IGNORE INTO seen VALUES(?, ?, ?)")
        let delete = try statement("DELETE FROM event WHERE seq = ?")
        for row in rows {
            try see.execute(arguments: [row[1] as Int64, row[2] as String, row[3] as Int64])
            try delete.execute(arguments: [row[0] as Int64])
        }
        return rows.count
    }

    /// Removes at most `limit` settled commands and their deliveries from before `before`. Returns how many went.
    package func trimSettled(before: Instant, limit: Int) throws -> Int {
        let ids = try Int64.fetchAll(
            statement("SELECT id FROM command WHERE state >= 3 AND settled < ? AND state <> 4 LIMIT ?"),
            arguments: [before.microseconds, limit])
        for id in ids {
            try statement("DELETE FROM delivery WHERE command = ?").execute(arguments: [id])
            try statement("DELETE FROM command WHERE id = ?").execute(arguments: [id])
        }
        return ids.count
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
