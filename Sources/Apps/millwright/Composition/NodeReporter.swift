import Canonical
import Contracts
import Runtime
import World

/// Says on standard error what goes wrong at the node's sources and targets, once when it begins and once when it is over.
struct NodeReporter: Sendable {
    let engine: NodeEngine
    let world: World

    /// Looks once a second until cancelled.
    func run() async {
        var known: [String: Failure] = [:]
        while !Task.isCancelled {
            var now: [String: Failure] = [:]
            for source in engine.sources {
                if let failure = engine.state(of: source.name).failure { now["source \(source.name)"] = failure }
            }
            for runner in engine.runners {
                let status = await runner.status()
                if case .closed = status.breaker { continue }
                if let failure = status.lastFailure { now["target \(runner.target.name)"] = failure }
            }
            for forwarder in engine.forwarders {
                if let failure = await forwarder.status().failure { now["target \(forwarder.target.name)"] = failure }
            }
            for (place, failure) in now.sorted(by: { $0.key < $1.key }) where known[place]?.kind != failure.kind {
                Output.note("WARN \(place): \(failure)")
            }
            for place in known.keys.sorted() where now[place] == nil { Output.note("INFO \(place): works again") }
            known = now
            try? await world.clock.sleep(for: .seconds(1))
        }
    }
}
