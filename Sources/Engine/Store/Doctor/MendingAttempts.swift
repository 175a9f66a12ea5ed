import Canonical
import Contracts
import GRDB

/// When mendings of a store began that have put no new one in its place: what a process that ended in the middle of
/// one leaves of itself. A small database of its own beside the store, so that a note is durable, whole or not there.
struct MendingAttempts {
    private let address: StoreAddress

    init(_ store: StoreAddress) { address = store.beside(".mendings") }

    /// The times that are noted; none where the note itself cannot be read any more.
    func times() throws -> [Instant] {
        guard try address.exists() else { return [] }
        do {
            let queue = try StoreConnection.open(address)
            defer { try? queue.close() }
            return try queue.write { db in
                try Self.prepare(db)
                return try Int64.fetchAll(db, sql: "SELECT began FROM attempt ORDER BY began").map {
                    Instant(microseconds: $0)
                }
            }
        } catch  where StoreDamage.isDamage(error) || (error as? Failure)?.kind == StoreFailures.damaged {
            try forget()
            return []
        }
    }

    /// Notes these times and no others; they are durable when it returns.
    func keep(_ times: [Instant]) throws {
        let queue = try StoreConnection.open(address)
        defer { try? queue.close() }
        try queue.write { db in
            try Self.prepare(db)
            try db.execute(sql: "DELETE FROM attempt")
            for time in times {
                try db.execute(sql: "INSERT OR IGNORE INTO attempt VALUES(?)", arguments: [time.microseconds])
            }
        }
    }

    /// Forgets all: a new store is in place, and says itself how often it was mended.
    func forget() throws { try StoreDoctor.clear(address) }

    private static func prepare(_ db: Database) throws {
        try db.execute(sql: "CREATE TABLE IF NOT EXISTS attempt(began INTEGER PRIMARY KEY)")
    }
}
