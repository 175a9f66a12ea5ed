import Contracts
import ExactJSON
import FaultDisk
import Store
import Testing
import World

@Suite("Audit chain")
struct AuditChainTests {
    /// A store with three lines, which `sql` then changes from outside; returns where the chain breaks then.
    private func breakAfter(_ sql: String) throws -> Int64? {
        let disk = try FaultDisk(seed: 1)
        let path = disk.path("node.db")
        let found = Found()
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            for number in 1...3 {
                try await store.write {
                    try $0.audit(
                        "exception.discard", actor: "ines", detail: ["exception": .int(number)], now: world.clock.now())
                }
            }
            #expect(try await store.read { try $0.auditBreak() } == nil)
            await store.close()
            #expect(disk.execute(sql, on: path))
            let again = try Store(StoreSettings(path: path), world: world)
            found.line = try await again.read { try $0.auditBreak() }
            try await again.write { try $0.audit("store.looked", actor: "ines", detail: [:], now: world.clock.now()) }
            #expect(try await again.read { try $0.auditBreak() } == found.line)
            await again.close()
        }
        return found.line
    }

    /// Used on the one thread of the simulator.
    private final class Found: @unchecked Sendable { var line: Int64? }

    @Test(
        "a line that was changed, taken out or put between is found",
        arguments: [
            ("UPDATE audit SET detail = '{\"exception\":9}' WHERE seq = 2", 2),
            ("UPDATE audit SET actor = 'nobody' WHERE seq = 1", 1),
            ("UPDATE audit SET time = time + 1 WHERE seq = 3", 3),
            ("DELETE FROM audit WHERE seq = 2", 3),
            ("DELETE FROM audit WHERE seq = 1", 2),
            ("UPDATE audit SET seq = 9 WHERE seq = 2", 3),
            ("UPDATE audit SET digest = NULL WHERE seq = 2", 2),
        ])
    func tampering(sql: String, line: Int64) throws {
        #expect(try breakAfter(sql) == line)
    }

    @Test("a store of the first schema gets its chain when it is opened")
    func migrates() throws {
        #expect(try breakAfter(StoreSchema.undo) == nil)
    }

    @Test("a store of a later schema is refused with both versions")
    func refusesLater() throws {
        let disk = try FaultDisk(seed: 1)
        let path = disk.path("node.db")
        try simulated { world, _ in
            await (try Store(StoreSettings(path: path), world: world)).close()
            #expect(disk.execute("PRAGMA user_version = 999", on: path))
            let refusal = #expect(throws: Failure.self) { try Store(StoreSettings(path: path), world: world) }
            #expect(refusal?.kind.code == "STORE-002")
            #expect(refusal?.message.contains("999") == true)
        }
    }
}
