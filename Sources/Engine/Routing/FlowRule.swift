package import Canonical
package import Contracts
package import ExactJSON
package import JQ
package import NodeSettings

/// One flow, compiled: which events start it, and what it makes of them.
package struct FlowRule: Sendable {
    package let name: FlowName
    package let target: TargetName
    package let operation: String
    package let types: [TypePattern]
    /// Empty: every plant.
    package let plants: Set<String>
    /// Empty: every asset.
    package let assets: Set<String>
    package let predicate: JQProgram?
    /// Nil: the event's data is the command's arguments.
    package let map: JQProgram?
    /// Nil: the event's subject, else its source.
    package let key: JQProgram?
    package let conflicts: JQProgram?
    /// Nil: the event's own lane.
    package let lane: Lane?
    package let holdsOnReject: Bool
    /// Its commands are in order among themselves alone: those of a flow that waits for its batches must not hold up
    /// what other flows make of the same order.
    package let hasOwnOrder: Bool
    /// What it makes is never sent.
    package var isShadow = false

    package init(
        name: FlowName, target: TargetName, operation: String, types: [TypePattern], plants: Set<String> = [],
        assets: Set<String> = [], predicate: JQProgram? = nil, map: JQProgram? = nil, key: JQProgram? = nil,
        conflicts: JQProgram? = nil, lane: Lane? = nil, holdsOnReject: Bool = true,
        hasOwnOrder: Bool = false
    ) {
        self.hasOwnOrder = hasOwnOrder
        self.name = name
        self.target = target
        self.operation = operation
        self.types = types
        self.plants = plants
        self.assets = assets
        self.predicate = predicate
        self.map = map
        self.key = key
        self.conflicts = conflicts
        self.lane = lane
        self.holdsOnReject = holdsOnReject
    }

    /// The ordering key that `text` stands for.
    func orderingKey(_ text: String) -> OrderingKey { OrderingKey(hasOwnOrder ? "\(name)/\(text)" : text) }

    /// Whether an event's type and source can start this flow, without reading its data.
    /// `type`: in which version the event is offered; nil for its own.
    package func admits(_ envelope: Envelope, as type: String? = nil) -> Bool {
        let type = type ?? envelope.type
        guard types.isEmpty || types.contains(where: { $0.matches(type) }) else { return false }
        if plants.isEmpty, assets.isEmpty { return true }
        let segments = envelope.source.split(separator: "/")
        if !plants.isEmpty, !plants.contains(String(segments.first ?? "")) { return false }
        if !assets.isEmpty, !assets.contains(String(segments.last ?? "")) { return false }
        return true
    }
}
