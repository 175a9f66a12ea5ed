package import Canonical
package import Contracts
package import ExactJSON
import GRDB

/// What a person wants put through a flow again: the events that were stored in a time, as the flow's map is now.
package struct ReplayOrder: Sendable, Hashable {
    /// What becomes of events whose commands were carried out.
    package enum Again: String, Sendable, CaseIterable {
        /// Nothing.
        case no
        /// Those whose command would be another one now are carried out once more.
        case changed
        /// All of them are carried out once more.
        case all
    }

    /// The fastest that can be asked for.
    package static let maximumRate = 10_000

    package let flow: FlowName
    /// Stored at `since` or later, and before `until`.
    package let since: Instant
    package let until: Instant
    package let again: Again
    /// Events a second at most; nil for as fast as the node can.
    package let rate: Int?

    package init(flow: FlowName, since: Instant, until: Instant, again: Again, rate: Int?) {
        self.flow = flow
        self.since = since
        self.until = until
        self.again = again
        self.rate = rate
    }

    package var json: JSON {
        [
            "flow": .string(flow.rawValue), "since": .string(since.description), "until": .string(until.description),
            "again": .string(again.rawValue), "rate": rate.map { .int($0) } ?? .null,
        ]
    }

    /// Reads what ``json`` wrote; nil for anything else.
    package init?(json: JSON) {
        guard let flow = json["flow"]?.string, let since = json["since"]?.string.flatMap({ Instant(text: $0) }),
            let until = json["until"]?.string.flatMap({ Instant(text: $0) }), since < until
        else { return nil }
        var rate: Int?
        if let value = json["rate"], !value.isNull {
            guard let number = value.int, (1...Self.maximumRate).contains(number) else { return nil }
            rate = number
        }
        guard let again = Again(rawValue: json["again"]?.string ?? Again.no.rawValue) else { return nil }
        self.init(flow: FlowName(flow), since: since, until: until, again: again, rate: rate)
    }
}

/// How far a ``ReplayOrder`` is.
package struct ReplayProgress: Sendable, Hashable {
    /// The lane that is gone through, and the last event of it that was looked at.
    package var lane = Lane.critical
    package var mark: Int64 = 0
    /// Events that were looked at, commands that were sent, changed or taken back, and those that could not be, as
    /// their key was busy or their map failed.
    package var seen = 0
    package var done = 0
    package var refused = 0

    package init() {}

    package var json: JSON {
        [
            "lane": .int(lane.rawValue), "mark": .int(Int(mark)), "seen": .int(seen), "done": .int(done),
            "refused": .int(refused),
        ]
    }

    /// Reads what ``json`` wrote; nil for anything else.
    package init?(json: JSON) {
        guard let lane = json["lane"]?.int.flatMap({ Lane(rawValue: $0) }), let mark = json["mark"]?.int,
            let seen = json["seen"]?.int, let done = json["done"]?.int, let refused = json["refused"]?.int
        else { return nil }
        (self.lane, self.mark) = (lane, Int64(mark))
        (self.seen, self.done, self.refused) = (seen, done, refused)
    }
}

extension StoreTransaction {
    /// The number of the last event of a lane that was stored before `instant`; 0 where there is none.
    package func lastNumber(_ lane: Lane, before instant: Instant) throws -> Int64 {
        let base = JournalNumber(lane: lane, number: 0).seq
        let top = base + (1 << JournalNumber.laneShift)
        // Within a lane events are stored in the order of their numbers; a clock that was set back is forgiven.
        let probe = try statement("SELECT seq, recorded FROM event WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT 1")
        let last = try Int64.fetchOne(
            statement("SELECT max(seq) FROM event WHERE seq > ? AND seq < ?"), arguments: [base, top])
        guard let last else { return 0 }
        var (low, high) = (base, last)
        while low < high {
            let middle = low + (high - low + 1) / 2
            guard let row = try Row.fetchOne(probe, arguments: [middle, top]), (row[1] as Int64) < instant.microseconds
            else {
                high = middle - 1
                continue
            }
            low = max(middle, row[0])
        }
        return low - base
    }

    /// The delivery that a flow made of an event with its state, or nil.
    package func standingDelivery(
        of event: JournalNumber, flow: FlowName, target: TargetName
    ) throws -> (Delivery, DeliveryState)? {
        guard let delivery = try delivery(of: event, flow: flow, target: target) else { return nil }
        let state = try Int.fetchOne(statement("SELECT state FROM delivery WHERE id = ?"), arguments: [delivery.id])
        return (delivery, state.flatMap { DeliveryState(rawValue: $0) } ?? .pending)
    }

    /// Gives a delivery that waits what a changed map made of its event; it keeps its place. ``order(_:_:)`` must
    /// follow for its key.
    package func replace(_ id: Int64, with mapped: Delivery) throws {
        try statement(
            """
            UPDATE delivery SET key = ?, lane = ?, conflicts = ?, operation = ?, arguments = ?, state = 0, settings = ?,
            shadow = ? WHERE id = ? AND state IN (0, 2)
            """
        ).execute(arguments: [
            mapped.key.rawValue, mapped.lane.rawValue, JSON.array(mapped.conflicts.map { .string($0) }).description,
            mapped.operation, mapped.arguments.description, mapped.settings, mapped.isShadow, id,
        ])
    }

    /// Takes a delivery that waits back, as if its flow had never made it: a later replay may make it again.
    package func takeBack(_ id: Int64) throws {
        try statement("DELETE FROM delivery WHERE id = ? AND state IN (0, 2)").execute(arguments: [id])
    }

    /// Puts a delivery that is done back on its way as another effect: under `identity`, which must be new.
    /// ``order(_:_:)`` must follow for its key.
    package func repeatAnew(_ id: Int64, with mapped: Delivery, identity: String) throws {
        try remap(id, with: mapped)
        try statement("UPDATE delivery SET identity = ? WHERE id = ?").execute(arguments: [identity, id])
    }
}
