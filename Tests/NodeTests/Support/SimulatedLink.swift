import Canonical
import Contracts
import ExactJSON
import NodeConnector
import NodeSecurity
import SimulatedWorld
import Synchronization
import World

/// An edge and a hub as processes on a simulated network and clock.
final class SimulatedLink: Sendable {
    static let start = Instant(microseconds: 1_750_000_000_000_000)
    static let origin = "https://hub.test"
    static let edge: NodeID = "lyon-edge"

    let simulator: Simulator
    let network: SimulatedNetwork
    let hubProcess: SimulatedProcess
    let hubClock: SimulatedClock
    let hubIntake = MemoryIntake()
    let edgeIntake = MemoryIntake()
    let enrolled: EnrolledNodes
    let hubKey: NodeKey
    let edgeKey: NodeKey
    private let routes = Mutex<[Route]>([])

    init(seed: UInt64) throws {
        simulator = Simulator(seed: seed, start: Self.start)
        network = SimulatedNetwork(simulator)
        hubProcess = SimulatedProcess("hub", on: simulator)
        hubClock = SimulatedClock(hubProcess)
        hubKey = try NodeKey(entropy: SimulatedEntropy(simulator))
        edgeKey = try NodeKey(entropy: SimulatedEntropy(simulator))
        enrolled = EnrolledNodes(path: "/enrolled.json", disk: SimulatedDisk())
        try enrolled.enrol(Self.edge, edgeKey.publicKey, by: "test", now: Self.start)
        network.listen(
            Self.origin,
            SimulatedNetwork.Endpoint(process: hubProcess) { request in
                await RouteNetwork.dispatch(request, to: self.routes.withLock { $0 })
            })
    }

    func world(_ process: SimulatedProcess, _ clock: SimulatedClock) -> World {
        World(
            clock: clock, disk: SimulatedDisk(), network: SimulatedNetworkPort(network),
            entropy: SimulatedEntropy(simulator), storeExecutor: SimulatedStoreExecutor(process))
    }

    var address: HubAddress {
        get throws { try HubAddress(Self.origin, node: Self.edge, key: edgeKey, trust: .system) }
    }

    func serve(_ routes: [Route]) { self.routes.withLock { $0 = routes } }

    /// The hub's way down, with an empty mailbox: as after a start of the hub.
    func startTarget(timeout: Duration = .seconds(30), validity: Duration = .seconds(86_400)) -> DownlinkTarget {
        let target = DownlinkTarget(
            name: "lyon-edge", edge: Self.edge, plant: "lyon", validity: validity, timeout: timeout, hub: "hub",
            key: hubKey,
            enrolled: enrolled, world: world(hubProcess, hubClock))
        serve(target.routes)
        return target
    }

    /// Starts the edge's source as a new process, as an engine would: again after it gave up.
    func startEdge(skew: Duration = .zero, hubKey: NodePublicKey? = nil) throws -> Edge {
        let process = SimulatedProcess("edge", on: simulator)
        let clock = SimulatedClock(process, offset: skew)
        let source = DownlinkSource(
            name: "orders", hub: try address, hubKey: hubKey ?? self.hubKey.publicKey, world: world(process, clock),
            limits: Limits())
        let edge = Edge(process: process, source: source)
        process.start {
            while !Task.isCancelled {
                do {
                    try await source.run(self.edgeIntake)
                } catch {
                    edge.note(error as? Failure)
                    try? await clock.sleep(for: .seconds(5))
                }
            }
        }
        return edge
    }

    final class Edge: Sendable {
        let process: SimulatedProcess
        let source: DownlinkSource
        private let failures = Mutex<[Failure]>([])

        init(process: SimulatedProcess, source: DownlinkSource) {
            self.process = process
            self.source = source
        }

        func note(_ failure: Failure?) { failures.withLock { $0.append(contentsOf: failure.map { [$0] } ?? []) } }
        var given: [Failure] { failures.withLock { $0 } }
    }

    /// Runs `body` as a task of the hub's until it is done; nil where it was not done within the time.
    func run<R: Sendable>(for limit: Duration = .seconds(3_600), _ body: @escaping @Sendable () async -> R) -> R? {
        let result = Mutex<R?>(nil)
        hubProcess.start {
            let value = await body()
            result.withLock { $0 = value }
        }
        _ = simulator.run(until: simulator.now + limit) { result.withLock { $0 != nil } }
        return result.withLock { $0 }
    }

    /// Lets time pass.
    func pass(_ duration: Duration) { _ = simulator.run(until: simulator.now + duration) { false } }

    func command(
        _ id: Int64, operation: String = "order.release", time: Instant? = nil,
        arguments: JSON = ["order": "MO/7", "asset": "cnc01", "item": "P-7", "quantity": ["value": 5, "unit": "pcs"]]
    ) -> Command {
        Command(
            id: id, target: "lyon-edge", flow: "release", operation: operation, key: "MO/7", lane: .normal,
            arguments: arguments, idempotencyKey: "hub-0000\(id)", time: time ?? simulator.now,
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    }
}

extension Target {
    /// Prepares and performs, as an engine would.
    func carry(_ command: Command, at started: Instant) async -> (Outcome, Attempt?) {
        switch await prepare(command, ledger: []) {
        case .ready(let intent):
            let attempt = Attempt(command: command, intent: intent, ledger: [], started: started, writer: "edge")
            return (await perform(attempt), attempt)
        case .settled(let outcome): return (outcome, nil)
        case .needsLedger: return (.unknown(Failure(NodeFailures.arguments, "no ledger is kept here")), nil)
        }
    }
}

extension Outcome {
    /// The outcome in a word, with its code.
    var word: String {
        switch self {
        case .accepted: "accepted"
        case .rejected(let failure): "rejected \(failure.kind.code)"
        case .deferred(let deferral): "deferred \(deferral.failure.kind.code)"
        case .unknown(let failure): "unknown \(failure.kind.code)"
        }
    }
}

extension Inquiry {
    var word: String {
        switch self {
        case .happened: "happened"
        case .notFound: "notFound"
        case .cannotTell(let failure): "cannotTell \(failure.kind.code)"
        case .deferred(let deferral): "deferred \(deferral.failure.kind.code)"
        }
    }
}
