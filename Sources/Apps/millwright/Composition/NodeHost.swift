import Canonical
import Console
import Contracts
import Foundation
import NodeConnector
import NodeSettings
import Runtime
import Store
import Synchronization
import World

/// A node as a process: its engine, its listener, and what it shows of itself.
struct NodeHost: Sendable {
    let folder: NodeFolder
    let engine: NodeEngine
    private let front: NodeFront
    private let settings: SettingsWatch?
    /// Names the files that this is of.
    private let digest: String
    private let overview: NodeOverview
    /// Nil where nothing listens.
    private let routes: RouteBoard.Generation?
    private let watch: ForewarningWatch
    private let health: NodeHealth
    private let telemetry: NodeTelemetry
    private let metrics: NodeMetrics
    private let world: World

    /// `settings`: watches the folder that this is of; nil where it is not to be watched. `reason`: why these settings
    /// run.
    init(
        _ folder: NodeFolder, front: NodeFront, settings: SettingsWatch?, reason: String, world: World,
        environment: [String: String]
    ) throws {
        self.front = front
        self.settings = settings
        self.folder = folder
        self.world = world
        try world.disk.makeDirectory(folder.node.store.path)
        let role = NodeOverview.role(of: folder)
        let telemetry = try NodeTelemetry(folder, role: role, front: front, world: world, environment: environment)
        self.telemetry = telemetry
        front.log.set(folder.node.logLevel, isExported: telemetry.sendsLogs)
        var parts = try Composition.parts(folder, world: world, environment: environment, reason: reason)
        parts.tracer = telemetry.tracer
        digest = SettingsImage(folder.files).digest
        parts.settings?.reload = front.news.resume(digest)
        let engine = try NodeEngine(parts, world: world)
        self.engine = engine
        let watch = ForewarningWatch(
            (engine.sources.map { ("source \($0.name)", $0 as Any) }
                + engine.runners.map { ("target \($0.target.name)", $0.target as Any) }).compactMap { place, part in
                    (part as? any Forewarning).map { (place, $0) }
                }, clock: world.clock
        ) { text in
            front.log.say(.warning, text)
        }
        self.watch = watch
        let health = NodeHealth(folder: folder, engine: engine, watch: watch, news: front.news, world: world)
        self.health = health
        let overview = NodeOverview(
            folder: folder, engine: engine, watch: watch, health: health, news: front.news, world: world)
        self.overview = overview
        let metrics = NodeMetrics(
            folder: folder, engine: engine, health: health, watch: watch, front: front, telemetry: telemetry,
            role: role, world: world)
        self.metrics = metrics
        guard front.listener != nil else {
            routes = nil
            return
        }
        routes = try NodeConsole(
            folder: folder, parts: parts, engine: engine, overview: overview, health: health, metrics: metrics,
            sessions: front.sessions, news: settings == nil ? nil : front.news, world: world, environment: environment
        ).generation()
    }

    /// Works until cancelled, or until the store turns out to be damaged or other settings are to run
    /// (``SettingsChanged``), which it throws; then the store is closed.
    func run() async throws {
        defer { front.board.clear() }
        do {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    try await engine.run {
                        if let routes { front.board.put(routes) }
                        front.begun()
                        front.news.began(digest, version: engine.settingsVersion, at: world.clock.now())
                    }
                }
                group.addTask { await overview.run() }
                group.addTask { await watch.run() }
                group.addTask { await health.run() }
                group.addTask { await telemetry.exporter?.run { await metrics.gather() } }
                group.addTask { await NodeReporter(engine: engine, world: world, log: front.log).run() }
                group.addTask {
                    try? await world.clock.sleep(for: .seconds(1))
                    StartupPages.release()
                }
                if let settings {
                    group.addTask {
                        let change = try await settings.next(after: folder) { try await record($0) }
                        // Who sends something now is asked to come again in a moment.
                        front.board.clear()
                        await engine.drain(patience: Self.draining)
                        throw change
                    }
                }
                group.addTask {
                    while !Task.isCancelled { try? await world.clock.sleep(for: .seconds(3_600)) }
                    // The node stops: the listener lets running requests end, and those that are held open would last.
                    for runner in engine.runners { await runner.target.close() }
                }
            }
        } catch is CancellationError {
            // That is how a node is stopped.
        } catch let change as SettingsChanged {
            // The same node goes on: what keeps others out of its targets stays.
            for runner in engine.runners { await runner.target.close() }
            await engine.store.close()
            throw change
        } catch {
            await leave()
            await engine.store.close()
            throw error
        }
        await leave()
        await engine.store.close()
    }

    /// Writes down what became of a wish to have the folder read, while this goes on; the version that runs.
    private func record(_ reload: SettingsReload) async throws -> Int64? {
        let (version, digest, now) = (engine.settingsVersion, digest, world.clock.now())
        try await engine.store.write { try $0.audit(reload, version: version, digest: digest, now: now) }
        return version
    }

    /// How long what is under way may take before other settings run; what is not answered then is asked for
    /// afterwards.
    private static let draining = Duration.seconds(10)
    /// How long the targets may take to give up what keeps other nodes out.
    private static let leaving = Duration.seconds(5)

    /// In a task of its own: this one is cancelled where the node is stopped, and could not call anybody.
    private func leave() async {
        let (targets, clock) = (engine.runners.map(\.target), world.clock)
        let (exporter, metrics) = (telemetry.exporter, metrics)
        await Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await withDiscardingTaskGroup { leaving in
                        for target in targets { leaving.addTask { await target.leave() } }
                        leaving.addTask { await exporter?.flush { await metrics.gather() } }
                    }
                }
                group.addTask { try? await clock.sleep(for: Self.leaving) }
                await group.next()
                group.cancelAll()
            }
        }.value
    }
}
