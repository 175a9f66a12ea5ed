import Canonical
import Contracts
import Delivery
import ExactJSON
import Intake
import JQ
import NodeConnector
import NodeSettings
import OdooConnector
import OdooStandIn
import Routing
import Runtime
import Security
import Signals
import SimulatedWorld
import Store
import Synchronization
import World

/// One run of a scenario from one seed: two machines, an edge, a hub and an Odoo stand-in, on the real engine and the real
/// database, in one thread. What was made and what stands in Odoo are compared at the end.
package final class PlantRun {
    private let scenario: PlantScenario
    private let seed: UInt64
    private let folder: String
    private let bug: PlantedBug?
    private let simulator: Simulator
    private let link: SimulatedNetwork
    private let front: SimulatedNetwork
    private let odoo: SimulatedProcess
    private let standIn: StandInBox
    private let pushing = MachineMemory()
    private let following = MachineMemory()
    private let edgeKey: NodeKey
    private let disk = SimulatedDisk()
    private var edge: SimulatedNode?
    private var hub: SimulatedNode?
    private var random: SeededRandom
    private var kills = 0

    /// What came of a run.
    package struct Report: Sendable {
        package let seed: UInt64
        package let scenario: String
        /// What is wrong; empty where all is well.
        package let violations: [String]
        /// Simulated time.
        package let duration: Duration
        package let steps: Int
        /// Faults injected, by kind.
        package let faults: [String: Int]
    }

    private static let start = Instant(microseconds: 1_772_400_000_000_000)
    private static let origin = "http://odoo"

    /// `folder`: an empty folder of a real file system for the two stores.
    package init(_ scenario: PlantScenario, seed: UInt64, folder: String, bug: PlantedBug? = nil) throws {
        self.scenario = scenario
        self.seed = seed
        self.folder = folder
        self.bug = bug
        random = SeededRandom(seed: seed &* 0x9E37_79B9 &+ 17)
        simulator = Simulator(seed: seed, start: Self.start)
        link = SimulatedNetwork(simulator)
        front = SimulatedNetwork(simulator)
        odoo = SimulatedProcess("odoo", on: simulator)
        standIn = StandInBox(OdooStandIn(version: OdooStandInVersion.allCases[Int(seed % 4)], installed: Self.start))
        let key = try NodeKey(seed: (0..<32).map { UInt8(truncatingIfNeeded: Int(seed) &+ $0) })
        edgeKey = key
        _ = try EnrolledNodes(path: "/hub/enrolled.json", disk: disk)
            .enrol("edge", key.publicKey, by: "simulation", now: Self.start)
    }

    /// Why a run could not be made.
    package enum SimulationFault: Error { case setup(String) }

    /// Runs to the end. The plant makes its facts while faults happen; then faults stop, and everything must arrive.
    package func run() throws -> Report {
        let handler: @Sendable (HTTPRequest) async -> HTTPResponse = { [standIn, simulator] request in
            standIn.handle(request, now: simulator.now)
        }
        front.listen(Self.origin, SimulatedNetwork.Endpoint(process: odoo, handle: handler))
        try provision()
        link.set(scenario.link)
        front.set(scenario.odoo)
        try startHub()
        try startEdge()
        scheduleFacts()
        scheduleKills()
        if let outage = scenario.outage {
            simulator.schedule(at: simulator.now + .seconds(3)) { [link] in link.cut(true) }
            simulator.schedule(at: simulator.now + .seconds(3) + outage) { [link] in link.cut(false) }
        }
        let work = Duration.seconds(scenario.facts * 2) + (scenario.outage ?? .zero)
        _ = simulator.run(until: Self.start + work) { false }
        calmDown()
        let isDrained = simulator.run(until: simulator.now + .seconds(3 * 3_600)) { self.isDrained() }
        var violations = isDrained ? [] : ["the plant did not drain within three hours after the faults stopped"]
        violations += try differences()
        edge?.close()
        hub?.close()
        var faults = link.counts.merging(front.counts.map { ("odoo." + $0.key, $0.value) }) { $0 + $1 }
        faults["killed"] = kills
        return Report(
            seed: seed, scenario: scenario.name, violations: violations, duration: simulator.now.since(Self.start),
            steps: simulator.steps, faults: faults)
    }

    // MARK: - The plant

    private var orders: [String] { (0..<scenario.orders).map { "SIM-\($0)" } }

    private func address(_ login: String) -> OdooAddress {
        OdooAddress(endpoint: Self.origin, database: "demo", login: login, secret: "key-\(login)")
    }

    private func provision() throws {
        let provisioner = OdooProvisioner(address: address("admin"), network: SimulatedNetworkPort(front))
        let orders = orders.map {
            OdooProvisioner.Order(origin: $0, item: "PART", quantity: ExactNumber(10_000))
        }
        let result = Mutex<String?>(nil)
        odoo.start {
            do {
                _ = try await provisioner.provision(products: [.init(code: "PART", name: "Part")], orders: orders)
                result.withLock { $0 = "" }
            } catch {
                result.withLock { $0 = "\(error)" }
            }
        }
        _ = simulator.run(until: simulator.now + .seconds(600)) { result.withLock { $0 != nil } }
        guard result.withLock({ $0 }) == "" else {
            throw SimulationFault.setup("Odoo was not provisioned: \(result.withLock { $0 } ?? "no answer")")
        }
    }

    private func scheduleFacts() {
        for memory in [pushing, following] {
            var due = simulator.now
            for _ in 0..<scenario.facts {
                due = due + .milliseconds(Int64(random.next() % 1_500))
                let order = orders[Int(random.next() % UInt64(orders.count))]
                let quantity = Int(random.next() % 9) + 1
                simulator.schedule(at: due) { memory.make(order: order, quantity: quantity) }
            }
        }
    }

    private func scheduleKills() {
        guard let mean = scenario.killEvery else { return }
        var due = simulator.now
        let end = simulator.now + .seconds(scenario.facts * 2)
        while due < end {
            due = due + .milliseconds(Int64(random.next() % UInt64(mean.microseconds / 500)))
            let pause = Duration.milliseconds(Int64(random.next() % 2_000) + 50)
            if random.next() % 2 == 0 {
                killAndRestart(edge: true, at: due, pause)
            } else {
                killAndRestart(edge: false, at: due, pause)
            }
        }
    }

    private func killAndRestart(edge isEdge: Bool, at due: Instant, _ pause: Duration) {
        // Timers run on the one thread of the run, and this object lives as long as it: see `Confined`.
        let run = Confined(self)
        let steps = Int(random.next() % 80)
        simulator.schedule(at: due) {
            // Not when all is still, but somewhere in the middle of what goes on then.
            run.value.simulator.schedule(afterSteps: steps) {
                run.value.kill(isEdge)
                let back = run.value.simulator.now + pause
                run.value.simulator.schedule(at: back) { run.value.restart(isEdge) }
            }
        }
    }

    private func kill(_ isEdge: Bool) {
        guard let node = isEdge ? edge : hub, node.process.isAlive else { return }
        kills += 1
        node.process.kill()
        node.close()
    }

    private func restart(_ isEdge: Bool) {
        guard let node = isEdge ? edge : hub, !node.process.isAlive else { return }
        do {
            if isEdge { try startEdge() } else { try startHub() }
        } catch {
            restartFaults.append("\(isEdge ? "edge" : "hub") did not come up again: \(error)")
        }
    }
    private var restartFaults: [String] = []

    private func calmDown() {
        link.set(SimulatedNetwork.Faults())
        front.set(SimulatedNetwork.Faults())
        link.cut(false)
    }

    // MARK: - Nodes

    private func startEdge() throws {
        let process = SimulatedProcess("edge", on: simulator)
        let world = World(
            clock: SimulatedClock(process), disk: disk, network: SimulatedNetworkPort(link),
            entropy: SimulatedEntropy(simulator), storeExecutor: SimulatedStoreExecutor(process))
        let places = SignalPlants(standard: .init(plant: "sim"))
        let processor = try SignalProcessor(source: "following", signals: [FollowingSource.signal], plants: places)
        var hasty: (@Sendable (any Contracts.Intake) -> any Contracts.Intake)?
        if bug == .acknowledgeBeforeCommit { hasty = { HastyIntake($0, process) } }
        let parts = NodeParts(
            store: StoreSettings(path: folder + "/edge.db"),
            intake: IntakeSettings(
                sources: [
                    "pushing": .init(processor: nil, lane: .critical),
                    "following": .init(processor: processor, lane: .normal),
                ], orders: try SignalProcessor(source: "orders", signals: [], plants: places), ceiling: 1 << 30),
            sources: [
                PushingSource(name: "pushing", asset: "press", memory: pushing, world: world),
                FollowingSource(name: "following", asset: "saw", memory: following, world: world),
            ],
            streams: [
                try UplinkTarget(
                    name: "uplink", hub: HubAddress("https://hub", node: "edge", key: edgeKey, trust: .system),
                    timeout: .seconds(10), world: world, limits: Limits())
            ], sourceIntake: hasty)
        edge = try SimulatedNode(parts, world: world, process: process)
    }

    private func startHub() throws {
        let process = SimulatedProcess("hub", on: simulator)
        let world = World(
            clock: SimulatedClock(process), disk: disk, network: SimulatedNetworkPort(front),
            entropy: SimulatedEntropy(simulator), storeExecutor: SimulatedStoreExecutor(process))
        let intake = NodeIntakeSource(
            name: "edges", enrolled: EnrolledNodes(path: "/hub/enrolled.json", disk: disk), node: "hub", plant: "sim",
            tolerance: .seconds(86_400), world: world, limits: Limits())
        let target = OdooTarget(
            name: "odoo", address: address("mes"), options: OdooOptions(orderBy: .origin), world: world)
        let rule = FlowRule(
            name: "progress", target: "odoo", operation: "production.progress",
            types: [try TypePattern("millwright.production.completed.*")],
            map: try JQProgram.compile("{order: .subject, quantity: .data.quantity, time: .time}"))
        let merge = OdooTarget.operations.first { $0.name == "production.progress" }?.merge
        let policy = FlowPolicy(
            coalescing: merge.map { .init(window: .milliseconds(500), maximum: 50, rule: $0) }, retry: RetryPolicy(),
            holdsOnReject: true, expiry: nil)
        let places = SignalPlants(standard: .init(plant: "sim"))
        let parts = NodeParts(
            store: StoreSettings(path: folder + "/hub.db"),
            intake: IntakeSettings(
                sources: ["edges": .init(processor: nil, lane: .normal)],
                orders: try SignalProcessor(source: "orders", signals: [], plants: places), ceiling: 1 << 30),
            sources: [intake],
            targets: [
                .init(
                    target: target,
                    plan: RoutingPlan(target: "odoo", rules: [rule], operations: OdooTarget.operations),
                    policies: ["progress": policy], concurrency: 2)
            ])
        hub = try SimulatedNode(parts, world: world, process: process)
        guard let route = intake.routes.first else { throw SimulationFault.setup("the hub has no route") }
        let handler: @Sendable (HTTPRequest) async -> HTTPResponse = { await route.handle($0, ["node": "edge"]) }
        link.listen("https://hub", SimulatedNetwork.Endpoint(process: process, handle: handler))
    }

    // MARK: - The end

    private func isDrained() -> Bool {
        guard let edge, let hub, edge.process.isAlive, hub.process.isAlive, pushing.made.count == scenario.facts,
            following.made.count == scenario.facts
        else { return false }
        // Looked at rarely: it reads two databases.
        checks += 1
        guard checks % 200 == 0 else { return false }
        let total = scenario.facts * 2
        let arrived =
            (try? StoreReader(path: folder + "/hub.db").read { transaction in
                let counts = try transaction.deliveryCounts("odoo")
                return (counts[.accepted] ?? 0) + (counts[.rejected] ?? 0) + (counts[.blocked] ?? 0)
            }) ?? 0
        return arrived >= total
    }
    private var checks = 0

    /// What differs between what the machines made and what stands in Odoo or waits for a person.
    private func differences() throws -> [String] {
        var faults = restartFaults
        var made: [String: Int] = [:]
        for fact in pushing.made + following.made { made[fact.order, default: 0] += fact.quantity }
        let inOdoo = readBack()
        var waiting: [String: Int] = [:]
        for delivery in try StoreReader(path: folder + "/hub.db").read({ try $0.waitingDeliveries(limit: 10_000) }) {
            waiting[delivery.key.rawValue, default: 0] += delivery.arguments["quantity"]?["value"]?.int ?? 0
        }
        for order in orders {
            let (a, b, c) = (made[order] ?? 0, inOdoo[order] ?? 0, waiting[order] ?? 0)
            if a != b + c { faults.append("\(order): made \(a), in Odoo \(b), waiting \(c)") }
        }
        return faults
    }

    private func readBack() -> [String: Int] {
        let reader = OdooReader(address: address("mes"), network: SimulatedNetworkPort(front))
        let origins = orders
        let result = Mutex<[String: Int]?>(nil)
        odoo.start {
            let tallies = (try? await reader.orders(origins: origins)) ?? [:]
            result.withLock { $0 = tallies.compactMapValues { $0.good.intValue } }
        }
        _ = simulator.run(until: simulator.now + .seconds(600)) { result.withLock { $0 != nil } }
        return result.withLock { $0 } ?? [:]
    }
}

/// The stand-in, shared by the requests that come in.
private final class StandInBox: Sendable {
    private let odoo: Mutex<OdooStandIn>

    init(_ odoo: OdooStandIn) { self.odoo = Mutex(odoo) }

    func handle(_ request: HTTPRequest, now: Instant) -> HTTPResponse {
        odoo.withLock { $0.handle(request, now: now) }
    }
}

/// Lets a timer's closure reach the run.
///
/// `@unchecked`: timers and jobs of a simulator run only within `Simulator.run`, on the thread that called it, and that
/// is the thread that owns the run. Nothing ever touches the value from two threads.
private struct Confined<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
