import Canonical
import Contracts
import Delivery
import ExactJSON
import OdooConnector
import OdooStandIn
import SimulatedWorld
import Synchronization
import Testing
import World

/// An Odoo of a few workers: a request that finds none free waits, as it does at a real one.
private final class FewWorkers: Network {
    private struct State {
        var odoo: OdooStandIn
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
        var most = 0
    }

    private let state: Mutex<State>
    private let count: Int
    private let clock: any WorldClock

    init(_ odoo: OdooStandIn, workers: Int, clock: any WorldClock) {
        state = Mutex(State(odoo: odoo, free: workers))
        count = workers
        self.clock = clock
    }

    /// The most requests that were worked on or waited at one time.
    var most: Int { state.withLock { $0.most } }

    func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
        throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "no streams")
    }

    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
    {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                state.most = max(state.most, count - state.free + state.waiting.count + 1)
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
        try? await clock.sleep(for: .milliseconds(30))
        var inner = request
        inner.target = String(request.target.dropFirst("http://odoo".count))
        let (response, next) = state.withLock { state in
            let response = state.odoo.handle(inner, now: clock.now())
            guard !state.waiting.isEmpty else {
                state.free += 1
                return (response, CheckedContinuation<Void, Never>?.none)
            }
            return (response, state.waiting.removeFirst())
        }
        next?.resume()
        return response
    }
}

@Suite("questions beside commands")
struct AnswersBesideCommandsTests {
    private static func address(_ login: String) -> OdooAddress {
        OdooAddress(endpoint: "http://odoo", database: "demo", login: login, secret: "key-\(login)")
    }

    /// Posts quantities to an order, one after the other, as the engine does.
    private static func post(_ count: Int, to order: String, _ target: OdooTarget, _ now: Instant) async -> Int {
        var ledger: [LedgerKey: LedgerEntry] = [:]
        var accepted = 0
        for number in 1...count {
            let command = Command(
                id: Int64(number), target: "odoo", flow: "progress", operation: "production.progress",
                key: OrderingKey(order), lane: .normal,
                arguments: ["order": .string(order), "quantity": ["value": 1, "unit": "pcs"]],
                idempotencyKey: "\(order)/\(number)", time: now, traceparent: nil)
            var entries: [LedgerEntry] = []
            var preparation = await target.prepare(command, ledger: entries)
            if case .needsLedger(let keys) = preparation {
                entries = keys.map { ledger[$0] ?? LedgerEntry(key: $0, value: .null) }
                preparation = await target.prepare(command, ledger: entries)
            }
            guard case .ready(let intent) = preparation else { continue }
            let attempt = Attempt(command: command, intent: intent, ledger: entries, started: now, writer: "test")
            guard case .accepted(let acceptance) = await target.perform(attempt) else { continue }
            for entry in acceptance.ledger { ledger[entry.key] = entry }
            accepted += 1
        }
        return accepted
    }

    /// How long three flows of commands take, beside so many callers who ask all the time.
    private func duration(callers: Int, seed: UInt64, _ world: World, _ simulator: Simulator) async throws -> (
        posted: Int, took: Duration, answers: [String: Int], most: Int
    ) {
        let version = OdooStandInVersion.allCases[Int(seed % 4)]
        let network = FewWorkers(
            OdooStandIn(version: version, installed: simulator.now), workers: 6, clock: world.clock)
        let orders = (0..<3).map { "ORDER-\($0)" }
        _ = try await OdooProvisioner(address: Self.address("admin"), network: network).provision(
            products: [.init(code: "PART", name: "Part")],
            orders: orders.map { .init(origin: $0, item: "PART", quantity: ExactNumber(1_000)) })
        let wired = World(
            clock: world.clock, disk: world.disk, network: network, entropy: world.entropy,
            storeExecutor: world.storeExecutor)
        let target = OdooTarget(
            name: "odoo", address: Self.address("mes"), options: OdooOptions(orderBy: .origin), world: wired)
        var settings = AnswerSettings()
        settings.age = .zero
        let desk = AnswerDesk(target: target, settings: settings, clock: world.clock)
        let answers = Shared<[String: Int]>([:])
        let isOver = Shared(false)
        return try await withThrowingTaskGroup { group in
            group.addTask { await desk.run() }
            try await world.clock.sleep(for: .milliseconds(1))
            for caller in 0..<callers {
                group.addTask {
                    var turn = caller
                    while !isOver.value {
                        turn += 1
                        let order = orders[turn % 3]
                        let reply =
                            turn % 2 == 0
                            ? await desk.ask("production.start", ["order": order])
                            : await desk.ask("availability", ["item": "PART", "quantity": String(turn % 50)])
                        answers.change { $0[reply.brief, default: 0] += 1 }
                        if reply.answer == nil { try? await world.clock.sleep(for: .milliseconds(100)) }
                    }
                }
            }
            let began = world.clock.uptime()
            let posted = await withTaskGroup { posters in
                for order in orders {
                    posters.addTask { await Self.post(30, to: order, target, world.clock.now()) }
                }
                return await posters.reduce(0, +)
            }
            let took = world.clock.uptime() - began
            isOver.change { $0 = true }
            group.cancelAll()
            try await group.waitForAll()
            return (posted, took, answers.value, network.most)
        }
    }

    @Test("commands take no longer beside a crowd that asks all the time", arguments: 1...8 as ClosedRange<UInt64>)
    func unhindered(_ seed: UInt64) throws {
        try simulated(seed: seed) { world, simulator in
            let alone = try await duration(callers: 0, seed: seed, world, simulator)
            let crowded = try await duration(callers: 60, seed: seed, world, simulator)
            #expect(alone.posted == 90 && crowded.posted == 90, "seed \(seed)")
            #expect(crowded.took <= alone.took + alone.took / 20, "seed \(seed): \(alone.took) \(crowded.took)")
            // Three commands and two questions at one time, whoever asks.
            #expect(alone.most <= 3 && crowded.most <= 5, "seed \(seed): \(crowded.most)")
            #expect(crowded.answers["target"] ?? 0 > 20, "seed \(seed): \(crowded.answers)")
        }
    }
}
