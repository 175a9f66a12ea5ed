package import Canonical
package import Contracts
package import Store
package import World

/// Hands every event of the journal to a stream target, lane by lane, each lane in order and on its own.
package actor StreamForwarder {
    package nonisolated let target: any StreamTarget
    private let store: Store
    private let world: World
    private let retry: RetryPolicy
    private let limits: Limits
    private var failures: [Lane: Failure] = [:]
    private var positions: [Lane: Int64] = [:]
    /// How far the wait grows while the own store refuses to commit: room is there again without a word to this.
    private static let storeAttempts = 3

    package init(target: any StreamTarget, store: Store, world: World, retry: RetryPolicy, limits: Limits) {
        self.target = target
        self.store = store
        self.world = world
        self.retry = retry
        self.limits = limits
    }

    /// Works until cancelled.
    package func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for lane in Lane.allCases { group.addTask { try await self.forward(lane) } }
        }
    }

    private func forward(_ lane: Lane) async throws {
        let name = target.name
        // A stream counts from 1 in each epoch of the store; the journal's numbers go on.
        let origin = store.origins[lane] ?? 0
        var position = max(origin, try await store.read { try $0.cursor(name, lane) })
        var attempt = 0
        while !Task.isCancelled {
            let rings = store.bell.rings
            let (after, limits) = (position, limits)
            let entries = try await store.read {
                try $0.journal(lane: lane, after: after, limit: limits.uplinkEvents, bytes: limits.uplinkBytes)
            }
            guard let first = entries.first else {
                positions[lane] = position
                await store.bell.wait(beyond: rings)
                continue
            }
            // What is consecutive in the journal: a person's open exceptions keep single events of a trimmed stretch.
            let run = zip(entries, first.number.number...).prefix { $0.number.number == $1 }.map(\.0.document)
            let segment = JournalSegment(
                lane: lane, epoch: store.epoch, first: first.number.number - origin, documents: run)
            do {
                let answer = try await target.forward(segment)
                let progress = StreamProgress(position: answer.position + origin)
                try await check(progress, first.number, after)
                try await store.write { try $0.setCursor(name, lane, progress.position) }
                // Only now: what this store does not know yet is asked again.
                position = progress.position
                positions[lane] = position
                failures[lane] = nil
                attempt = 0
            } catch let deferral as Deferral {
                attempt += 1
                failures[lane] = deferral.failure
                let wait = deferral.after ?? retry.wait(attempt: attempt, random: world.entropy.next())
                try await world.clock.sleep(for: wait)
            } catch let failure as Failure where failure.kind == StoreFailures.writeFailed {
                // This node's own disk is full or broken; what was forwarded is safe, and soon there may be room again.
                attempt += 1
                failures[lane] = failure
                try await world.clock.sleep(
                    for: retry.wait(attempt: min(attempt, Self.storeAttempts), random: world.entropy.next()))
            } catch let failure as Failure {
                // Not a matter of waiting; still looked at again now and then, as a person may have mended it.
                failures[lane] = failure
                try await world.clock.sleep(for: retry.cap)
            }
        }
    }

    /// Throws where the target's word cannot be followed: it has more than was ever stored here, or lacks what this
    /// journal does not hold any more.
    private func check(_ progress: StreamProgress, _ first: JournalNumber, _ after: Int64) async throws {
        let last = try await store.read { try $0.lastNumber(first.lane) }
        guard progress.position <= last else {
            throw DeliveryFailures.ahead.failure(
                "\(target.name) has \(first.lane.name) up to \(progress.position), and this journal ends at \(last)")
        }
        // Events before `first` are asked for: those between the cursor and it are not there.
        guard progress.position + 1 < first.number, progress.position <= after else { return }
        let next = try await store.read {
            try $0.journal(lane: first.lane, after: progress.position, limit: 1).first?.number.number
        }
        guard next == progress.position + 1 else {
            throw DeliveryFailures.behind.failure(
                "\(target.name) has \(first.lane.name) up to \(progress.position), and this journal begins at \(next ?? last + 1)"
            )
        }
    }

    /// How far each lane is and what last went wrong, for the overview.
    package func status() -> (positions: [Lane: Int64], failure: Failure?) {
        (positions, failures.sorted { $0.key < $1.key }.first?.value)
    }
}
