import Canonical
import Contracts
import ExactJSON

/// What one call of the addon's outbox gave.
struct OutboxPage: Sendable {
    enum Code: String, Sendable {
        case ok
        case epochChanged = "epoch_changed"
        case forked, trimmed
    }

    let code: Code
    let changes: [OdooChange]
    /// Where to go on, and what is acknowledged.
    let cursor: String
    let more: Bool
    let head: String
    let oldest: String

    /// Reads the answer of `pull`; nil for any other shape, also where a single row cannot be read.
    init?(_ answer: JSON) {
        guard let code = answer["code"]?.string.flatMap(Code.init), let head = answer["head"]?.string,
            let oldest = answer["oldest"]?.string, let rows = answer["rows"]?.array
        else { return nil }
        self.code = code
        self.head = head
        self.oldest = oldest
        more = answer["more"]?.bool ?? false
        changes = rows.compactMap(OdooChange.init(outbox:))
        guard changes.count == rows.count else { return nil }
        // Without a cursor of its own the call that brings no rows has none to give either.
        guard let cursor = answer["cursor"]?.string ?? (code == .ok ? nil : oldest) else { return nil }
        self.cursor = cursor
    }
}

/// Reads the companion addon's outbox as one named reader.
struct OutboxReader: Sendable {
    /// Rows of one answer: with at most one event each, a batch of the intake takes them.
    static let page = 1_000

    let connection: OdooConnection
    /// The reader's name inside Odoo: it holds rows back until it acknowledges them.
    let name: String

    /// The changes behind the cursor. Reading twice is harmless, so a lost answer is only a delay.
    func pull(after cursor: String?, limit: Int = page) async throws(OdooError) -> OutboxPage {
        // The addon tells "none" by the cursor's absence.
        var named: JSONObject = ["limit": .int(limit)]
        if let cursor { named["cursor"] = .string(cursor) }
        let answer = try await connection.call(
            OdooCall("millwright.outbox", "pull", ["reader": .string(name)], named: named, isWrite: false))
        guard let page = OutboxPage(answer) else {
            throw OdooError(
                .deferred(after: nil, isTargetDown: false),
                Failure(
                    OdooFailures.gatewayVersion,
                    "the addon's outbox answers what cannot be read: \(answer.description.prefix(200))"))
        }
        return page
    }

    /// Says that everything up to the cursor is stored.
    func acknowledge(_ cursor: String) async throws(OdooError) {
        _ = try await connection.call(
            OdooCall(
                "millwright.outbox", "acknowledge", ["reader": .string(name), "cursor": .string(cursor)],
                isWrite: false))
    }
}

/// Where the reader of an outbox stands: kept with the events.
struct OutboxPosition: Sendable, Hashable {
    static let name = "outbox"
    /// How far before the latest change known one is read again where the history is another one: a change that was
    /// committed late has an older instant than those that were read before it.
    static let overlap = Duration.seconds(3_600)

    var cursor: String
    /// The latest instant of a change that was read; nil before the first.
    var latest: Instant?
    /// When a source began that tells nothing of what was before; by this node's clock.
    var started: Instant?
    /// Set while a changed history is read from its beginning: what happened before is known already.
    var floor: Instant?

    init(cursor: String, latest: Instant? = nil, started: Instant? = nil, floor: Instant? = nil) {
        self.cursor = cursor
        self.latest = latest
        self.started = started
        self.floor = floor
    }

    init?(_ json: JSON) {
        guard let cursor = json["cursor"]?.string else { return nil }
        self.init(
            cursor: cursor, latest: json["latest"]?.string.flatMap { Instant(text: $0) },
            started: json["started"]?.string.flatMap { Instant(text: $0) },
            floor: json["floor"]?.string.flatMap { Instant(text: $0) })
    }

    var json: JSON {
        var members: JSONObject = ["cursor": .string(cursor)]
        if let latest { members["latest"] = .string(latest.description) }
        if let started { members["started"] = .string(started.description) }
        if let floor { members["floor"] = .string(floor.description) }
        return .object(members)
    }

    /// The position behind a page, and those of its changes that are news.
    func taking(_ page: OutboxPage) -> (position: OutboxPosition, news: [OdooChange]) {
        let news = page.changes.filter { change in self.floor.map { change.at >= $0 } ?? true }
        let latest = ([latest] + page.changes.map(\.at)).compactMap { $0 }.max()
        let floor = page.more ? floor : nil
        return (OutboxPosition(cursor: page.cursor, latest: latest, started: started, floor: floor), news)
    }

    /// The position to go on from where the history behind the cursor is gone or another one: from its oldest change.
    /// What is stored already is known by its identity, and what is well before it is passed over.
    func restarting(_ page: OutboxPage) -> OutboxPosition {
        // Rows that were merely dropped leave no old ones behind to be read again.
        let known = page.code == .trimmed ? nil : latest ?? started
        return OutboxPosition(
            cursor: page.oldest, latest: latest, started: started, floor: known.map { $0 - Self.overlap })
    }
}
