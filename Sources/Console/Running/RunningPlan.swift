package import Canonical
package import Contracts

/// What the settings say of what runs, as far as people look at it.
package struct RunningPlan: Sendable {
    /// One flow.
    package struct Flow: Sendable {
        package let name: FlowName
        package let target: TargetName
        /// Nil where the target takes events as they stand.
        package let operation: String?
        /// Which events start it: `millwright.production.completed.*`; empty for all.
        package let types: [String]
        /// When its commands go, where it is not at once: `batch`.
        package let pace: String?
        package let isShadow: Bool

        package init(
            name: FlowName, target: TargetName, operation: String?, types: [String], pace: String?, isShadow: Bool
        ) {
            self.name = name
            self.target = target
            self.operation = operation
            self.types = types
            self.pace = pace
            self.isShadow = isShadow
        }
    }

    package let flows: [Flow]
    /// Those that take commands, and those that take events as they stand.
    package let targets: [TargetName]

    package init(flows: [Flow], targets: [TargetName]) {
        self.flows = flows
        self.targets = targets
    }
}

/// What one tag of a source said last.
package struct TagLine: Sendable, Hashable {
    package let asset: String
    package let tag: String
    /// As JSON; nil where the machine said that it does not know.
    package let value: String?
    /// By the machine's clock.
    package let time: Instant
    /// How often it said something since the node started.
    package let count: Int

    package init(asset: String, tag: String, value: String?, time: Instant, count: Int) {
        self.asset = asset
        self.tag = tag
        self.value = value
        self.time = time
        self.count = count
    }
}

/// What the tags of one source said last.
package struct TagLines: Sendable, Hashable {
    package let lines: [TagLine]
    /// Whether it has more than are remembered.
    package let isCut: Bool

    package init(lines: [TagLine], isCut: Bool) {
        self.lines = lines
        self.isCut = isCut
    }
}
