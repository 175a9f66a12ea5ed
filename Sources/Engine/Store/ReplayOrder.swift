package import Canonical
package import Contracts
package import ExactJSON

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
    package static let maximumRate = ManyOrder.maximumRate

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
