import Canonical
package import ExactJSON
import GRDB

extension StoreDoctor {
    /// Hands `write` everything that a person or another program may want of the store at `path`, as JSON Lines: one
    /// object `{"table", …}` a row, events as they came. Pieces of whole lines, about a megabyte each. Damaged parts
    /// are passed over and counted. Returns the counts.
    package static func export(_ path: String, _ write: ([UInt8]) throws -> Void) throws -> [String: Int] {
        let address = try require(path)
        let queue = try openSalvaged(address)
        defer { try? queue.close() }
        return try queue.inDatabase { db in
            try requireStore(db, address)
            var counts: [String: Int] = [:]
            for table in ["event", "delivery", "command", "exception", "audit"] {
                let (rows, isWhole) = try export(table, db, write)
                counts[table] = rows
                if !isWhole { counts["unreadable"] = (counts["unreadable"] ?? 0) + 1 }
            }
            return counts
        }
    }

    private static let pieceBytes = 1 << 20

    private static func export(
        _ table: String, _ db: Database, _ write: ([UInt8]) throws -> Void
    ) throws -> (Int, Bool) {
        let names = NameTable()
        var rows = RowWalk(table, in: db)
        var count = 0
        var piece: [UInt8] = []
        while let row = try rows.next() {
            piece += try object(row, table, names, db).bytes
            piece.append(0x0A)
            count += 1
            guard piece.count > pieceBytes else { continue }
            try write(piece)
            piece.removeAll(keepingCapacity: true)
        }
        try write(piece)
        return (count, rows.skipped == 0)
    }

    private static func object(_ row: Row, _ table: String, _ names: NameTable, _ db: Database) throws -> JSON {
        var members: JSON = ["table": .string(table)]
        for (column, value) in row {
            switch (table, column, value.storage) {
            case ("event", "seq", .int64(let seq)):
                let number = JournalNumber(seq: seq)
                members["lane"] = .string(number.lane.name)
                members["number"] = .int(Int(number.number))
            // They stand in the event itself.
            case ("event", "source", _), ("event", "type", _), ("event", "subject", _), ("event", "id", _): continue
            case ("event", "via", .int64(let number)):
                if number != 0 { members["via"] = .string(try names.text(of: number, db)) }
            case ("event", "body", .blob(let body)):
                let event = try? JSONReader.read([UInt8](body))
                members["event"] = event ?? .string(String(decoding: body, as: UTF8.self))
            case (_, "arguments", .string(let text)), (_, "intent", .string(let text)),
                (_, "detail", .string(let text)),
                (_, "conflicts", .string(let text)), (_, "ledger", .string(let text)):
                members[column] = (try? JSONReader.read(text)) ?? .string(text)
            case (_, "time", .int64(let time)), (_, "recorded", .int64(let time)), (_, "created", .int64(let time)),
                (_, "started", .int64(let time)), (_, "settled", .int64(let time)):
                members[column] = .string(Instant(microseconds: time).description)
            case (_, _, .null): continue
            case (_, _, .int64(let number)): members[column] = .int(Int(number))
            case (_, _, .double(let number)): members[column] = .string(String(number))
            case (_, _, .string(let text)): members[column] = .string(text)
            case (_, _, .blob(let bytes)): members[column] = .string(String(decoding: bytes, as: UTF8.self))
            }
        }
        return members
    }
}

/// The rows of a table with numbers, in order, around what cannot be read.
private struct RowWalk {
    private static let pageRows = 500
    private let table: String
    private let db: Database
    private var rows: ArraySlice<Row> = []
    private var after = Int64.min
    private var isOver = false
    /// Places that could not be read.
    private(set) var skipped = 0

    init(_ table: String, in db: Database) {
        (self.table, self.db) = (table, db)
    }

    mutating func next() throws -> Row? {
        while rows.isEmpty, !isOver { try fill() }
        return rows.popFirst()
    }

    private mutating func fill() throws {
        var found: [Row] = []
        var bytes = 0
        do {
            let cursor = try Row.fetchCursor(
                db, sql: "SELECT rowid AS place, * FROM \(table) NOT INDEXED WHERE rowid >= ? ORDER BY rowid LIMIT ?",
                arguments: [after == .min ? after : after + 1, Self.pageRows])
            while bytes < SalvageBatch.bytesMaximum, let row = try cursor.next() {
                after = row[0]
                found.append(row.copy())
                bytes += row.databaseValues.reduce(0) { $0 + SalvageBatch.bytes(of: $1) }
            }
            isOver = found.isEmpty
        } catch  where StoreDamage.isDamage(error) {
            skipped += 1
            let walk = try TableSalvage(table, from: db, to: DatabaseQueue())
            if let next = try walk.numberBehindDamage(after) {
                // On in any case, so that this ends.
                after = max(next, found.isEmpty ? after &+ 1 : after)
            } else {
                isOver = true
            }
        }
        rows = found.map { $0 }[...]
    }
}
