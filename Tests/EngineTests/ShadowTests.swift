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

@Suite("flows that only show what they would do")
struct ShadowTests {
    /// A node with shadow flows beside a live one, over a stand-in for Odoo that counts what is written to it.
    private struct Plant: Sendable {
        static let orders = (0..<3).map { "ORDER-\($0)" }
        let odoo: ForgetfulOdoo
        let world: World
        let store: Store

        var target: OdooTarget {
            let wired = World(
                clock: world.clock, disk: world.disk, network: odoo.network(world.clock), entropy: world.entropy,
                storeExecutor: world.storeExecutor)
            return OdooTarget(
                name: "odoo", address: ForgetfulOdoo.address("mes"), options: OdooOptions(orderBy: .origin),
                world: wired)
        }

        static func run(
            _ version: OdooStandInVersion, _ body: @escaping @Sendable (Plant) async throws -> Void
        ) throws {
            let scratch = try Scratch()
            let path = scratch.path + "/node.db"
            try simulated { world, simulator in
                let odoo = ForgetfulOdoo(OdooStandIn(version: version, installed: simulator.now), simulator)
                _ = try await OdooProvisioner(
                    address: ForgetfulOdoo.address("admin"), network: odoo.network(world.clock)
                ).provision(
                    products: [.init(code: "PART", name: "Part")], workCenters: [.init(code: "CNC1", name: "Mill")],
                    orders: orders.map { .init(origin: $0, item: "PART", quantity: ExactNumber(1_000)) })
                let plant = Plant(
                    odoo: odoo, world: world, store: try Store(StoreSettings(path: path), world: world))
                try await withThrowingTaskGroup { group in
                    let runner = plant.runner
                    group.addTask { try await runner.run() }
                    try await body(plant)
                    group.cancelAll()
                    while let result = await group.nextResult() {
                        if case .failure(let error) = result, !(error is CancellationError) { throw error }
                    }
                }
                await plant.store.close()
            }
        }

        private var runner: TargetRunner {
            func policy(isShadow: Bool) -> FlowPolicy {
                FlowPolicy(
                    coalescing: nil, retry: RetryPolicy(base: .milliseconds(100), cap: .seconds(2)),
                    holdsOnReject: true, expiry: nil, isShadow: isShadow)
            }
            return TargetRunner(
                target: target, store: store, world: world,
                policies: ["shadow": policy(isShadow: true), "live": policy(isShadow: false)], concurrency: 3,
                breaker: CircuitBreaker(), limits: Limits())
        }

        func deliver(_ flow: FlowName, _ number: Int64, _ operation: String, _ arguments: JSON) async throws {
            let now = world.clock.now()
            let key = arguments["order"]?.string ?? "CNC1"
            let delivery = Delivery(
                target: "odoo", flow: flow, event: JournalNumber(lane: .normal, number: number),
                key: OrderingKey(flow == "shadow" ? "shadow/\(key)" : key), conflicts: [], lane: .normal,
                operation: operation, arguments: arguments, identity: "\(flow):/lyon/cnc1:\(number)", time: now,
                created: now, traceparent: nil)
            _ = try await store.write { try $0.insert(delivery) }
        }

        func count(_ flow: FlowName, _ number: Int64, _ order: Int, _ quantity: Int) async throws {
            try await deliver(
                flow, number, "production.progress",
                [
                    "order": .string(Self.orders[order]), "quantity": ["value": .int(quantity), "unit": "pcs"],
                ])
        }

        func drain() async throws {
            for _ in 0..<2_000 {
                try await world.clock.sleep(for: .milliseconds(100))
                let isIdle = try await store.read {
                    try $0.pendingCount("odoo", upTo: 1) == 0 && $0.openCommands("odoo").isEmpty
                }
                if isIdle { return }
            }
            Issue.record("the node did not drain")
        }

        func report(_ flow: FlowName? = nil) async throws -> ShadowComparison.Report {
            let store = store
            return try await ShadowComparison(target: target) { mark, limit in
                try await store.read { try $0.shadowCommands("odoo", after: mark, limit: limit) }
            }.report(since: Instant(microseconds: 0), until: world.clock.now(), flow: flow)
        }
    }

    @Test(
        "nothing is written, and what would have been stands beside what others did",
        arguments: OdooStandInVersion.allCases)
    func compares(_ version: OdooStandInVersion) throws {
        try Plant.run(version) { plant in
            let writes = plant.odoo.writes
            for number in 1...Int64(12) { try await plant.count("shadow", number, Int(number % 3), Int(number)) }
            try await plant.deliver("shadow", 20, "production.confirm", ["order": .string(Plant.orders[0])])
            try await plant.count("shadow", 21, 0, 5)
            try await plant.deliver(
                "shadow", 22, "production.progress",
                ["order": "NO-SUCH-ORDER", "quantity": ["value": 1, "unit": "pcs"]])
            try await plant.drain()
            #expect(plant.odoo.writes == writes)
            // Nothing is done yet, by nobody.
            var report = try await plant.report()
            #expect(report.verdicts[.wouldSend] == 13 && report.verdicts[.isThere] == 1)
            #expect(report.verdicts[.wouldBeRefused] == 1 && report.refusals.count == 1)
            #expect(report.values.count == 3 && !report.isEqual && report.isMissing)
            let sums = [3 + 6 + 9 + 12 + 5, 1 + 4 + 7 + 10, 2 + 5 + 8 + 11]
            for (order, sum) in zip(Plant.orders, sums) {
                let value = try #require(report.values.first { $0.order == order })
                #expect(value.before == ExactNumber(0) && value.expected == ExactNumber(sum))
                #expect(value.difference == ExactNumber(-sum))
            }
            // Somebody else posts the same, but for two pieces of one order.
            for (order, sum) in sums.enumerated() {
                try await plant.count("live", 100 + Int64(order), order, order == 1 ? sum - 2 : sum)
            }
            try await plant.drain()
            report = try await plant.report()
            #expect(!report.isEqual)
            #expect(report.values.filter { $0.difference != ExactNumber(0) }.map(\.order) == [Plant.orders[1]])
            #expect(report.values.first { $0.order == Plant.orders[1] }?.difference == ExactNumber(-2))
            try await plant.count("live", 110, 1, 2)
            try await plant.drain()
            #expect(try await plant.report().isEqual)
            #expect(try await plant.report("another").verdicts.isEmpty)
            // No exception of a shadow waits for anybody, and the ledger knows of the live ones alone.
            #expect(try await plant.store.read { try $0.openExceptionCount() } == 0)
        }
    }

    @Test("of a target that does not look before it sends, nothing is said to be missing")
    func unseen() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let target = PickyTarget()
            let policy = FlowPolicy(
                coalescing: nil, retry: RetryPolicy(base: .milliseconds(100)), holdsOnReject: true, expiry: nil,
                isShadow: true)
            let runner = TargetRunner(
                target: target, store: store, world: world, policies: ["progress": policy], concurrency: 2,
                breaker: CircuitBreaker(), limits: Limits())
            try await withThrowingTaskGroup { group in
                group.addTask { try await runner.run() }
                try await store.write { transaction in
                    for number in 1...Int64(3) {
                        _ = try transaction.insert(Delivery.sample(event: number, key: "MO-\(number)"))
                    }
                }
                var worked: [ShadowCommand] = []
                for _ in 0..<200 where worked.count < 3 {
                    try await world.clock.sleep(for: .milliseconds(100))
                    let start = DoneMark(settled: Instant(microseconds: 0), command: 0)
                    worked = try await store.read { try $0.shadowCommands("odoo", after: start, limit: 9) }
                }
                #expect(worked.count == 3)
                let report = try await ShadowComparison(target: target) { mark, limit in
                    try await store.read { try $0.shadowCommands("odoo", after: mark, limit: limit) }
                }.report(since: Instant(microseconds: 0), until: world.clock.now(), flow: nil)
                #expect(report.items.count == 3 && !report.isLookedAt)
                let unknown = report.items.filter { if case .neverKnown = $0.standing { true } else { false } }
                #expect(unknown.count == 3)
                #expect(!report.isMissing && !report.isEqual)
                #expect(target.taken.withLock { $0.isEmpty })
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
            await store.close()
        }
    }

    @Test("what would make a record is missing until somebody has made it, and is said so")
    func records() throws {
        try Plant.run(.v19) { plant in
            let writes = plant.odoo.writes
            try await plant.deliver("shadow", 1, "maintenance.request", ["description": "it is loud"])
            try await plant.deliver("shadow", 2, "production.cancel", ["order": .string(Plant.orders[2])])
            try await plant.drain()
            #expect(plant.odoo.writes == writes)
            var report = try await plant.report()
            #expect(report.items.count == 2 && report.values.isEmpty && !report.isEqual)
            try await plant.deliver("live", 3, "production.cancel", ["order": .string(Plant.orders[2])])
            try await plant.drain()
            report = try await plant.report()
            let there = report.items.filter { if case .isThere = $0.standing { true } else { false } }
            #expect(there.map(\.command.done.command.operation) == ["production.cancel"])
        }
    }
}
