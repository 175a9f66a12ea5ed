import Canonical
import Console
import Contracts
import Delivery
import Intake
import NodeSettings
import Runtime
import Store
import Synchronization
import Telemetry
import World

/// Puts together what the metrics of a node say now. Nothing is counted here: the parts count what they do.
actor NodeMetrics {
    /// Who asks more often gets the same again: looking costs the store a moment.
    private static let memory = Duration.seconds(1)
    /// Rows of the store that are counted at most, for each number.
    static let countedMaximum = 100_000

    let folder: NodeFolder
    let engine: NodeEngine
    let health: NodeHealth
    let watch: ForewarningWatch
    private let news: SettingsNews
    private let requests: RequestTally
    private let telemetry: NodeTelemetry
    let world: World
    /// When these settings began: what their parts count is counted from then on.
    let since: Instant
    /// When the process began to count.
    private let processSince: Instant
    private let role: String
    private var last: (time: Duration, set: MetricSet)?

    init(
        folder: NodeFolder, engine: NodeEngine, health: NodeHealth, watch: ForewarningWatch, front: NodeFront,
        telemetry: NodeTelemetry, role: String, world: World
    ) {
        self.folder = folder
        self.engine = engine
        self.health = health
        self.watch = watch
        news = front.news
        requests = front.requests
        processSince = front.started
        self.telemetry = telemetry
        self.role = role
        self.world = world
        since = world.clock.now()
    }

    /// This moment, or one that is not a second old.
    func gather() async -> MetricSet {
        let begun = world.clock.uptime()
        if let last, begun - last.time < Self.memory { return last.set }
        var set = MetricSet(time: world.clock.now())
        await addNode(&set)
        addProcess(&set)
        await addSources(&set)
        await addFlows(&set)
        for runner in engine.runners { await add(runner, &set) }
        for forwarder in engine.forwarders { await add(forwarder, &set) }
        await addPauses(&set)
        await addStore(&set)
        addRequests(&set)
        addTelemetry(&set)
        last = (begun, set)
        return set
    }

    // MARK: - The node

    private func addNode(_ set: inout MetricSet) async {
        let name = folder.node.node.rawValue
        set.add(MetricCatalog.buildInfo, [Version.text], .count(1), since: since)
        set.add(MetricCatalog.nodeInfo, [name, role], .count(1), since: since)
        if let version = engine.settingsVersion {
            let found = try? await engine.store.look { try $0.settingsVersion(version) }
            let digest = String((found?.digest ?? "").prefix(12))
            set.add(MetricCatalog.settingsInfo, [String(version), digest], .count(1), since: since)
        }
        set.add(MetricCatalog.settingsRefused, [], .count(news.refusal == nil ? 0 : 1), since: since)
    }

    private func addProcess(_ set: inout MetricSet) {
        let facts = ProcessFacts.now()
        let counts = [
            (MetricCatalog.residentMemory, facts.residentBytes), (MetricCatalog.virtualMemory, facts.virtualBytes),
            (MetricCatalog.openDescriptors, facts.openDescriptors),
            (MetricCatalog.maximumDescriptors, facts.maximumDescriptors),
        ]
        for (metric, count) in counts {
            if let count { set.add(metric, [], .count(count), since: processSince) }
        }
        if let time = facts.processorTime {
            set.add(
                MetricCatalog.processorTime, [], .time(time.microseconds), since: facts.started ?? processSince)
        }
        if let started = facts.started {
            set.add(MetricCatalog.startTime, [], .time(started.microseconds), since: started)
        }
    }

    // MARK: - The listener and telemetry

    private func addRequests(_ set: inout MetricSet) {
        for (kind, count) in requests.counts {
            set.add(
                MetricCatalog.requests, [kind.method, kind.route, String(kind.status)], .count(count),
                since: processSince)
        }
        for (route, times) in requests.times {
            set.add(MetricCatalog.requestTime, [route], .histogram(times), since: processSince)
        }
    }

    private func addTelemetry(_ set: inout MetricSet) {
        if let exporter = telemetry.exporter {
            for (signal, counts) in telemetry.buffers {
                set.add(MetricCatalog.telemetryQueue, [signal], .count(counts.waiting), since: processSince)
            }
            let counts = exporter.counts
            for signal in OTLPExporter.Signal.allCases {
                let outcomes = counts.outcomes[signal] ?? [:]
                let overflow = telemetry.buffers.first { $0.signal == signal.rawValue }?.counts.dropped ?? 0
                set.add(
                    MetricCatalog.telemetryDropped, [signal.rawValue],
                    .count(overflow + (counts.lost[signal] ?? 0)), since: since)
                for outcome in OTLPExporter.Outcome.allCases {
                    set.add(
                        MetricCatalog.telemetryExports, [signal.rawValue, outcome.rawValue],
                        .count(outcomes[outcome] ?? 0), since: since)
                }
            }
        }
        set.add(MetricCatalog.telemetrySeriesDropped, [], .count(set.dropped), since: since)
    }
}
