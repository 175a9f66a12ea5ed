import Canonical
package import Store
package import World

/// Removes what is no longer needed from the store, a little at a time, in the background.
package struct Trimmer: Sendable {
    private let store: Store
    private let world: World
    private let retention: Retention
    private let ceiling: Int

    package init(store: Store, world: World, retention: Retention, ceiling: Int) {
        self.store = store
        self.world = world
        self.retention = retention
        self.ceiling = ceiling
    }

    /// Works until cancelled: one round every `retention.interval`, small transactions within a round.
    package func run() async throws {
        while !Task.isCancelled {
            try await world.clock.sleep(for: retention.interval)
            try await round()
        }
    }

    /// One round: events, then settled commands, then identities.
    package func round() async throws {
        let now = world.clock.now()
        // A store that fills up gives up its history before it stops taking facts in; never what is still to be sent.
        let keep = store.usedBytes > ceiling / 5 * 4 ? Duration.zero : retention.events
        for lane in Lane.allCases {
            while try await store.write(weight: 500, { try $0.trim(lane, storedBefore: now - keep, limit: 500) }) == 500
            {
                try Task.checkCancellation()
            }
        }
        let (commands, identities) = (now - retention.commands, now - retention.identities)
        while try await store.write(weight: 500, { try $0.trimSettled(before: commands, limit: 200) }) == 200 {}
        while try await store.write(weight: 500, { try $0.trimSeen(before: identities, limit: 500) }) == 500 {}
    }
}

/// How long a node keeps what is done.
package struct Retention: Sendable, Hashable {
    /// Events that every target has had.
    package var events: Duration
    /// Commands whose fate is settled.
    package var commands: Duration
    /// Identities of trimmed events: longer than any source can repeat itself.
    package var identities: Duration
    /// Time between two rounds of trimming.
    package var interval: Duration

    package init(
        events: Duration = .seconds(14 * 86_400), commands: Duration = .seconds(90 * 86_400),
        identities: Duration = .seconds(730 * 86_400), interval: Duration = .seconds(30)
    ) {
        self.events = events
        self.commands = commands
        self.identities = identities
        self.interval = interval
    }
}
