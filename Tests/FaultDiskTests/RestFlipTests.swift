import Canonical
import FaultDisk
import SimulatedWorld
import Store
import Testing
import World

/// Bits that flip while nobody looks: in the files of a store that was closed, and of one whose process was killed.
@Suite("Bits that flip at rest")
struct RestFlipTests {
    /// Copies of the files that a life leaves. `isKilled`: with a log that was not taken into the database.
    private static func files(isKilled: Bool) throws -> (files: [String: [UInt8]], state: Dump) {
        try simulated { world in
            let disk = try FaultDisk(seed: 1)
            try StoreAddress.register(Trial.checked, over: FaultDisk.fileSystem)
            let path = disk.path("node.db", through: Trial.checked)
            let store = try Store(StoreSettings(path: path), world: world)
            for step in Step.workload {
                switch step {
                case .checkpoint, .restart: break
                default: try await store.write { try step.apply($0) }
                }
            }
            let state = try Dump(path: path)
            if isKilled { disk.kill() } else { await store.close() }
            let files = Dictionary(uniqueKeysWithValues: disk.files.map { ($0, disk.contents(of: $0)) })
            store.abandon()
            return (files.filter { !$0.value.isEmpty }, state)
        }
    }

    /// Opens the store and reads everything: nil where that is exact, or told; else what is wrong.
    private static func wrong(_ disk: FaultDisk, _ state: Dump, _ world: World) async throws -> String? {
        let path = disk.path("node.db", through: Trial.checked)
        let store = try Store(StoreSettings(path: path), world: world)
        await store.close()
        // Everything is read; where that fails a person mends.
        _ = try StoreDoctor.repair(path, world: world)
        let dump = try Dump(path: path)
        if dump.isMended { return dump.untold([state]) }
        return dump == state ? nil : "differs in \(dump.differences(from: state).joined(separator: ", "))"
    }

    @Test(
        "a flipped bit in a store's files is mended or told, never passed on",
        arguments: [(false, "node.db"), (true, "node.db"), (true, "node.db-wal"), (true, "node.db-sums")])
    func flipped(isKilled: Bool, file: String) throws {
        let (files, state) = try Self.files(isKilled: isKilled)
        let bytes = try #require(files[file]?.count)
        var mended = 0
        // A prime step: it comes by every place within pages and frames. The first bytes, which lead to all others, all.
        let places = Array(0..<min(100, bytes)) + Array(stride(from: 100, to: bytes, by: 3_001))
        for (index, place) in places.enumerated() {
            let (wrong, isMended) = try simulated { world in
                let disk = try FaultDisk(seed: UInt64(place))
                for (name, content) in files { disk.put(content, as: name) }
                #expect(disk.flipBit(index % 8, at: place, of: file))
                let wrong = try await Self.wrong(disk, state, world)
                return (wrong, try Dump(path: disk.path("node.db", through: Trial.checked)).isMended)
            }
            #expect(wrong == nil, "bit \(index % 8) of byte \(place) of \(file)")
            if isMended { mended += 1 }
        }
        // Where nothing is ever found, nothing is looked at.
        let isAllInLog = isKilled && file == "node.db"
        #expect(mended > 0 || isAllInLog || file == "node.db-sums")
    }

    /// Opens the store as often as it takes; answers with what it holds then.
    private static func mending(
        of files: [String: [UInt8]], flipping place: Int, plan: DiskPlan
    ) throws -> (dump: Dump, faults: Int) {
        try simulated { world in
            let disk = try FaultDisk(seed: 1)
            for (name, content) in files { disk.put(content, as: name) }
            #expect(disk.flipBit(3, at: place, of: "node.db-wal"))
            try disk.follow(plan)
            let path = disk.path("node.db", through: Trial.checked)
            var tries = 0
            while true {
                do {
                    let store = try Store(StoreSettings(path: path), world: world)
                    await store.close()
                    let faults = disk.counts.faults.values.reduce(0, +)
                    disk.heal()
                    return (try Dump(path: path), faults)
                } catch {
                    tries += 1
                    guard tries < 5 else { throw error }
                }
            }
        }
    }

    @Test(
        "a mending whose disk fails for a moment loses nothing that can be read a moment later",
        arguments: [DiskFault.readError, .openError])
    func mendedOnAFailingDisk(_ fault: DiskFault) throws {
        let (files, _) = try Self.files(isKilled: true)
        let place = try #require(files["node.db-wal"]?.count) / 2
        let quiet = try Self.mending(of: files, flipping: place, plan: DiskPlan()).dump
        #expect(quiet.isMended)
        var reached = 0
        for nth in 1...2_000 {
            let (dump, faults) = try Self.mending(of: files, flipping: place, plan: DiskPlan([.at(nth, fault)]))
            guard faults > 0 else { break }
            reached = nth
            let lost = dump.lacks(quiet)
            #expect(lost.isEmpty && dump.isMended, "\(fault) \(nth): \(lost.prefix(3))")
        }
        #expect(reached > 5)
    }
}
