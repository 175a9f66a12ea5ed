import GRDB

/// The tables of the durable store, version by version. A step is never changed once released; a new one is added.
package enum StoreSchema {
    /// What `user_version` says after the last step.
    static let version = 8

    /// Times are microseconds since 1970 (UTC). `seq` is lane × 2^56 + the number within the lane, so that each lane is a
    /// gap-free run of the primary key and appending costs no second index.
    static let version1 = """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        -- Strings that repeat in every event, once.
        CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

        -- The journal: append-only; trimmed from its old end.
        CREATE TABLE event(
            seq INTEGER PRIMARY KEY, source INTEGER NOT NULL, id TEXT NOT NULL, type INTEGER NOT NULL, subject TEXT,
            time INTEGER NOT NULL, recorded INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE UNIQUE INDEX event_identity ON event(source, id);
        CREATE TABLE lane(lane INTEGER PRIMARY KEY, last INTEGER NOT NULL, trimmed INTEGER NOT NULL);

        -- The identity of trimmed events: outlives them, so that an old fact read again is still known.
        CREATE TABLE seen(source INTEGER NOT NULL, id TEXT NOT NULL, recorded INTEGER NOT NULL,
            PRIMARY KEY(source, id)) WITHOUT ROWID;
        CREATE INDEX seen_recorded ON seen(recorded);

        CREATE TABLE position(source TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY(source, name)) WITHOUT ROWID;
        CREATE TABLE signal_state(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        -- How far each edge's streams are stored, and the batches they came in.
        CREATE TABLE stream(node TEXT NOT NULL, epoch TEXT NOT NULL, lane INTEGER NOT NULL, position INTEGER NOT NULL,
            updated INTEGER NOT NULL, PRIMARY KEY(node, epoch, lane)) WITHOUT ROWID;
        CREATE TABLE stream_batch(node TEXT NOT NULL, epoch TEXT NOT NULL, lane INTEGER NOT NULL, first INTEGER NOT NULL,
            count INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY(node, epoch, lane, first)) WITHOUT ROWID;

        -- How far each target has been routed or forwarded, by lane. A target that is taken out of the settings keeps its
        -- place, so that putting it back posts nothing twice; but it holds nothing back meanwhile (active).
        CREATE TABLE cursor(target TEXT NOT NULL, lane INTEGER NOT NULL, position INTEGER NOT NULL,
            active INTEGER NOT NULL, PRIMARY KEY(target, lane)) WITHOUT ROWID;

        CREATE TABLE delivery(
            id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, flow TEXT NOT NULL, event INTEGER NOT NULL, key TEXT NOT NULL,
            conflicts TEXT NOT NULL, lane INTEGER NOT NULL, operation TEXT NOT NULL, arguments TEXT NOT NULL,
            identity TEXT NOT NULL, time INTEGER NOT NULL, created INTEGER NOT NULL, traceparent TEXT,
            state INTEGER NOT NULL, command INTEGER, resubmitted INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX delivery_pending ON delivery(target, id) WHERE state = 0;
        CREATE INDEX delivery_blocked ON delivery(target, key, id) WHERE state = 2;
        CREATE UNIQUE INDEX delivery_event ON delivery(event, flow, target);
        CREATE INDEX delivery_command ON delivery(command) WHERE command IS NOT NULL;

        CREATE TABLE command(
            id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, flow TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL,
            conflicts TEXT NOT NULL, lane INTEGER NOT NULL, arguments TEXT NOT NULL, identity TEXT NOT NULL,
            time INTEGER NOT NULL, traceparent TEXT, state INTEGER NOT NULL, intent TEXT, ledger TEXT,
            created INTEGER NOT NULL, started INTEGER, settled INTEGER, attempts INTEGER NOT NULL,
            reference TEXT, summary TEXT);
        CREATE INDEX command_open ON command(target, id) WHERE state < 3;
        CREATE INDEX command_settled ON command(settled) WHERE state >= 3;

        -- Which exceptions hold a key, and from which delivery on.
        CREATE TABLE blocked_key(target TEXT NOT NULL, key TEXT NOT NULL, exception INTEGER NOT NULL,
            delivery INTEGER NOT NULL, since INTEGER NOT NULL, PRIMARY KEY(target, key, exception)) WITHOUT ROWID;

        CREATE TABLE exception(
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, created INTEGER NOT NULL, source TEXT, flow TEXT, target TEXT,
            key TEXT, event INTEGER, event_id TEXT, command INTEGER, code TEXT NOT NULL, message TEXT NOT NULL,
            suggestion TEXT NOT NULL, detail TEXT, origin TEXT, original BLOB NOT NULL, arguments TEXT, fact TEXT,
            state INTEGER NOT NULL, settled INTEGER, settled_by TEXT, note TEXT);
        CREATE INDEX exception_open ON exception(id) WHERE state = 0;
        CREATE INDEX exception_settled ON exception(settled) WHERE state <> 0;
        CREATE UNIQUE INDEX exception_fact ON exception(source, fact) WHERE fact IS NOT NULL;

        CREATE TABLE ledger(target TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY(target, key)) WITHOUT ROWID;

        -- What an operator asked of this node; the node carries it out and says so.
        CREATE TABLE request(id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, subject TEXT NOT NULL, by TEXT NOT NULL,
            note TEXT, created INTEGER NOT NULL, done INTEGER, result TEXT);
        CREATE INDEX request_open ON request(id) WHERE done IS NULL;

        CREATE TABLE audit(seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
            detail TEXT NOT NULL);
        """

    /// The audit trail becomes a chain, see ``AuditChain``.
    static let version2 = "ALTER TABLE audit ADD COLUMN digest BLOB"

    /// Deliveries know what their event is of, and are found by it and by their key while they wait: who has much
    /// waiting must not stand in the way of who has little.
    static let version3 = """
        ALTER TABLE delivery ADD COLUMN origin TEXT NOT NULL DEFAULT '';
        DROP INDEX delivery_pending;
        CREATE INDEX delivery_share ON delivery(target, lane, flow, origin, id) WHERE state = 0;
        CREATE INDEX delivery_key ON delivery(target, key, id) WHERE state = 0;
        """

    /// Exceptions are found by their cause and by their event; people write on them and share them out; what an
    /// operator asks may say more than a number, and may take a while. A delivery knows that a person wrote its
    /// arguments.
    static let version4 = """
        ALTER TABLE exception ADD COLUMN cause TEXT NOT NULL DEFAULT '';
        ALTER TABLE exception ADD COLUMN assignee TEXT;
        CREATE INDEX exception_cause ON exception(cause, id) WHERE state = 0;
        CREATE INDEX exception_event ON exception(event) WHERE event IS NOT NULL;
        CREATE INDEX blocked_key_exception ON blocked_key(exception);
        CREATE INDEX blocked_key_delivery ON blocked_key(target, key, delivery);
        CREATE TABLE exception_note(id INTEGER PRIMARY KEY, exception INTEGER NOT NULL, time INTEGER NOT NULL,
            by TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
        CREATE INDEX exception_note_exception ON exception_note(exception, id);
        ALTER TABLE request ADD COLUMN detail TEXT;
        ALTER TABLE request ADD COLUMN progress TEXT;
        ALTER TABLE delivery ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;

        -- Each settings folder that ever ran, with its files; and which of them mapped a delivery.
        CREATE TABLE settings(id INTEGER PRIMARY KEY, digest TEXT NOT NULL, started INTEGER NOT NULL,
            reason TEXT NOT NULL, files TEXT NOT NULL);
        CREATE TABLE settings_file(digest TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
        ALTER TABLE delivery ADD COLUMN settings INTEGER;
        """

    /// What a person has paused; it stays so over restarts and new settings.
    static let version5 = """
        CREATE TABLE pause(kind TEXT NOT NULL, name TEXT NOT NULL, since INTEGER NOT NULL, by TEXT NOT NULL, note TEXT,
            PRIMARY KEY(kind, name)) WITHOUT ROWID;
        -- Made by a flow that only shows what it would do: it stays so, whatever becomes of the flow.
        ALTER TABLE delivery ADD COLUMN shadow INTEGER NOT NULL DEFAULT 0;
        """

    /// The source that took an event in, by its name's number; 0 for what was stored before that was kept, and for what
    /// the node tells of itself.
    static let version6 = "ALTER TABLE event ADD COLUMN via INTEGER NOT NULL DEFAULT 0"

    /// What people look for is found without going through all there is: events of a subject, who looks after
    /// exceptions; and what is to go, among what stays.
    static let version7 = """
        CREATE INDEX event_subject ON event(subject) WHERE subject IS NOT NULL;
        CREATE INDEX exception_assignee ON exception(assignee) WHERE state = 0 AND assignee IS NOT NULL;
        CREATE INDEX exception_original ON exception(settled) WHERE state <> 0 AND original <> x'';
        CREATE INDEX exception_factless ON exception(settled) WHERE state <> 0 AND fact IS NULL;
        CREATE INDEX request_done ON request(done) WHERE done IS NOT NULL;
        """

    /// An exception may name the record that it is about.
    static let version8 = "ALTER TABLE exception ADD COLUMN record TEXT"

    /// SQL that puts a store of ``version`` back to what the first release left: for those who try upgrades.
    package static let undo = """
        ALTER TABLE exception DROP COLUMN record;
        DROP INDEX event_subject; DROP INDEX exception_assignee; DROP INDEX exception_original;
        DROP INDEX exception_factless; DROP INDEX request_done;
        ALTER TABLE event DROP COLUMN via; ALTER TABLE delivery DROP COLUMN shadow; DROP TABLE pause;
        ALTER TABLE delivery DROP COLUMN settings; DROP TABLE settings_file; DROP TABLE settings;
        ALTER TABLE delivery DROP COLUMN edited; ALTER TABLE request DROP COLUMN progress;
        ALTER TABLE request DROP COLUMN detail; DROP TABLE exception_note; DROP INDEX blocked_key_delivery;
        DROP INDEX blocked_key_exception; DROP INDEX exception_event;
        DROP INDEX exception_cause; ALTER TABLE exception DROP COLUMN assignee; ALTER TABLE exception DROP COLUMN cause;
        ALTER TABLE audit DROP COLUMN digest; DROP INDEX delivery_share; DROP INDEX delivery_key;
        ALTER TABLE delivery DROP COLUMN origin;
        CREATE INDEX delivery_pending ON delivery(target, id) WHERE state = 0;
        PRAGMA user_version = 1
        """

    /// The version of a store that this program knows. Throws ``StoreFailures/newerVersion`` for others.
    static func known(_ db: Database) throws -> Int {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard found <= version else {
            throw StoreFailures.newerVersion.failure("the store has version \(found), this program knows \(version)")
        }
        return found
    }

    /// Brings a store up to ``version`` in one transaction; refuses one that a newer version wrote.
    static func migrate(_ db: Database) throws {
        let found = try known(db)
        if found < 1 { try db.execute(sql: version1) }
        if found < 2 {
            try db.execute(sql: version2)
            try AuditChain.begin(db)
        }
        if found < 3 { try db.execute(sql: version3) }
        if found < 4 {
            try db.execute(sql: version4)
            try ExceptionCause.begin(db)
        }
        if found < 5 { try db.execute(sql: version5) }
        if found < 6 { try db.execute(sql: version6) }
        if found < 7 { try db.execute(sql: version7) }
        if found < 8 { try db.execute(sql: version8) }
        try db.execute(sql: "PRAGMA user_version = \(version)")
    }
}
