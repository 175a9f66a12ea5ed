import Canonical
package import Store
package import World

/// Removes what is no longer needed from the store, a little at a time, in the background.
package actor Trimmer {
    private let store: Store
    private let world: World
    private let retention: Retention
    private let ceiling: Int
    /// Where the next look at a lane begins: what must stay is not looked at anew each round.
    private var looked: [Lane: Int64] = [:]
    private var rounds = 0
    /// Rounds after which the lanes are looked at from their beginning again.
    private static let wholeEvery = 120
    private static let step = 500

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

    /// One round: events, then settled commands and exceptions, then identities.
    package func round() async throws {
        let now = world.clock.now()
        // A store that fills up gives up its history before it stops taking facts in; never what is still to be sent.
        let isTight = store.usedBytes > ceiling / 5 * 4
        let keep = isTight ? Duration.zero : retention.events
        let history = isTight ? min(retention.commands, .seconds(86_400)) : retention.commands
        if isTight || rounds % Self.wholeEvery == 0 { looked = [:] }
        rounds += 1
        for lane in Lane.allCases { try await trim(lane, now - keep) }
        let (settled, forgotten) = (now - history, now - retention.identities)
        let step = Self.step
        while try await store.write(weight: step, { try $0.trimSettled(before: settled, limit: step) }) == step {}
        while try await store.write(
            weight: step,
            { try $0.trimExceptions(settledBefore: settled, forgotten: min(settled, forgotten), limit: step) }) == step
        {}
        while try await store.write(weight: step, { try $0.trimSeen(before: forgotten, limit: step) }) == step {}
    }

    private func trim(_ lane: Lane, _ before: Instant) async throws {
        while true {
            try Task.checkCancellation()
            let after = looked[lane] ?? 0
            let trimmed = try await store.write(weight: Self.step) {
                try $0.trim(lane, after: after, storedBefore: before, limit: Self.step)
            }
            looked[lane] = trimmed.last
            if trimmed.isDone { return }
        }
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
