import Canonical
import SimulatedWorld
import Synchronization
import Testing
import World

/// Runs `body` in one simulated process, from a seed, to its end. Fails the test where it never ends.
func simulated<R: Sendable>(seed: UInt64 = 1, _ body: @escaping @Sendable (World) async throws -> R) throws -> R {
    let simulator = Simulator(seed: seed, start: Instant(microseconds: 1_772_400_000_000_000))
    let process = SimulatedProcess("test", on: simulator)
    let world = World(
        clock: SimulatedClock(process), disk: SimulatedDisk(),
        network: SimulatedNetworkPort(SimulatedNetwork(simulator)), entropy: SimulatedEntropy(simulator),
        storeExecutor: SimulatedStoreExecutor(process))
    let result = Mutex<Result<R, any Error>?>(nil)
    process.start {
        let outcome: Result<R, any Error>
        do { outcome = .success(try await body(world)) } catch { outcome = .failure(error) }
        result.withLock { $0 = outcome }
    }
    let isOver = simulator.run(until: simulator.now + .seconds(86_400)) { result.withLock { $0 != nil } }
    try #require(isOver, "the simulated test never ended (seed \(seed))")
    return try #require(result.withLock { $0 }).get()
}
