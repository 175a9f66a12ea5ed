import Canonical
import Foundation

/// Lets the faults of a round happen to a plant, each in its time, and ends them.
actor ChaosStriker {
    private let site: ChaosSite
    private let isolation: ChaosIsolation
    /// The release that each node runs.
    private var releases = ["edge": 0, "hub": 0]
    /// How often a node did not end by itself when it was asked to.
    private(set) var forcedStops = 0

    /// How far a clock is set off: seconds to hours, both ways.
    private static let offsets: [Duration] = [
        .seconds(-2_400), .seconds(-90), .seconds(-3), .seconds(3), .seconds(120), .seconds(39_600),
    ]

    init(site: ChaosSite, isolation: ChaosIsolation) {
        self.site = site
        self.isolation = isolation
    }

    /// All faults of a round; returns when the last one has ended.
    func strike(_ round: ChaosRound) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for fault in round.faults {
                group.addTask {
                    try await Task.sleep(for: fault.start)
                    try await self.strike(fault)
                }
            }
            try await group.waitForAll()
        }
        for relay in site.relays.values { await relay.clear() }
    }

    private func strike(_ fault: ChaosFault) async throws {
        switch fault.kind {
        case .killEdge: await site.edge.kill(restartAfter: fault.length)
        case .killHub: await site.hub.kill(restartAfter: fault.length)
        case .killOdoo: await site.standIn.kill(restartAfter: fault.length)
        case .killStarting: try await killStarting(fault)
        case .stopEdge: try await site.edge.freeze(for: fault.length)
        case .stopHub: try await site.hub.freeze(for: fault.length)
        case .stopOdoo: try await site.standIn.freeze(for: fault.length)
        case .restartEdge: try await restart(site.edge, after: fault.length)
        case .restartHub: try await restart(site.hub, after: fault.length)
        case .upgradeEdge:
            releases["edge"] = 1 - (releases["edge"] ?? 0)
            await site.edge.replace(arguments: ["run", "--folder", site.folders.edge(releases["edge"] ?? 0)])
            try await restart(site.edge, after: fault.length)
        case .upgradeHub:
            releases["hub"] = 1 - (releases["hub"] ?? 0)
            await site.hub.replace(arguments: ["run", "--folder", site.folders.hub(releases["hub"] ?? 0)])
            try await restart(site.hub, after: fault.length)
        case .diskFullEdge: try await fillDisk("edge", for: fault.length)
        case .diskFullHub: try await fillDisk("hub", for: fault.length)
        case .networkDown: try await isolation.takeNetworkDown(for: fault.length)
        case .clockEdge: try await setClock("edge", fault)
        case .clockHub: try await setClock("hub", fault)
        case .cut, .blackHole, .lostAnswers, .halfClose, .latency, .loss: try await disturb(fault)
        }
    }

    private func killStarting(_ fault: ChaosFault) async throws {
        let node = fault.amount % 2 == 0 ? site.edge : site.hub
        for _ in 0..<3 {
            await node.kill(restartAfter: .zero)
            try await node.start()
            try await Task.sleep(for: fault.length)
        }
        await node.kill(restartAfter: .zero)
    }

    private func restart(_ process: ChildProcess, after pause: Duration) async throws {
        if await !process.stop() { forcedStops += 1 }
        try await Task.sleep(for: pause)
        try await process.start()
    }

    /// Takes every free byte of a store's file system, and gives it back.
    private func fillDisk(_ node: String, for pause: Duration) async throws {
        let path = "\(site.storeFolder(node))/ballast"
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let end = ContinuousClock.now + pause
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        // Again and again: what the node itself gives back is taken too.
        while ContinuousClock.now < end {
            for size in [1 << 20, 1 << 12] {
                let bytes = Data(count: size)
                while (try? handle.write(contentsOf: bytes)) != nil {}
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func setClock(_ node: String, _ fault: ChaosFault) async throws {
        guard let path = site.clocks[node] else { return }
        let offset = Self.offsets[Int(fault.amount % UInt64(Self.offsets.count))]
        try ChaosSite.setClock(path, off: offset)
        defer { try? ChaosSite.setClock(path, off: .zero) }
        try await Task.sleep(for: fault.length)
    }

    private func disturb(_ fault: ChaosFault) async throws {
        guard let relay = fault.place.flatMap({ site.relays[$0] }) else { return }
        var weather = FaultyRelay.Weather()
        switch fault.kind {
        case .cut:
            weather.refuses = true
            relay.set(weather)
            await relay.reset()
        case .blackHole:
            weather.dropsRequests = true
            weather.dropsAnswers = true
            relay.set(weather)
        case .lostAnswers:
            weather.dropsAnswers = true
            relay.set(weather)
        case .halfClose:
            weather.dropsAnswers = true
            relay.set(weather)
            await relay.closeAnswers()
        case .latency:
            weather.delay = .milliseconds(Int64(20 + fault.amount % 180))
            relay.set(weather)
        default:
            weather.latePercent = 15
            weather.late = .milliseconds(Int64(200 + fault.amount % 200))
            relay.set(weather)
        }
        try await Task.sleep(for: fault.length)
        await relay.clear()
    }
}
