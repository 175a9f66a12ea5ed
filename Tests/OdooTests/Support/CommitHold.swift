import Foundation
import Testing

/// Keeps PostgreSQL from ending any commit: each waits, durable and unseen, for a standby that does not exist. Needs
/// `ODOO_POSTGRES`, the connection string of a superuser of the server under Odoo.
///
/// After a test that was killed: `ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf()`.
struct CommitHold: Sendable {
    static let connection = ProcessInfo.processInfo.environment["ODOO_POSTGRES"]
    let connection: String

    func begin() throws {
        try run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try run("SELECT pg_reload_conf()")
    }

    /// Lets all that wait go on.
    func end() throws {
        try run("ALTER SYSTEM RESET synchronous_standby_names")
        try run("SELECT pg_reload_conf()")
    }

    /// Transactions whose commit waits.
    func waiting() throws -> Int {
        Int(try run("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")) ?? 0
    }

    /// Whether nothing is under way in any database.
    func isIdle() throws -> Bool {
        try run(
            """
            SELECT count(*) FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()
            """) == "0"
    }

    @discardableResult
    private func run(_ statement: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["psql", "-d", connection, "-XAtqc", statement]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "psql: \(statement)")
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
