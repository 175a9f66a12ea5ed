package import Canonical
import Contracts
import GRDB

/// What a backup holds.
package struct BackupReport: Sendable {
    package let path: String
    package let bytes: Int
    package let epoch: String
    package let lanes: [StoreReport.LaneState]
}

extension StoreDoctor {
    /// Copies the store at `path` to `destination`, also while a node runs it: one committed state, whole, whatever is
    /// written meanwhile. The copy is read back before it gets its name. Throws ``StoreFailures/damaged`` where the
    /// store is.
    package static func backup(_ path: String, to destination: String) throws -> BackupReport {
        let address = try require(path)
        let copy = try requireNothing(at: destination)
        let partial = copy.beside(".part")
        do {
            try clear(partial)
        } catch {
            throw StoreFailures.cannotOpen.failure(
                "a backup cannot be made at \(destination): \((error as? Failure)?.message ?? "\(error)")",
                suggestion: "Make the folder, give it to the user that runs this, or name another one.")
        }
        do {
            let source = try StoreConnection.openForReading(address)
            defer { try? source.close() }
            let report = try write(source, to: partial, address)
            try partial.beside("-sums").move(to: copy.beside("-sums"))
            try partial.move(to: copy)
            return report
        } catch {
            try? clear(partial)
            guard StoreDamage.isDamage(error) else { throw error }
            throw StoreFailures.damaged.failure(
                "\(path) cannot be copied: \(error)",
                suggestion: "Run `millwright store repair` first, with the node stopped.")
        }
    }

    /// Removes a store and what belongs to it.
    static func clear(_ address: StoreAddress) throws {
        for suffix in ["-wal", "-shm", "-sums", ""] { try address.beside(suffix).remove() }
    }

    private static func write(
        _ source: DatabaseQueue, to partial: StoreAddress, _ address: StoreAddress
    ) throws -> BackupReport {
        let target = try StoreConnection.open(partial)
        defer { try? target.close() }
        try source.read { db in
            try requireStore(db, address)
            // All pages in one step, within one transaction: the state does not move while it is read.
            try target.writeWithoutTransaction { try db.backup(to: $0) }
        }
        return try target.inDatabase { db in
            _ = try db.checkpoint(.truncate)
            let findings = try String.fetchAll(db, sql: "PRAGMA integrity_check(10)")
            guard findings == ["ok"] else {
                throw StoreFailures.damaged.failure("the copy is not whole: \(findings.joined(separator: "; "))")
            }
            return BackupReport(
                path: partial.path,
                bytes: (try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0) * StoreConnection.pageBytes,
                epoch: try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'epoch'") ?? "",
                lanes: try laneStates(db))
        }
    }
}
