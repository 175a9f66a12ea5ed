import Canonical
import Console
import Contracts
import Delivery
import NodeSettings
import Runtime
import Store
import Synchronization
import World

/// Knows how the node is, without asking the store for it: a store that is stuck must not keep this from saying so.
final class NodeHealth: Sendable {
    /// How often the store is asked whether it is there.
    private static let interval = Duration.seconds(5)
    /// A store that is silent for so long takes nothing in, and after so long only a new process helps.
    private static let slow = Duration.seconds(30)
    private static let stuckAfter = Duration.seconds(120)
    /// Bytes of disk below which a commit is about to fail.
    private static let leastRoom = 4 << 20

    private struct Memory {
        var beat: Duration
        /// What was last seen of each part, and since when.
        var states: [String: (state: String, since: Instant)] = [:]
    }

    private let folder: NodeFolder
    private let engine: NodeEngine
    private let watch: ForewarningWatch
    private let news: SettingsNews
    private let world: World
    private let started: Instant
    private let memory: Mutex<Memory>

    init(folder: NodeFolder, engine: NodeEngine, watch: ForewarningWatch, news: SettingsNews, world: World) {
        self.folder = folder
        self.engine = engine
        self.watch = watch
        self.news = news
        self.world = world
        started = world.clock.now()
        memory = Mutex(Memory(beat: world.clock.uptime()))
    }

    /// Looks until cancelled.
    func run() async {
        while !Task.isCancelled {
            // Whatever it answers, it answers.
            _ = try? await engine.store.read { try $0.lastNumber(.normal) }
            let now = world.clock.uptime()
            memory.withLock { $0.beat = now }
            _ = await report()
            try? await world.clock.sleep(for: Self.interval)
        }
    }

    private var silence: Duration {
        let beat = memory.withLock { $0.beat }
        return world.clock.uptime() - beat
    }

    /// Why only a new process helps; nil while this one works.
    func stuck() -> String? {
        let silence = silence
        guard silence > Self.stuckAfter else { return nil }
        return "the store has not answered for \(silence.components.seconds) s"
    }

    /// This moment.
    func report() async -> HealthReport {
        let now = world.clock.now()
        var parts = [storePart]
        if let failure = engine.troubleWithin {
            parts.append(.init("node", "failing", isHealthy: false, reason: failure.message))
        }
        for section in folder.sources { parts.append(await source(section, now)) }
        for runner in engine.runners { parts.append(await target(runner)) }
        for forwarder in engine.forwarders { parts.append(await stream(forwarder)) }
        if let refusal = news.refusal {
            parts.append(
                .init(
                    "settings", "refused", isHealthy: true,
                    reason: "the changed settings are refused, and those before run: \(refusal.reason)"))
        }
        return HealthReport(time: now, notReady: notReady(), parts: dated(parts, now))
    }

    // MARK: - Ready

    private func notReady() -> [String] {
        var reasons: [String] = []
        let store = engine.store
        if StoreFill(used: store.usedBytes, ceiling: folder.node.store.ceilingBytes).isClosed(.normal) {
            reasons.append("the store is full: the lanes normal and bulk take nothing in")
        }
        if let damage = store.damage { reasons.append("\(damage.message); the node starts anew and mends it") }
        if let trouble = store.tally.trouble { reasons.append("the store takes nothing in: \(trouble.message)") }
        if let free = try? world.disk.freeBytes(at: folder.node.store.path), free < Self.leastRoom {
            reasons.append("the disk of the store has \(free) bytes left")
        }
        let silence = silence
        if silence > Self.slow { reasons.append("the store has not answered for \(silence.components.seconds) s") }
        // Who answers on the listener and has given up is what requests come for; who calls out is not.
        for source in engine.sources where !source.routes.isEmpty {
            guard let failure = engine.state(of: source).failure else { continue }
            reasons.append("source \(source.name) takes nothing in: \(failure.message)")
        }
        return reasons
    }

    // MARK: - Parts

    private var storePart: HealthReport.Part {
        if let trouble = engine.store.damage ?? engine.store.tally.trouble {
            return .init("store", "failing", isHealthy: false, reason: trouble.message)
        }
        let fill = StoreFill(used: engine.store.usedBytes, ceiling: folder.node.store.ceilingBytes)
        if fill.isClosed(.bulk) {
            return .init(
                "store", "full", isHealthy: false, reason: "\(fill.permille / 10) % of its ceiling is in use")
        }
        return .init("store", "works", isHealthy: true)
    }

    /// Since when a source has been silent for longer than its settings allow; nil while it is not.
    func silentSince(_ section: SourceSection, _ now: Instant) -> Instant? {
        guard let limit = section.silentAfter else { return nil }
        let heard = engine.intake.activity(of: section.name).last ?? started
        return now.since(heard) > limit ? heard : nil
    }

    private func source(_ section: SourceSection, _ now: Instant) async -> HealthReport.Part {
        let name = "source \(section.name)"
        if let failure = engine.state(of: section.name)?.failure {
            return .init(name, "failing", isHealthy: false, reason: failure.message)
        }
        if let since = silentSince(section, now) {
            let limit = section.silentAfter?.components.seconds ?? 0
            return .init(
                name, "silent", isHealthy: false, since: since,
                reason: "it has brought nothing since \(since), and its settings allow \(limit) s (silentAfter)")
        }
        return .init(name, "works", isHealthy: true, reason: await watch.warnings(of: name).first?.message)
    }

    private func target(_ runner: TargetRunner) async -> HealthReport.Part {
        let (name, status) = ("target \(runner.target.name)", await runner.status())
        let reason = status.lastFailure?.message
        if status.isPaused { return .init(name, "paused", isHealthy: true, reason: "a person has paused it") }
        switch status.breaker {
        case .open, .probing: return .init(name, "unreachable", isHealthy: false, reason: reason)
        case .closed: break
        }
        if let end = status.quietUntil { return .init(name, "quiet", isHealthy: true, reason: "until \(end)") }
        return .init(name, "works", isHealthy: true, reason: await watch.warnings(of: name).first?.message)
    }

    private func stream(_ forwarder: StreamForwarder) async -> HealthReport.Part {
        let name = "target \(forwarder.target.name)"
        if await forwarder.isPaused { return .init(name, "paused", isHealthy: true, reason: "a person has paused it") }
        if let failure = await forwarder.status().failure {
            return .init(name, "failing", isHealthy: false, reason: failure.message)
        }
        if let end = await forwarder.quietUntil() {
            return .init(name, "quiet", isHealthy: true, reason: "until \(end)")
        }
        return .init(name, "works", isHealthy: true)
    }

    /// The parts with the time since when each has been in its state.
    private func dated(_ parts: [HealthReport.Part], _ now: Instant) -> [HealthReport.Part] {
        memory.withLock { memory in
            let known = memory.states
            memory.states = [:]
            return parts.map { part in
                var part = part
                if part.since == nil {
                    let last = known[part.name]
                    part.since = last?.state == part.state ? last?.since : (known.isEmpty ? started : now)
                }
                memory.states[part.name] = (part.state, part.since ?? now)
                return part
            }
        }
    }
}
