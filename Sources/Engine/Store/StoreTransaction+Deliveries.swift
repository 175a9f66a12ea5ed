package import Canonical
package import Contracts
package import ExactJSON
import GRDB

extension StoreTransaction {
    /// Stores a new delivery: pending, or blocked where its key is. Returns its id, or that of the one that the flow made of
    /// this event before.
    @discardableResult
    package func insert(_ delivery: Delivery) throws -> Int64 {
        let isBlocked = try blockingException(delivery.target, delivery.key) != nil
        return try insert(delivery, as: isBlocked ? .blocked : .pending)
    }

    /// Stores a new delivery in a given state: one whose map failed keeps its place in its key's order as rejected.
    @discardableResult
    package func insert(_ delivery: Delivery, as state: DeliveryState) throws -> Int64 {
        try statement(
            """
            INSERT INTO delivery VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 0, ?, 0, ?, ?)
            ON CONFLICT(event, flow, target) DO NOTHING
            """
        ).execute(arguments: [
            delivery.target.rawValue, delivery.flow.rawValue, delivery.event.seq, delivery.key.rawValue,
            JSON.array(delivery.conflicts.map { .string($0) }).description, delivery.lane.rawValue,
            delivery.operation, delivery.arguments.description, delivery.identity, delivery.time.microseconds,
            delivery.created.microseconds, delivery.traceparent,
            state.rawValue, delivery.origin, delivery.settings, delivery.isShadow,
        ])
        guard db.changesCount == 0 else { return db.lastInsertedRowID }
        return try Int64.fetchOne(
            statement("SELECT id FROM delivery WHERE event = ? AND flow = ? AND target = ?"),
            arguments: [delivery.event.seq, delivery.flow.rawValue, delivery.target.rawValue]) ?? 0
    }

    private static let deliveryColumns = """
        id, target, flow, event, key, conflicts, lane, operation, arguments, identity, time, created, traceparent, \
        resubmitted, origin, edited, settings, shadow
        """

    private func deliveries(_ sql: String, _ arguments: StatementArguments) throws -> [Delivery] {
        var unbounded = Int.max
        return try deliveries(sql, arguments, bytes: &unbounded).found
    }

    /// Stops once the arguments of those that were read have used `bytes` up.
    private func deliveries(
        _ sql: String, _ arguments: StatementArguments, bytes: inout Int
    ) throws -> (found: [Delivery], isCut: Bool) {
        let rows = try Row.fetchCursor(
            statement("SELECT \(Self.deliveryColumns) FROM delivery \(sql)"), arguments: arguments)
        var found: [Delivery] = []
        while let row = try rows.next() {
            guard bytes > 0 else { return (found, true) }
            let given: String = row[8]
            let size = given.utf8.count
            bytes -= size
            var delivery = Delivery(
                id: row[0], target: TargetName(row[1]), flow: FlowName(row[2]), event: JournalNumber(seq: row[3]),
                key: OrderingKey(row[4]), conflicts: try Self.strings(row[5]),
                lane: Lane(rawValue: row[6]) ?? .normal, operation: row[7], arguments: try JSONReader.read(given),
                identity: row[9], time: Instant(microseconds: row[10]), created: Instant(microseconds: row[11]),
                traceparent: row[12])
            let resubmitted: Int = row[13]
            delivery.isResubmitted = resubmitted != 0
            delivery.isRepeated = resubmitted == Self.repeated
            delivery.origin = row[14]
            delivery.isEdited = row[15]
            delivery.settings = row[16]
            delivery.isShadow = row[17]
            delivery.room = 1 + size / Self.roomBytes
            found.append(delivery)
        }
        return (found, false)
    }

    /// See ``Delivery/room``.
    private static let roomBytes = 4_096

    static func strings(_ text: String) throws -> [String] {
        try JSONReader.read(text).array?.compactMap(\.string) ?? []
    }

    /// Pending deliveries of one key behind `id`, oldest first, at most `limit`, and until their arguments have used
    /// `bytes` up; `isCut` where that was so before all were read.
    package func pendingDeliveries(
        _ target: TargetName, key: OrderingKey, after id: Int64, limit: Int, bytes: inout Int
    ) throws -> (found: [Delivery], isCut: Bool) {
        try deliveries(
            "INDEXED BY delivery_key WHERE target = ? AND state = 0 AND key = ? AND id > ? ORDER BY id LIMIT ?",
            [target.rawValue, key.rawValue, id, limit], bytes: &bytes)
    }

    /// The deliveries of a command.
    package func deliveries(ofCommand id: Int64) throws -> [Delivery] {
        try deliveries("WHERE command = ? ORDER BY id", [id])
    }

    /// What `resubmitted` says of a delivery that is posted again as the target forgot it; 1 of any other that a person
    /// sent again.
    static let repeated = 2

    /// The delivery that a flow made of an event, or nil.
    package func delivery(of event: JournalNumber, flow: FlowName, target: TargetName) throws -> Delivery? {
        try deliveries("WHERE event = ? AND flow = ? AND target = ?", [event.seq, flow.rawValue, target.rawValue]).first
    }

    /// The deliveries that an event led to, with their state and command.
    package func deliveries(of event: JournalNumber) throws -> [(Delivery, DeliveryState, command: Int64?)] {
        let found = try deliveries("WHERE event = ? ORDER BY id", [event.seq])
        return try found.map { delivery in
            let row = try Row.fetchOne(
                statement("SELECT state, command FROM delivery WHERE id = ?"), arguments: [delivery.id])
            return (delivery, DeliveryState(rawValue: row?[0] ?? 0) ?? .pending, row?[1])
        }
    }

    /// Gives a delivery what a repeated map made of its event, and puts it back into its key's order. ``order(_:_:)``
    /// must follow for its key.
    package func remap(_ id: Int64, with mapped: Delivery) throws {
        try statement(
            """
            UPDATE delivery SET key = ?, lane = ?, conflicts = ?, operation = ?, arguments = ?, state = 0, command = NULL,
            resubmitted = 1, settings = ?, shadow = ? WHERE id = ?
            """
        ).execute(arguments: [
            mapped.key.rawValue, mapped.lane.rawValue, JSON.array(mapped.conflicts.map { .string($0) }).description,
            mapped.operation, mapped.arguments.description, mapped.settings, mapped.isShadow, id,
        ])
    }

    /// Puts the deliveries of a settled command back into their key's order. ``order(_:_:)`` must follow for it.
    package func reopen(command: Int64) throws {
        try statement("UPDATE delivery SET state = 0, command = NULL, resubmitted = 1 WHERE command = ?")
            .execute(arguments: [command])
    }

    /// Gives a delivery what a person wants of it; it stays where it is until it is resubmitted, and no map changes it
    /// then.
    package func edit(_ id: Int64, to delivery: Delivery) throws {
        try statement(
            """
            UPDATE delivery SET key = ?, lane = ?, conflicts = ?, operation = ?, arguments = ?, edited = 1, settings = ?
            WHERE id = ?
            """
        ).execute(arguments: [
            delivery.key.rawValue, delivery.lane.rawValue,
            JSON.array(delivery.conflicts.map { .string($0) }).description, delivery.operation,
            delivery.arguments.description, delivery.settings, id,
        ])
    }

    /// Puts one delivery as it stands back into its key's order. ``order(_:_:)`` must follow for it.
    package func reopen(delivery id: Int64) throws {
        try statement("UPDATE delivery SET state = 0, command = NULL, resubmitted = 1 WHERE id = ?")
            .execute(arguments: [id])
    }

    /// Ends the deliveries of a rejected command, or of an event whose map failed, without effect.
    package func discard(command: Int64) throws {
        try statement("UPDATE command SET state = 5 WHERE id = ?").execute(arguments: [command])
        try setState(.discarded, ofCommand: command)
    }

    /// Ends one delivery without effect.
    package func discard(delivery id: Int64) throws {
        try statement("UPDATE delivery SET state = 5 WHERE id = ?").execute(arguments: [id])
    }

    /// How many deliveries of a target wait for their turn, counted up to `limit`.
    package func pendingCount(_ target: TargetName, upTo limit: Int) throws -> Int {
        try Int.fetchOne(
            statement("SELECT count(*) FROM (SELECT 1 FROM delivery WHERE target = ? AND state = 0 LIMIT ?)"),
            arguments: [target.rawValue, limit]) ?? 0
    }

    /// How many deliveries of a target wait for their turn in a lane, counted up to `limit`.
    package func pendingCount(_ target: TargetName, _ lane: Lane, upTo limit: Int) throws -> Int {
        try Int.fetchOne(
            statement(
                """
                SELECT count(*) FROM (SELECT 1 FROM delivery INDEXED BY delivery_share
                WHERE target = ? AND state = 0 AND lane = ? LIMIT ?)
                """), arguments: [target.rawValue, lane.rawValue, limit]) ?? 0
    }

    /// How many deliveries of a target wait behind a key that a person must free, counted up to `limit`.
    package func blockedCount(_ target: TargetName, upTo limit: Int) throws -> Int {
        try Int.fetchOne(
            statement("SELECT count(*) FROM (SELECT 1 FROM delivery WHERE target = ? AND state = 2 LIMIT ?)"),
            arguments: [target.rawValue, limit]) ?? 0
    }

    func setState(_ state: DeliveryState, ofCommand command: Int64) throws {
        try statement("UPDATE delivery SET state = ? WHERE command = ?").execute(arguments: [state.rawValue, command])
    }
}

// MARK: - Commands

extension StoreTransaction {
    /// Stores a command for the first time, with its intent, marked in flight, and takes its deliveries. Throws
    /// ``StoreFailures/notPending`` where one of them is not pending any more: two commands must never stand for one.
    package func insert(_ stored: StoredCommand) throws {
        let command = stored.command
        try statement("INSERT INTO command VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, NULL, NULL)")
            .execute(arguments: [
                command.id, command.target.rawValue, command.flow.rawValue, command.operation, command.key.rawValue,
                JSON.array(stored.conflicts.map { .string($0) }).description, command.lane.rawValue,
                command.arguments.description, command.idempotencyKey, command.time.microseconds, command.traceparent,
                stored.state.rawValue, stored.intent?.description,
                JSON.array(stored.ledger.map { .string($0.text) }).description, stored.created.microseconds,
                stored.started?.microseconds, stored.attempts,
            ])
        let take = try statement("UPDATE delivery SET state = 1, command = ? WHERE id = ? AND state = 0")
        for id in stored.deliveries {
            try take.execute(arguments: [command.id, id])
            guard db.changesCount == 1 else {
                throw StoreFailures.notPending.failure("delivery \(id) for \(command.key) is not pending any more")
            }
        }
    }

    /// A new try at a command that surely was not done: its new intent, in flight again.
    package func restart(_ command: Int64, intent: JSON, ledger: [LedgerKey], now: Instant) throws {
        try statement(
            "UPDATE command SET state = 0, intent = ?, ledger = ?, started = ?, attempts = attempts + 1 WHERE id = ?"
        ).execute(arguments: [
            intent.description, JSON.array(ledger.map { .string($0.text) }).description, now.microseconds, command,
        ])
    }

    /// Marks a command as in doubt, or as surely not done and to be tried again.
    package func setState(_ state: CommandState, of command: Int64) throws {
        try statement("UPDATE command SET state = ? WHERE id = ?").execute(arguments: [state.rawValue, command])
    }

    /// The commands of a target whose fate is not settled, oldest first.
    package func openCommands(_ target: TargetName) throws -> [StoredCommand] {
        try Row.fetchAll(
            statement("SELECT * FROM command WHERE target = ? AND state < 3 ORDER BY id"), arguments: [target.rawValue]
        ).map(stored)
    }

    /// One command, or nil.
    package func command(_ id: Int64) throws -> StoredCommand? {
        try Row.fetchOne(statement("SELECT * FROM command WHERE id = ?"), arguments: [id]).map(stored)
    }

    func stored(_ row: Row) throws -> StoredCommand {
        let id: Int64 = row["id"]
        let intent: String? = row["intent"]
        let started: Int64? = row["started"]
        return StoredCommand(
            command: Command(
                id: id, target: TargetName(row["target"]), flow: FlowName(row["flow"]), operation: row["operation"],
                key: OrderingKey(row["key"]), lane: Lane(rawValue: row["lane"]) ?? .normal,
                arguments: try JSONReader.read(row["arguments"] as String), idempotencyKey: row["identity"],
                time: Instant(microseconds: row["time"]), traceparent: row["traceparent"]),
            conflicts: try Self.strings(row["conflicts"]),
            deliveries: try Int64.fetchAll(
                statement("SELECT id FROM delivery WHERE command = ? ORDER BY id"), arguments: [id]),
            state: CommandState(rawValue: row["state"]) ?? .doubt, intent: try intent.map { try JSONReader.read($0) },
            ledger: try Self.strings(row["ledger"]).map { LedgerKey($0) },
            created: Instant(microseconds: row["created"]), started: started.map { Instant(microseconds: $0) },
            attempts: row["attempts"],
            isResubmitted: try Bool.fetchOne(
                statement("SELECT EXISTS(SELECT 1 FROM delivery WHERE command = ? AND resubmitted <> 0)"),
                arguments: [id]) ?? false)
    }

    /// Settles a command as done, its ledger lines with it.
    package func accept(_ command: Int64, target: TargetName, _ acceptance: Acceptance, now: Instant) throws {
        try statement("UPDATE command SET state = 3, settled = ?, reference = ?, summary = ? WHERE id = ?")
            .execute(arguments: [now.microseconds, acceptance.reference, acceptance.summary, command])
        try setState(.accepted, ofCommand: command)
        try setLedger(target, acceptance.ledger)
    }

    /// Settles a command as refused; its deliveries wait in the exception `exception`.
    package func reject(_ command: Int64, now: Instant) throws {
        try statement("UPDATE command SET state = 4, settled = ? WHERE id = ?")
            .execute(arguments: [now.microseconds, command])
        try setState(.rejected, ofCommand: command)
    }
}
