package import Canonical
package import ExactJSON
import GRDB

/// What an operator asked of the node.
package struct OperatorRequest: Sendable {
    /// What it is about, and what it wants.
    package enum Kind: String, Sendable {
        /// About an exception: decides it.
        case resubmit, discard
        /// About an exception: `detail` says what to change, who shall look after it; `note` is the comment.
        case edit, assign, comment
        /// About many exceptions at once: a ``ManyOrder``.
        case many
        /// About events that are put through a flow again: a ``ReplayOrder``.
        case replay
        /// About a request that takes a while: it ends where it stands.
        case stop
        /// Post again what the target forgot: a ``RepostOrder``.
        case repost
        /// About a flow or a target, which `detail` names by `kind` and `name`: nothing of it goes, or goes again.
        case pause, resume
    }
    package let id: Int64
    package let kind: Kind
    /// The id of the exception, or of the request; 0 for a request that is about none.
    package let subject: Int64
    package let repost: RepostOrder?
    package let by: String
    package let note: String?
    package let detail: JSON?
    /// How far it is, where it takes a while.
    package let progress: JSON?
}

/// A decision about all exceptions that a filter lets through.
package struct ManyOrder: Sendable, Hashable {
    /// What is decided about each of them.
    package enum Action: String, Sendable { case resubmit, discard }

    /// The fastest that can be asked for.
    package static let maximumRate = 10_000

    package let action: Action
    package let filter: ExceptionFilter
    /// The newest exception that it is about: what comes later is not meant.
    package let through: Int64
    /// How many a second at most; nil for as fast as the node can.
    package let rate: Int?

    package init(action: Action, filter: ExceptionFilter, through: Int64, rate: Int?) {
        self.action = action
        self.filter = filter
        self.through = through
        self.rate = rate
    }

    package var json: JSON {
        [
            "action": .string(action.rawValue), "filter": filter.json, "through": .int(Int(through)),
            "rate": rate.map { .int($0) } ?? .null,
        ]
    }

    /// Reads what ``json`` wrote; nil for anything else.
    package init?(json: JSON) {
        guard let action = json["action"]?.string.flatMap(Action.init), let through = json["through"]?.int,
            let filter = json["filter"].flatMap(ExceptionFilter.init(json:))
        else { return nil }
        self.init(action: action, filter: filter, through: Int64(through), rate: json["rate"]?.int)
    }
}

/// How far a ``ManyOrder`` is.
package struct ManyProgress: Sendable, Hashable {
    /// The last exception that was looked at.
    package var mark: Int64 = 0
    package var done = 0
    /// Those that could not be decided so.
    package var refused = 0
    /// How many there were at the beginning.
    package var total = 0

    package init() {}

    package var json: JSON {
        ["mark": .int(Int(mark)), "done": .int(done), "refused": .int(refused), "total": .int(total)]
    }

    /// Reads what ``json`` wrote; nil for anything else.
    package init?(json: JSON) {
        guard let mark = json["mark"]?.int, let done = json["done"]?.int, let refused = json["refused"]?.int,
            let total = json["total"]?.int
        else { return nil }
        (self.mark, self.done, self.refused, self.total) = (Int64(mark), done, refused, total)
    }
}

/// What became of a request.
package struct RequestState: Sendable {
    package let id: Int64
    package let kind: String
    package let by: String
    package let created: Instant
    /// Nil while it is not carried out; begins with "ok" where it was.
    package let result: String?
    package let order: ManyOrder?
    package let progress: ManyProgress?
    /// Of one that puts events through a flow again.
    package let replayOrder: ReplayOrder?
    package let replay: ReplayProgress?
}

extension StoreTransaction {
    /// Asks the node for something; it answers in the same row.
    package func insertRequest(
        _ kind: OperatorRequest.Kind, subject: Int64, by: String, note: String?, detail: JSON? = nil, now: Instant
    ) throws -> Int64 {
        try insertRequest(kind, text: String(subject), by: by, note: note, detail: detail, now: now)
    }

    /// Asks the node to post again what a target forgot.
    package func insertRequest(_ repost: RepostOrder, by: String, note: String?, now: Instant) throws -> Int64 {
        try insertRequest(.repost, text: repost.json.description, by: by, note: note, detail: nil, now: now)
    }

    private func insertRequest(
        _ kind: OperatorRequest.Kind, text: String, by: String, note: String?, detail: JSON?, now: Instant
    ) throws -> Int64 {
        try statement("INSERT INTO request(kind, subject, by, note, created, detail) VALUES(?, ?, ?, ?, ?, ?)")
            .execute(arguments: [kind.rawValue, text, by, note, now.microseconds, detail?.description])
        return db.lastInsertedRowID
    }

    /// Requests that are not carried out yet, oldest first: those that are done in one step, or those that take a
    /// while.
    package func openRequests(many: Bool = false, limit: Int) throws -> [OperatorRequest] {
        try Row.fetchAll(
            statement(
                """
                SELECT id, kind, subject, by, note, detail, progress FROM request
                WHERE done IS NULL AND kind \(many ? "" : "NOT ") IN ('many', 'replay') ORDER BY id LIMIT ?
                """),
            arguments: [limit]
        ).compactMap { row in
            guard let kind = OperatorRequest.Kind(rawValue: row[1]) else { return nil }
            let text: String = row[2]
            let repost = kind == .repost ? (try? JSONReader.read(text)).flatMap(RepostOrder.init(json:)) : nil
            let detail: String? = row[5]
            let progress: String? = row[6]
            return OperatorRequest(
                id: row[0], kind: kind, subject: Int64(text) ?? 0, repost: repost, by: row[3], note: row[4],
                detail: detail.flatMap { try? JSONReader.read($0) },
                progress: progress.flatMap { try? JSONReader.read($0) })
        }
    }

    /// Says what became of a request.
    package func finishRequest(_ id: Int64, result: String, now: Instant) throws {
        try statement("UPDATE request SET done = ?, result = ? WHERE id = ?")
            .execute(arguments: [now.microseconds, result, id])
    }

    /// Says how far a request is that takes a while.
    package func setProgress(_ progress: JSON, ofRequest id: Int64) throws {
        try statement("UPDATE request SET progress = ? WHERE id = ?").execute(arguments: [progress.description, id])
    }

    /// What became of a request; nil while it is not carried out.
    package func requestResult(_ id: Int64) throws -> String? {
        try String.fetchOne(
            statement("SELECT result FROM request WHERE id = ? AND done IS NOT NULL"), arguments: [id])
    }

    /// The exception or the request that a request is about; 0 where it is about none.
    package func requestSubject(_ id: Int64) throws -> Int64 {
        let text = try String.fetchOne(statement("SELECT subject FROM request WHERE id = ?"), arguments: [id])
        return text.flatMap { Int64($0) } ?? 0
    }

    /// Where a request stands; nil where there is none.
    package func requestState(_ id: Int64) throws -> RequestState? {
        try requestStates("WHERE id = ?", [id]).first
    }

    /// Decisions about many that are under way, oldest first.
    package func openManyRequests(limit: Int) throws -> [RequestState] {
        try requestStates("WHERE done IS NULL AND kind IN ('many', 'replay') ORDER BY id LIMIT ?", [limit])
    }

    private func requestStates(_ sql: String, _ arguments: StatementArguments) throws -> [RequestState] {
        try Row.fetchAll(
            statement("SELECT id, kind, by, created, result, detail, progress FROM request \(sql)"),
            arguments: arguments
        ).map { row in
            let detail = (row[5] as String?).flatMap { try? JSONReader.read($0) }
            let progress = (row[6] as String?).flatMap { try? JSONReader.read($0) }
            return RequestState(
                id: row[0], kind: row[1], by: row[2], created: Instant(microseconds: row[3]), result: row[4],
                order: detail.flatMap(ManyOrder.init(json:)), progress: progress.flatMap(ManyProgress.init(json:)),
                replayOrder: detail.flatMap(ReplayOrder.init(json:)),
                replay: progress.flatMap(ReplayProgress.init(json:)))
        }
    }
}
