package import Canonical
package import Contracts
package import JSONSchema
package import Signals

/// What the intake must know of the node's sources.
package struct IntakeSettings: Sendable {
    /// One source's signals and lane.
    package struct PerSource: Sendable {
        package let processor: SignalProcessor?
        package let lane: Lane

        package init(processor: SignalProcessor?, lane: Lane) {
            self.processor = processor
            self.lane = lane
        }
    }

    package let sources: [SourceName: PerSource]
    /// Takes released and closed orders in as the context of their assets, whatever source they come from.
    package let orders: SignalProcessor
    /// Bytes that the store may use; ``StoreFill`` says what each lane may.
    package let ceiling: Int
    /// How long a call waits for room before it is refused.
    package let patience: Duration
    /// What the data of the user's own event types must fit, by type.
    package var schemas: [String: Schema] = [:]

    package init(
        sources: [SourceName: PerSource], orders: SignalProcessor, ceiling: Int, patience: Duration = .seconds(5)
    ) {
        self.sources = sources
        self.orders = orders
        self.ceiling = ceiling
        self.patience = patience
    }
}
