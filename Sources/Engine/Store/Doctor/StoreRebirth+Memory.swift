import Canonical
import Contracts
import GRDB

// What a mended store still knows of what it lost, so that nothing is done twice and nothing is passed over.
extension StoreRebirth {
    /// Takes from what is left whatever tells of what is gone.
    func remember(_ transaction: StoreTransaction, _ report: SalvageReport) throws {
        let tables = Set(report.losses.map(\.table))
        if tables.contains("event") { try Self.rememberRouted(transaction) }
        if tables.contains("cursor") { try Self.placeCursors(transaction) }
        // An event that comes again, whose delivery is lost too, would be counted on top of itself.
        if tables.contains("event") || tables.contains("all") || report.hasStalePages {
            try transaction.db.execute(
                sql: "INSERT OR REPLACE INTO meta VALUES('events.lost', ?)", arguments: [String(now.microseconds)])
        }
        let isForgotten = tables.contains("event") && !tables.isDisjoint(with: ["delivery", "seen", "name"])
        if isForgotten || report.hasStalePages {
            try transaction.db.execute(sql: "INSERT OR REPLACE INTO meta VALUES('ledger.doubted', '1')")
        }
    }

    /// A fact whose event is lost, and whose delivery is not, is known by that: sent again, it changes nothing. Not
    /// where the map failed, as that needs the event.
    private static func rememberRouted(_ transaction: StoreTransaction) throws {
        let (db, names) = (transaction.db, transaction.names)
        let lost = try names.id(of: lostType, db)
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT DISTINCT flow, origin, identity, created FROM delivery d
                WHERE origin <> '' AND (state <> 4 OR command IS NOT NULL)
                AND NOT EXISTS(SELECT 1 FROM event e WHERE e.seq = d.event AND e.type <> ?)
                """, arguments: [lost])
        for row in rows {
            let (flow, origin, identity): (String, String, String) = (row[0], row[1], row[2])
            let prefix = "\(flow):\(origin):"
            guard identity.hasPrefix(prefix) else { continue }
            try db.execute(
                sql: "INSERT OR IGNORE INTO seen VALUES(?, ?, ?)",
                arguments: [try names.id(of: origin, db), String(identity.dropFirst(prefix.count)), row[3] as Int64])
        }
    }

    /// A target goes on behind the last event that it has a delivery of; where it has none, from the beginning: a flow
    /// makes one delivery of an event.
    private static func placeCursors(_ transaction: StoreTransaction) throws {
        let db = transaction.db
        for lane in Lane.allCases {
            let (base, end) = JournalNumber.span(of: lane)
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO cursor SELECT target, ?, coalesce(max(CASE WHEN event > ? AND event < ?
                    THEN event - ? END), 0), 1 FROM delivery GROUP BY target
                    """,
                arguments: [lane.rawValue, base, end, base])
        }
        try db.execute(sql: "INSERT OR REPLACE INTO meta VALUES('cursors.lost', '1')")
    }
}
