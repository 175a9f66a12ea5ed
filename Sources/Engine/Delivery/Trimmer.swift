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
    /// A look for names that nothing uses, while one is under way.
    private var sweep: NameSweep?
    /// Rounds after which the lanes are looked at from their beginning again.
    private static let wholeEvery = 120
    private static let step = 500
    /// Looks in a row that found nothing to remove, after which the next round goes on: a large backlog must not be
    /// looked through again and again.
    private static let fruitlessSteps = 40
    /// Steps of one round in which names are looked for.
    private static let sweepSteps = 20

    package init(store: Store, world: World, retention: Retention, ceiling: Int) {
        self.store = store
        self.world = world
        self.retention = retention
        self.ceiling = ceiling
    }

    /// Works until cancelled: one round every `retention.interval`, more often where the store fills up; small
    /// transactions within a round.
    package func run() async throws {
        while !Task.isCancelled {
            try await world.clock.sleep(for: fill.isNarrow(.bulk) ? retention.interval / 6 : retention.interval)
            try await round()
        }
    }

    private var fill: StoreFill { StoreFill(used: store.usedBytes, ceiling: ceiling) }

    /// One round: events, then settled commands and exceptions, then identities, batches of streams that are left, and
    /// names that nothing uses any more.
    package func round() async throws {
        let now = world.clock.now()
        // A store that fills up gives up its history before it stops taking facts in; never what is still to be sent.
        let fill = fill
        let (keep, history) = (fill.events(retention.events), fill.history(retention.commands))
        if rounds % Self.wholeEvery == 0 {
            looked = [:]
            if sweep == nil { sweep = NameSweep() }
        }
        rounds += 1
        for lane in Lane.allCases { try await trim(lane, now - keep, mayRepeat: keep < retention.events) }
        let (settled, forgotten) = (now - history, now - fill.identities(retention.identities))
        let step = Self.step
        while try await store.write(weight: step, { try $0.trimSettled(before: settled, limit: step) }) == step {}
        while try await store.write(
            weight: step,
            { try $0.trimExceptions(settledBefore: settled, forgotten: min(settled, forgotten), limit: step) }) == step
        {}
        while try await store.write(weight: step, { try $0.trimSeen(before: forgotten, limit: step) }) == step {}
        let heard = now - StoreTransaction.heldByEdges
        while try await store.write(weight: step, { try $0.trimBatches(heardBefore: heard, limit: step) }) == step {}
        try await sweepNames()
    }

    /// Names have no time to go by: what uses one is looked for, and that is bounded in each round.
    private func sweepNames() async throws {
        let step = Self.step
        for _ in 0..<Self.sweepSteps {
            guard let before = sweep else { return }
            try Task.checkCancellation()
            let after = try await store.write(weight: step) { try $0.sweepNames(before, limit: step) }
            sweep = after.isDone ? nil : after
        }
    }

    /// `mayRepeat`: what had to stay may go now, so the lane's beginning comes again behind its end.
    private func trim(_ lane: Lane, _ before: Instant, mayRepeat: Bool) async throws {
        var fruitless = 0
        while fruitless < Self.fruitlessSteps {
            try Task.checkCancellation()
            let after = looked[lane] ?? 0
            let trimmed = try await store.write(weight: Self.step) {
                try $0.trim(lane, after: after, storedBefore: before, limit: Self.step)
            }
            looked[lane] = trimmed.last
            fruitless = trimmed.removed > 0 ? 0 : fruitless + 1
            guard trimmed.isDone else { continue }
            if mayRepeat { looked[lane] = nil }
            return
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
