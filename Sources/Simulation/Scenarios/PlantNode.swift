import Canonical
import Contracts
import FaultDisk
import Runtime
import SimulatedWorld
import Store
import World

/// A machine on which a node runs: its disk and clock stay, its process ends and begins again.
final class PlantNode {
    let side: Side
    private let simulator: Simulator
    private(set) var disk: FaultDisk
    /// How wrong its clock is.
    let clock: ClockError
    private(set) var node: SimulatedNode?
    /// What goes wrong on the disk all the time, and what is about to.
    private var errors: [DiskPlan.Rule] = []
    private var capacity: Int?
    private var random: SeededRandom
    private let make: (PlantNode, SimulatedProcess) throws -> SimulatedNode
    /// Where the store lies on whatever disk is there.
    private let fileSystem: String
    /// What a person does to the store before the process begins.
    var treatment: StoreTreatment
    private var isComing = false
    /// What happened, by kind.
    private(set) var counts: [String: Int] = [:]
    /// Why it could not start the last time.
    private(set) var refusal: String?
    /// The release of the program that runs here, from 1.
    private(set) var release = 1
    private var lostDisks: [DiskCounts] = []
    /// The settings that the next engine is made of, from 1.
    private var settings = 1
    /// Whether those are not the first ones, which every second are again.
    var hasOtherSettings: Bool { settings % 2 == 0 }

    /// `make` composes the node anew for each process. `isChecked`: the store's own checks lie over the disk.
    init(
        _ side: Side, seed: UInt64, on simulator: Simulator, isChecked: Bool, treatment: StoreTreatment,
        make: @escaping (PlantNode, SimulatedProcess) throws -> SimulatedNode
    ) throws {
        self.side = side
        self.simulator = simulator
        self.make = make
        self.treatment = treatment
        random = SeededRandom(seed: seed)
        disk = try FaultDisk(seed: seed)
        fileSystem = isChecked ? try CheckedDisks.fileSystem : FaultDisk.fileSystem
        clock = ClockError(start: simulator.now)
    }

    var isUp: Bool { node.map { $0.process.isAlive && !$0.hasEnded } ?? false }
    /// Where its store lies.
    var store: String { disk.path(Self.storeFile, through: fileSystem) }
    /// Where its backup lies.
    var backup: String { disk.path("backup.db", through: fileSystem) }
    /// The store's file on the disk.
    static let storeFile = "node.db"

    // MARK: - Its life

    /// Starts its process; where its disk does not let it, again after a while.
    func start() {
        guard !isUp else { return }
        disk.powerOn()
        plan()
        install()
        begin(SimulatedProcess(side.rawValue, on: simulator)) { process in
            for what in try treatment.run(self, process) { count(what) }
        }
    }

    /// Composes the node in a process, once the preparation is done; the process ends where the disk does not let it.
    private func begin(_ process: SimulatedProcess, _ prepare: (SimulatedProcess) throws -> Void) {
        do {
            try prepare(process)
            node = try make(self, process)
            if node?.engine.store.mended != nil { count("mended") }
            refusal = nil
        } catch {
            if disk.size(of: Self.storeFile) != nil { treatment.noteRefusal(error) }
            process.kill()
            node = nil
            refusal = "\(error)"
            count("startRefused")
            come(back: .seconds(1))
        }
    }

    /// Ends its process between two steps. `losesPower`: and what was not synced with it.
    func end(losesPower: Bool, back: Duration) {
        guard let node, node.process.isAlive else { return }
        node.process.kill()
        // Before the connection is closed: what closing would still write must reach no disk.
        if losesPower { disk.powerLoss() } else { disk.kill() }
        if !losesPower { count("kill") }
        node.close()
        come(back: back)
    }

    /// Ends its process for good, as the run does.
    func close() {
        guard let node, node.process.isAlive else { return }
        node.process.kill()
        disk.kill()
        node.close()
    }

    /// Ends a process whose disk lost its power in the middle of an operation, and starts one again that gave up.
    func watch() {
        if disk.isOff {
            end(losesPower: true, back: .milliseconds(Int64(random.next() % 2_000) + 50))
        } else if let node, node.hasEnded, node.process.isAlive {
            guard !node.isReloading || node.isStopping else { return goOn(in: node.process) }
            node.process.kill()
            disk.kill()
            node.close()
            count(node.isStopping ? "drained" : "gaveUp")
            come(back: .seconds(1))
        }
    }

    /// Ends the engine in good order; the same process goes on with the next settings.
    func reload() {
        guard isUp, let node, !node.isStopping, !node.isReloading else { return }
        settings += 1
        node.reload()
    }

    private func goOn(in process: SimulatedProcess) {
        node?.close()
        begin(process) { _ in count("reload") }
    }

    /// Lets the next release take over as soon as the process has ended. `drains`: it is asked to, else it is killed.
    func upgrade(drains: Bool) {
        count("upgrade")
        upgrades += 1
        if drains, isUp { node?.stop() } else { end(losesPower: false, back: .seconds(1)) }
    }
    /// Upgrades that wait for the process to end.
    private var upgrades = 0

    /// Puts the store back to what the release before this one would have left, and counts as the new one from here.
    private func install() {
        guard upgrades > 0 else { return }
        disk.heal()
        defer { plan() }
        if disk.size(of: "node.db") != nil {
            // Where there are no tables yet, the new release makes them.
            _ = disk.execute(StoreSchema.undo, on: store)
        }
        upgrades = 0
        release += 1
    }

    private func come(back pause: Duration) {
        guard !isComing else { return }
        isComing = true
        let node = Confined(self)
        simulator.schedule(at: simulator.now + pause) {
            node.value.isComing = false
            node.value.start()
        }
    }

    /// Draws from the machine's dice.
    func draw() -> UInt64 { random.next() }

    /// Counts what happened.
    func count(_ what: String) { counts[what, default: 0] += 1 }

    // MARK: - Its disk

    /// Lets a share of the disk's operations fail from now on.
    func fail(_ faults: [DiskFault], share: Double) {
        errors += faults.map { .rate(share, $0) }
        plan()
    }

    /// The power goes off during the `operation`th change from now on.
    func losePower(atOperation operation: Int) {
        plan([.at(operation, .powerLoss)])
    }

    /// One disk operation goes wrong and the disk says that all is well: the `operation`th that it can hit from now.
    func deceive(_ fault: DiskFault, atOperation operation: Int) {
        plan([.at(operation, fault)])
    }

    /// No write that needs more room succeeds.
    func fill() {
        capacity = disk.files.reduce(0) { $0 + (disk.size(of: $1) ?? 0) }
        plan()
    }

    /// There is room again.
    func free() {
        capacity = nil
        plan()
    }

    /// Nothing goes wrong on the disk any more.
    func calm() {
        errors = []
        capacity = nil
        plan()
    }

    /// An empty disk takes the place of the one there.
    func loseDisk() throws {
        lostDisks.append(disk.counts)
        end(losesPower: true, back: .seconds(2))
        disk = try FaultDisk(seed: random.next())
        treatment.forget()
        count("diskLost")
    }

    private func plan(_ further: [DiskPlan.Rule] = []) {
        // More rules than are allowed cannot be: a scenario has a handful.
        try? disk.follow(DiskPlan(further + errors, capacity: capacity.map { max(1, $0) }))
    }

    /// Everything that went wrong on this machine, by kind.
    var faults: [String: Int] {
        var faults: [String: Int] = [:]
        for (what, number) in counts { faults["\(side.rawValue).\(what)"] = number }
        for counts in lostDisks + [disk.counts] {
            faults["\(side.rawValue).powerLoss", default: 0] += counts.powerLosses
            for (fault, number) in counts.faults where fault != .powerLoss {
                faults["\(side.rawValue).\(fault.rawValue)", default: 0] += number
            }
        }
        return faults.filter { $0.value > 0 }
    }
}
