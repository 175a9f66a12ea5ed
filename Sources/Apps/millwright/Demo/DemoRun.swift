import Canonical
import ExactJSON
import Foundation
import NodeSecurity
import OdooConnector
import Synchronization
import World
import WorldLive

/// One run of the demo: puts the plant up, plays, waits until everything has arrived, and reads back.
actor DemoRun {
    let plan: DemoPlan
    let world = World.live()
    let clock = LiveClock()
    private var children: [ChildProcess] = []
    private var player: FilePlayer?
    private var adapter: SHDRPlayer?
    private(set) var inspectorFacts: [(order: String, made: Int)] = []
    private var isStopping = false
    private let isAsked = Atomic(false)

    /// The order that the turning machine works on, released to it through the hub.
    static let turningOrder = "TURN-1"
    /// The inspector's orders: each is completed in two lots.
    static let inspectedOrders = ["GEAR-1", "GEAR-2"]

    init(_ plan: DemoPlan) { self.plan = plan }

    func run() async throws -> DemoReport {
        do {
            let report = try await play()
            await stopAll()
            if plan.isTemporary { try? FileManager.default.removeItem(atPath: plan.state) }
            return report
        } catch {
            await stopAll()
            if plan.isTemporary { Output.note("the demo's files are kept in \(plan.state)") }
            throw error
        }
    }

    /// Ends the demo early, with its report: what Ctrl-C does.
    nonisolated func end() { isAsked.store(true, ordering: .relaxed) }

    private func stopAll() async {
        for child in children.reversed() { await child.stop() }
    }

    private func note(_ text: String) {
        if !plan.isQuiet { Output.note(text) }
    }

    /// Says that the machines have played to their end in this folder.
    private var marker: String { plan.state + "/machines/played" }
    private var hasPlayed: Bool { FileManager.default.fileExists(atPath: marker) }

    // MARK: - Setting up

    private func play() async throws -> DemoReport {
        let setup = try await DemoSetup(plan: plan, world: world)
        try await start(setup)
        note("settings, logs and stores: \(plan.state)")
        note("overview: https://localhost:\(setup.ports.hub)/ (certificate: \(plan.state)/tls/ca.pem)")
        let chaos = plan.chaos ? ChaosMonkey(setup: setup, seed: plan.seed) : nil
        let deadline = plan.end.map { clock.uptime() + $0 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            let watcher = DemoWatch(setup: setup, world: world, isQuiet: plan.isQuiet)
            if let player { group.addTask { try await self.drive(player, chaos) } }
            if let adapter {
                group.addTask { try await adapter.serve() }
                group.addTask {
                    try await watcher.releaseOrder(Self.turningOrder, asset: "turn-1")
                    try await adapter.play()
                }
            }
            if plan.hasInspector { group.addTask { try await self.inspect(watcher) } }
            group.addTask { try await self.keepAlive() }
            try await self.finish(watcher, chaos, deadline: deadline)
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError), !self.isStopping { throw error }
            }
        }
        if plan.sabotage == .postTwice { try await postTwice(setup) }
        let ledger = DemoLedger(plan: plan, inspected: inspectorFacts)
        var report = try await DemoReport.make(ledger: ledger, setup: setup, world: world, chaos: chaos)
        for child in children {
            let crashes = await child.crashes
            if crashes > 0 { report.crashes[child.name] = crashes }
            let kills = await child.boundaryKills
            if kills > 0 { report.boundaryKills[child.name] = kills }
        }
        return report
    }

    private func start(_ setup: DemoSetup) async throws {
        for child in setup.processes { children.append(child) }
        if let standIn = setup.standIn {
            try await standIn.start()
            try await waitFor("the Odoo stand-in", port: setup.ports.standIn)
        }
        try await setup.front?.start()
        note("provisioning Odoo")
        let report = try await OdooProvisioner(address: setup.odoo.provisioner, network: world.network).provision(
            products: plan.products, workCenters: plan.workCenters, orders: plan.orders)
        note("Odoo has \(report.orders) new orders, \(report.products) new products; \(report.present) were there")
        try await setup.link.start()
        try await setup.hub.start()
        try await waitFor("the hub", port: setup.ports.hub)
        if let komax = plan.komax {
            player = FilePlayer(
                komax, folder: setup.folders.komax, speed: plan.speed,
                dropsOneSection: plan.sabotage == .dropSection, hasPlayed: hasPlayed)
        }
        if let shdr = plan.shdr {
            adapter = SHDRPlayer(shdr, port: setup.ports.shdr, speed: plan.speed, hasPlayed: hasPlayed)
        }
        try await setup.edge.start()
    }

    private func waitFor(_ what: String, port: Int) async throws {
        for _ in 0..<150 {
            if let stream = try? await world.network.connect(host: "127.0.0.1", port: port, timeout: .seconds(1)) {
                await stream.close()
                return
            }
            if plan.killPoints != nil { try await restart() }
            for child in children where await child.hasDied {
                throw CommandFailure(description: "\(child.name) ended; its log is in \(plan.state)/logs")
            }
            try await clock.sleep(for: .milliseconds(100))
        }
        throw CommandFailure(description: "\(what) did not come up; its log is in \(plan.state)/logs")
    }

    // MARK: - Playing

    private func drive(_ player: FilePlayer, _ chaos: ChaosMonkey?) async throws {
        guard let chaos else { return try await player.run() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await player.run() }
            try await chaos.run(until: { await player.isDone }, progress: { await player.progress })
            try await group.waitForAll()
        }
    }

    /// Reports lots that are ready, as an inspector's own system does: two for each order, the second one finishing it.
    private func inspect(_ watcher: DemoWatch) async throws {
        for order in Self.inspectedOrders {
            for (index, made) in [6, 4].enumerated() {
                try await watcher.post(
                    Event(
                        id: "\(order)-\(index + 1)", source: "/lyon/inspection",
                        type: "millwright.production.finished.v1", subject: order,
                        time: Instant(microseconds: 1_772_438_400_000_000 + Int64(index) * 60_000_000),
                        attributes: ["plant": "lyon"],
                        data: [
                            "order": .string(order), "quantity": ["value": .int(made), "unit": "pcs"],
                            "lot": .string("\(order)-LOT\(index + 1)"),
                        ]))
                inspectorFacts.append((order, made))
            }
        }
    }

    /// Starts again what died without being asked to: what a supervisor does in a plant.
    private func keepAlive() async throws {
        while !Task.isCancelled {
            try await restart()
            try await clock.sleep(for: .milliseconds(100))
        }
    }

    private func restart() async throws {
        for child in children where await child.shouldRestart { try await child.start() }
    }

    private func finish(_ watcher: DemoWatch, _ chaos: ChaosMonkey?, deadline: Duration?) async throws {
        while !isDue(deadline) {
            let isQuiet = await watcher.look()
            if isQuiet, await havePlayed(chaos) {
                // A later run in the same folder finds the machines where they stopped.
                try world.disk.replace(marker, with: [], mode: 0o644)
                break
            }
            try await clock.sleep(for: .milliseconds(250))
        }
        isStopping = true
    }

    /// Whether the demo ends though not everything is through.
    private func isDue(_ deadline: Duration?) -> Bool {
        if isAsked.load(ordering: .relaxed) { return true }
        guard let deadline else { return false }
        return clock.uptime() > deadline
    }

    /// Whether machines, inspector and chaos are through.
    private func havePlayed(_ chaos: ChaosMonkey?) async -> Bool {
        if plan.hasInspector, inspectorFacts.count < Self.inspectedOrders.count * 2 { return false }
        if let adapter, !adapter.isDone { return false }
        if let player {
            let isDone = await player.isDone
            if !isDone { return false }
        }
        if let chaos {
            let isDone = await chaos.isDone
            if !isDone { return false }
        }
        return true
    }

    /// Posts one piece a second time, behind the nodes' back.
    private func postTwice(_ setup: DemoSetup) async throws {
        guard let order = plan.orders.first else { return }
        try await OdooTampering(address: setup.odoo.direct, network: world.network).addOne(to: order.origin)
    }
}
