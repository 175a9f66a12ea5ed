import Canonical
import Contracts
import Delivery
import ExactJSON
import OdooConnector
import OdooStandIn
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

/// A node over an Odoo that can be set back, in its own process, with a memory of all that was made.
struct ForgetfulPlant {
    static let orders = (0..<4).map { "ORDER-\($0)" }
    let odoo: ForgetfulOdoo
    let path: String
    let world: World
    let simulator: Simulator
    var random: SeededRandom
    private var process: SimulatedProcess?
    private var store: Store?
    private(set) var number: Int64 = 0
    private var made: [String: ExactNumber] = [:]
    private var scraps = 0
    private var upkeep = (downtimes: 0, requests: 0)

    init(seed: UInt64, path: String, world: World, simulator: Simulator) async throws {
        let version = OdooStandInVersion.allCases[Int(seed % 4)]
        odoo = ForgetfulOdoo(OdooStandIn(version: version, installed: simulator.now), simulator)
        self.path = path
        self.world = world
        self.simulator = simulator
        random = SeededRandom(seed: seed &* 77 &+ 5)
        _ = try await OdooProvisioner(address: ForgetfulOdoo.address("admin"), network: odoo.network(world.clock))
            .provision(
                products: [.init(code: "PART", name: "Part")], workCenters: [.init(code: "CNC1", name: "Mill")],
                orders: Self.orders.map { .init(origin: $0, item: "PART", quantity: ExactNumber(100_000)) })
    }

    mutating func draw(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(random.next() % UInt64(range.count))
    }

    // MARK: - The node

    func target(_ world: World) -> OdooTarget {
        let wired = World(
            clock: world.clock, disk: world.disk, network: odoo.network(world.clock), entropy: world.entropy,
            storeExecutor: world.storeExecutor)
        return OdooTarget(
            name: "odoo", address: ForgetfulOdoo.address("mes"), options: OdooOptions(orderBy: .origin), world: wired)
    }

    mutating func start() throws {
        let process = SimulatedProcess("node", on: simulator)
        let world = World.simulated(process)
        let store = try Store(StoreSettings(path: path), world: world)
        let merge = OdooTarget.operations.first { $0.name == "production.progress" }?.merge
        let policy = FlowPolicy(
            coalescing: merge.map { .init(window: .milliseconds(300), maximum: 5, rule: $0) },
            retry: RetryPolicy(base: .milliseconds(100), cap: .seconds(2)), holdsOnReject: true, expiry: nil)
        let runner = TargetRunner(
            target: target(world), store: store, world: world, policies: ["progress": policy], concurrency: 3,
            breaker: CircuitBreaker(), limits: Limits())
        let gate = OperatorDesk.Gate { _, key in
            await runner.announce(key)
        } released: { _, key in
            try await runner.released(key)
        } hold: { _, key in
            try await runner.hold(key)
        }
        let desk = OperatorDesk(
            store: store, world: world, gate: gate,
            takingBack: { OdooTarget.takingBack($1, from: $2) }
        ) { _, _ in .failure(DeliveryFailures.unclear.failure("nothing is mapped here")) }
        process.start {
            await withTaskGroup { group in
                group.addTask { try? await runner.run() }
                group.addTask { try? await desk.run() }
            }
        }
        (self.process, self.store) = (process, store)
    }

    func kill() {
        process?.kill()
        store?.abandon()
    }

    var reader: StoreReader { get throws { try StoreReader(path: path) } }
    var epoch: String { store?.epoch ?? "" }

    /// Waits until all is done that can be done.
    func drain() async throws {
        for _ in 0..<20_000 {
            try await world.clock.sleep(for: .milliseconds(500))
            let isIdle = try reader.read { transaction in
                try transaction.pendingCount("odoo", upTo: 1) == 0 && transaction.openCommands("odoo").isEmpty
                    && transaction.openRequests(limit: 1).isEmpty
            }
            if isIdle { return }
        }
        Issue.record("the node did not drain")
    }

    // MARK: - Work

    /// Makes facts of all kinds.
    mutating func work(_ count: Int) async throws {
        for _ in 0..<count {
            let order = Self.orders[draw(0...3)]
            switch draw(0...9) {
            case 0:
                scraps += 1
                try await deliver(
                    "scrap.record", key: order,
                    ["order": .string(order), "quantity": ["value": .int(draw(1...3)), "unit": "pcs"]])
            case 1:
                upkeep.requests += 1
                try await deliver("maintenance.request", key: "CNC1", ["description": .string("noise \(number)")])
            case 2:
                upkeep.downtimes += 1
                let from = world.clock.now() - .seconds(draw(60...4_000))
                try await deliver(
                    "downtime.record", key: "CNC1",
                    [
                        "workcenter": "CNC1", "from": .string(from.description),
                        "to": .string((from + .seconds(30)).description),
                    ])
            default: try await progress(order, "\(draw(0...20)).\(draw(1...9))\(draw(0...9))\(draw(0...9))")
            }
            if draw(0...3) == 0 { try await world.clock.sleep(for: .milliseconds(draw(1...2_000))) }
        }
    }

    mutating func progress(_ order: String, _ quantity: String) async throws {
        let amount = try #require(try JSONReader.read(quantity).number)
        made[order] = try ExactNumber.adding(made[order] ?? ExactNumber(0), amount)
        try await deliver(
            "production.progress", key: order,
            ["order": .string(order), "quantity": ["value": .number(amount), "unit": "pcs"]])
    }

    mutating func deliver(_ operation: String, key: String, _ arguments: JSON) async throws {
        number += 1
        let now = world.clock.now()
        let delivery = Delivery(
            target: "odoo", flow: operation == "production.progress" ? "progress" : "other",
            event: JournalNumber(lane: .normal, number: number), key: OrderingKey(key),
            conflicts: [], lane: .normal, operation: operation, arguments: arguments,
            identity: "flow:/lyon/cnc1:\(number)", time: now, created: now, traceparent: nil)
        _ = try await store?.write { try $0.insert(delivery) }
    }

    // MARK: - The person

    func list(_ span: Reconciler.Span) async throws -> ReconciliationList {
        let path = path
        let pages = Reconciler.Pages(
            done: { mark, limit in
                try StoreReader(path: path).read { try $0.doneCommands("odoo", after: mark, limit: min(limit, 500)) }
            },
            ledger: { keys in try StoreReader(path: path).read { try $0.ledger("odoo", keys) } })
        return try await Reconciler(target: target(world), pages: pages).list(span)
    }

    func post(_ list: ReconciliationList) throws -> [Int64] {
        try list.groups().map { group in
            let order = list.order(for: group, target: target(world), epoch: epoch, list: "seen")
            return try reader.request(order, by: "test", note: "Odoo was restored", now: world.clock.now())
        }
    }

    /// Changes an order's quantity as a planner does.
    func correct(_ order: String, to quantity: Int) async throws {
        let connection = OdooConnection(ForgetfulOdoo.address("admin"), network: odoo.network(world.clock))
        let rows = try await connection.call(
            .find("mrp.production", [["origin", "=", .string(order)]], ["origin"], limit: 5))
        let id = try #require(rows[0]?["id"]?.int)
        _ = try await connection.call(.write("mrp.production", [id], ["qty_producing": .int(quantity)]))
    }

    // MARK: - What stands in Odoo

    private var odooReader: OdooReader {
        OdooReader(address: ForgetfulOdoo.address("admin"), network: odoo.network(world.clock))
    }

    func shown() async throws -> [String: ExactNumber] {
        try await odooReader.orders(origins: Self.orders).mapValues(\.good)
    }

    /// Compares what was made with what stands in Odoo.
    func check(_ words: String) async throws {
        let shown = try await shown()
        let step = try #require(try JSONReader.read("0.01").number)
        for order in Self.orders {
            let made = made[order] ?? ExactNumber(0)
            let inOdoo = shown[order] ?? ExactNumber(0)
            let rest = try ExactNumber.subtracting(made, inOdoo)
            #expect(!rest.isNegative && rest < step, "\(words): \(order) was made \(made) and shows \(inOdoo)")
        }
        let counts = odoo.copy.rowCounts
        #expect(counts["stock.scrap"] ?? 0 == scraps, "\(words): scraps")
        let upkeep = try await odooReader.upkeep()
        #expect(upkeep.downtimes == self.upkeep.downtimes, "\(words): downtimes")
        #expect(upkeep.maintenanceRequests == self.upkeep.requests, "\(words): maintenance requests")
        let exceptions = try reader.read { try $0.exceptions(limit: 5).map(\.failure.message) }
        #expect(exceptions.isEmpty, "\(words): \(exceptions)")
    }
}

/// The stand-in behind a network with some latency, that can be copied and set back.
final class ForgetfulOdoo: Sendable {
    private struct State {
        var odoo: OdooStandIn
        var writes = 0
    }
    private let state: Mutex<State>
    private let simulator: Simulator

    init(_ odoo: OdooStandIn, _ simulator: Simulator) {
        state = Mutex(State(odoo: odoo))
        self.simulator = simulator
    }

    static func address(_ login: String) -> OdooAddress {
        OdooAddress(endpoint: "http://odoo", database: "demo", login: login, secret: "key-\(login)")
    }

    var copy: OdooStandIn { state.withLock { $0.odoo } }
    func restore(_ backup: OdooStandIn) { state.withLock { $0.odoo = backup } }
    /// Requests that changed something.
    var writes: Int { state.withLock { $0.writes } }

    fileprivate func handle(_ request: HTTPRequest) -> HTTPResponse {
        let text = String(decoding: request.body, as: UTF8.self)
        let changes =
            ["\"write\"", "\"load\"", "\"do_scrap\""].contains { text.contains($0) }
            || ["/write", "/load", "/do_scrap"].contains { request.target.hasSuffix($0) }
        return state.withLock { state in
            if changes { state.writes += 1 }
            return state.odoo.handle(request, now: simulator.now)
        }
    }

    func network(_ clock: any WorldClock) -> any Network { Way(odoo: self, clock: clock) }

    private struct Way: Network {
        let odoo: ForgetfulOdoo
        let clock: any WorldClock

        func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
            throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "no streams")
        }

        func send(
            _ request: HTTPRequest, timeout: Duration, maximumBody: Int
        ) async throws(NetworkFailure) -> HTTPResponse {
            var inner = request
            inner.target = String(request.target.dropFirst("http://odoo".count))
            do {
                try await clock.sleep(for: .milliseconds(20))
                let response = odoo.handle(inner)
                try await clock.sleep(for: .milliseconds(20))
                return response
            } catch {
                throw NetworkFailure(.broken, mayHaveArrived: true, detail: "\(error)")
            }
        }
    }
}
