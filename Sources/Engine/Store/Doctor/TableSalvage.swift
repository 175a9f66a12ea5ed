import Foundation
import GRDB

/// Copies whatever can be read of one table of a damaged database into a whole one, around what cannot.
struct TableSalvage {
    let source: Database
    let target: DatabaseQueue
    let table: String
    private let keys: [String]
    private let hasNumbers: Bool
    private let insert: String
    private(set) var kept = 0
    /// How many commits the rows took, and the bytes of the largest.
    private(set) var commits = 0
    private(set) var largestCommit = 0
    private(set) var lost: [ClosedRange<Int64>] = []
    /// Rows without numbers are lost somewhere in the middle.
    private(set) var hasLostKeys = false

    /// `table`: one that `source` and `target` have alike.
    init(_ table: String, from source: Database, to target: DatabaseQueue) throws {
        self.source = source
        self.target = target
        self.table = table
        let columns = try Row.fetchAll(source, sql: "PRAGMA table_info(\(table))")
        let sql = try String.fetchOne(source, sql: "SELECT sql FROM sqlite_master WHERE name = ?", arguments: [table])
        hasNumbers = !(sql ?? "").uppercased().contains("WITHOUT ROWID")
        keys = columns.filter { ($0["pk"] as Int) > 0 }.sorted { ($0["pk"] as Int) < $1["pk"] }.map { $0["name"] }
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        // By name: a store of an older version has fewer columns than the new one.
        let names = columns.map { $0["name"] as String }.joined(separator: ", ")
        insert = "INSERT OR IGNORE INTO \(table)(\(names)) VALUES(\(marks))"
    }

    /// Copies all that can be read. Throws where the new database fails.
    mutating func run() throws {
        if hasNumbers { try copyByNumber() } else { try copyByKey() }
    }

    private mutating func copyByNumber() throws {
        var after = Int64.min
        var stalled: Int64?
        while true {
            do {
                // From the next number on, not behind the last one: that would look for the last one, in the damage.
                let from = after == .min ? after : after + 1
                try copy("SELECT rowid, * FROM \(table) NOT INDEXED WHERE rowid >= \(from) ORDER BY rowid") { row in
                    after = row[0]
                    return Array(row.databaseValues.dropFirst())
                }
                return
            } catch  where StoreDamage.isDamage(error) {
                guard var last = try numberBehindDamage(after) else {
                    lost.append((after == .min ? 1 : after + 1)...Int64.max)
                    return
                }
                // One that can be read alone, but not on the way through, twice: given up, so that this ends.
                if last == after, stalled == after { last += 1 }
                stalled = after
                let first = after == .min ? min(1, last) : after + 1
                if first <= last { lost.append(first...last) }
                after = last
            }
        }
    }

    /// The last number behind `after` that is lost with the damage there; nil where all the rest is.
    func numberBehindDamage(_ after: Int64) throws -> Int64? {
        guard let next = try nextReadable(behind: after) else { return nil }
        // Of a row that begins on a whole page and goes on to a damaged one, the number is known.
        return try isReadable(next) ? next - 1 : next
    }

    /// The lowest number behind `after` from which a row can be found: a damaged page hides all numbers up to its last.
    private func nextReadable(behind after: Int64) throws -> Int64? {
        var bad = after == .min ? 0 : after + 1
        if let found = try probe(bad) { return found.row }
        var step: Int64 = 1
        var good: Int64
        while true {
            let (next, isTooFar) = bad.addingReportingOverflow(step)
            guard !isTooFar else { return nil }
            if try probe(next) != nil {
                good = next
                break
            }
            (bad, step) = (next, step > Int64.max / 2 ? .max : step * 2)
        }
        while good - bad > 1 {
            let middle = bad + (good - bad) / 2
            if try probe(middle) != nil { good = middle } else { bad = middle }
        }
        return try probe(good)?.row
    }

    /// The first row from `number` on. Nil where it cannot be looked for; a row of nil: there is none.
    private func probe(_ number: Int64) throws -> (row: Int64?, Void)? {
        try StoreDamage.readable {
            let sql = "SELECT rowid FROM \(table) NOT INDEXED WHERE rowid >= ? ORDER BY rowid LIMIT 1"
            return (try Int64.fetchOne(source, sql: sql, arguments: [number]), ())
        }
    }

    private func isReadable(_ number: Int64) throws -> Bool {
        let sql = "SELECT * FROM \(table) NOT INDEXED WHERE rowid = ?"
        return try StoreDamage.readable { try Row.fetchOne(source, sql: sql, arguments: [number]) != nil } ?? false
    }

    /// Copies what an index alone holds, for a table whose rows stand in it whole.
    mutating func run(byIndexOn column: String) throws {
        try copyByKey([column])
        hasLostKeys = false
    }

    /// From both ends towards the damage.
    private mutating func copyByKey(_ keys: [String]? = nil) throws {
        for direction in ["ASC", "DESC"] {
            let order = (keys ?? self.keys).map { "\($0) \(direction)" }.joined(separator: ", ")
            do {
                try copy("SELECT * FROM \(table) ORDER BY \(order)") { Array($0.databaseValues) }
                return
            } catch  where StoreDamage.isDamage(error) {
                hasLostKeys = true
            }
        }
    }

    /// Copies rows until there are none or the source fails; what was read until then is kept.
    private mutating func copy(_ sql: String, _ values: (Row) -> [DatabaseValue]) throws {
        var batch = SalvageBatch()
        let cursor = try Row.fetchCursor(source, sql: sql)
        while true {
            let row: Row?
            do {
                row = try cursor.next()
            } catch {
                try store(batch)
                throw error
            }
            guard let row else { return try store(batch) }
            batch.add(values(row))
            if batch.isFull {
                try store(batch)
                batch = SalvageBatch()
            }
        }
    }

    private mutating func store(_ batch: SalvageBatch) throws {
        guard !batch.rows.isEmpty else { return }
        commits += 1
        largestCommit = max(largestCommit, batch.bytes)
        kept += try target.write { db in
            let statement = try db.cachedStatement(sql: insert)
            var count = 0
            for row in batch.rows {
                try statement.execute(arguments: StatementArguments(row))
                count += db.changesCount
            }
            return count
        }
    }
}

/// Rows that are committed together: bounds what a mending holds in memory, and the log of the new database.
struct SalvageBatch {
    static let rowsMaximum = 5_000
    /// A row may be a megabyte long.
    static let bytesMaximum = 4 << 20

    private(set) var rows: [[DatabaseValue]] = []
    private(set) var bytes = 0

    /// Whether it is time to commit.
    var isFull: Bool { rows.count >= Self.rowsMaximum || bytes >= Self.bytesMaximum }

    mutating func add(_ row: [DatabaseValue]) {
        rows.append(row)
        bytes += row.reduce(0) { $0 + Self.bytes(of: $1) }
    }

    /// About what a value takes in memory.
    static func bytes(of value: DatabaseValue) -> Int {
        switch value.storage {
        case .null: 0
        case .int64, .double: 8
        case .string(let text): text.utf8.count
        case .blob(let bytes): bytes.count
        }
    }
}
