package import Canonical
package import Contracts
package import Store
package import World

/// Reads the journal for one target and stores what its flows make of each event, together with how far it is.
package actor Router {
    package nonisolated let plan: RoutingPlan
    private let store: Store
    private let world: World
    private let limits: Limits
    /// Events read in one step.
    private static let step = 200

    package init(plan: RoutingPlan, store: Store, world: World, limits: Limits) {
        self.plan = plan
        self.store = store
        self.world = world
        self.limits = limits
    }

    /// Works until cancelled. Stops reading while the target has enough to do, so that memory and tables stay bounded.
    package func run() async throws {
        while !Task.isCancelled {
            let rings = store.bell.rings
            var moved = false
            let target = plan.target
            let most = limits.pendingDeliveries
            let open = try await store.read { try $0.pendingCount(target, upTo: most) }
            if open < limits.pendingDeliveries {
                for lane in Lane.allCases {
                    let hasMoved = try await advance(lane)
                    moved = moved || hasMoved
                }
            }
            if !moved { await store.bell.wait(beyond: rings) }
        }
    }

    /// Routes the next events of a lane; false where there are none.
    private func advance(_ lane: Lane) async throws -> Bool {
        let target = plan.target
        let (cursor, entries) = try await store.read { transaction in
            let cursor = try transaction.cursor(target, lane)
            return (cursor, try transaction.journal(lane: lane, after: cursor, limit: Self.step, bytes: 4 << 20))
        }
        guard let last = entries.last else { return false }
        let now = world.clock.now()
        let results = entries.map { ($0, plan.route($0, now: now)) }
        let originalBytes = limits.originalBytes
        try await store.write(weight: entries.count) { transaction in
            // Another step may have come first: then this one is void.
            guard try transaction.cursor(target, lane) == cursor else { return }
            for (entry, answers) in results {
                for answer in answers { try Self.store(answer, entry, now, originalBytes, transaction) }
            }
            try transaction.setCursor(target, lane, last.number.number)
        }
        return true
    }

    private static func store(
        _ answer: RoutingPlan.Result, _ entry: JournalEntry, _ now: Instant, _ originalBytes: Int,
        _ transaction: StoreTransaction
    ) throws {
        switch answer {
        case .delivery(let delivery): try transaction.insert(delivery)
        case .failed(let delivery, let failure, let holds):
            let first = try transaction.insert(delivery, as: .rejected)
            let exception = ExceptionRecord(
                kind: .map, created: now, source: entry.document.envelope.source, flow: delivery.flow,
                target: delivery.target, key: delivery.key, event: entry.number, eventID: entry.document.envelope.id,
                failure: failure, original: Array(entry.document.bytes.prefix(originalBytes)))
            if let id = try transaction.insert(exception), holds {
                try transaction.block(delivery.target, delivery.key, exception: id, from: first, now: now)
            }
        }
    }
}
