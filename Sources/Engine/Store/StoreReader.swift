package import Canonical
package import Contracts
package import ExactJSON
import GRDB

/// Another process's look into a store: reads beside the running node, and leaves requests for it. Never keeps it open.
package struct StoreReader: Sendable {
    private let path: String

    /// Throws ``Failure`` where there is no store at `path`, and where a newer version wrote it.
    package init(path: String) throws {
        self.path = path
        let queue = try StoreConnection.openForReading(path)
        defer { try? queue.close() }
        _ = try queue.read { try StoreSchema.known($0) }
    }

    /// Runs `body` on one committed state of the store.
    package func read<R>(_ body: (StoreTransaction) throws -> R) throws -> R { try Self.read(path, body) }

    /// The same for who looks once. Throws ``Failure`` where there is no store at `path`, and where a newer version
    /// wrote it.
    package static func read<R>(_ path: String, _ body: (StoreTransaction) throws -> R) throws -> R {
        let queue = try StoreConnection.openForReading(path)
        defer { try? queue.close() }
        return try queue.read { db in
            _ = try StoreSchema.known(db)
            return try body(StoreTransaction(db: db, names: NameTable()))
        }
    }

    /// Leaves a request that the node carries out within a second while it runs, else at its next start.
    package func request(
        _ kind: OperatorRequest.Kind, exception: Int64, by person: String, note: String?, detail: JSON? = nil,
        now: Instant
    ) throws -> Int64 {
        try write { try $0.insertRequest(kind, subject: exception, by: person, note: note, detail: detail, now: now) }
    }

    /// Leaves a request to post again what a target forgot.
    package func request(_ repost: RepostOrder, by person: String, note: String?, now: Instant) throws -> Int64 {
        try write { try $0.insertRequest(repost, by: person, note: note, now: now) }
    }

    private func write<R>(_ body: (StoreTransaction) throws -> R) throws -> R {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(10)
        let queue = try DatabaseQueue(path: StoreAddress(path).url, configuration: configuration)
        defer { try? queue.close() }
        try queue.inDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return try queue.write { db in
            _ = try StoreSchema.known(db)
            return try body(StoreTransaction(db: db, names: NameTable()))
        }
    }
}
