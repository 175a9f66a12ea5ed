import Canonical
import Contracts
import NodeSettings
import Runtime
import World

/// Says on standard error what goes wrong at the node's sources and targets, once when it begins and once when it is over.
struct NodeReporter: Sendable {
    let engine: NodeEngine
    let world: World
    let log: NodeLog

    /// Looks once a second until cancelled.
    func run() async {
        var known: [String: Failure] = [:]
        var resting: Set<TargetName> = []
        var looks = 0
        while !Task.isCancelled {
            var now: [String: Failure] = [:]
            for source in engine.sources {
                if let failure = engine.state(of: source).failure { now["source \(source.name)"] = failure }
            }
            if let failure = engine.troubleWithin { now["node"] = failure }
            for runner in engine.runners {
                let status = await runner.status()
                if case .closed = status.breaker { continue }
                if let failure = status.lastFailure { now["target \(runner.target.name)"] = failure }
            }
            for forwarder in engine.forwarders {
                if let failure = await forwarder.status().failure { now["target \(forwarder.target.name)"] = failure }
            }
            for (place, failure) in now.sorted(by: { $0.key < $1.key }) where known[place]?.kind != failure.kind {
                say(.warning, "\(place): \(failure)")
            }
            for place in known.keys.sorted() where now[place] == nil { say(.info, "\(place): works again") }
            known = now
            resting = await sayQuiet(resting)
            if looks % Self.countsEvery == 0 { await sayCounts() }
            looks += 1
            try? await world.clock.sleep(for: .seconds(1))
        }
    }

    /// Says of each target whose quiet hours have begun or ended that they have.
    private func sayQuiet(_ known: Set<TargetName>) async -> Set<TargetName> {
        var ends: [TargetName: Instant] = [:]
        for runner in engine.runners { ends[runner.target.name] = await runner.status().quietUntil }
        for forwarder in engine.forwarders { ends[forwarder.target.name] = await forwarder.quietUntil() }
        for (name, end) in ends.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where !known.contains(name) {
            say(.info, "target \(name): quiet hours until \(end); what comes waits")
        }
        for name in known.sorted(by: { $0.rawValue < $1.rawValue }) where ends[name] == nil {
            say(.info, "target \(name): the quiet hours are over")
        }
        return Set(ends.keys)
    }

    /// Looks between two debug lines about each source and target.
    private static let countsEvery = 10

    private func sayCounts() async {
        guard log.says(.debug) else { return }
        for source in engine.sources {
            let activity = engine.intake.activity(of: source.name)
            say(.debug, "source \(source.name): \(activity.count) taken, last \(activity.last?.description ?? "never")")
        }
        for runner in engine.runners {
            let status = await runner.status()
            say(
                .debug,
                "target \(runner.target.name): \(status.accepted) accepted, \(status.queued) queued, \(status.inFlight) in flight"
            )
        }
    }

    private func say(_ severity: NodeSection.LogLevel, _ text: String) {
        log.say(severity, text)
    }
}
