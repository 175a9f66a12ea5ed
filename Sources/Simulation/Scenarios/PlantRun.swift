import Canonical
import Contracts
import NodeConnector
import NodeSecurity
import OdooStandIn
import SimulatedWorld
import Store
import World

/// One run of a scenario from one seed: machines, an edge, a hub (or two) and an Odoo for each, on the real engine and
/// the real database over disks that fail, in one thread. What was made and what stands in Odoo are compared.
package final class PlantRun {
    let scenario: PlantScenario
    let seed: UInt64
    let bug: PlantedBug?
    let simulator: Simulator
    let link: SimulatedNetwork
    let edgeKey: NodeKey
    /// Holds the list of enrolled nodes.
    let files = SimulatedDisk()
    let machines: [PlantScenario.Machine: MachineMemory]
    private(set) var odoos: [SimulatedOdoo] = []
    private(set) var edge: PlantNode?
    private(set) var hubs: [PlantNode] = []
    let verdict = Verdict()
    let told = ToldLosses()
    var random: SeededRandom
    private let changes: Changes
    var faultCounts: [String: Int] = [:]
    /// The faults have stopped.
    var isCalm = false
    /// When the stores were last looked at while the nodes work.
    var lastLook = PlantRun.start
    /// How many Odoos are about to be put back.
    var awaitedRestores = 0

    /// What is left out of a scenario, to find out what a failure takes.
    package struct Changes: Sendable, Hashable {
        /// Kinds of faults that do not happen.
        package var without: Set<String> = []
        /// The scheduled faults that happen; nil for all.
        package var only: Set<Int>?
        package var facts: Int?
        package var orders: Int?

        package init() {}
    }

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
        /// The scheduled faults of the run, by number.
        package let scheduled: [Int]
    }

    static let start = Instant(microseconds: 1_772_400_000_000_000)
    /// How long everything may take to arrive once the faults have stopped.
    static let patience = Duration.seconds(3 * 3_600)

    package init(
        _ scenario: PlantScenario, seed: UInt64, bug: PlantedBug? = nil, changes: Changes = Changes()
    ) throws {
        var scenario = scenario
        scenario.faults.removeAll { changes.without.contains($0.name) }
        scenario.plant.facts = changes.facts ?? scenario.plant.facts
        scenario.plant.orders = max(1, changes.orders ?? scenario.plant.orders)
        scenario.plant.lateOrders = min(scenario.plant.lateOrders, scenario.plant.orders)
        self.scenario = scenario
        self.seed = seed
        self.bug = bug
        self.changes = changes
        random = SeededRandom(seed: seed &* 0x9E37_79B9 &+ 17)
        simulator = Simulator(seed: seed, start: Self.start)
        link = SimulatedNetwork(simulator)
        machines = Dictionary(uniqueKeysWithValues: scenario.plant.machines.map { ($0, MachineMemory()) })
        edgeKey = try NodeKey(seed: (0..<32).map { UInt8(truncatingIfNeeded: Int(truncatingIfNeeded: seed) &+ $0) })
        _ = try EnrolledNodes(path: Self.enrolment, disk: files)
            .enrol("edge", edgeKey.publicKey, by: "simulation", now: Self.start)
        let version = OdooStandInVersion.allCases[Int(seed % 4)]
        let installed = SimulatedOdoo.installed(version, orders: earlyOrders, at: Self.start)
        for hub in 0..<scenario.plant.hubs {
            odoos.append(SimulatedOdoo(installed, on: simulator))
            hubs.append(
                try PlantNode(
                    .hub, seed: seed &* 4 &+ UInt64(hub), on: simulator, isChecked: scenario.plant.isChecked,
                    treatment: treatment
                ) { [unowned self] in try makeHub(hub, $0, $1) })
        }
        edge = try PlantNode(
            .edge, seed: seed &* 4 &+ 3, on: simulator, isChecked: scenario.plant.isChecked, treatment: treatment
        ) { [unowned self] in try makeEdge($0, $1) }
    }

    private var treatment: StoreTreatment {
        StoreTreatment(keepsEpoch: bug == .wrongEpochAfterRestore) { [unowned self] in world(of: $0, $1, link) }
    }

    static let enrolment = "/hub/enrolled.json"

    /// The orders by their origin; Odoo learns of the last ones late.
    var orders: [String] { (0..<scenario.plant.orders).map { "SIM-\($0)" } }
    /// Those that the flood is for.
    var floodOrders: [String] { (0..<min(scenario.plant.flood, 60)).map { "FLOOD-\($0)" } }
    private var earlyOrders: [String] {
        let orders = orders.dropLast(scenario.plant.lateOrders) + floodOrders
        return scenario.plant.machines.contains(.counting) ? orders + [CountingSource.order] : Array(orders)
    }

    // MARK: - The run

    /// Runs to the end. The plant makes its facts while faults happen; then faults stop, and everything must arrive.
    package func run() throws -> Report {
        let schedule = FaultSchedule(scenario, seed: seed).faults
        for node in [edge].compactMap(\.self) + hubs { node.start() }
        beginLastingFaults()
        for fault in schedule where changes.only.map({ $0.contains(fault.number) }) ?? true {
            at(fault.after) { $0.inject(fault.what) }
        }
        scheduleWork()
        schedulePerson()
        scheduleProbes()
        _ = simulator.run(until: Self.start + scenario.plant.duration) { self.watch() }
        calmDown()
        let isDrained = drain() && (!isLossy || drainAgain())
        var violations = verdict.violations
        if !isDrained {
            violations.append(
                "the plant did not drain within three hours after the faults stopped: \(undone().prefix(1).joined())")
        }
        do {
            violations += try finalViolations()
        } catch {
            violations.append("a store cannot be read at the end: \(error)")
        }
        for node in [edge].compactMap(\.self) + hubs { node.close() }
        defer { simulator.end() }
        return Report(
            seed: seed, scenario: scenario.name, violations: violations, duration: simulator.now.since(Self.start),
            steps: simulator.steps, faults: faults, scheduled: schedule.map(\.number))
    }

    /// Calls `action` at a time from the start.
    func at(_ after: Duration, _ action: @escaping @Sendable (PlantRun) -> Void) {
        let run = Confined(self)
        simulator.schedule(at: Self.start + after) { action(run.value) }
    }

    private func watch() -> Bool {
        edge?.watch()
        for hub in hubs { hub.watch() }
        return false
    }

    private func drain() -> Bool {
        var next = simulator.now + .seconds(1)
        var wait = Duration.seconds(1)
        let end = simulator.now + Self.patience
        while simulator.now < end {
            if simulator.run(until: next, isDone: { self.watch() }) { break }
            if isDrained() { return true }
            simulator.advance(to: next)
            wait = min(wait + wait / 8, .seconds(120))
            next = next + wait
        }
        return isDrained()
    }

    /// Gives what comes late its time: where facts may be lost, all being accounted for does not say that all is over.
    private func drainAgain() -> Bool {
        _ = simulator.run(until: simulator.now + .seconds(120)) { self.watch() }
        return drain()
    }

    // MARK: - Work

    private func scheduleWork() {
        let plant = scenario.plant
        for machine in PlantScenario.Machine.allCases {
            guard let memory = machines[machine] else { continue }
            for after in moments(plant.facts) {
                let order =
                    machine == .counting ? CountingSource.order : orders[Int(random.next() % UInt64(orders.count))]
                let quantity = Int(random.next() % 9) + 1
                at(after) { run in
                    let release = machine == .pushing ? run.edge?.release ?? 1 : 1
                    memory.make(order: order, quantity: quantity, release: release, now: run.simulator.now)
                }
            }
        }
        if plant.flood > 0, let memory = machines[.following] {
            at(plant.duration / 4) { run in
                for number in 0..<plant.flood {
                    let order = run.floodOrders[number % run.floodOrders.count]
                    memory.make(order: order, quantity: 1, release: 1, now: run.simulator.now)
                }
            }
        }
        for after in moments(plant.repeats) {
            let share = Double(random.next() % 1_000) / 1_000
            at(after) { $0.machines[.pushing]?.askAgain(share) }
        }
        for order in orders.suffix(plant.lateOrders) {
            let after = plant.duration / 2 + .milliseconds(Int64(random.next() % 10_000))
            at(min(after, plant.duration - .seconds(1))) { for odoo in $0.odoos { odoo.add(orders: [order]) } }
        }
    }

    /// Times within the run, ascending.
    private func moments(_ count: Int) -> [Duration] {
        let span = UInt64(max(1, scenario.plant.duration.microseconds / 1_000 * 9 / 10))
        return (0..<count).map { _ in .milliseconds(Int64(random.next() % span)) }.sorted()
    }
}
