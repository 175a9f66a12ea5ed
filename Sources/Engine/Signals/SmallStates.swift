import Canonical
import ExactJSON

/// The last value of a tag that another signal reads along: a scrap reason, a stop reason.
struct LatestValue: SignalState, Hashable {
    static let family = "latest"
    var text: String?

    init() {}

    init?(json: JSON) {
        guard json.object != nil else { return nil }
        text = json["text"]?.string
    }

    var json: JSON { ["text": text.map { .string($0) } ?? .null] }
}

/// What was already reported once: codes without a mapping, tags without a signal.
struct NotedState: SignalState, Hashable {
    static let family = "noted"
    /// Codes remembered; beyond, no further one is reported.
    static let limit = 256
    private(set) var codes: [String] = []

    init() {}

    init?(json: JSON) {
        guard let elements = json.array else { return nil }
        codes = elements.compactMap(\.string)
        guard codes.count == elements.count else { return nil }
    }

    var json: JSON { .array(codes.map { .string($0) }) }

    /// Whether `code` is new here and shall be reported.
    mutating func note(_ code: String) -> Bool {
        guard codes.count < Self.limit, !codes.contains(code) else { return false }
        codes.append(code)
        return true
    }
}

/// How many events a signal made of readings that carry no name of their own: keeps ids apart that share a time.
struct OrdinalState: SignalState, Hashable {
    static let family = "ordinal"
    var last: Int64 = 0

    init() {}

    init?(json: JSON) {
        guard let value = json.int else { return nil }
        last = Int64(value)
    }

    var json: JSON { .int(Int(last)) }
}

/// The signals that wait for a time, so that a restarted node finds them again.
struct DeadlineState: SignalState, Hashable {
    static let family = "deadlines"
    /// The one key under which the list is stored.
    static let key = StateKey(asset: "-", name: "-")
    private(set) var entries: [StateKey: Instant] = [:]

    init() {}

    init?(json: JSON) {
        guard let elements = json.array else { return nil }
        for element in elements {
            guard let asset = element["asset"]?.string, let name = element["name"]?.string,
                let due = element["due"]?.int
            else { return nil }
            entries[StateKey(asset: AssetID(asset), name: name)] = Instant(microseconds: Int64(due))
        }
    }

    var json: JSON {
        .array(
            sorted.map {
                [
                    "asset": .string($0.key.asset.rawValue), "name": .string($0.key.name),
                    "due": .int(Int($0.due.microseconds)),
                ]
            })
    }

    var earliest: Instant? { entries.values.min() }

    /// In the order in which they fall due, so that two runs report them alike.
    var sorted: [(key: StateKey, due: Instant)] {
        entries.map { (key: $0.key, due: $0.value) }
            .sorted { ($0.due, $0.key.asset, $0.key.name) < ($1.due, $1.key.asset, $1.key.name) }
    }

    /// Sets or, with nil, takes away one deadline; tells whether that changed anything.
    mutating func set(_ key: StateKey, _ due: Instant?) -> Bool {
        guard entries[key] != due else { return false }
        entries[key] = due
        return true
    }
}
