import Canonical
import Contracts
import Delivery
import ExactJSON
import Intake
import JQ
import NodeConnector
import NodeSecurity
import NodeSettings
import OdooConnector
import Routing
import Runtime
import Signals
import SimulatedWorld
import Store
import World

// What edge and hub are made of: the same parts that a plant's settings make, put together by hand.
extension PlantRun {
    static let plant = "sim"
    static let odooName = TargetName("odoo")
    static let flowName = FlowName("progress")

    func makeEdge(_ node: PlantNode, _ process: SimulatedProcess) throws -> SimulatedNode {
        let world = world(of: node, process, link)
        let places = SignalPlants(standard: .init(plant: Self.plant))
        var sources: [any Source] = []
        var settings: [SourceName: IntakeSettings.PerSource] = [:]
        if let memory = machines[.pushing] {
            sources.append(PushingSource(name: "pushing", memory: memory))
            settings["pushing"] = .init(processor: nil, lane: .critical)
        }
        for machine in [PlantScenario.Machine.following, .logging] {
            guard let memory = machines[machine] else { continue }
            let name = SourceName(machine.rawValue)
            sources.append(FollowingSource(name: name, memory: memory, asset: machine.asset))
            let processor = try SignalProcessor(source: name, signals: [FollowingSource.signal], plants: places)
            settings[name] = .init(processor: processor, lane: .normal)
        }
        if let memory = machines[.counting] {
            sources.append(CountingSource(name: "counting", memory: memory, world: world))
            let processor = try SignalProcessor(source: "counting", signals: [CountingSource.signal], plants: places)
            settings["counting"] = .init(processor: processor, lane: .normal)
        }
        var parts = NodeParts(
            store: StoreSettings(path: node.store), retention: scenario.plant.edgeRetention ?? retention,
            intake: IntakeSettings(
                sources: settings, orders: try SignalProcessor(source: "orders", signals: [], plants: places),
                ceiling: 1 << 30),
            sources: sources,
            streams: try hubs.indices.map { hub in
                try UplinkTarget(
                    name: TargetName("uplink-\(hub)"),
                    hub: HubAddress(Self.hubOrigin(hub), node: "edge", key: edgeKey, trust: .system),
                    timeout: .seconds(10), compression: node.hasOtherSettings ? .deflate : .gzip, world: world,
                    limits: Limits())
            }, sourceIntake: bug?.sourceIntake(process))
        parts.deskInterval = deskInterval
        let check = edgeCheck
        return SimulatedNode(try NodeEngine(parts, world: world), process: process) { try await check.run($0) }
    }

    static func hubOrigin(_ hub: Int) -> String { "https://hub-\(hub)" }

    func makeHub(_ hub: Int, _ node: PlantNode, _ process: SimulatedProcess) throws -> SimulatedNode {
        let world = world(of: node, process, odoos[hub].network)
        let intake = NodeIntakeSource(
            name: "edges", enrolled: EnrolledNodes(path: Self.enrolment, disk: files), node: NodeID("hub-\(hub)"),
            plant: Self.plant, tolerance: .seconds(86_400), world: world, limits: Limits())
        let slot = StoreSlot()
        var store = StoreSettings(path: node.store)
        store.limits.pendingDeliveries = scenario.plant.pendingDeliveries
        var parts = NodeParts(
            store: store, retention: retention,
            intake: IntakeSettings(
                sources: ["edges": .init(processor: nil, lane: .normal)],
                orders: try SignalProcessor(
                    source: "orders", signals: [], plants: SignalPlants(standard: .init(plant: Self.plant))),
                ceiling: 1 << 30),
            sources: [intake], targets: [try odooPart(hub, world, node, slot)])
        parts.deskInterval = deskInterval
        let check = hubCheck
        let engine = try NodeEngine(parts, world: world)
        slot.fill(engine.store)
        let started = SimulatedNode(engine, process: process) { try await check.run($0) }
        if let route = intake.routes.first {
            let handler: @Sendable (HTTPRequest) async -> HTTPResponse = { await route.handle($0, ["node": "edge"]) }
            link.listen(Self.hubOrigin(hub), SimulatedNetwork.Endpoint(process: process, handle: handler))
        }
        return started
    }

    private func odooPart(
        _ hub: Int, _ world: World, _ node: PlantNode, _ slot: StoreSlot
    ) throws -> NodeParts.TargetPart {
        let odoo = OdooTarget(
            name: Self.odooName, address: SimulatedOdoo.address(SimulatedOdoo.login, patience: scenario.plant.patience),
            options: OdooOptions(orderBy: .origin), world: world)
        let rule = FlowRule(
            name: Self.flowName, target: Self.odooName, operation: "production.progress",
            types: [try TypePattern("millwright.production.completed.*")],
            map: node.release == 1 && !node.hasOtherSettings ? Self.map : Self.nextMap)
        let merge = OdooTarget.operations.first { $0.name == rule.operation }?.merge
        let policy = FlowPolicy(
            coalescing: merge.map {
                node.hasOtherSettings
                    ? .init(window: .milliseconds(100), maximum: 4, rule: $0)
                    : .init(window: .milliseconds(500), maximum: 50, rule: $0)
            }, retry: RetryPolicy(), holdsOnReject: bug != .blockedKeyOvertaken, expiry: nil)
        var target = bug?.target(odoo, clock: world.clock) ?? odoo
        if isWatched { target = WitnessTarget(real: target, posted: odoos[hub].posted, store: slot) }
        return NodeParts.TargetPart(
            target: target,
            plan: RoutingPlan(target: Self.odooName, rules: [rule], operations: OdooTarget.operations),
            policies: [Self.flowName: policy], concurrency: 2)
    }

    // Compiled once; a program that does not compile would be a fault of this file, and then no flow has a map.
    private static let map = try? JQProgram.compile("{order: .subject, quantity: .data.quantity, time: .time}")

    /// That of the release which knows the facts of today's machines too, and of every second settings.
    private static let nextMap = try? JQProgram.compile(
        "{order: .subject, quantity: (.data.quantity // .data.good), time: .time}")

    /// In a plant twice a second; rarely where a run lasts days and nobody asks anything.
    private var deskInterval: Duration { min(.seconds(300), max(.milliseconds(500), scenario.plant.duration / 500)) }

    private var retention: Retention {
        var retention = scenario.plant.retention ?? Retention()
        if scenario.plant.retention == nil {
            retention.interval = min(.seconds(3_600), max(retention.interval, scenario.plant.duration / 100))
        }
        if bug == .seenTrimmedTooSoon { retention.identities = .seconds(3) }
        return retention
    }

    func world(of node: PlantNode, _ process: SimulatedProcess, _ network: SimulatedNetwork) -> World {
        World(
            clock: SimulatedClock(process, node.clock), disk: files, network: SimulatedNetworkPort(network),
            entropy: SimulatedEntropy(simulator), storeExecutor: SimulatedStoreExecutor(process))
    }
}
