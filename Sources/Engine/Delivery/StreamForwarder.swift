package import Canonical
package import Contracts
package import Store
package import Telemetry
package import World

/// Hands every event of the journal to a stream target, lane by lane, each lane in order and on its own.
package actor StreamForwarder {
    package nonisolated let target: any StreamTarget
    private let store: Store
    private let world: World
    private let retry: RetryPolicy
    private let limits: Limits
    private var failures: [Lane: TargetTrouble] = [:]
    private var positions: [Lane: Int64] = [:]
    /// How far the wait grows while the own store refuses to commit: room is there again without a word to this.
    private static let storeAttempts = 3
    /// After so long without news the last event is sent once more: a target that was put back to an older state says
    /// so only when it is asked.
    package static let quiet = Duration.seconds(600)

    private var hours: QuietWatch
    private var tally = TargetTally()
    private let tracer: Tracer
    /// How long the end of the quiet hours is waited for before the clock is looked at again.
    private static let quietLook = Duration.seconds(30)

    private var paused = PauseWatch()
    /// Whether a person has paused it.
    package var isPaused: Bool { paused.pauses.targets.contains(target.name) }

    /// `quiet`: when nothing is sent.
    package init(
        target: any StreamTarget, store: Store, world: World, retry: RetryPolicy, limits: Limits,
        quiet: QuietHours? = nil, tracer: Tracer = Tracer(node: "")
    ) {
        self.tracer = tracer
        hours = QuietWatch(quiet)
        self.target = target
        self.store = store
        self.world = world
        self.retry = retry
        self.limits = limits
    }

    /// Works until cancelled.
    package func run() async throws {
        let mark = paused.mark
        paused.begin(try await store.read { Pauses(try $0.pauses()) }, since: mark)
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
        var asked = world.clock.uptime()
        // The number before which nothing is left here, where the target was told so.
        var oldest: Int64?
        while try await isAwake(lane) {
            let rings = store.bell.rings
            let (after, limits) = (position, limits)
            var entries = try await store.read {
                try $0.journal(lane: lane, after: after, limit: limits.uplinkEvents, bytes: limits.uplinkBytes)
            }
            if entries.isEmpty {
                positions[lane] = position
                let left = asked + Self.quiet - world.clock.uptime()
                guard position > origin, left <= .zero else {
                    await store.bell.wait(beyond: rings, atMost: position > origin ? left : nil, world.clock)
                    continue
                }
                asked = world.clock.uptime()
                entries = try await store.read { try $0.journal(lane: lane, after: after - 1, limit: 1) }
            }
            // A person may have paused it while the store was read.
            guard let first = entries.first, !isPaused else { continue }
            // What is consecutive in the journal: a person's open exceptions keep single events of a trimmed stretch.
            let run = zip(entries, first.number.number...).prefix { $0.number.number == $1 }.map(\.0.document)
            var segment = JournalSegment(
                lane: lane, epoch: store.epoch, first: first.number.number - origin, documents: run)
            segment.isOldest = first.number.number == oldest
            do {
                let answer = try await forward(segment)
                let progress = Self.progress(answer, from: origin)
                if let next = try await missing(progress, first.number, after) {
                    let failure = Self.behind(name, lane, progress, next)
                    failures[lane] = TargetTrouble(failure, at: world.clock.now())
                    // Said once already, and not understood: not a matter of waiting.
                    guard next != oldest else { throw failure }
                    (oldest, position) = (next, next - 1)
                    try await world.clock.sleep(for: retry.wait(attempt: 1, random: world.entropy.next()))
                    continue
                }
                (oldest, attempt) = (nil, 0)
                let settled = Self.settled(progress, first.number.number + Int64(run.count) - 1)
                if settled != position {
                    try await store.write { try $0.setCursor(name, lane, settled) }
                }
                // Only now: what this store does not know yet is asked again.
                note(settled, in: lane, after: position)
                position = settled
                asked = world.clock.uptime()
            } catch let deferral as Deferral {
                attempt += 1
                failures[lane] = TargetTrouble(deferral.failure, at: world.clock.now())
                let wait = deferral.after ?? retry.wait(attempt: attempt, random: world.entropy.next())
                try await world.clock.sleep(for: wait)
            } catch let failure as Failure where failure.kind == StoreFailures.writeFailed {
                // This node's own disk is full or broken; what was forwarded is safe, and soon there may be room again.
                attempt += 1
                failures[lane] = TargetTrouble(failure, at: world.clock.now())
                try await world.clock.sleep(
                    for: retry.wait(attempt: min(attempt, Self.storeAttempts), random: world.entropy.next()))
            } catch let failure as Failure {
                // Not a matter of waiting; still looked at again now and then, as a person may have mended it.
                failures[lane] = TargetTrouble(failure, at: world.clock.now())
                try await world.clock.sleep(for: retry.cap)
            }
        }
    }

    /// Something was paused, or goes on.
    package func setPauses(_ pauses: Pauses) { paused.set(pauses) }

    private func note(_ settled: Int64, in lane: Lane, after position: Int64) {
        tally.forward(Int(max(0, settled - position)))
        positions[lane] = settled
        failures[lane] = nil
    }

    /// Hands a segment over; the call is timed, counted and part of its events' traces.
    private func forward(_ segment: JournalSegment) async throws -> StreamProgress {
        let (start, begun) = (world.clock.now(), world.clock.uptime())
        let result: Result<StreamProgress, any Error>
        do {
            result = .success(try await target.forward(segment))
        } catch {
            result = .failure(error)
        }
        var (word, failure) = ("accepted", String?.none)
        if case .failure(let error) = result {
            let deferral = error as? Deferral
            word = deferral == nil ? "rejected" : "deferred"
            failure = deferral.map { "\($0.failure)" } ?? "\(error)"
        }
        // One that ends with the node says nothing of the target.
        guard !Task.isCancelled else { return try result.get() }
        tally.note(.forward, word, in: world.clock.uptime() - begun)
        if tracer.isOn {
            tracer.forwarded(
                segment.documents, to: target.name.rawValue, start: start, end: world.clock.now(), failure: failure)
        }
        return try result.get()
    }

    /// Waits until it is not paused and the quiet hours of a lane are over; false where it is all over.
    private func isAwake(_ lane: Lane) async throws -> Bool {
        while !Task.isCancelled {
            if isPaused {
                await paused.bell.wait(beyond: paused.bell.rings)
            } else if let end = hours.end(world.clock.now(), lane) {
                try await world.clock.sleep(for: min(end.since(world.clock.now()), Self.quietLook))
            } else {
                return true
            }
        }
        return false
    }

    /// What a target says, by the journal's numbers; whatever it says, more than was ever stored is refused later on.
    private static func progress(_ answer: StreamProgress, from origin: Int64) -> StreamProgress {
        let (position, isBeyond) = answer.position.addingReportingOverflow(origin)
        return StreamProgress(position: isBeyond ? .max : position)
    }

    /// Never beyond what was sent: a word that says too much must not let the journal be trimmed of what the target has
    /// not.
    private static func settled(_ progress: StreamProgress, _ last: Int64) -> Int64 { min(progress.position, last) }

    private static func behind(_ name: TargetName, _ lane: Lane, _ progress: StreamProgress, _ next: Int64) -> Failure {
        DeliveryFailures.behind.failure(
            "\(name) has \(lane.name) up to \(progress.position), and this journal begins at \(next)")
    }

    /// Where this journal begins, where the target asks for more than it holds; nil where its word can be followed.
    /// Throws where it has more than was ever stored here.
    private func missing(_ progress: StreamProgress, _ first: JournalNumber, _ after: Int64) async throws -> Int64? {
        let last = try await store.read { try $0.lastNumber(first.lane) }
        guard progress.position <= last else {
            throw DeliveryFailures.ahead.failure(
                "\(target.name) has \(first.lane.name) up to \(progress.position), and this journal ends at \(last)")
        }
        // Events before `first` are asked for: those between the cursor and it are not there.
        guard progress.position + 1 < first.number, progress.position <= after else { return nil }
        let next = try await store.read {
            try $0.journal(lane: first.lane, after: progress.position, limit: 1).first?.number.number
        }
        return next == progress.position + 1 ? nil : next ?? first.number
    }

    /// How far each lane is and what last went wrong, for the overview.
    package func status() -> (positions: [Lane: Int64], failure: Failure?) {
        (positions, trouble()?.failure)
    }

    /// What keeps it from forwarding, and when that was last seen; nil while it works.
    package func trouble() -> TargetTrouble? { failures.sorted { $0.key < $1.key }.first?.value }

    /// What was asked of the target since the node started.
    package func counts() -> TargetTally { tally }

    /// Until when the settings let nothing go; nil outside the quiet hours.
    package func quietUntil() -> Instant? { hours.end(world.clock.now()) }
}
