package import Canonical
package import Contracts
package import ExactJSON
import GRDB

// Positions of sources, state of signals, streams of edges, cursors of targets.
extension StoreTransaction {
    /// What a source stored under `name`, or nil.
    package func position(_ source: SourceName, _ name: String) throws -> JSON? {
        let text = try String.fetchOne(
            statement("SELECT value FROM position WHERE source = ? AND name = ?"), arguments: [source.rawValue, name])
        return try text.map { try JSONReader.read($0) }
    }

    /// Stores or, with null, forgets a position.
    package func setPosition(_ source: SourceName, _ name: String, _ value: JSON) throws {
        if value.isNull {
            try statement("DELETE FROM position WHERE source = ? AND name = ?")
                .execute(arguments: [source.rawValue, name])
        } else {
            try statement("INSERT OR REPLACE INTO position VALUES(?, ?, ?)")
                .execute(arguments: [source.rawValue, name, value.description])
        }
    }

    /// The state of a signal, or nil.
    package func signalState(_ key: String) throws -> JSON? {
        let text = try String.fetchOne(statement("SELECT value FROM signal_state WHERE key = ?"), arguments: [key])
        return try text.map { try JSONReader.read($0) }
    }

    /// Stores or, with null, forgets the state of a signal.
    package func setSignalState(_ key: String, _ value: JSON) throws {
        if value.isNull {
            try statement("DELETE FROM signal_state WHERE key = ?").execute(arguments: [key])
        } else {
            try statement("INSERT OR REPLACE INTO signal_state VALUES(?, ?)").execute(arguments: [
                key, value.description,
            ])
        }
    }

    /// How far an edge's stream is stored; 0 where nothing is.
    package func streamPosition(_ node: NodeID, epoch: String, lane: Lane) throws -> Int64 {
        try Int64.fetchOne(
            statement("SELECT position FROM stream WHERE node = ? AND epoch = ? AND lane = ?"),
            arguments: [node.rawValue, epoch, lane.rawValue]) ?? 0
    }

    /// How long an edge may send again what was lost or forgotten here: as long as it keeps events.
    package static let heldByEdges = Duration.seconds(14 * 86_400)

    /// When damage last took events; nil where it never did.
    package func eventsLost() throws -> Instant? {
        let time = try String.fetchOne(statement("SELECT value FROM meta WHERE name = 'events.lost'"))
        return time.flatMap { Int64($0) }.map { Instant(microseconds: $0) }
    }

    /// Whether anything of this edge's lane was ever stored here, under whatever epoch.
    package func hasStream(of node: NodeID, _ lane: Lane) throws -> Bool {
        try Bool.fetchOne(
            statement("SELECT EXISTS(SELECT 1 FROM stream WHERE node = ? AND lane = ?)"),
            arguments: [node.rawValue, lane.rawValue]) ?? false
    }

    /// Moves an edge's stream on and remembers the batch that did it.
    package func advanceStream(_ segment: StreamSegment, to position: Int64, now: Instant) throws {
        let stream: [(any DatabaseValueConvertible)?] = [segment.node.rawValue, segment.epoch, segment.lane.rawValue]
        try statement("INSERT OR REPLACE INTO stream VALUES(?, ?, ?, ?, ?)")
            .execute(arguments: StatementArguments(stream + [position, now.microseconds]))
        try statement("INSERT OR REPLACE INTO stream_batch VALUES(?, ?, ?, ?, ?, ?)")
            .execute(arguments: StatementArguments(stream + [segment.first, segment.count, segment.digest]))
        // Enough to answer any repeat that an edge can still have under way.
        try statement("DELETE FROM stream_batch WHERE node = ? AND epoch = ? AND lane = ? AND first < ?")
            .execute(arguments: StatementArguments(stream + [position - 200_000]))
    }

    /// Whether exactly this batch was stored before.
    package func hasBatch(_ segment: StreamSegment) throws -> Bool {
        try Bool.fetchOne(
            statement(
                """
                SELECT EXISTS(SELECT 1 FROM stream_batch
                WHERE node = ? AND epoch = ? AND lane = ? AND first = ? AND count = ? AND digest = ?)
                """),
            arguments: [
                segment.node.rawValue, segment.epoch, segment.lane.rawValue, segment.first, segment.count,
                segment.digest,
            ]) ?? false
    }

    /// Notes until when more may have been sent than this store knows; see ``Store/doubt``.
    func setDoubt(_ until: Instant) throws {
        try statement("INSERT OR REPLACE INTO meta VALUES('doubt', ?)").execute(arguments: [String(until.microseconds)])
    }

    /// How far a target is in a lane; 0 at the beginning.
    package func cursor(_ target: TargetName, _ lane: Lane) throws -> Int64 {
        try Int64.fetchOne(
            statement("SELECT position FROM cursor WHERE target = ? AND lane = ?"),
            arguments: [target.rawValue, lane.rawValue]) ?? 0
    }

    /// Moves a target's cursor.
    package func setCursor(_ target: TargetName, _ lane: Lane, _ position: Int64) throws {
        try statement(
            """
            INSERT INTO cursor VALUES(?, ?, ?, 1)
            ON CONFLICT(target, lane) DO UPDATE SET position = excluded.position
            """
        ).execute(arguments: [target.rawValue, lane.rawValue, position])
    }

    /// Makes the cursors of the configured targets those that trimming looks at. A target that is gone keeps its place
    /// and holds nothing back; one that is new begins at the journal's end, but for those in `fromBeginning`.
    package func keepCursors(of targets: [TargetName], fromBeginning: Set<TargetName> = []) throws {
        try db.execute(sql: "UPDATE cursor SET active = 0")
        // Where damage took the cursors, a target that has none is not a new one.
        try db.execute(sql: "DELETE FROM meta WHERE name = 'cursors.lost'")
        let areLost = db.changesCount > 0
        for target in targets {
            for lane in Lane.allCases {
                let start = areLost || fromBeginning.contains(target) ? 0 : try lastNumber(lane)
                try statement(
                    "INSERT INTO cursor VALUES(?, ?, ?, 1) ON CONFLICT(target, lane) DO UPDATE SET active = 1"
                ).execute(arguments: [target.rawValue, lane.rawValue, start])
            }
        }
    }

    /// Lines of the quantity ledger, one for each key; null where there is none yet.
    package func ledger(_ target: TargetName, _ keys: [LedgerKey]) throws -> [LedgerEntry] {
        let select = try statement("SELECT value FROM ledger WHERE target = ? AND key = ?")
        return try keys.map { key in
            let text = try String.fetchOne(select, arguments: [target.rawValue, key.text])
            return LedgerEntry(key: key, value: try text.map { try JSONReader.read($0) } ?? .null)
        }
    }

    func setLedger(_ target: TargetName, _ entries: [LedgerEntry]) throws {
        for entry in entries {
            try statement("INSERT OR REPLACE INTO ledger VALUES(?, ?, ?)")
                .execute(arguments: [target.rawValue, entry.key.text, entry.value.description])
        }
    }
}
