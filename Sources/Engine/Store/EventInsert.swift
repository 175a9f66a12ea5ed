import Canonical
import GRDB
import GRDBSQLite

/// Writes events into the journal: the innermost loop of the intake, bound to SQLite without copies in between.
struct EventInsert {
    private let statement: Statement
    private let pointer: OpaquePointer

    init(_ db: Database) throws {
        statement = try db.cachedStatement(
            sql: "INSERT INTO event VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(source, id) DO NOTHING")
        pointer = statement.sqliteStatement
    }

    /// Whether the event is new. Throws ``GRDB/DatabaseError``.
    func write(
        _ document: EventDocument, seq: Int64, source: Int64, type: Int64, recorded: Instant, via: Int64 = 0,
        _ db: Database
    ) throws -> Bool {
        let envelope = document.envelope
        var id = envelope.id
        var subject = envelope.subject ?? ""
        // What is bound stays where it is until the step is through: both happen within these closures.
        let code = id.withUTF8 { id in
            subject.withUTF8 { subject in
                document.bytes.withUnsafeBytes { body in
                    sqlite3_bind_int64(pointer, 1, seq)
                    sqlite3_bind_int64(pointer, 2, source)
                    bind(id, 3)
                    sqlite3_bind_int64(pointer, 4, type)
                    if envelope.subject != nil { bind(subject, 5) }
                    sqlite3_bind_int64(pointer, 6, envelope.time.microseconds)
                    sqlite3_bind_int64(pointer, 7, recorded.microseconds)
                    sqlite3_bind_blob(pointer, 8, body.baseAddress, Int32(body.count), nil)
                    sqlite3_bind_int64(pointer, 9, via)
                    let code = sqlite3_step(pointer)
                    sqlite3_reset(pointer)
                    sqlite3_clear_bindings(pointer)
                    return code
                }
            }
        }
        guard code == SQLITE_DONE else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(db.sqliteConnection)))
        }
        return db.changesCount > 0
    }

    private func bind(_ text: UnsafeBufferPointer<UInt8>, _ index: Int32) {
        text.withMemoryRebound(to: CChar.self) { text in
            // A missing address would be taken for NULL.
            if let start = text.baseAddress, !text.isEmpty {
                sqlite3_bind_text(pointer, index, start, Int32(text.count), nil)
            } else {
                sqlite3_bind_text(pointer, index, "", 0, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
            }
        }
    }
}
