import Canonical
import Console
import Contracts
import Delivery
import ExactJSON
import NodeConnector
import NodeSettings
import Runtime
import Store
import World

/// Gathers what the overview page shows, and remembers the last minutes' rates.
actor NodeOverview {
    let folder: NodeFolder
    let engine: NodeEngine
    private let watch: ForewarningWatch
    private let health: NodeHealth
    private let news: SettingsNews
    private let world: World
    private let started: Instant
    private var history: [OverviewSnapshot.Rates] = []
    private var last: (time: Duration, captured: Int, stored: Int, delivered: Int)?
    private var sourceCounts: [SourceName: Int] = [:]
    private var sourceRates: [SourceName: Double] = [:]
    private static let step = Duration.seconds(2)
    /// What the latencies are taken from.
    private static let recent = Duration.seconds(3_600)

    init(
        folder: NodeFolder, engine: NodeEngine, watch: ForewarningWatch, health: NodeHealth, news: SettingsNews,
        world: World
    ) {
        self.health = health
        self.watch = watch
        self.news = news
        self.folder = folder
        self.engine = engine
        self.world = world
        started = world.clock.now()
    }

    /// Samples rates until cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await world.clock.sleep(for: Self.step)
            await sample()
        }
    }

    /// Takes the rates since the last time.
    func sample() async {
        let stored = (try? await engine.store.look { try $0.storedCount() }) ?? 0
        let (captured, delivered) = (self.captured, await self.delivered())
        let now = world.clock.uptime()
        if let last {
            let seconds = max(0.001, Double(now.microseconds - last.time.microseconds) / 1_000_000)
            func rate(_ count: Int, _ before: Int) -> Double { Double(max(0, count - before)) / seconds }
            history.append(
                OverviewSnapshot.Rates(
                    captured: rate(captured, last.captured), stored: rate(stored, last.stored),
                    delivered: rate(delivered, last.delivered)))
            if history.count > OverviewSnapshot.maximumHistory { history.removeFirst() }
            for section in folder.sources {
                let count = engine.intake.activity(of: section.name).count
                sourceRates[section.name] = Double(count - (sourceCounts[section.name] ?? count)) / seconds
                sourceCounts[section.name] = count
            }
        }
        last = (now, captured, stored, delivered)
    }

    /// Readings and ready-made events that the sources have brought.
    private var captured: Int { folder.sources.map { engine.intake.activity(of: $0.name).count }.reduce(0, +) }

    /// How far the lanes had been handed on at the first look; what came before this start counts for nothing.
    private var forwardedBefore: Int?

    /// What the targets have accepted since the start.
    private func delivered() async -> Int {
        var (delivered, forwarded) = (0, 0)
        for runner in engine.runners { delivered += await runner.status().accepted }
        for forwarder in engine.forwarders { forwarded += await Int(forwarder.status().positions.values.reduce(0, +)) }
        let before = forwardedBefore ?? forwarded
        forwardedBefore = before
        return delivered + max(0, forwarded - before)
    }

    /// This moment.
    func snapshot() async -> OverviewSnapshot {
        let now = world.clock.now()
        var snapshot = OverviewSnapshot(
            time: now, node: folder.node.node.rawValue, role: role, version: Version.text, started: started)
        snapshot.refusedSettings = news.refusal?.reason
        snapshot.history = history
        snapshot.rates = history.last ?? OverviewSnapshot.Rates()
        snapshot.sources = folder.sources.map { section in
            let failure = engine.state(of: section.name)?.failure
            return OverviewSnapshot.Source(
                name: section.name.rawValue, connector: section.protocolName,
                state: failure.map { .failed(reason: $0.message) } ?? silence(of: section, now),
                lastReading: engine.intake.activity(of: section.name).last,
                readingsPerSecond: sourceRates[section.name] ?? 0)
        }
        for runner in engine.runners { snapshot.targets.append(await target(runner)) }
        for forwarder in engine.forwarders { snapshot.targets.append(await stream(forwarder)) }
        await addStoreFacts(to: &snapshot)
        let waiting = snapshot.targets.map(\.waiting).reduce(0, +)
        snapshot.nodes.insert(
            OverviewSnapshot.Node(
                name: folder.node.node.rawValue, role: role, lastSeen: now, clockSkew: .zero,
                buffer: OverviewSnapshot.Buffer(
                    usedBytes: engine.store.usedBytes, ceilingBytes: folder.node.store.ceilingBytes,
                    waitingEvents: waiting)), at: 0)
        return snapshot
    }

    private func silence(of section: SourceSection, _ now: Instant) -> OverviewSnapshot.Source.State {
        guard let since = health.silentSince(section, now) else { return .running }
        return .waiting(reason: "it has brought nothing since \(since), longer than its settings expect")
    }

    private nonisolated var role: String { Self.role(of: folder) }

    /// `hub`, `edge` or `single`.
    static func role(of folder: NodeFolder) -> String {
        let takesEdges = folder.sources.contains { $0.protocolName == NodeSpec.intake.name }
        let hasHub = folder.targets.contains { $0.protocolName == NodeSpec.uplink.name }
        return takesEdges ? "hub" : (hasHub ? "edge" : "single")
    }

    private func connector(_ name: TargetName) -> String {
        folder.targets.first { $0.name == name }?.protocolName ?? ""
    }

    private func target(_ runner: TargetRunner) async -> OverviewSnapshot.Target {
        let status = await runner.status()
        let name = runner.target.name
        let facts = try? await engine.store.look { transaction in
            (
                pending: try transaction.pendingCount(name, upTo: 100_000),
                blocked: try transaction.blockedKeys(name).count, oldest: try transaction.oldestOpen(name)
            )
        }
        let breaker: OverviewSnapshot.Target.Breaker =
            switch status.breaker {
            case .closed: .closed
            case .open(let until): .open(until: until)
            case .probing: .halfOpen
            }
        return OverviewSnapshot.Target(
            name: name.rawValue, connector: connector(name), waiting: facts?.pending ?? 0, inFlight: status.inFlight,
            blockedKeys: facts?.blocked ?? 0, breaker: breaker,
            lastError: status.trouble.map(Self.lastError),
            oldestWaiting: facts?.oldest, quietUntil: status.quietUntil,
            warnings: await watch.warnings(of: "target \(name)").map(\.message))
    }

    private func stream(_ forwarder: StreamForwarder) async -> OverviewSnapshot.Target {
        let trouble = await forwarder.trouble()
        let name = forwarder.target.name
        let facts = try? await engine.store.look { transaction in
            (
                waiting: try transaction.unforwarded(name),
                oldest: try transaction.oldestUnforwarded(name)
            )
        }
        return OverviewSnapshot.Target(
            name: name.rawValue, connector: connector(name), waiting: facts?.waiting ?? 0, inFlight: 0,
            breaker: trouble == nil ? .closed : .open(until: nil), lastError: trouble.map(Self.lastError),
            oldestWaiting: facts?.oldest, quietUntil: await forwarder.quietUntil())
    }

    private static func lastError(_ trouble: TargetTrouble) -> OverviewSnapshot.Target.LastError {
        .init(
            code: trouble.failure.kind.code, message: trouble.failure.message, time: trouble.time,
            isOver: trouble.isOver)
    }

    private func addStoreFacts(to snapshot: inout OverviewSnapshot) async {
        let since = snapshot.time - Self.recent
        guard
            let facts = try? await engine.store.look({ transaction in
                (
                    stored: try transaction.storedCount(), open: try transaction.openExceptionCount(),
                    causes: try transaction.exceptionGroups(ExceptionFilter(), limit: 8).groups,
                    newest: try transaction.newestExceptions(limit: 8),
                    streams: try transaction.streams(), pauses: try transaction.pauses(),
                    latencies: try transaction.latencies(since: since, sample: 1_000).sorted(),
                    bySource: try transaction.openExceptionSources(
                        limit: OverviewSnapshot.Plant.countedExceptions)
                )
            })
        else { return }
        snapshot.totals = OverviewSnapshot.Totals(
            captured: captured, stored: facts.stored, delivered: await delivered())
        snapshot.exceptions = OverviewSnapshot.Exceptions(
            open: facts.open,
            causes: facts.causes.map {
                .init(
                    id: $0.cause, code: $0.example.failure.kind.code, title: $0.example.failure.message,
                    count: $0.count)
            },
            newest: facts.newest.map { record in
                .init(
                    id: String(record.id), time: record.created, code: record.failure.kind.code,
                    subject: record.key?.rawValue ?? record.origin ?? record.source ?? "",
                    reason: record.failure.message,
                    suggestion: record.failure.suggestion)
            })
        snapshot.pauses = facts.pauses
        let latencies = facts.latencies
        if !latencies.isEmpty {
            snapshot.latency = OverviewSnapshot.Latency(
                p50: latencies[latencies.count / 2], p99: latencies[latencies.count * 99 / 100])
        }
        let edges = EdgePresence.edges(of: engine, stored: EdgePresence.stored(facts.streams))
        snapshot.nodes += edges.map { edge in
            OverviewSnapshot.Node(
                name: edge.node.rawValue, role: "edge", lastSeen: edge.last, clockSkew: edge.skew,
                offlineAfter: EdgePresence.offlineAfter)
        }
        snapshot.plants = plants(exceptions: facts.bySource, edges: edges)
    }
}
