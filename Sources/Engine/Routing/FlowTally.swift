/// What one flow made of the events that its trigger admits.
package struct FlowTally: Sendable, Hashable {
    /// Events that the trigger admitted.
    package private(set) var events = 0
    /// Deliveries made.
    package private(set) var deliveries = 0
    /// Events that its condition or its map passed over.
    package private(set) var filtered = 0
    /// Events whose map failed: exceptions.
    package private(set) var failures = 0

    package init() {}

    /// Counts an event. `result`: what was made of it; nil where it was passed over.
    mutating func note(_ result: RoutingPlan.Result?) {
        events += 1
        switch result {
        case .delivery: deliveries += 1
        case .failed: failures += 1
        case nil: filtered += 1
        }
    }
}
