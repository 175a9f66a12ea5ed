import Canonical
import Contracts
import FaultDisk
import Foundation
import GRDB
import Testing
import World

@testable import Store

/// What a mending takes, and what becomes of one that never ends.
@Suite("Store mending")
struct StoreMendingTests {
    private static let checked = "millwright-checked-mending"

    /// Does something to the disk when the new store's epoch is drawn: in the middle of a mending, behind the copying.
    private struct FatefulEntropy: Entropy {
        let act: @Sendable () -> Void

        func bytes(_ count: Int) -> [UInt8] {
            act()
            return Array(repeating: 7, count: count)
        }
    }

    /// A store whose first page is damaged, on a disk in memory.
    private static func damaged(_ disk: FaultDisk, _ world: World) async throws -> String {
        try StoreAddress.register(checked, over: FaultDisk.fileSystem)
        let path = disk.path("node.db", through: checked)
        let store = try Store(StoreSettings(path: path), world: world)
        let documents = (1...50).map { EventDocument(.completed($0)) }
        let now = world.clock.now()
        _ = try await store.write { try $0.append(documents, lane: .normal, recorded: now) }
        await store.close()
        #expect(disk.flipBit(2, at: 150, of: "node.db"))
        return path
    }

    private static func world(_ world: World, _ act: @escaping @Sendable () -> Void) -> World {
        World(
            clock: world.clock, disk: world.disk, network: world.network, entropy: FatefulEntropy(act: act),
            storeExecutor: world.storeExecutor)
    }

    /// Copies `count` rows of `bytes` each; says how many were kept, in how many commits, and the largest of these.
    private static func salvage(_ count: Int, bytes: Int) throws -> (kept: Int, commits: Int, largest: Int) {
        let scratch = try Scratch()
        let source = try DatabaseQueue(path: scratch.path + "/old.db")
        let target = try DatabaseQueue(path: scratch.path + "/new.db")
        for queue in [source, target] {
            try queue.write { try $0.execute(sql: "CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)") }
        }
        try source.write { db in
            for _ in 0..<count {
                try db.execute(sql: "INSERT INTO t(body) VALUES(zeroblob(?))", arguments: [bytes])
            }
        }
        let result = try source.read { db in
            var salvage = try TableSalvage("t", from: db, to: target)
            try salvage.run()
            return (kept: salvage.kept, commits: salvage.commits, largest: salvage.largestCommit)
        }
        let copied = try target.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM t WHERE length(body) = \(bytes)")
        }
        #expect(copied == count)
        try source.close()
        try target.close()
        return result
    }

    @Test("rows of a megabyte are copied a few at a time, small ones by the thousand")
    func batches() throws {
        let large = try Self.salvage(20, bytes: 1 << 20)
        #expect(large.kept == 20 && large.commits == 5)
        #expect(large.largest < SalvageBatch.bytesMaximum + (1 << 20))
        let small = try Self.salvage(2 * SalvageBatch.rowsMaximum + 1, bytes: 10)
        #expect(small.kept == 2 * SalvageBatch.rowsMaximum + 1 && small.commits == 3)
    }

    @Test("a mending that never ends is counted; after five the store waits an hour, and is mended then")
    func unfinished() throws {
        let disk = try FaultDisk(seed: 1)
        try simulated { world, _ in
            let path = try await Self.damaged(disk, world)
            let dying = Self.world(world) { disk.powerLoss() }
            for round in 1...5 {
                #expect(throws: (any Error).self) { _ = try Store(StoreSettings(path: path), world: dying) }
                #expect(disk.isOff, "the process ended in the middle")
                disk.powerOn()
                let times = try MendingAttempts(StoreAddress(path)).times()
                #expect(times.count == round)
                try await world.clock.sleep(for: .seconds(60))
            }
            let refusal = #expect(throws: Failure.self) { _ = try Store(StoreSettings(path: path), world: world) }
            #expect(refusal?.kind == StoreFailures.damagedAgain)
            try await world.clock.sleep(for: .seconds(3_600))
            let store = try Store(StoreSettings(path: path), world: world)
            #expect(store.mended != nil)
            let events = try await store.read { try $0.journal(lane: .normal, after: 0, limit: 100).count }
            #expect(events == 50, "the first page is kept twice")
            await store.close()
            let times = try MendingAttempts(StoreAddress(path)).times()
            #expect(times.isEmpty, "the new store says itself how often it was mended")
        }
    }

    @Test("a mending that ends with a reason may be tried again at once")
    func failed() throws {
        let disk = try FaultDisk(seed: 1)
        try simulated { world, _ in
            let path = try await Self.damaged(disk, world)
            let failing = Self.world(world) {
                try? disk.follow(DiskPlan([.at(1, .writeError, files: .log)]))
            }
            for _ in 1...8 {
                #expect(throws: (any Error).self) { _ = try Store(StoreSettings(path: path), world: failing) }
                disk.heal()
            }
            let store = try Store(StoreSettings(path: path), world: world)
            #expect(store.mended != nil)
            await store.close()
        }
    }
}
