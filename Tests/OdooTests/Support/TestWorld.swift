import Canonical
import Foundation
import World

/// A clock that stands where it is put.
final class TestClock: WorldClock {
    // Guarded by its lock: a test moves it while the target reads it.
    private let time = LockedBox(Instant(text: "2025-02-03T06:00:00Z") ?? Instant(microseconds: 0))

    func now() -> Instant { time.value }
    func uptime() -> Duration { time.value.since(Instant(microseconds: 0)) }
    func sleep(for duration: Duration) async throws { advance(duration) }
    func advance(_ duration: Duration) { time.update { $0 = $0 + duration } }
    func set(_ instant: Instant) { time.update { $0 = instant } }
}

/// A value behind a lock.
final class LockedBox<Value: Sendable>: @unchecked Sendable {  // every access holds `lock`
    private let lock = NSLock()
    private var stored: Value
    init(_ value: Value) { stored = value }
    var value: Value { lock.withLock { stored } }
    func update(_ body: (inout Value) -> Void) { lock.withLock { body(&stored) } }
}

/// A repeatable source of randomness (SplitMix64).
struct SeededGenerator: RandomNumberGenerator, Sendable {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

struct NoDisk: Disk {
    private func refuse(_ operation: String) -> DiskFailure {
        DiskFailure(operation: operation, path: "", reason: .denied, detail: "the Odoo target uses no disk")
    }
    func list(_ directory: String) throws(DiskFailure) -> [DiskEntry] { throw refuse("list") }
    func status(_ path: String) throws(DiskFailure) -> FileStatus? { throw refuse("status") }
    func read(_ path: String, from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8] { throw refuse("read") }
    func append(_ bytes: [UInt8], to path: String, sync: Bool) throws(DiskFailure) -> Int { throw refuse("append") }
    func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(DiskFailure) { throw refuse("replace") }
    func move(_ path: String, to destination: String) throws(DiskFailure) { throw refuse("move") }
    func truncate(_ path: String, to size: Int) throws(DiskFailure) { throw refuse("truncate") }
    func remove(_ path: String) throws(DiskFailure) { throw refuse("remove") }
    func makeDirectory(_ path: String) throws(DiskFailure) { throw refuse("makeDirectory") }
    func freeBytes(at path: String) throws(DiskFailure) -> Int { throw refuse("freeBytes") }
}

struct FixedEntropy: Entropy {
    func bytes(_ count: Int) -> [UInt8] { Array(repeating: 7, count: count) }
}

final class UnusedExecutor: SerialExecutor {
    func enqueue(_ job: consuming ExecutorJob) { job.runSynchronously(on: asUnownedSerialExecutor()) }
}

extension World {
    static func test(_ network: any Network, clock: any WorldClock = TestClock()) -> World {
        World(clock: clock, disk: NoDisk(), network: network, entropy: FixedEntropy(), storeExecutor: UnusedExecutor())
    }
}
