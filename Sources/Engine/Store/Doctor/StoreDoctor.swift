package import Canonical
package import Contracts
package import ExactJSON
import Foundation
import GRDB

/// What a person does to a store that no node runs, by path: look, mend, make small, keep a copy, put a copy back.
///
/// Only ``check(_:)``, ``export(_:_:)`` and ``backup(_:to:)`` may run beside the node; who calls another makes sure
/// that none runs.
package enum StoreDoctor {
    /// Throws ``StoreFailures/notAStore`` where there is nothing at `path`, or something else.
    static func require(_ path: String) throws -> StoreAddress {
        let address = try StoreAddress(path)
        guard try address.exists() else { throw StoreFailures.notAStore.failure("there is no store at \(path)") }
        return address
    }

    /// Throws ``StoreFailures/exists`` where there is something at `path`.
    static func requireNothing(at path: String) throws -> StoreAddress {
        let address = try StoreAddress(path)
        guard try !address.exists() else { throw StoreFailures.exists.failure("\(path) exists already") }
        return address
    }

    /// Opens whatever is whole of a store, to read it. A damaged page fails what needs it.
    static func openSalvaged(_ address: StoreAddress) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        do {
            return try DatabaseQueue(path: address.salvageURL, configuration: configuration)
        } catch {
            throw StoreFailures.notAStore.failure("\(address.path) cannot be read as a store: \(error)")
        }
    }

    /// Throws ``StoreFailures/notAStore`` or ``StoreFailures/newerVersion`` for a database that is no store of this
    /// program's.
    static func requireStore(_ db: Database, _ address: StoreAddress) throws {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version <= StoreSchema.version else {
            throw StoreFailures.newerVersion.failure(
                "\(address.path) has version \(version), this program knows \(StoreSchema.version)")
        }
        let tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('meta', 'event', 'lane', 'delivery')"
        guard version > 0, try Int.fetchOne(db, sql: tables) == 4 else {
            throw StoreFailures.notAStore.failure("\(address.path) is a database, but no store")
        }
    }

    /// The numbers of each lane's events that are there: first, last, how many.
    static func laneStates(_ db: Database) throws -> [StoreReport.LaneState] {
        try Lane.allCases.map { lane in
            let (base, end) = JournalNumber.span(of: lane)
            let row = try Row.fetchOne(
                db, sql: "SELECT count(*), min(seq), max(seq) FROM event WHERE seq > ? AND seq < ?",
                arguments: [base, end])
            let (first, last): (Int64?, Int64?) = (row?[1], row?[2])
            let count: Int = row?[0] ?? 0
            return StoreReport.LaneState(
                lane: lane, events: count, first: first.map { $0 - base } ?? 0, last: last.map { $0 - base } ?? 0)
        }
    }
}

/// What a store is made of, and what is wrong with it.
package struct StoreReport: Sendable {
    /// The events of one lane; first and last are 0 where there are none.
    package struct LaneState: Sendable, Hashable {
        package let lane: Lane
        package let events: Int
        package let first: Int64
        package let last: Int64
        /// Numbers between that are not there: trimmed around single events that a person still needs.
        package var missing: Int { events == 0 ? 0 : Int(last - first) + 1 - events }
    }

    package internal(set) var path: String
    package internal(set) var version = 0
    package internal(set) var epoch = ""
    package internal(set) var pages = 0
    package internal(set) var damagedPages = 0
    /// Numbers of damaged pages, the first of them.
    package internal(set) var listedPages: [Int] = []
    /// Pages that have no checksum, because they were written without the checks.
    package internal(set) var uncheckedPages = 0
    package internal(set) var logFrames = 0
    package internal(set) var damagedFrames = 0
    package internal(set) var missingFrames = 0
    package internal(set) var lanes: [LaneState] = []
    /// Rows by table, of those that could be counted.
    package internal(set) var rows: [String: Int] = [:]
    /// What SQLite or the store's own rules find wrong, in words; at most 100.
    package internal(set) var findings: [String] = []

    init(path: String) { self.path = path }

    /// The first line of the audit trail that does not follow from the line before: it was changed, or lines before it
    /// are gone. Nil where the trail is whole.
    package internal(set) var auditBreak: Int64?

    /// Whether nothing is damaged.
    package var isWhole: Bool { damagedPages == 0 && damagedFrames == 0 && missingFrames == 0 && findings.isEmpty }

    /// Whether nothing is wrong at all.
    package var isSound: Bool { isWhole && auditBreak == nil }

    /// How many rows there are of what no retention ends, in one line: `audit 120, ledger 17`.
    package var lasting: String {
        ["audit", "ledger", "name", "settings", "settings_file", "stream", "stream_batch"].compactMap { table in
            rows[table].map { "\(table) \($0)" }
        }.joined(separator: ", ")
    }

    /// What `--json` prints.
    package var json: JSON {
        var counts: JSON = [:]
        for (table, count) in rows.sorted(by: { $0.key < $1.key }) { counts[table] = .int(count) }
        return [
            "path": .string(path), "ok": .bool(isSound), "version": .int(version), "epoch": .string(epoch),
            "pages": .int(pages), "damagedPages": .int(damagedPages),
            "damagedPageNumbers": .array(listedPages.map { .int($0) }), "uncheckedPages": .int(uncheckedPages),
            "logFrames": .int(logFrames), "damagedLogFrames": .int(damagedFrames),
            "missingLogFrames": .int(missingFrames),
            "lanes": .array(
                lanes.map {
                    [
                        "lane": .string($0.lane.name), "events": .int($0.events), "first": .int(Int($0.first)),
                        "last": .int(Int($0.last)), "missing": .int($0.missing),
                    ]
                }),
            "rows": counts, "auditBreak": auditBreak.map { .int(Int($0)) } ?? .null,
            "findings": .array(findings.map { .string($0) }),
        ]
    }
}
