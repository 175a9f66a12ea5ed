import Foundation
import GRDB

/// What the disk and SQLite can do at most: rows with a unique ascending key and a body, group after group, at
/// `synchronous=FULL`, without anything that a node does. Measures are held against it.
package struct BareStore: Sendable {
    private let queue: DatabaseQueue

    /// A new database at `path`.
    package init(path: String) throws {
        queue = try StoreConnection.open(path)
        try queue.write {
            try $0.execute(
                sql:
                    "CREATE TABLE row(id INTEGER PRIMARY KEY, key TEXT NOT NULL, body BLOB NOT NULL); CREATE UNIQUE INDEX k ON row(key)"
            )
        }
    }

    /// Commits one group durably.
    package func commit(_ rows: [(key: String, body: [UInt8])]) throws {
        try queue.inDatabase { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            let insert = try db.cachedStatement(sql: "INSERT INTO row(key, body) VALUES(?, ?)")
            for row in rows {
                insert.setUncheckedArguments([row.key, Data(row.body)])
                try insert.execute()
            }
            try db.execute(sql: "COMMIT")
        }
    }

    package func close() { try? queue.close() }
}
