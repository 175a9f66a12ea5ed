import Canonical
import Contracts
import ExactJSON
import FaultDisk
import Foundation
import Store
import Testing
import World

@Suite("Store")
struct StoreTests {
    @Test("what was committed is there after the store was opened again")
    func survivesReopening() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let stored = try await store.write { transaction in
                try transaction.setPosition("komax", "03/Job.sdc", ["offset": 412])
                return try transaction.append(
                    (1...3).map { EventDocument(.completed($0)) }, lane: .normal, recorded: world.clock.now())
            }
            #expect(stored == 3)
            let epoch = store.epoch
            await store.close()
            let again = try Store(StoreSettings(path: path), world: world)
            #expect(again.epoch == epoch)
            let (entries, position) = try await again.read { transaction in
                (
                    try transaction.journal(lane: .normal, after: 0, limit: 10),
                    try transaction.position("komax", "03/Job.sdc")
                )
            }
            #expect(entries.map(\.number.number) == [1, 2, 3])
            #expect(entries[1].document == EventDocument(.completed(2)))
            #expect(position == ["offset": 412])
            await again.close()
        }
    }

    @Test("an event that is stored already is passed over and leaves no gap in its lane")
    func duplicatesLeaveNoGap() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            for numbers in [[1, 2], [2, 1, 3], [3, 3, 4]] {
                _ = try await store.write {
                    try $0.append(
                        numbers.map { EventDocument(.completed($0)) }, lane: .normal, recorded: world.clock.now())
                }
            }
            let entries = try await store.read { try $0.journal(lane: .normal, after: 0, limit: 100) }
            #expect(entries.map(\.number.number) == [1, 2, 3, 4])
            #expect(Set(entries.map(\.document.envelope.id)).count == 4)
            await store.close()
        }
    }

    @Test("callers that wait together share commits, and one's failure undoes only its own work")
    func groupCommit() throws {
        struct Refused: Error {}
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let before = store.bell.rings
            let failures = await withTaskGroup { group in
                for n in 0..<40 {
                    group.addTask {
                        do {
                            try await store.write { transaction in
                                try transaction.setPosition("s", "p\(n)", .int(n))
                                if n % 10 == 3 { throw Refused() }
                            }
                            return 0
                        } catch { return 1 }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(failures == 4)
            let commits = store.bell.rings - before
            #expect(commits < 20, "40 callers made \(commits) commits")
            for n in 0..<40 {
                let value = try await store.read { try $0.position("s", "p\(n)") }
                #expect(value == (n % 10 == 3 ? nil : .int(n)))
            }
            #expect(store.rollbacks >= 4)
            await store.close()
        }
    }

    @Test("an event trimmed long ago is still known, and nothing behind a cursor or an open delivery is trimmed")
    func trimming() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            let old = world.clock.now() - .seconds(100)
            try await store.write { transaction in
                try transaction.keepCursors(of: ["odoo", "uplink"])
                _ = try transaction.append((1...10).map { EventDocument(.completed($0)) }, lane: .normal, recorded: old)
                try transaction.setCursor("odoo", .normal, 8)
                try transaction.setCursor("uplink", .normal, 6)
                try transaction.insert(.sample(event: 2))
            }
            let trimmed = try await store.write {
                try $0.trim(.normal, storedBefore: world.clock.now(), limit: 100).removed
            }
            #expect(trimmed == 5)
            let left = try await store.read { try $0.journal(lane: .normal, after: 0, limit: 100).map(\.number.number) }
            #expect(left == [2, 7, 8, 9, 10])
            let fresh = try await store.write {
                try $0.append(
                    (1...11).map { EventDocument(.completed($0)) }, lane: .normal, recorded: world.clock.now())
            }
            #expect(fresh == 1)
            #expect(try await store.read { try $0.lastNumber(.normal) } == 11)
            await store.close()
        }
    }

    @Test("lanes number their events independently and without gaps")
    func lanes() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            for n in 1...9 {
                let lane = Lane.allCases[n % 3]
                _ = try await store.write {
                    try $0.append([EventDocument(.completed(n))], lane: lane, recorded: world.clock.now())
                }
            }
            for lane in Lane.allCases {
                let numbers = try await store.read {
                    try $0.journal(lane: lane, after: 0, limit: 10).map { $0.number.number }
                }
                #expect(numbers == [1, 2, 3])
            }
            await store.close()
        }
    }

    @Test("a store that cannot be begun, as the disk is full, says so; and it begins as soon as there is room")
    func fullAtStart() throws {
        let disk = try FaultDisk(seed: 1)
        let path = disk.path("node.db")
        try disk.follow(DiskPlan(capacity: 20_000))
        try simulated { world, _ in
            let refusal = #expect(throws: Failure.self) { try Store(StoreSettings(path: path), world: world) }
            #expect(refusal?.kind.code == "STORE-001")
            #expect(refusal?.suggestion.contains("Free space") == true)
            disk.heal()
            await (try Store(StoreSettings(path: path), world: world)).close()
        }
    }

    @Test("a store of a newer version is refused with a clear word")
    func newerVersion() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            try await store.write { try $0.pretendNewerVersion() }
            await store.close()
            let failure = #expect(throws: Failure.self) { _ = try Store(StoreSettings(path: path), world: world) }
            #expect(failure?.kind == StoreFailures.newerVersion)
            // Who only looks, or leaves a request, would take its tables for what they were.
            let reading = #expect(throws: Failure.self) { _ = try StoreReader(path: path) }
            #expect(reading?.kind == StoreFailures.newerVersion)
            let looking = #expect(throws: Failure.self) { try StoreReader.read(path) { _ in } }
            #expect(looking?.kind == StoreFailures.newerVersion)
        }
    }
}

extension Delivery {
    static func sample(event: Int64, key: String = "MO1", id: Int64 = 0, quantity: Int = 1) -> Delivery {
        Delivery(
            id: id, target: "odoo", flow: "progress", event: JournalNumber(lane: .normal, number: event),
            key: OrderingKey(key), conflicts: [], lane: .normal, operation: "production.progress",
            arguments: ["order": .string(key), "quantity": ["value": .int(quantity), "unit": "pcs"]],
            identity: "progress:/lyon/cnc1:\(event)", time: Instant(microseconds: event),
            created: Instant(microseconds: 0),
            traceparent: nil)
    }
}
