package import Canonical
import GRDB

/// How far the look for names that nothing uses has come: a value that goes from one look to the next.
package struct NameSweep: Sendable, Hashable {
    /// Names that are looked for at one time: bounds the memory of a look.
    static let candidatesMaximum = 50_000

    /// No event comes from them and no identity is of them. Whether one is a type, or took an event in, no index
    /// tells: for that the journal is gone through.
    fileprivate(set) var candidates: Set<Int64> = []
    /// The last name that was chosen or passed over.
    fileprivate var last: Int64 = 0
    fileprivate var isChosen = false
    fileprivate var hasAllNames = false
    /// How far each lane was gone through.
    fileprivate var looked: [Lane: Int64] = [:]
    /// Names that were removed on the way.
    package fileprivate(set) var removed = 0
    /// All names were looked at.
    package fileprivate(set) var isDone = false

    package init() {}

    fileprivate mutating func beginAnew() {
        candidates = []
        isChosen = false
        looked = [:]
        isDone = hasAllNames
    }
}

extension StoreTransaction {
    /// Goes on with a look for names that nothing uses any more, by about `limit` rows, and removes at most `limit` of
    /// them. Whatever is appended meanwhile lies behind what was gone through: names go only in a transaction that has
    /// seen every lane to its end.
    package func sweepNames(_ before: NameSweep, limit: Int) throws -> NameSweep {
        var sweep = before
        guard !sweep.isDone else { return sweep }
        if !sweep.isChosen {
            try choose(&sweep, limit)
            return sweep
        }
        guard try lookThrough(&sweep, limit) else { return sweep }
        try remove(&sweep, limit)
        if sweep.candidates.isEmpty { sweep.beginAnew() }
        return sweep
    }

    private func choose(_ sweep: inout NameSweep, _ limit: Int) throws {
        let rows = try Row.fetchAll(
            statement(
                """
                SELECT id, EXISTS(SELECT 1 FROM event WHERE source = name.id)
                OR EXISTS(SELECT 1 FROM seen WHERE source = name.id) FROM name WHERE id > ? ORDER BY id LIMIT ?
                """), arguments: [sweep.last, limit])
        for row in rows {
            sweep.last = row[0]
            let isUsed: Bool = row[1]
            if !isUsed { sweep.candidates.insert(sweep.last) }
        }
        sweep.hasAllNames = rows.count < limit
        guard sweep.hasAllNames || sweep.candidates.count >= NameSweep.candidatesMaximum else { return }
        if sweep.candidates.isEmpty { sweep.beginAnew() } else { sweep.isChosen = true }
    }

    /// Goes through the next events; true where it is known of each candidate that is left that no event names it.
    private func lookThrough(_ sweep: inout NameSweep, _ limit: Int) throws -> Bool {
        var left = limit
        for lane in Lane.allCases {
            let (base, end) = JournalNumber.span(of: lane)
            let rows = try Row.fetchAll(
                statement("SELECT seq, type, via FROM event WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?"),
                arguments: [base + (sweep.looked[lane] ?? 0), end, left])
            for row in rows {
                sweep.looked[lane] = (row[0] as Int64) - base
                sweep.candidates.remove(row[1])
                sweep.candidates.remove(row[2])
            }
            if sweep.candidates.isEmpty { return true }
            left -= rows.count
            guard left > 0 else { return false }
        }
        return true
    }

    private func remove(_ sweep: inout NameSweep, _ limit: Int) throws {
        let delete = try statement(
            """
            DELETE FROM name WHERE id = ?1 AND NOT EXISTS(SELECT 1 FROM event WHERE source = ?1)
            AND NOT EXISTS(SELECT 1 FROM seen WHERE source = ?1)
            """)
        let gone = sweep.candidates.sorted().prefix(limit)
        for id in gone {
            try delete.execute(arguments: [id])
            sweep.removed += db.changesCount
            sweep.candidates.remove(id)
        }
        // Their numbers may be given anew: nobody may know them by heart.
        if !gone.isEmpty { names.forget() }
    }

    /// Removes at most `limit` batches of streams that an edge has left: nothing came under that epoch since `before`,
    /// and something did under another one. Where such a stream stands stays known. Returns how many went.
    package func trimBatches(heardBefore before: Instant, limit: Int) throws -> Int {
        try statement(
            """
            DELETE FROM stream_batch WHERE (node, epoch, lane, first) IN (
                SELECT b.node, b.epoch, b.lane, b.first FROM stream s
                JOIN stream_batch b ON b.node = s.node AND b.epoch = s.epoch AND b.lane = s.lane
                WHERE s.updated < ?1 AND EXISTS(
                    SELECT 1 FROM stream n WHERE n.node = s.node AND n.lane = s.lane AND n.updated > s.updated)
                LIMIT ?2)
            """
        ).execute(arguments: [before.microseconds, limit])
        return db.changesCount
    }
}
