import Canonical
import Contracts
import GRDB
import World

extension Store {
    /// A store that is open, and what its connection says of it.
    struct Opened {
        let queue: DatabaseQueue
        let epoch: String
        let origins: [Lane: Int64]
        let doubt: Instant?
        let isLedgerDoubted: Bool
        /// The last command's id.
        let command: Int64
        var mended: SalvageReport?
    }

    /// Opens the store. One that is damaged, or of which a running node left word that it is, is mended first. One
    /// that was mended five times within a day is mended once an hour from then on: in between this throws
    /// ``StoreFailures/damagedAgain``, the node ends, and whoever starts it again after that hour has it mended.
    static func openMended(_ address: StoreAddress, _ mending: StoreMending, _ world: World) throws -> Opened {
        try mending.finish()
        var reason = "a running node met damage"
        if try !mending.hasWord() {
            do {
                return try open(address, world)
            } catch let failure as Failure where failure.kind == StoreFailures.damaged {
                reason = failure.message
            } catch  where StoreDamage.isDamage(error) {
                reason = "\(error)"
            }
        }
        let report = try mending.run(reason: reason)
        var opened = try open(address, world)
        opened.mended = report
        return opened
    }

    private static func open(_ address: StoreAddress, _ world: World) throws -> Opened {
        let connection = try StoreConnection.open(address)
        do {
            // What recovery found in the log may never have been synced: after a sync that failed, the next process
            // still reads it from the system's cache. It is written into the database and synced before anything is
            // built on it.
            try connection.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
            return try connection.write { db in try prepare(db, connection, world) }
        } catch {
            // So that its files may change places.
            try? connection.close()
            throw error
        }
    }

    private static func prepare(_ db: Database, _ connection: DatabaseQueue, _ world: World) throws -> Opened {
        try StoreSchema.migrate(db)
        let fresh = world.entropy.uuidV7(at: world.clock.now())
        try db.execute(sql: "INSERT OR IGNORE INTO meta VALUES('epoch', ?)", arguments: [fresh])
        var origins: [Lane: Int64] = [:]
        for lane in Lane.allCases {
            try db.execute(sql: "INSERT OR IGNORE INTO lane VALUES(?, 0, 0)", arguments: [lane.rawValue])
            let origin = try String.fetchOne(
                db, sql: "SELECT value FROM meta WHERE name = ?", arguments: ["origin.\(lane.name)"])
            origins[lane] = origin.flatMap { Int64($0) } ?? 0
        }
        let doubt = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'doubt'")
        return Opened(
            queue: connection,
            epoch: try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'epoch'") ?? fresh,
            origins: origins, doubt: doubt.flatMap { Int64($0) }.map { Instant(microseconds: $0) },
            isLedgerDoubted: try Bool.fetchOne(
                db, sql: "SELECT EXISTS(SELECT 1 FROM meta WHERE name = 'ledger.doubted')") ?? false,
            command: try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'command'") ?? 0)
    }
}
