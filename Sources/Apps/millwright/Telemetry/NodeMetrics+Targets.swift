import Canonical
import Contracts
import Delivery
import Store
import Telemetry

// What the node's targets say.
extension NodeMetrics {
    func add(_ runner: TargetRunner, _ set: inout MetricSet) async {
        let name = runner.target.name
        let status = await runner.status()
        let state =
            switch status.breaker {
            case .closed: "closed"
            case .open: "open"
            case .probing: "probing"
            }
        for word in ["closed", "open", "probing"] {
            set.add(MetricCatalog.targetBreaker, [name.rawValue, word], .count(word == state ? 1 : 0), since: since)
        }
        let facts = try? await engine.store.look { transaction in
            (
                waiting: try Lane.allCases.map {
                    ($0, try transaction.pendingCount(name, $0, upTo: Self.countedMaximum))
                },
                blocked: try transaction.blockedCount(name, upTo: Self.countedMaximum),
                keys: try transaction.blockedKeys(name).count, oldest: try transaction.oldestOpen(name)
            )
        }
        if let facts {
            add(waiting: facts.waiting, of: name, &set)
            let age = facts.oldest.map { max(0, set.time.since($0).microseconds) } ?? 0
            set.add(MetricCatalog.targetOldestWaiting, [name.rawValue], .time(age), since: since)
            set.add(MetricCatalog.targetBlocked, [name.rawValue], .count(facts.blocked), since: since)
            set.add(MetricCatalog.targetBlockedKeys, [name.rawValue], .count(facts.keys), since: since)
        }
        set.add(MetricCatalog.targetInFlight, [name.rawValue], .count(status.inFlight), since: since)
        await add(
            name, isUp: state == "closed", isQuiet: status.quietUntil != nil || status.isPaused, await runner.counts(),
            &set)
    }

    func add(_ forwarder: StreamForwarder, _ set: inout MetricSet) async {
        let name = forwarder.target.name
        let facts = try? await engine.store.look { transaction in
            (
                waiting: try Lane.allCases.map { ($0, try transaction.unforwarded(name, $0)) },
                oldest: try transaction.oldestUnforwarded(name)
            )
        }
        if let facts {
            add(waiting: facts.waiting, of: name, &set)
            let age = facts.oldest.map { max(0, set.time.since($0).microseconds) } ?? 0
            set.add(MetricCatalog.targetOldestWaiting, [name.rawValue], .time(age), since: since)
        }
        let tally = await forwarder.counts()
        set.add(MetricCatalog.targetForwarded, [name.rawValue], .count(tally.forwarded), since: since)
        let isUp = await forwarder.status().failure == nil
        let isPaused = await forwarder.isPaused
        await add(name, isUp: isUp, isQuiet: await forwarder.quietUntil() != nil || isPaused, tally, &set)
    }

    func addPauses(_ set: inout MetricSet) async {
        let pauses = try? await engine.store.look { try $0.pauses() }
        for pause in pauses ?? [] {
            set.add(
                MetricCatalog.paused, [pause.subject.kind, pause.subject.name], .time(pause.since.microseconds),
                since: since)
        }
    }

    private func add(waiting: [(lane: Lane, count: Int)], of name: TargetName, _ set: inout MetricSet) {
        for (lane, count) in waiting {
            set.add(MetricCatalog.targetWaiting, [name.rawValue, lane.name], .count(count), since: since)
        }
    }

    private func add(
        _ name: TargetName, isUp: Bool, isQuiet: Bool, _ tally: TargetTally, _ set: inout MetricSet
    ) async {
        set.add(MetricCatalog.targetUp, [name.rawValue], .count(isUp ? 1 : 0), since: since)
        set.add(MetricCatalog.targetQuiet, [name.rawValue], .count(isQuiet ? 1 : 0), since: since)
        let warnings = await watch.warnings(of: "target \(name)").count
        set.add(MetricCatalog.targetWarnings, [name.rawValue], .count(warnings), since: since)
        let attempts = tally.attempts.sorted {
            ($0.key.step.rawValue, $0.key.outcome) < ($1.key.step.rawValue, $1.key.outcome)
        }
        for (attempt, count) in attempts {
            set.add(
                MetricCatalog.targetAttempts, [name.rawValue, attempt.step.rawValue, attempt.outcome], .count(count),
                since: since)
        }
        for step in TargetTally.Step.allCases {
            guard let times = tally.times[step] else { continue }
            set.add(
                MetricCatalog.targetAttemptTime, [name.rawValue, step.rawValue], .histogram(times), since: since)
        }
    }
}
