import Canonical
import Contracts
import ExactJSON
import Foundation
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

/// A folder of its own for one test, removed at its end.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "millwright-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Runs `body` in one simulated process, from a seed, to its end. Fails the test where it never ends.
func simulated(seed: UInt64 = 1, _ body: @escaping @Sendable (World, Simulator) async throws -> Void) throws {
    let simulator = Simulator(seed: seed, start: Instant(text: "2026-03-02T06:00:00Z")!)
    let process = SimulatedProcess("test", on: simulator)
    let world = World.simulated(process)
    let result = Mutex<Result<Void, any Error>?>(nil)
    process.start {
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(world, simulator)) } catch { outcome = .failure(error) }
        result.withLock { $0 = outcome }
    }
    let isOver = simulator.run(until: simulator.now + .seconds(7 * 86_400)) { result.withLock { $0 != nil } }
    #expect(isOver, "the simulated test never ended (seed \(seed))")
    try result.withLock { try $0?.get() }
}

extension World {
    static func simulated(_ process: SimulatedProcess, network: (any Network)? = nil) -> World {
        World(
            clock: SimulatedClock(process), disk: SimulatedDisk(),
            network: network ?? SimulatedNetworkPort(SimulatedNetwork(process.simulator)),
            entropy: SimulatedEntropy(process.simulator), storeExecutor: SimulatedStoreExecutor(process))
    }
}

extension Event {
    /// A completed piece, number `n`, of an order.
    static func completed(_ n: Int, order: String = "MO1", source: String = "/lyon/cnc1", quantity: Int = 1) -> Event {
        let digits = String(n)
        return Event(
            id: String(repeating: "0", count: 10 - digits.count) + digits, source: source,
            type: "millwright.production.completed.v1", subject: order,
            time: Instant(microseconds: 1_772_000_000_000_000 + Int64(n) * 1_000_000),
            data: ["order": .string(order), "quantity": ["value": .int(quantity), "unit": "pcs"]])
    }
}
