import Canonical
import Contracts
import ExactJSON
import FaultDisk
import FilesConnector
import HTTPConnector
import Intake
import NodeConnector
import NodeSettings
import Routing
import SimulatedWorld
import Store
import Synchronization
import World

/// Runs one case of a folder's tests on a node of its own, which has the folder's sources, signals and flows, a store
/// in memory, a clock that jumps, no network and no target.
///
/// What comes in goes the way that it goes in a plant: bytes through the source that reads them, readings and events
/// through the intake. What is stored then is routed and mapped by the very plans of a running node.
final class CaseRun {
    /// Why a case has no outcome.
    struct Stopped: Error, CustomStringConvertible {
        let description: String
    }

    /// Steps of the simulated node behind which a case counts as endless.
    private static let stepsMaximum = 1_000_000
    /// The most events, and exceptions, that a case may make.
    private static let outcomeMaximum = 10_000
    /// How much time passes between two steps that say nothing of it.
    private static let pause = Duration.seconds(10)

    private let folder: NodeFolder
    private let plans: [RoutingPlan]
    private let simulator: Simulator
    private let process: SimulatedProcess
    private let disk: CaseDisk
    private let world: World
    private let storeDisk: FaultDisk
    private let store: Store
    private let gate: IntakeGate
    private var sources: [SourceName: any Source] = [:]
    private var networks: [SourceName: CaseNetwork] = [:]
    private let trouble = Confine<String?>(nil)
    private var events = 0

    /// A node that begins at `start`. `real`: the disk on which sources find what belongs to their settings, such as a
    /// machine's device model.
    init(_ folder: NodeFolder, plans: [RoutingPlan], start: Instant, real: any Disk) throws {
        self.folder = folder
        self.plans = plans
        simulator = Simulator(seed: 1, start: start)
        process = SimulatedProcess("test", on: simulator)
        let clock = SimulatedClock(process)
        disk = CaseDisk(clock: clock, real: real)
        world = World(
            clock: clock, disk: disk, network: CaseNetwork(clock: clock), entropy: SimulatedEntropy(simulator),
            storeExecutor: SimulatedStoreExecutor(process))
        storeDisk = try FaultDisk(seed: 1)
        store = try Store(StoreSettings(path: storeDisk.path("node.db")), world: world)
        gate = IntakeGate(
            store: store, world: world, settings: try Composition.intake(folder, world: world), limits: Limits())
    }

    /// What came out of the case. Throws ``Stopped`` where it cannot be told.
    static func outcome(
        of test: TestCase, in folder: NodeFolder, plans: [RoutingPlan], disk: any Disk
    ) throws -> [TestCase.Section: JSON] {
        let run = try CaseRun(folder, plans: plans, start: test.start, real: disk)
        defer { run.end() }
        return try run.outcome(of: test)
    }

    private func end() {
        process.kill()
        store.abandon()
        simulator.end()
    }

    private func outcome(of test: TestCase) throws -> [TestCase.Section: JSON] {
        try remember(test.context)
        start(gateTask)
        for (index, step) in test.steps.enumerated() {
            try pass(step.after ?? (index == 0 ? .zero : Self.pause))
            try hand(step)
            try pass(.zero)
        }
        try pass(test.wait)
        return try read(CaseContext.assets(of: test, in: folder))
    }

    /// Has the signals remember what is at hand, before anything reads of it.
    private func remember(_ contexts: JSONObject) throws {
        guard !contexts.isEmpty else { return }
        let store = store
        start { try await store.write { transaction in try CaseContext.remember(contexts, transaction) } }
        try pass(.zero)
    }

    // MARK: - Time

    /// Lets the node work for so long, by its own clock.
    private func pass(_ duration: Duration) throws {
        let end = simulator.now + duration
        let last = Self.stepsMaximum
        if simulator.run(until: end, isDone: { self.simulator.steps > last }) {
            throw Stopped(
                description: "the node is still at work after \(last) steps: let less time pass, or poll less often")
        }
        simulator.advance(to: end)
        if let trouble = trouble.value { throw Stopped(description: trouble) }
    }

    /// Starts something on the node; what it throws ends the case.
    private func start(_ body: @escaping @Sendable () async throws -> Void) {
        let trouble = trouble
        process.start {
            do {
                try await body()
            } catch {
                trouble.value = trouble.value ?? "\(error)"
            }
        }
    }

    private var gateTask: @Sendable () async throws -> Void {
        let gate = gate
        return { try await gate.run() }
    }

    // MARK: - What comes in

    private func hand(_ step: TestCase.Step) throws {
        let section = step.source.flatMap { name in folder.sources.first { $0.name == name } }
        switch step.input {
        case .bytes(let bytes, let file): try hand(bytes, file, section)
        case .readings(let readings): submit(SourceBatch(source: name(section), readings: made(readings, section)))
        case .documents(let documents): try hand(documents, section)
        case .events(let given):
            try hand(try given.map { try EnvelopeScanner.scan(completed($0, section)) }, section)
        }
    }

    /// What takes in what comes without a source.
    private static let nobody: SourceName = "test"

    private func name(_ section: SourceSection?) -> SourceName { section?.name ?? Self.nobody }

    private func submit(_ batch: SourceBatch) {
        let gate = gate
        start { _ = try await gate.submit(batch) }
    }

    private func made(_ readings: [TestCase.GivenReading], _ section: SourceSection?) -> [Reading] {
        readings.map { given in
            events += 1
            var fact: String?
            if case .record = given.value { fact = Self.id(events) }
            return Reading(
                asset: given.asset ?? section?.asset ?? AssetID(name(section).rawValue), name: given.name,
                value: given.value, time: given.time ?? world.clock.now(), factID: fact, origin: Origin("test"))
        }
    }

    /// Bytes, by the way that the source reads them.
    private func hand(_ bytes: [UInt8], _ file: String?, _ section: SourceSection?) throws {
        guard let section else { return }
        switch section.protocolName {
        case FilesSpec.source.name:
            for (index, path) in try FilesSpec.filesToWrite(file ?? "", section.settings).enumerated() {
                _ = try disk.append(index == 0 ? bytes : [], to: path, sync: false)
            }
            try open(section)
        case HTTPSpec.source.name:
            let isBatch = bytes.first { $0 > 0x20 } == UInt8(ascii: "[")
            try post([bytes], type: "application/cloudevents\(isBatch ? "-batch" : "")+json", section)
        default:
            try open(section)
            networks[section.name]?.say(bytes)
        }
    }

    /// Events: over HTTP by the door's own way, from elsewhere as they stand.
    private func hand(_ documents: [EventDocument], _ section: SourceSection?) throws {
        guard let section, section.protocolName == HTTPSpec.source.name else {
            return submit(SourceBatch(source: name(section), documents: documents))
        }
        try post(documents.map(\.bytes), type: "application/cloudevents+json", section)
    }

    private func post(_ bodies: [[UInt8]], type: String, _ section: SourceSection) throws {
        guard let route = try open(section).routes.first else { return }
        let trouble = trouble
        start {
            for body in bodies {
                let request = HTTPRequest(
                    method: "POST", target: route.path, headers: ["Content-Type": type], body: body)
                let response = await route.handle(request, [:])
                // What is wrong with the events is among the exceptions; this is wrong with the way they came.
                guard response.status >= 500 || [401, 413, 415].contains(response.status) else { continue }
                let words = String(decoding: response.body, as: UTF8.self)
                trouble.value = "source \(section.name) answered \(response.status): \(words)"
            }
        }
    }

    /// The source, running: it begins when something first comes for it.
    @discardableResult
    private func open(_ section: SourceSection) throws -> any Source {
        if let source = sources[section.name] { return source }
        let network = CaseNetwork(clock: world.clock)
        networks[section.name] = network
        let world = World(
            clock: world.clock, disk: disk, network: network, entropy: world.entropy,
            storeExecutor: world.storeExecutor)
        let source: any Source =
            if section.protocolName == HTTPSpec.source.name {
                // Whoever posts is known here, so the door asks for no token.
                try CloudEventsSource(
                    name: section.name, settings: section.settings, token: nil,
                    plants: Set(folder.plants.map(\.name)), world: world, limits: Limits())
            } else {
                try Composition.source(section, of: folder, world: world)
            }
        sources[section.name] = source
        let gate = gate
        start { try await source.run(gate) }
        try pass(.zero)
        return source
    }

    /// An event with what its case leaves out.
    private func completed(_ given: JSONObject, _ section: SourceSection?) -> [UInt8] {
        events += 1
        let plant = section?.plant ?? folder.plants.first?.name ?? "plant"
        let system = section?.asset?.rawValue ?? name(section).rawValue
        var event: JSONObject = [
            "specversion": "1.0", "id": .string(Self.id(events)), "source": .string("/\(plant)/\(system)"),
            "time": .string(world.clock.now().description),
        ]
        for (name, value) in given { event[name] = value }
        return JSON.object(event).bytes
    }

    private static func id(_ number: Int) -> String {
        let digits = String(number)
        return "test-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    // MARK: - What came out

    private func read(_ assets: [String]) throws -> [TestCase.Section: JSON] {
        let found = Confine<([JournalEntry], [ExceptionRecord], JSONObject)>(([], [], [:]))
        let store = store
        start {
            found.value = try await store.read { transaction in
                var entries: [JournalEntry] = []
                for lane in Lane.allCases {
                    entries += try transaction.journal(lane: lane, after: 0, limit: Self.outcomeMaximum + 1)
                }
                let limit = Self.outcomeMaximum + 1
                let exceptions = try transaction.exceptions(openOnly: false, limit: limit)
                return (entries, exceptions, try CaseContext.read(assets, transaction))
            }
        }
        try pass(.zero)
        let (stored, exceptions, contexts) = found.value
        guard stored.count <= Self.outcomeMaximum, exceptions.count <= Self.outcomeMaximum else {
            throw Stopped(
                description: "the case made more than \(Self.outcomeMaximum) events or exceptions: make it smaller")
        }
        let entries = stored.sorted { ($0.recorded, $0.number) < ($1.recorded, $1.number) }
        var outcome = CaseOutcome(exceptions: exceptions, contexts: contexts)
        for entry in entries { try outcome.add(told(entry), plans) }
        return outcome.sections
    }

    /// Events without a source come as from an edge: who owns what, they are told by the source that takes edges in.
    private func told(_ entry: JournalEntry) -> JournalEntry {
        guard entry.via == Self.nobody, !folder.sources.contains(where: { $0.name == Self.nobody }) else {
            return entry
        }
        let edges = folder.sources.first { $0.protocolName == NodeSpec.intake.name }?.name
        return JournalEntry(number: entry.number, document: entry.document, recorded: entry.recorded, via: edges)
    }
}

/// A value that tasks of the one simulated thread leave for each other.
final class Confine<Value: Sendable>: Sendable {
    private let box: Mutex<Value>

    init(_ value: Value) { box = Mutex(value) }

    var value: Value {
        get { box.withLock { $0 } }
        set { box.withLock { $0 = newValue } }
    }
}
