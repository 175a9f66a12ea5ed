import GRDB

/// Numbers for strings that repeat: read once, kept in memory, forgotten after a rollback.
final class NameTable {
    private static let most = 50_000

    private var ids: [String: Int64] = [:]
    private var texts: [Int64: String] = [:]
    /// The last two that were asked for: events come in runs of one source and one type.
    private var recent: [(text: String, id: Int64)] = []

    func forget() {
        ids = [:]
        texts = [:]
        recent = []
    }

    func id(of text: String, _ db: Database) throws -> Int64 {
        for entry in recent where entry.text == text { return entry.id }
        let id = try look(up: text, db)
        if recent.count > 1 { recent.removeFirst() }
        recent.append((text, id))
        return id
    }

    private func look(up text: String, _ db: Database) throws -> Int64 {
        if let id = ids[text] { return id }
        if ids.count > Self.most { forget() }
        let found = try Int64.fetchOne(db.cachedStatement(sql: "SELECT id FROM name WHERE text = ?"), arguments: [text])
        let id: Int64
        if let found {
            id = found
        } else {
            try db.cachedStatement(sql: "INSERT INTO name(text) VALUES(?)").execute(arguments: [text])
            id = db.lastInsertedRowID
        }
        ids[text] = id
        return id
    }

    /// The number of a string that may not be there.
    func known(_ text: String, _ db: Database) throws -> Int64? {
        if let id = ids[text] { return id }
        return try Int64.fetchOne(db.cachedStatement(sql: "SELECT id FROM name WHERE text = ?"), arguments: [text])
    }

    func text(of id: Int64, _ db: Database) throws -> String {
        if let text = texts[id] { return text }
        let text =
            try String.fetchOne(db.cachedStatement(sql: "SELECT text FROM name WHERE id = ?"), arguments: [id]) ?? ""
        if texts.count > Self.most { texts = [:] }
        texts[id] = text
        return text
    }
}
