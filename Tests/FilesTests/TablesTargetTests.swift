import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import FilesConnector

/// The files of a tables target, whatever happens to the process.
@Suite("tables target")
struct TablesTargetTests {
    private func target(_ disk: MemoryDisk, _ clock: TestClock = TestClock(), _ more: JSON = [:]) throws -> TablesTarget
    {
        let json = JSON.object([
            "path": "/out/orders.csv",
            "format": ["kind": "csv", "lineEnd": "lf", "columns": [["name": "order"], ["name": "note"]]],
        ]).merging(more)
        return try TablesTarget(
            name: "erp", settings: SettingsMaker.settings(json, FilesSpec.tables.fields), world: .test(disk, clock))
    }

    private func command(_ id: Int64, _ arguments: JSON? = nil, key: String? = nil) -> Command {
        Command(
            id: id, target: "erp", flow: "orders", operation: "write", key: "k", lane: .normal,
            arguments: arguments ?? ["row": ["order": .string("MO-\(id)"), "note": "line\none, \"two\""]],
            idempotencyKey: key ?? "orders:/lyon/erp:\(id)", time: Instant(microseconds: 0), traceparent: nil)
    }

    private func attempt(_ command: Command, started: Instant? = nil) -> Attempt {
        Attempt(command: command, intent: ["rows": 1], ledger: [], started: started ?? command.time, writer: "e")
    }

    /// What the engine does until a command is done; `restart` makes the target anew, as a killed process does.
    private func carry(
        _ command: Command, _ target: inout TablesTarget, restart: () throws -> TablesTarget?
    ) async throws -> Acceptance {
        for _ in 0..<100 {
            guard case .ready = await target.prepare(command, ledger: []) else { break }
            let outcome = await target.perform(attempt(command))
            if let fresh = try restart() {
                // The outcome was not stored: the target is asked.
                target = fresh
                if case .happened(let acceptance) = await target.inquire(attempt(command)) { return acceptance }
                continue
            }
            switch outcome {
            case .accepted(let acceptance): return acceptance
            case .unknown:
                if case .happened(let acceptance) = await target.inquire(attempt(command)) { return acceptance }
            default: break
            }
        }
        throw Failure(FilesFailures.write, "command \(command.id) did not come to its end")
    }

    private func orders(_ disk: MemoryDisk) -> [String] {
        disk.paths.filter { $0.hasSuffix(".csv") && !$0.contains("/.") }.flatMap { path in
            let text = disk.text(path)
            #expect(text.hasPrefix("order,note\n") && text.hasSuffix("\n"), "\(path): \(text)")
            return text.dropFirst(11).split(separator: "\n").filter { $0.hasPrefix("MO-") }
                .map { String($0.prefix { $0 != "," }) }
        }
    }

    @Test(
        "killed at any change, with any part of a row on the disk, every command stands in the files once",
        arguments: 0..<40, ["append", "file"])
    func crash(_ seed: UInt64, _ mode: String) async throws {
        let disk = MemoryDisk()
        var random = SeededRandom(seed)
        let settings: JSON = ["mode": .string(mode), "segmentBytes": "4096"]
        var target = try target(disk, TestClock(), settings)
        var restarts = 0
        for id in Int64(1)...120 {
            let fails = Int.random(in: 0..<3, using: &random) == 0
            if fails {
                disk.fail(
                    after: Int.random(in: 0..<4, using: &random), torn: Int.random(in: 0...80, using: &random))
            }
            let acceptance = try await carry(command(id), &target) {
                disk.fail(after: nil)
                guard Int.random(in: 0..<3, using: &random) == 0 else { return nil }
                restarts += 1
                return try self.target(disk, TestClock(), settings)
            }
            disk.fail(after: nil)
            #expect(acceptance.reference.hasPrefix("orders-000"), "seed \(seed)")
        }
        #expect(restarts > 10)
        #expect(orders(disk) == (1...120).map { "MO-\($0)" }, "seed \(seed)")
        #expect(!disk.paths.contains { $0.hasSuffix(".part") }, "seed \(seed)")
        if mode == "file" { #expect(disk.paths.filter { $0.hasSuffix(".csv") }.count == 120, "seed \(seed)") }
    }

    @Test("a file that somebody takes away as soon as it is there is not written again", arguments: 0..<30)
    func taken(_ seed: UInt64) async throws {
        let disk = MemoryDisk()
        var random = SeededRandom(seed)
        var target = try target(disk, TestClock(), ["mode": "file"])
        var taken: [String] = []
        for id in Int64(1)...60 {
            if Bool.random(using: &random) { disk.fail(after: Int.random(in: 0..<5, using: &random)) }
            _ = try await carry(command(id), &target) {
                disk.fail(after: nil)
                taken += orders(disk)
                for path in disk.paths where path.hasSuffix(".csv") && !path.contains("/.") { disk.delete(path) }
                return try self.target(disk, TestClock(), ["mode": "file"])
            }
        }
        taken += orders(disk)
        #expect(taken == (1...60).map { "MO-\($0)" }, "seed \(seed)")
    }

    @Test(
        "JSON Lines stand in the files once, too, whenever the process is killed",
        arguments: 0..<10, ["append", "file"])
    func jsonLines(_ seed: UInt64, _ mode: String) async throws {
        let disk = MemoryDisk()
        var random = SeededRandom(seed)
        let settings: JSON = [
            "path": "/out/orders.jsonl", "mode": .string(mode), "segmentBytes": "4096", "format": ["kind": "jsonl"],
        ]
        var target = try target(disk, TestClock(), settings)
        for id in Int64(1)...60 {
            if Bool.random(using: &random) {
                disk.fail(after: Int.random(in: 0..<4, using: &random), torn: Int.random(in: 0...80, using: &random))
            }
            _ = try await carry(command(id), &target) {
                disk.fail(after: nil)
                return Bool.random(using: &random) ? try self.target(disk, TestClock(), settings) : nil
            }
            disk.fail(after: nil)
        }
        let lines = disk.paths.filter { $0.hasSuffix(".jsonl") && !$0.contains("/.") }
            .flatMap { disk.text($0).split(separator: "\n") }
        let orders = try lines.map { try JSONReader.read(String($0))["order"]?.string ?? "" }
        #expect(orders == (1...60).map { "MO-\($0)" }, "seed \(seed)")
        if mode == "file" { #expect(disk.paths.filter { $0.hasSuffix(".jsonl") }.count == 60, "seed \(seed)") }
    }

    @Test("a file whose name somebody else took in the last moment gets the next one")
    func nameTaken() async throws {
        let disk = MemoryDisk()
        let target = try target(disk, TestClock(), ["mode": "file"])
        disk.fail(after: 3)
        guard case .unknown = await target.perform(attempt(command(1))) else { throw CancellationError() }
        disk.fail(after: nil)
        disk.write("mine\n", to: "/out/orders-000001.csv")
        guard case .happened(let acceptance) = await target.inquire(attempt(command(1))) else {
            throw CancellationError()
        }
        #expect(acceptance.reference == "orders-000002.csv:0")
        #expect(disk.text("/out/orders-000001.csv") == "mine\n")
        #expect(disk.text("/out/orders-000002.csv").contains("MO-1"))
    }

    @Test("files are numbered behind what is there, begin with the header, and nothing is overwritten")
    func files() async throws {
        let disk = MemoryDisk()
        let clock = TestClock()
        disk.write("mine\n", to: "/out/orders-2025-02-01-000007.csv")
        var target = try target(
            disk, clock, ["path": "/out/orders-{date}.csv", "segmentBytes": "4096", "segmentAge": "3600s"])
        let long = String(repeating: "x", count: 5_000)
        _ = try await carry(command(1, ["row": ["order": .string(long)]]), &target) { nil }
        _ = try await carry(command(2), &target) { nil }
        clock.advance(.seconds(3_600))
        _ = try await carry(command(3), &target) { nil }
        clock.advance(.seconds(86_400))
        _ = try await carry(command(4, ["rows": [["order": "MO-4"], ["order": "MO-5"]]]), &target) { nil }
        #expect(
            disk.paths.filter { $0.hasSuffix(".csv") } == [
                "/out/orders-2025-02-01-000007.csv", "/out/orders-2025-02-03-000008.csv",
                "/out/orders-2025-02-03-000009.csv", "/out/orders-2025-02-03-000010.csv",
                "/out/orders-2025-02-04-000011.csv",
            ])
        #expect(disk.text("/out/orders-2025-02-01-000007.csv") == "mine\n")
        #expect(disk.text("/out/orders-2025-02-04-000011.csv") == "order,note\nMO-4,\nMO-5,\n")
        // Somebody else's bytes are left alone, and a file that was taken away is not begun again without its header.
        disk.write("foreign\n", to: "/out/orders-2025-02-04-000011.csv")
        _ = try await carry(command(5), &target) { nil }
        #expect(disk.text("/out/orders-2025-02-04-000012.csv").hasPrefix("order,note\nMO-5,"))
        disk.delete("/out/orders-2025-02-04-000012.csv")
        _ = try await carry(command(6), &target) { nil }
        #expect(disk.text("/out/orders-2025-02-04-000013.csv").hasPrefix("order,note\nMO-6,"))
    }

    @Test("a row that cannot be written is refused before anything is, and the others of its command with it")
    func refused() async throws {
        let disk = MemoryDisk()
        let target = try target(disk)
        for arguments in [
            ["row": ["order": ["nested": 1]]], ["rows": [["order": "MO-1"], ["order": [1]]]], ["rows": []], [:],
            ["row": 5],
            ["row": ["order": "a"], "rows": [["order": "b"]]],
        ] as [JSON] {
            guard case .settled(.rejected(let failure)) = await target.prepare(command(1, arguments), ledger: []) else {
                Issue.record("taken: \(arguments)")
                continue
            }
            #expect(failure.kind == FilesFailures.row)
        }
        #expect(disk.paths.isEmpty)
    }

    @Test("what a forgotten store may have written is looked for, and left to a person where that is not known")
    func forgotten() async throws {
        let disk = MemoryDisk()
        var target = try target(disk)
        _ = try await carry(command(1), &target) { nil }
        var known = command(1)
        known.mayBeDone = true
        guard case .settled(.accepted) = await target.prepare(known, ledger: []) else { throw CancellationError() }
        var other = command(2)
        other.mayBeDone = true
        guard case .settled(.rejected(let failure)) = await target.prepare(other, ledger: []) else {
            throw CancellationError()
        }
        #expect(failure.kind == FilesFailures.maybeWritten)
        other.isDecided = true
        guard case .ready = await target.prepare(other, ledger: []) else { throw CancellationError() }
    }

    @Test("an identity of any length is remembered over a restart, and stops nothing")
    func longIdentity() async throws {
        let disk = MemoryDisk()
        var target = try target(disk)
        let long = "orders:/lyon/erp:" + String(repeating: "x", count: 300_000)
        let (one, other) = (command(1, key: long + "1"), command(2, key: long + "2"))
        _ = try await carry(one, &target) { nil }
        target = try self.target(disk)
        guard case .happened = await target.inquire(attempt(one)) else { throw CancellationError() }
        guard case .notFound = await target.inquire(attempt(other)) else { throw CancellationError() }
        var known = one
        known.mayBeDone = true
        guard case .settled(.accepted) = await target.prepare(known, ledger: []) else { throw CancellationError() }
        _ = try await carry(other, &target) { nil }
        #expect(orders(disk) == ["MO-1", "MO-2"])
        #expect(disk.bytes("/out/.orders-.csv.position.json").count < 2_000)
    }

    @Test("what is not remembered any more is left to a person; what began later, and is not there, is written")
    func beyondMemory() async throws {
        let disk = MemoryDisk()
        func time(_ number: Int64) -> Instant { Instant(microseconds: number * 1_000_000) }
        var state = TablesState()
        state.done = (1...Int64(TablesState.remembered)).map { id in
            TablesState.Written(
                key: TablesState.key("orders:/lyon/erp:\(id)", id), file: "orders-000001.csv", offset: 0,
                started: time(id))
        }
        disk.write(state.json.bytes, to: "/out/.orders-.csv.position.json")
        let first = try target(disk)
        guard case .happened = await first.inquire(attempt(command(1), started: time(1))) else {
            throw CancellationError()
        }
        guard case .accepted = await first.perform(attempt(command(9_001), started: time(9_001))) else {
            throw CancellationError()
        }
        // As it stands, and as another process reads it.
        let second = try target(disk)
        for target in [first, second] {
            guard case .cannotTell(let failure) = await target.inquire(attempt(command(1), started: time(1))) else {
                throw CancellationError()
            }
            #expect(failure.kind == FilesFailures.maybeWritten)
            guard case .happened = await target.inquire(attempt(command(2), started: time(2))) else {
                throw CancellationError()
            }
            guard case .notFound = await target.inquire(attempt(command(9_002), started: time(3))) else {
                throw CancellationError()
            }
        }
    }

    @Test("a position file of the version before is understood, however long its keys are")
    func earlierPositionFile() async throws {
        let disk = MemoryDisk()
        let long = "orders:/lyon/erp:" + String(repeating: "x", count: 300_000)
        disk.write("order,note\nMO-1,\nMO-2,\n", to: "/out/orders-000001.csv")
        let entries = [("orders:/lyon/erp:1#1", 0), ("\(long)#2", 17)].map { key, offset -> JSON in
            [.string(key), "orders-000001.csv", .int(offset)]
        }
        let state: JSON = [
            "segment": "orders-000001.csv", "number": 1, "opened": "2025-02-03T06:00:00Z", "size": 23,
            "done": .array(entries),
        ]
        disk.write(state.bytes, to: "/out/.orders-.csv.position.json")
        let target = try target(disk)
        guard case .happened(let acceptance) = await target.inquire(attempt(command(2, key: long))) else {
            throw CancellationError()
        }
        #expect(acceptance.reference == "orders-000001.csv:17")
        guard case .happened = await target.inquire(attempt(command(1))) else { throw CancellationError() }
        guard case .notFound = await target.inquire(attempt(command(3))) else { throw CancellationError() }
    }

    @Test("a disk that is full is waited for, and a position file that is broken stops the target with a way out")
    func trouble() async throws {
        let disk = MemoryDisk()
        let target = try target(disk)
        disk.write("{", to: "/out/.orders-.csv.position.json")
        guard case .unknown(let failure) = await target.perform(attempt(command(1))) else { throw CancellationError() }
        #expect(failure.kind.code == "FILES-020")
        guard case .deferred(let deferral) = await target.inquire(attempt(command(1))) else {
            throw CancellationError()
        }
        #expect(deferral.failure.kind.code == "FILES-020" && deferral.isTargetDown)
        disk.delete("/out/.orders-.csv.position.json")
        disk.fail(after: 1)
        guard case .deferred(let full) = await target.perform(attempt(command(1))) else { throw CancellationError() }
        #expect(full.failure.kind.code == "FILES-019" && full.isTargetDown)
        disk.fail(after: nil)
        guard case .notFound = await target.inquire(attempt(command(1))) else { throw CancellationError() }
    }
}
