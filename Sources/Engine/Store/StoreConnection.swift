import Contracts
import GRDB

/// Opens the database so that a commit that returned survives a power cut.
enum StoreConnection {
    static let pageBytes = 8_192

    /// Opens the store for writing, alone, with a write-ahead log and `synchronous=FULL`, and makes sure that both hold.
    static func open(_ path: String) throws -> DatabaseQueue { try open(StoreAddress(path)) }

    /// The same of a store by its address.
    static func open(_ address: StoreAddress) throws -> DatabaseQueue {
        let path = address.path
        var configuration = Configuration()
        configuration.journalMode = .wal
        // Another process may read beside us; a second writer must fail quickly and clearly.
        configuration.busyMode = .timeout(5)
        configuration.label = "store"
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA page_size = \(pageBytes)")
            try db.execute(sql: "PRAGMA secure_delete = OFF")
            try db.execute(sql: "PRAGMA auto_vacuum = NONE")
        }
        let queue: DatabaseQueue
        do {
            queue = try DatabaseQueue(path: address.url, configuration: configuration)
            // After opening: setting up the write-ahead log resets it to NORMAL.
            try queue.inDatabase { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
                try db.execute(sql: "PRAGMA cache_size = -8000")
            }
        } catch  where StoreDamage.isDamage(error) {
            throw StoreFailures.damaged.failure("the store at \(path) cannot be opened: \(error)")
        } catch {
            throw StoreFailures.cannotOpen(path, error)
        }
        try verify(queue, path)
        return queue
    }

    /// Opens a store that another process may run, to read it.
    static func openForReading(_ path: String) throws -> DatabaseQueue { try openForReading(StoreAddress(path)) }

    /// The same of a store by its address.
    static func openForReading(_ address: StoreAddress) throws -> DatabaseQueue {
        let path = address.path
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            return try DatabaseQueue(path: address.url, configuration: configuration)
        } catch {
            throw StoreFailures.cannotOpen.failure("the store at \(path) cannot be read: \(error)")
        }
    }

    private static func verify(_ queue: DatabaseQueue, _ path: String) throws {
        let (synchronous, journal) = try queue.inDatabase { db in
            (
                try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? 0,
                try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? ""
            )
        }
        guard synchronous == 2, journal == "wal" else {
            throw StoreFailures.notDurable.failure(
                "the store at \(path) says synchronous=\(synchronous), journal_mode=\(journal)")
        }
    }
}

extension StoreFailures {
    /// Why the store at `path` cannot be opened: what SQLite says, and what to do where that is plain.
    static func cannotOpen(_ path: String, _ error: any Error) -> Failure {
        let isFull = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
        return cannotOpen.failure(
            "the store at \(path) cannot be opened: \(error)",
            suggestion: isFull ? "Free space on its disk, then start again." : nil)
    }
}
