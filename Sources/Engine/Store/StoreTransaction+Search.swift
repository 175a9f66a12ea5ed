import Canonical
import Foundation
import GRDB

// What looks for events: by what they are called, and by what they hold.
extension StoreTransaction {
    /// Events of one source that are all put in order to find the newest: of a source that has more, the newest are
    /// found among the newest of the lane.
    private static let ordered = 20_000

    /// Entries whose id, subject or source's last segment is `text`, the newest last.
    func namedEntries(_ text: String, limit: Int) throws -> [JournalEntry] {
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
    static func newest(_ found: [JournalEntry], _ limit: Int) -> [JournalEntry] {
        var seen: Set<JournalNumber> = []
        return found.filter { seen.insert($0.number).inserted }
            .sorted { ($0.recorded, $0.number.seq) < ($1.recorded, $1.number.seq) }.suffix(limit)
    }

    /// A stretch of a lane, from its newest event down.
    struct SearchPage {
        var events = 0
        var bytes = 0
        /// Those whose bytes hold a clue, by `seq`.
        var hits: [Int64] = []
        /// The last that was looked at, and when it was stored.
        var lowest: Int64?
        var recorded: Instant?
        /// Whether the lane has none below.
        var isLast = false
    }

    /// Looks through the events of a lane below `seq` for bytes: at most `limit`, and until they use `bytes` up.
    func page(of lane: Lane, below seq: Int64, clues: [Data], limit: Int, bytes: Int) throws -> SearchPage {
        let condition = clues.indices.map { "instr(body, ?\($0 + 4)) > 0" }.joined(separator: " OR ")
        let first: StatementArguments = [JournalNumber.span(of: lane).base, seq, limit]
        let rows = try Row.fetchCursor(
            statement(
                """
                SELECT seq, recorded, length(body), \(condition) FROM event WHERE seq > ?1 AND seq < ?2
                ORDER BY seq DESC LIMIT ?3
                """), arguments: first + StatementArguments(clues))
        var page = SearchPage()
        while let row = try rows.next() {
            page.events += 1
            page.bytes += row[2] as Int
            page.lowest = row[0]
            page.recorded = Instant(microseconds: row[1])
            if row[3] as Bool { page.hits.append(row[0]) }
            if page.bytes >= bytes { return page }
        }
        page.isLast = page.events < limit
        return page
    }
}
