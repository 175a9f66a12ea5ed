package import Canonical
package import Contracts
import GRDB

/// How one flow stands.
package struct FlowFacts: Sendable, Hashable {
    /// Deliveries that wait for their turn, those behind a key that a person must free, and commands under way.
    package var waiting = 0
    package var blocked = 0
    package var underWay = 0
    /// Exceptions that are open.
    package var exceptions = 0
    /// What was settled of late.
    package var accepted = 0
    package var rejected = 0
    package var shadowed = 0
    /// From stored to accepted, of late, ascending.
    package var latencies: [Duration] = []
    /// Accepted (or shadowed) in each of the stretches that were asked for, oldest first.
    package var rates: [Int] = []
    package var lastSettled: Instant?

    package init() {}
}

/// Which stretches of time facts are counted in.
package struct FactSpan: Sendable {
    package let since: Instant
    package let stretch: Duration
    package let stretches: Int

    /// `stretches` of `stretch` each, up to `now`.
    package init(upTo now: Instant, stretch: Duration, stretches: Int) {
        self.stretch = stretch
        self.stretches = stretches
        since = now - stretch * stretches
    }
}

extension StoreTransaction {
    /// Commands that are looked at for what was settled of late, and rows that are counted of anything, at most.
    package static let factSample = 5_000
    package static let factCount = 100_000

    /// How the flows of a target stand, by name. What is counted is counted up to ``factCount``; what was settled is
    /// that of the newest ``factSample`` commands of `span`.
    package func flowFacts(_ target: TargetName, _ span: FactSpan) throws -> [FlowName: FlowFacts] {
        var facts: [FlowName: FlowFacts] = [:]
        func add(_ path: WritableKeyPath<FlowFacts, Int>, _ sql: String) throws {
            for row in try Row.fetchAll(statement(sql), arguments: [target.rawValue, Self.factCount]) {
                facts[FlowName(row[0]), default: FlowFacts()][keyPath: path] += row[1] as Int
            }
        }
        let waiting = try statement(
            """
            SELECT count(*) FROM (SELECT 1 FROM delivery INDEXED BY delivery_share
            WHERE target = ? AND state = 0 AND lane = ? AND flow = ? LIMIT \(Self.factCount))
            """)
        for place in Set(try waitingShares(target).map { Place(lane: $0.lane, flow: $0.flow) }) {
            let count = try Int.fetchOne(
                waiting, arguments: [target.rawValue, place.lane.rawValue, place.flow.rawValue])
            facts[place.flow, default: FlowFacts()].waiting += count ?? 0
        }
        try add(
            \.blocked,
            """
            SELECT flow, count(*) FROM (SELECT flow FROM delivery INDEXED BY delivery_blocked
            WHERE target = ? AND state = 2 LIMIT ?) GROUP BY flow
            """)
        try add(
            \.underWay,
            """
            SELECT flow, count(*) FROM (SELECT flow FROM command INDEXED BY command_open
            WHERE target = ? AND state < 3 LIMIT ?) GROUP BY flow
            """)
        try add(
            \.exceptions,
            """
            SELECT flow, count(*) FROM (SELECT flow FROM exception INDEXED BY exception_open
            WHERE state = 0 AND target = ? AND flow IS NOT NULL LIMIT ?) GROUP BY flow
            """)
        for row in try settledOfLate(target, span) {
            facts[FlowName(row[0]), default: FlowFacts()].note(
                CommandState(rawValue: row[1]) ?? .accepted, at: Instant(microseconds: row[2]),
                latency: (row[3] as Int64?).map { .microseconds($0) }, span)
        }
        for flow in facts.keys { facts[flow]?.latencies.sort() }
        return facts
    }

    private struct Place: Hashable {
        let lane: Lane
        let flow: FlowName
    }

    private func settledOfLate(_ target: TargetName, _ span: FactSpan) throws -> [Row] {
        try Row.fetchAll(
            statement(
                """
                SELECT flow, state, settled, settled - (
                    SELECT min(e.recorded) FROM delivery d JOIN event e ON e.seq = d.event WHERE d.command = c.id)
                FROM command c INDEXED BY command_settled
                WHERE state >= 3 AND settled >= ? AND target = ? ORDER BY settled DESC LIMIT \(Self.factSample)
                """), arguments: [span.since.microseconds, target.rawValue])
    }
}

extension FlowFacts {
    fileprivate mutating func note(_ state: CommandState, at time: Instant, latency: Duration?, _ span: FactSpan) {
        if rates.isEmpty { rates = Array(repeating: 0, count: span.stretches) }
        lastSettled = max(lastSettled ?? time, time)
        switch state {
        case .accepted:
            accepted += 1
            if let latency { latencies.append(latency) }
        case .shadowed: shadowed += 1
        case .rejected: rejected += 1
        case .inFlight, .doubt, .deferred, .discarded: return
        }
        guard state != .rejected else { return }
        let place = Int(time.since(span.since).microseconds / max(1, span.stretch.microseconds))
        rates[min(max(0, place), rates.count - 1)] += 1
    }

    /// The latency that so much of all stay below; nil where none is known.
    package func latency(_ part: Double) -> Duration? {
        guard let last = latencies.last else { return nil }
        let place = Int((Double(latencies.count) * part).rounded(.down))
        return place < latencies.count ? latencies[place] : last
    }
}
