/// A name that is a `String` underneath and a type of its own above, so that an asset can never stand where a target belongs.
package protocol Identifier: RawRepresentable, Sendable, Hashable, Comparable, CustomStringConvertible,
    ExpressibleByStringLiteral
where RawValue == String {
    init(rawValue: String)
}

extension Identifier {
    package init(_ text: String) { self.init(rawValue: text) }
    package init(stringLiteral value: String) { self.init(rawValue: value) }
    package var description: String { rawValue }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A running `millwright` process by its name in the settings: `lyon-edge`.
package struct NodeID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// A source by its name in the settings: `komax`.
package struct SourceName: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// A target by its name in the settings: `odoo`.
package struct TargetName: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// A flow by its name in the settings: `progress`.
package struct FlowName: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// A piece of equipment by its name in `plants.yaml`: `komax-565`.
package struct AssetID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// What orders deliveries: two with the same key go one after the other (default: the event's subject).
package struct OrderingKey: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// How urgent an event is. A lane is a stream of its own on the uplink and a queue of its own at a target.
package enum Lane: Int, Sendable, Hashable, Comparable, CaseIterable {
    case critical = 0
    case normal = 1
    case bulk = 2

    package static func < (a: Lane, b: Lane) -> Bool { a.rawValue < b.rawValue }
    package var name: String {
        switch self {
        case .critical: "critical"
        case .normal: "normal"
        case .bulk: "bulk"
        }
    }
    /// The lane called `name` in settings and on the wire.
    package init?(name: String) {
        guard let lane = Lane.allCases.first(where: { $0.name == name }) else { return nil }
        self = lane
    }
}
