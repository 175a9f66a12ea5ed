import ExactJSON

/// What is at hand on an asset and travels with its events.
enum ContextKey: String, CaseIterable, Sendable {
    case order, operation, item, lot, `operator`, program

    var position: Int {
        switch self {
        case .order: 0
        case .operation: 1
        case .item: 2
        case .lot: 3
        case .operator: 4
        case .program: 5
        }
    }
}

/// The order, operation, item, lot, operator and program on one asset.
struct ContextState: SignalState, Hashable {
    static let family = "context"
    private var values = [String?](repeating: nil, count: ContextKey.allCases.count)

    init() {}

    init?(json: JSON) {
        guard let members = json.object else { return nil }
        for (name, value) in members {
            // A key that a newer version wrote is let pass, so that going back a version does not stop the node.
            guard let text = value.string else { return nil }
            if let key = ContextKey(rawValue: name) { values[key.position] = text }
        }
    }

    var json: JSON {
        var members: JSONObject = [:]
        for key in ContextKey.allCases { members[key.rawValue] = values[key.position].map { .string($0) } }
        return .object(members)
    }

    subscript(key: ContextKey) -> String? { values[key.position] }

    /// Sets or, with nil, clears one value; tells whether that changed anything.
    mutating func set(_ key: ContextKey, _ value: String?) -> Bool {
        guard values[key.position] != value else { return false }
        values[key.position] = value
        return true
    }
}
