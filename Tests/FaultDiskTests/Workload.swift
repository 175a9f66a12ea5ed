import Canonical
import Contracts
import ExactJSON
import GRDB
import Store

/// A fixed life of a store, step by step: every step but the last two kinds is one transaction, and the same step on
/// the same state makes the same rows.
enum Step: Sendable, CustomStringConvertible {
    /// Takes in `events` events of about `bytes` bytes, and moves the source's position with them.
    case intake(batch: Int, events: Int, bytes: Int)
    /// Makes deliveries of the events `first...last` and moves the cursor.
    case route(first: Int, last: Int)
    case take(command: Int, deliveries: ClosedRange<Int>)
    case accept(command: Int)
    case reject(command: Int)
    case stream(through: Int)
    case trim(below: Int)
    case trimSettled
    /// The log goes into the database, with nobody writing meanwhile; the next transaction begins the log anew.
    case checkpoint
    case restart

    var description: String {
        switch self {
        case .intake(let batch, let events, _): "intake of batch \(batch) (\(events) events)"
        case .route(let first, let last): "routing of events \(first)…\(last)"
        case .take(let command, _): "taking of command \(command)"
        case .accept(let command): "acceptance of command \(command)"
        case .reject(let command): "rejection of command \(command)"
        case .stream(let last): "stream through \(last)"
        case .trim(let below): "trimming below \(below)"
        case .trimSettled: "trimming of settled commands"
        case .checkpoint: "checkpoint"
        case .restart: "restart"
        }
    }

    static let workload: [Step] = [
        .intake(batch: 1, events: 6, bytes: 300),
        .route(first: 1, last: 6),
        .take(command: 1, deliveries: 1...3),
        .intake(batch: 2, events: 3, bytes: 9_000),
        .accept(command: 1),
        .stream(through: 40),
        .checkpoint,
        .route(first: 7, last: 9),
        .take(command: 2, deliveries: 4...4),
        .reject(command: 2),
        .restart,
        .intake(batch: 3, events: 8, bytes: 700),
        .trim(below: 4),
        .trimSettled,
        .checkpoint,
        .route(first: 10, last: 17),
        .stream(through: 90),
    ]

    private static let now = Instant(microseconds: 1_772_400_000_000_000)

    /// Does the step within a transaction.
    func apply(_ transaction: StoreTransaction) throws {
        switch self {
        case .intake(let batch, let events, let bytes): try Self.takeIn(batch, events, bytes, transaction)
        case .route(let first, let last):
            for number in first...last { _ = try transaction.insert(Self.delivery(number)) }
            try transaction.setCursor("odoo", .normal, Int64(last))
            try transaction.setCursor("uplink", .normal, Int64(last))
        case .take(let command, let deliveries): try Self.take(command, deliveries, transaction)
        case .accept(let command):
            let entry = LedgerEntry(key: LedgerKey("order/1"), value: ["counted": .int(command * 10)])
            let acceptance = Acceptance(reference: "mrp.production/\(command)", summary: "posted", ledger: [entry])
            try transaction.accept(Int64(command), target: "odoo", acceptance, now: Self.now)
        case .reject(let command):
            let failure = Failure(StoreFailures.full, "refused")
            let id = try transaction.insert(
                ExceptionRecord(
                    kind: .rejected, created: Self.now, target: "odoo", key: "MO0", command: Int64(command),
                    failure: failure, original: Array("original".utf8)))
            try transaction.reject(Int64(command), now: Self.now)
            try transaction.block("odoo", "MO0", exception: id ?? 0, from: 1, now: Self.now)
        case .stream(let last):
            let segment = StreamSegment(
                node: "edge", epoch: "e1", lane: .critical, first: Int64(last - 9), count: 10, digest: "d\(last)")
            try transaction.advanceStream(segment, to: Int64(last), now: Self.now)
        case .trim(let below):
            _ = try transaction.trim(.normal, storedBefore: Self.now + .seconds(below), limit: 100)
        case .trimSettled: _ = try transaction.trimSettled(before: Self.now + .seconds(1), limit: 100)
        case .checkpoint, .restart: break
        }
    }

    private static func takeIn(_ batch: Int, _ events: Int, _ bytes: Int, _ transaction: StoreTransaction) throws {
        if batch == 1 { try transaction.keepCursors(of: ["odoo", "uplink"]) }
        let documents = (0..<events).map { document(batch * 100 + $0, bytes: bytes) }
        _ = try transaction.append(documents, lane: .normal, recorded: now)
        try transaction.setPosition("komax", "Job.sdc", ["offset": .int(batch * 1_000)])
        try transaction.setSignalState("komax/count", ["last": .int(batch)])
    }

    private static func document(_ number: Int, bytes: Int) -> EventDocument {
        let filler = String(repeating: Character(Unicode.Scalar(UInt8(97 + number % 26))), count: bytes)
        return EventDocument(
            Event(
                id: "f-\(number)", source: "/lyon/cnc\(number % 2)", type: "millwright.production.completed.v1",
                subject: "MO\(number % 4)", time: now, data: ["order": "MO1", "note": .string(filler)]))
    }

    private static func delivery(_ number: Int) -> Delivery {
        Delivery(
            target: "odoo", flow: "progress", event: JournalNumber(lane: .normal, number: Int64(number)),
            key: OrderingKey("MO\(number % 4)"), conflicts: ["p\(number % 3)"], lane: .normal,
            operation: "production.progress", arguments: ["quantity": .int(number)], identity: "progress:\(number)",
            time: now, created: now, traceparent: nil)
    }

    private static func take(_ id: Int, _ deliveries: ClosedRange<Int>, _ transaction: StoreTransaction) throws {
        let command = Command(
            id: Int64(id), target: "odoo", flow: "progress", operation: "production.progress", key: "MO0",
            lane: .normal, arguments: ["quantity": .int(id)], idempotencyKey: "progress:\(id)", time: now,
            traceparent: nil)
        try transaction.insert(
            StoredCommand(
                command: command, conflicts: [], deliveries: deliveries.map { Int64($0) }, state: .inFlight,
                intent: ["write": .int(id)], ledger: [LedgerKey("order/1")], created: now, started: now, attempts: 1))
    }
}

/// Everything that a database holds, table by table, but for the store's epoch, which each store draws anew.
struct Dump: Equatable {
    private var tables: [String: [String]] = [:]

    /// Reads the whole database at `path`. Throws what SQLite says of a damaged one.
    init(path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        tables = try queue.read { db in
            let names = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            var tables: [String: [String]] = [:]
            for name in names {
                let filter = name == "meta" ? "WHERE name = 'replaced'" : ""
                tables[name] = try Row.fetchAll(db, sql: "SELECT * FROM \(name) \(filter)").map { row in
                    row.databaseValues.map { "\($0)" }.joined(separator: "|")
                }
            }
            return tables
        }
    }

    /// Whether what was read is not what was written.
    static func isDamage(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return error.extendedResultCode.rawValue == 10 | 32 << 8 || error.resultCode == .SQLITE_CORRUPT
    }

    /// Whether a store of this life was found damaged and mended.
    var isMended: Bool { tables["meta"]?.contains { $0.contains("replaced") } ?? false }

    /// What a mended store holds that never was, or lacks without an exception that says so; nil where there is
    /// nothing. `states`: those that it may have been in.
    func untold(_ states: [Dump]) -> String? {
        let told = Told(tables["exception"] ?? [])
        if told.saysAnything { return nil }
        for name in tables.keys.sorted() where !["meta", "lane", "stream_batch", "sqlite_sequence"].contains(name) {
            let here = Set(
                (tables[name] ?? []).filter { !Self.isOfMending($0, in: name) }.map { Self.kept($0, in: name) })
            let expected = states.map { Set(($0.tables[name] ?? []).map { Self.kept($0, in: name) }) }
            if !told.says(name), !expected.contains(where: { $0.subtracting(here).isEmpty }) {
                return "\(name) lacks rows, and nobody says so"
            }
            // A key is held for a command that is lost.
            if name == "blocked_key", told.hasLostCommand { continue }
            if !here.subtracting(expected.reduce([]) { $0.union($1) }).isEmpty {
                return "\(name) has rows that never were"
            }
        }
        return states.contains { hasStates(of: $0, told) } ? nil : "deliveries stand where they never stood"
    }

    /// Whether every delivery stands where it stood, or where mending may put it.
    private func hasStates(of state: Dump, _ told: Told) -> Bool {
        func standings(_ dump: Dump) -> [String: String] {
            let rows = (dump.tables["delivery"] ?? []).map { $0.split(separator: "|").map(String.init) }
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[13]) })
        }
        let before = standings(state)
        return standings(self).allSatisfy { id, now in
            switch (before[id], now) {
            // It came after that state.
            case (nil, _): true
            case (let then?, _) where then == now: true
            // What held it is lost.
            case ("2", "0"): told.says("blocked_key")
            // Its command is lost, and a person must find out.
            case ("1", "4"): told.says("command") && told.hasLostCommand
            // It waits behind such a one.
            case ("0", "2"): told.hasLostCommand
            default: false
            }
        }
    }

    /// What exceptions say is lost.
    private struct Told {
        let lines: [String]

        init(_ exceptions: [String]) { lines = exceptions.filter(Self.isTold) }

        /// STORE-009, STORE-010, STORE-011: what mending tells.
        static func isTold(_ exception: String) -> Bool {
            ["STORE-009", "STORE-010", "STORE-011"].contains { exception.contains($0) }
        }

        /// Commits that are gone take rows of any table with them.
        var saysAnything: Bool { lines.contains { $0.contains("STORE-010") || $0.contains("lost: all rows") } }

        var hasLostCommand: Bool { lines.contains { $0.contains("STORE-011") } }

        func says(_ table: String) -> Bool {
            let place = table == "event" ? "lost: events" : "lost: \(table) rows"
            return lines.contains { $0.contains(place) }
        }
    }

    /// Whether mending made the row.
    private static func isOfMending(_ row: String, in table: String) -> Bool {
        switch table {
        case "event": row.contains("lost-")
        case "name": row.contains("millwright.store.lost")
        case "exception": Told.isTold(row)
        case "audit": row.contains("store.mended")
        default: false
        }
    }

    /// A row without what mending may change: where a delivery stands, and how far a stream is.
    private static func kept(_ row: String, in table: String) -> String {
        let columns = row.split(separator: "|", omittingEmptySubsequences: false)
        switch table {
        case "delivery": return columns.prefix(13).joined(separator: "|")
        case "stream": return columns.prefix(3).joined(separator: "|")
        default: return row
        }
    }

    /// The rows of `other` that are not here, but for those that a mending makes.
    func lacks(_ other: Dump) -> [String] {
        other.tables.filter { $0.key != "meta" }.flatMap { table, rows in
            let own = Set((tables[table] ?? []).map { Self.kept($0, in: table) })
            return rows.filter { !Self.isOfMending($0, in: table) && !own.contains(Self.kept($0, in: table)) }
                .map { "\(table): \($0.prefix(80))" }
        }
    }

    /// The tables that differ.
    func differences(from other: Dump) -> [String] {
        Set(tables.keys).union(other.tables.keys).filter { tables[$0] != other.tables[$0] }.sorted()
    }
}
