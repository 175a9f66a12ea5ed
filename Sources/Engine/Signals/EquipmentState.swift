import Canonical
import ExactJSON

/// What a piece of equipment does, as far as it was reported, and what it seems to do since.
struct EquipmentState: SignalState, Hashable {
    static let family = "state"
    /// The canonical words (canonical model, `equipment.state-changed`).
    static let words = ["running", "idle", "setup", "held", "down", "off", "unavailable"]

    /// One state with its circumstances.
    struct Phase: Hashable, Sendable {
        var state: String
        var since: Instant
        /// The machine's own code.
        var code: String?
        var reason: String?
        var factID: String?
        /// When it counts although the machine says nothing further.
        var due: Instant

        var json: JSON {
            var members: JSONObject = [
                "state": .string(state), "since": .int(Int(since.microseconds)), "due": .int(Int(due.microseconds)),
            ]
            members["code"] = code.map { .string($0) }
            members["reason"] = reason.map { .string($0) }
            members["fact"] = factID.map { .string($0) }
            return .object(members)
        }

        init(state: String, since: Instant, code: String?, reason: String?, factID: String?, due: Instant) {
            self.state = state
            self.since = since
            self.code = code
            self.reason = reason
            self.factID = factID
            self.due = due
        }

        init?(json: JSON) {
            guard let state = json["state"]?.string, let since = json["since"]?.int, let due = json["due"]?.int else {
                return nil
            }
            self.init(
                state: state, since: Instant(microseconds: Int64(since)), code: json["code"]?.string,
                reason: json["reason"]?.string, factID: json["fact"]?.string, due: Instant(microseconds: Int64(due)))
        }
    }

    /// What was reported last.
    private(set) var reported: Phase?
    /// What would be reported if it lasts.
    private(set) var candidate: Phase?
    /// What the main tag or the records say.
    var base: Phase?
    /// What further tags say over it, by tag.
    var overrides: [String: Phase] = [:]
    /// When the equipment was last heard of, by its own clock; known where silence counts.
    private(set) var heard: Instant?
    /// When silence counts by the node's clock, if nothing is heard until then.
    private(set) var silenceDue: Instant?
    /// The equipment was not heard of for so long that it counts as unavailable.
    private(set) var isSilent = false

    init() {}

    init?(json: JSON) {
        guard json.object != nil else { return nil }
        func phase(_ name: String) -> Phase?? {
            guard let value = json[name] else { return .some(nil) }
            return Phase(json: value).map { .some($0) }
        }
        guard let reported = phase("reported"), let candidate = phase("candidate"), let base = phase("base") else {
            return nil
        }
        self.reported = reported
        self.candidate = candidate
        self.base = base
        for (tag, value) in json["overrides"]?.object ?? [:] {
            guard let phase = Phase(json: value) else { return nil }
            overrides[tag] = phase
        }
        heard = json["heard"]?.int.map { Instant(microseconds: Int64($0)) }
        silenceDue = json["silenceDue"]?.int.map { Instant(microseconds: Int64($0)) }
        isSilent = json["silent"]?.bool ?? false
    }

    var json: JSON {
        var members: JSONObject = [:]
        members["reported"] = reported?.json
        members["candidate"] = candidate?.json
        members["base"] = base?.json
        if !overrides.isEmpty {
            var tags: JSONObject = [:]
            for tag in overrides.keys.sorted() { tags[tag] = overrides[tag]?.json }
            members["overrides"] = .object(tags)
        }
        members["heard"] = heard.map { .int(Int($0.microseconds)) }
        members["silenceDue"] = silenceDue.map { .int(Int($0.microseconds)) }
        if isSilent { members["silent"] = true }
        return .object(members)
    }

    /// A change that is to be reported.
    struct Change: Hashable {
        let from: Phase?
        let to: Phase
    }

    /// Takes what holds from `phase.since` on; call ``pass(to:minimum:)`` for that time before.
    mutating func settle(_ phase: Phase, minimum: Duration) -> Change? {
        if phase.state == reported?.state {
            candidate = nil
        } else if candidate?.state != phase.state {
            candidate = phase
        }
        return minimum == .zero ? candidate.map { report($0) } : nil
    }

    /// Time went on to `time` by the machine's clock without another state.
    mutating func pass(to time: Instant, minimum: Duration) -> Change? {
        guard let waiting = candidate, time >= waiting.since + minimum else { return nil }
        return report(waiting)
    }

    /// The wall clock says that the waiting state lasted.
    mutating func expire(at now: Instant) -> Change? {
        guard let waiting = candidate, waiting.due <= now else { return nil }
        return report(waiting)
    }

    /// The equipment said something at `time`; nil as `due`: silence does not count. Tells whether that ends a silence.
    mutating func hear(at time: Instant, due: Instant?) -> Bool {
        let wasSilent = isSilent
        isSilent = false
        heard = due == nil ? nil : max(heard ?? time, time)
        silenceDue = due
        return wasSilent
    }

    /// Nothing was heard up to `since`, which is reported at once: how long nothing was heard is its minimum.
    mutating func fallSilent(since: Instant, minimum: Duration) -> [Change] {
        var changes: [Change] = []
        if let change = pass(to: since, minimum: minimum) { changes.append(change) }
        isSilent = true
        let phase = Phase(
            state: "unavailable", since: since, code: nil, reason: "silent", factID: nil, due: silenceDue ?? since)
        if let change = settle(phase, minimum: .zero) { changes.append(change) }
        return changes
    }

    private mutating func report(_ phase: Phase) -> Change {
        var phase = phase
        if let previous = reported, previous.state == "unavailable" {
            // A snapshot tells the machine's own older time; it was not known before the connection stood again.
            phase.since = max(phase.since, previous.since)
        }
        let change = Change(from: reported, to: phase)
        reported = phase
        candidate = nil
        return change
    }
}
