import Canonical
import Contracts
import Delivery
import FaultDisk
import Store
import Synchronization
import Testing
import World

@Suite("Forwarding to another node")
struct StreamForwarderTests {
    /// Takes everything, and lets something happen when it is asked for the first time.
    private final class Hub: StreamTarget {
        let name: TargetName = "hub"
        private let atFirst: @Sendable () -> Void
        private let segments = Mutex<[ClosedRange<Int64>]>([])

        init(atFirst: @escaping @Sendable () -> Void) { self.atFirst = atFirst }

        var taken: [ClosedRange<Int64>] { segments.withLock { $0 } }

        func forward(_ segment: JournalSegment) async throws -> StreamProgress {
            if taken.isEmpty { atFirst() }
            segments.withLock { $0.append(segment.first...segment.last) }
            return StreamProgress(position: segment.last)
        }
    }

    @Test("a disk that is full for a second holds forwarding up for seconds, and what was sent is sent again")
    func fullDisk() throws {
        let disk = try FaultDisk(seed: 3)
        let path = disk.path("node.db")
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let hub = Hub { try? disk.follow(DiskPlan([.rate(1, .diskFull)])) }
            try await store.write {
                try $0.keepCursors(of: [hub.name], fromBeginning: [hub.name])
                _ = try $0.append(
                    (1...3).map { EventDocument(.completed($0)) }, lane: .normal, recorded: world.clock.now())
            }
            let forwarder = StreamForwarder(
                target: hub, store: store, world: world, retry: RetryPolicy(), limits: Limits())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await forwarder.run() }
                try await world.clock.sleep(for: .seconds(1))
                disk.heal()
                try await world.clock.sleep(for: .seconds(5))
                group.cancelAll()
            }
            #expect(try await store.read { try $0.cursor(hub.name, .normal) } == 3)
            #expect(hub.taken.count > 1 && hub.taken.allSatisfy { $0 == 1...3 }, "\(hub.taken)")
            await store.close()
        }
    }
}
