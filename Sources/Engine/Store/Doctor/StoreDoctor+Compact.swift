import GRDB

extension StoreDoctor {
    /// Makes the store at `path` as small as what it holds. Returns its bytes before and after. No node may run it; it
    /// needs about twice the store's size of free space while it works.
    package static func compact(_ path: String) throws -> (before: Int, after: Int) {
        let address = try require(path)
        let queue = try StoreConnection.open(address)
        defer { try? queue.close() }
        return try queue.inDatabase { db in
            try requireStore(db, address)
            let before = try bytes(db)
            // Through the log like every other change: a crash leaves the store as it was.
            try db.execute(sql: "VACUUM")
            _ = try db.checkpoint(.truncate)
            return (before, try bytes(db))
        }
    }

    private static func bytes(_ db: Database) throws -> Int {
        (try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0) * StoreConnection.pageBytes
    }
}
