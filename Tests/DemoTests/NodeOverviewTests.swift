import Canonical
import Console
import Contracts
import ExactJSON
import NodeConnector
import NodeSecurity
import NodeSettings
import Runtime
import Synchronization
import Testing
import World
import WorldLive

@testable import millwright

/// The overview of a hub whose clock a test sets, over a real store.
@Suite("the overview of a node", .timeLimit(.minutes(1)))
struct NodeOverviewTests {
    private static let settings = [
        "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: data }\n",
        "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {}, turn-1: {}, turn-2: {} } }\n",
        "sources/edges.yaml": "source: edges\nprotocol: edges\n",
        "sources/turn.yaml": machine("turn", "turn-1", "127.0.0.1:7878"),
        "sources/still.yaml": machine("still", "turn-2", "127.0.0.1:7879", "silentAfter: never"),
    ]

    private static func machine(_ name: String, _ asset: String, _ endpoint: String, _ more: String = "") -> String {
        """
        source: \(name)
        protocol: mtconnect
        plant: lyon
        asset: \(asset)
        endpoint: \(endpoint)
        \(more)
        signals:
          - role: counter
            tag: ppartcount

        """
    }

    @Test("an edge that has nothing to send is online as long as it asks; one that never came is there as well")
    func idleEdge() async throws {
        try await Hub.with(Self.settings) { hub in
            let first = await hub.states()
            #expect(first == ["hub": "Online", "lyon-edge": "Never seen", "new-edge": "Never seen"])
            try await hub.ask()
            hub.clock.advance(.seconds(600))
            try await hub.ask()
            hub.clock.advance(.seconds(800))
            let idle = await hub.overview.snapshot()
            let edge = try #require(idle.nodes.first { $0.name == "lyon-edge" })
            #expect(edge.lastSeen == idle.time - .seconds(800) && edge.clockSkew == .zero)
            #expect(await hub.states()["lyon-edge"] == "Online")
            hub.clock.advance(.seconds(200))
            #expect(await hub.states() == ["hub": "Online", "lyon-edge": "Offline", "new-edge": "Never seen"])
            try hub.enrolled.revoke("new-edge", now: hub.clock.now())
            #expect(await hub.states() == ["hub": "Online", "lyon-edge": "Offline"])
        }
    }

    @Test("a hub that has just started waits for its edges before it calls them offline")
    func restarted() async throws {
        try await Hub.with(Self.settings, closes: false) { hub in
            try await hub.ask()
            hub.clock.advance(.seconds(86_400))
            #expect(await hub.states()["lyon-edge"] == "Offline")
            await hub.engine.store.close()
            let again = try Hub(in: hub.folder, hub.clock)
            #expect(await again.states()["lyon-edge"] == "Awaited")
            hub.clock.advance(.seconds(901))
            #expect(await again.states()["lyon-edge"] == "Offline")
            await again.engine.store.close()
        }
    }

    @Test("what sources brought is counted apart from what was stored, and belongs to its plant")
    func plants() async throws {
        try await Hub.with(Self.settings) { hub in
            await hub.overview.sample()
            try await hub.ask()
            try await hub.ask()
            hub.clock.advance(.seconds(2))
            await hub.overview.sample()
            let snapshot = await hub.overview.snapshot()
            #expect(snapshot.totals.captured == 2 && snapshot.totals.stored == 1)
            #expect(snapshot.rates.captured == 1 && snapshot.rates.stored == 0.5)
            let plant = try #require(snapshot.plants.first)
            #expect(plant.name == "lyon" && plant.assets == 3 && plant.heard == 1 && plant.exceptions == 0)
            #expect(plant.lastReading == snapshot.time - .seconds(2))
            #expect(Set(plant.sources) == ["edges", "turn", "still"] && plant.nodes == ["lyon-edge", "new-edge"])
        }
    }

    @Test("a machine that is connected and says nothing is not well, unless the settings let it be silent")
    func silence() async throws {
        try await Hub.with(Self.settings) { hub in
            func states() async -> [String: OverviewSnapshot.Source.State] {
                let sources = await hub.overview.snapshot().sources
                return Dictionary(sources.map { ($0.name, $0.state) }, uniquingKeysWith: { first, _ in first })
            }
            hub.clock.advance(.seconds(900))
            #expect(await states()["turn"] == .running)
            hub.clock.advance(.seconds(1))
            let late = await states()
            guard case .waiting? = late["turn"] else {
                Issue.record("\(late)")
                return
            }
            #expect(late["still"] == .running && late["edges"] == .running)
        }
    }
}

/// A clock that a test sets; sleeping ends only with the task.
private final class HandClock: WorldClock {
    private let time = Mutex(Instant(microseconds: 1_772_438_400_000_000))
    func now() -> Instant { time.withLock { $0 } }
    func uptime() -> Duration { .microseconds(now().microseconds) }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: .seconds(3_600)) }
    func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// A hub whose engine stands still but for its way in, with two edges enrolled.
private struct Hub: Sendable {
    static let edge: NodeID = "lyon-edge"
    static let key = try? NodeKey(seed: Array(repeating: 7, count: 32))

    let folder: String
    let clock: HandClock
    let engine: NodeEngine
    let overview: NodeOverview
    let enrolled: EnrolledNodes
    let source: NodeIntakeSource

    init(in path: String, _ clock: HandClock) throws {
        folder = path
        self.clock = clock
        let shared = World.shared
        let world = World(
            clock: clock, disk: shared.disk, network: shared.network, entropy: shared.entropy,
            storeExecutor: shared.storeExecutor)
        let report = Composition.read(path, overlay: nil, disk: world.disk)
        let settings = try #require(report.folder, "\(report.printed())")
        try world.disk.makeDirectory(settings.node.store.path)
        let engine = try NodeEngine(Composition.parts(settings, world: world, environment: [:]), world: world)
        self.engine = engine
        let (watch, news) = (ForewarningWatch([], clock: clock) { _ in }, SettingsNews())
        overview = NodeOverview(
            folder: settings, engine: engine, watch: watch,
            health: NodeHealth(folder: settings, engine: engine, watch: watch, news: news, world: world), news: news,
            world: world)
        enrolled = EnrolledNodes(path: settings.node.store.path + "/enrolled.json", disk: world.disk)
        source = try #require(engine.sources.compactMap { $0 as? NodeIntakeSource }.first)
    }

    /// A new hub of these settings while `body` works. `closes`: whether its store is still open at the end.
    static func with(
        _ files: [String: String], closes: Bool = true, _ body: (Hub) async throws -> Void
    ) async throws {
        let folder = try SettingsFolder(files)
        defer { folder.remove() }
        let hub = try Hub(in: folder.path, HandClock())
        let own = try #require(key)
        let other = try NodeKey(seed: Array(repeating: 9, count: 32))
        try hub.enrolled.enrol(edge, own.publicKey, by: "test", now: hub.clock.now())
        try hub.enrolled.enrol("new-edge", other.publicKey, by: "test", now: hub.clock.now())
        let intake = Task { try await hub.source.run(hub.engine.intake) }
        defer { intake.cancel() }
        while !hub.source.isOpen { await Task.yield() }
        try await body(hub)
        if closes { await hub.engine.store.close() }
    }

    /// Sends the edge's one event: the first time it is stored, later on it is the question of an edge that is idle.
    func ask() async throws {
        let now = clock.now()
        let body = Array("[\(BadInput.event("1", order: "MO-1"))]".utf8)
        var request = HTTPRequest(
            method: "POST", target: NodeLink.batchPath(Self.edge),
            headers: [
                "Content-Type": NodeLink.batchType, "Content-Encoding": "gzip",
                "Millwright-Stream": "epoch=\"epoch-1\", lane=normal, first=1, count=1",
                "Millwright-Time": now.description,
            ], body: try Compression.gzip.compress(body))
        let key = try #require(Self.key)
        try NodeLink.batchSignature.sign(&request, key: key, created: now, nonce: "n1")
        let route = try #require(source.routes.first)
        let answer = await route.handle(request, ["node": Self.edge.rawValue])
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    /// How each node stands, in the word that the page has for it.
    func states() async -> [String: String] {
        let nodes = await overview.snapshot().json["nodes"]?.array ?? []
        return Dictionary(
            nodes.map { ($0["name"]?.string ?? "", $0["state"]?.string ?? "") },
            uniquingKeysWith: { first, _ in first })
    }
}
