import Canonical
import ExactJSON

/// A limit that a number must not cross, on one of its sides.
struct NumberLimit: Sendable, Hashable {
    enum Side: String, Sendable, CaseIterable {
        case high, low
    }

    let side: Side
    let limit: ExactNumber
    /// Where a crossing is over: at or within it.
    let clear: ExactNumber

    func isBeyond(_ value: ExactNumber) -> Bool { side == .high ? value > limit : value < limit }
    func isClear(_ value: ExactNumber) -> Bool { side == .high ? value <= clear : value >= clear }
}

/// What a number does at its limits: waits beyond one, was reported beyond it, or neither.
struct ThresholdState: SignalState, Hashable {
    static let family = "threshold"

    /// The reading with which a limit was crossed.
    struct Crossing: Hashable, Sendable {
        var value: ExactNumber
        var since: Instant
        var factID: String?
        /// When it counts although the machine says nothing further.
        var due: Instant

        var json: JSON {
            var members: JSONObject = [
                "value": .number(value), "since": .int(Int(since.microseconds)), "due": .int(Int(due.microseconds)),
            ]
            members["fact"] = factID.map { .string($0) }
            return .object(members)
        }

        init(value: ExactNumber, since: Instant, factID: String?, due: Instant) {
            self.value = value
            self.since = since
            self.factID = factID
            self.due = due
        }

        init?(json: JSON) {
            guard let value = json["value"]?.number, let since = json["since"]?.int, let due = json["due"]?.int else {
                return nil
            }
            self.init(
                value: value, since: Instant(microseconds: Int64(since)), factID: json["fact"]?.string,
                due: Instant(microseconds: Int64(due)))
        }
    }

    /// What is to be reported.
    enum Change: Hashable {
        case raised(NumberLimit, Crossing)
        /// Over again; `since` is when it was crossed.
        case cleared(NumberLimit, since: Instant)
    }

    /// Crossings that count if they last.
    private(set) var waiting: [NumberLimit.Side: Crossing] = [:]
    /// Since when a reported crossing lasts.
    private(set) var raised: [NumberLimit.Side: Instant] = [:]

    init() {}

    init?(json: JSON) {
        guard json.object != nil else { return nil }
        for side in NumberLimit.Side.allCases {
            if let value = json["waiting"]?[side.rawValue] {
                guard let crossing = Crossing(json: value) else { return nil }
                waiting[side] = crossing
            }
            if let value = json["raised"]?[side.rawValue] {
                guard let since = value.int else { return nil }
                raised[side] = Instant(microseconds: Int64(since))
            }
        }
    }

    var json: JSON {
        var (waits, holds): (JSONObject, JSONObject) = ([:], [:])
        for side in NumberLimit.Side.allCases {
            waits[side.rawValue] = waiting[side]?.json
            holds[side.rawValue] = raised[side].map { .int(Int($0.microseconds)) }
        }
        var members: JSONObject = [:]
        if !waits.isEmpty { members["waiting"] = .object(waits) }
        if !holds.isEmpty { members["raised"] = .object(holds) }
        return .object(members)
    }

    /// When the first crossing that waits counts by the node's clock.
    var due: Instant? { waiting.values.map(\.due).min() }

    /// Takes what a reading at `crossing.since` says; nil: the number is not known for now, which ends what waited and
    /// leaves what was reported.
    mutating func take(_ crossing: Crossing?, at time: Instant, limits: [NumberLimit], minimum: Duration) -> [Change] {
        var changes: [Change] = []
        for limit in limits {
            // A reading from before the crossing says nothing about what came after it.
            if let began = waiting[limit.side]?.since ?? raised[limit.side], time < began { continue }
            // What had lasted long enough before this reading came counts whatever the reading says.
            if let waits = waiting[limit.side], time >= waits.since + minimum { changes.append(raise(limit, waits)) }
            guard let crossing else {
                waiting[limit.side] = nil
                continue
            }
            if let since = raised[limit.side] {
                guard limit.isClear(crossing.value) else { continue }
                raised[limit.side] = nil
                changes.append(.cleared(limit, since: since))
            } else if !limit.isBeyond(crossing.value) {
                waiting[limit.side] = nil
            } else if minimum == .zero {
                changes.append(raise(limit, crossing))
            } else if waiting[limit.side] == nil {
                waiting[limit.side] = crossing
            }
        }
        return changes
    }

    /// The node's clock says that crossings lasted.
    mutating func expire(at now: Instant, limits: [NumberLimit]) -> [Change] {
        limits.compactMap { limit in
            guard let waits = waiting[limit.side], waits.due <= now else { return nil }
            return raise(limit, waits)
        }
    }

    /// Forgets limits that the settings no longer have: nobody waits for them.
    mutating func keep(_ limits: [NumberLimit]) {
        let sides = Set(limits.map(\.side))
        waiting = waiting.filter { sides.contains($0.key) }
        raised = raised.filter { sides.contains($0.key) }
    }

    private mutating func raise(_ limit: NumberLimit, _ crossing: Crossing) -> Change {
        waiting[limit.side] = nil
        raised[limit.side] = crossing.since
        return .raised(limit, crossing)
    }
}

extension SignalPass {
    /// Says until when a state waits, or that it waits no longer.
    mutating func setDeadline(_ key: StateKey, _ due: Instant?) throws {
        let slot = try memory.deadlines.slot(DeadlineState.key, load: load)
        if memory.deadlines[slot].set(key, due) { memory.deadlines.markDirty(slot) }
    }

    /// As ``setDeadline(_:_:)``, but leaves an earlier deadline: what moves on with each reading is not worth a write
    /// of its own, and whoever wakes too early looks again.
    mutating func setDeadline(_ key: StateKey, atLatest due: Instant) throws {
        let slot = try memory.deadlines.slot(DeadlineState.key, load: load)
        if let known = memory.deadlines[slot].entries[key], known <= due { return }
        try setDeadline(key, due)
    }
}
