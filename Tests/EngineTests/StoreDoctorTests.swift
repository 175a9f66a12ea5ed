import Canonical
import Contracts
import ExactJSON
import Foundation
import GRDB
import Testing
import World

@testable import Store

/// A store in a folder of its own, and what a person does to it.
@Suite("Store doctor")
struct StoreDoctorTests {
    /// Fills a store with `events` events of about 2 KB in several commits, and deliveries of the first ten.
    private static func fill(_ path: String, events: ClosedRange<Int>, _ world: World) async throws -> String {
        let store = try Store(StoreSettings(path: path), world: world)
        try await store.write { try $0.keepCursors(of: ["odoo"]) }
        for start in stride(from: events.lowerBound, through: events.upperBound, by: 20) {
            let documents = (start...min(start + 19, events.upperBound)).map { number in
                EventDocument(
                    Event(
                        id: "e\(1_000_000 + number)", source: "/lyon/cnc1", type: "millwright.test.v1", subject: "MO1",
                        time: world.clock.now(), data: ["note": .string(String(repeating: "x", count: 2_000))]))
            }
            _ = try await store.write { transaction in
                try transaction.append(documents, lane: .normal, recorded: world.clock.now())
            }
        }
        let epoch = store.epoch
        await store.close()
        return epoch
    }

    private static func ids(_ path: String) throws -> [String] {
        try StoreReader(path: path).read { try $0.journal(lane: .normal, after: 0, limit: 10_000) }
            .map(\.document.envelope.id)
    }

    private static func export(_ path: String, to file: String) throws -> [String: Int] {
        var bytes: [UInt8] = []
        let counts = try StoreDoctor.export(path) { bytes += $0 }
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return counts
    }

    /// Runs statements on a store's file as another program does that goes through the checks.
    private static func execute(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: StoreAddress(path).url)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: sql)
            if try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal" { _ = try db.checkpoint(.truncate) }
        }
        try queue.close()
    }

    /// What a store says and holds: its version, its tables and its events.
    private static func state(_ path: String) throws -> [String] {
        let queue = try DatabaseQueue(path: StoreAddress(path).url)
        defer { try? queue.close() }
        return try queue.inDatabase { db in
            try String.fetchAll(db, sql: "PRAGMA user_version")
                + String.fetchAll(db, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
                + String.fetchAll(db, sql: "SELECT id FROM event ORDER BY seq")
        }
    }

    /// Turns a bit over in the middle of a file.
    static func flip(_ path: String, at offset: UInt64) throws {
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        try handle.seek(toOffset: offset)
        let byte = try #require(try handle.read(upToCount: 1)?.first)
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: [byte ^ 4])
        try handle.close()
    }

    /// The place of an event's text in the database file.
    static func place(of id: String, in path: String) throws -> UInt64 {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let range = try #require(bytes.range(of: Data("\"\(id)\"".utf8)))
        return UInt64(range.lowerBound + 1)
    }

    @Test("a whole store is found whole, and is left alone")
    func whole() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let epoch = try await Self.fill(path, events: 1...50, world)
            let report = try StoreDoctor.check(path)
            #expect(report.isWhole && report.epoch == epoch && report.uncheckedPages == 0 && report.pages > 10)
            #expect(report.lanes.first { $0.lane == .normal }?.events == 50)
            #expect(try StoreDoctor.repair(path, world: world) == nil)
            #expect(try StoreDoctor.check(path).epoch == epoch)
        }
    }

    @Test("what can be read of a damaged store is kept, and what cannot is told with its numbers")
    func repaired() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let epoch = try await Self.fill(path, events: 1...200, world)
            try Self.flip(path, at: Self.place(of: "e1000100", in: path))
            let found = try StoreDoctor.check(path)
            #expect(!found.isWhole && found.damagedPages == 1)

            let report = try #require(try StoreDoctor.repair(path, world: world))
            let lost = try #require(report.losses.first { $0.lane == .normal }?.rows)
            #expect(report.losses.count == 1 && lost.contains(100) && lost.count < 10, "\(report)")
            let after = try StoreDoctor.check(path)
            #expect(after.isWhole && after.epoch != epoch)
            // Every event is there, or one that says that it is lost: nobody counts a gap.
            let ids = try Self.ids(path)
            #expect(ids.count == 200)
            for (index, id) in ids.enumerated() {
                #expect(lost.contains(Int64(index + 1)) ? id.hasPrefix("lost-") : id == "e\(1_000_001 + index)")
            }
            let exceptions = try StoreReader(path: path).read { try $0.exceptions(limit: 10) }
            #expect(exceptions.map(\.failure.kind.code) == ["STORE-009"])
            #expect(exceptions.first?.failure.message.contains("\(lost.lowerBound)") == true)
            #expect(try StoreDoctor.check(report.setAside).damagedPages == 1)
        }
    }

    @Test("a node starts on a damaged store, and takes the lost events in again")
    func healedAtStart() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            _ = try await Self.fill(path, events: 1...200, world)
            // The first page: without it SQLite does not even open the file.
            try Self.flip(path, at: 150)
            try Self.flip(path, at: Self.place(of: "e1000050", in: path))
            let store = try Store(StoreSettings(path: path), world: world)
            #expect(store.mended?.damagedPages == 2)
            await store.close()
            _ = try await Self.fill(path, events: 1...200, world)
            let ids = try Self.ids(path)
            #expect(Set(ids.filter { $0.hasPrefix("e") }).count == 200)
            #expect(ids.filter { $0.hasPrefix("e") }.count == 200)
        }
    }

    @Test("a mending that ends between two of its moves goes on where it was", arguments: 0...4)
    func mendingCutShort(moves: Int) throws {
        let scratch = try Scratch()
        let (path, work) = (scratch.path + "/node.db", scratch.path + "/before")
        let files = FileManager.default
        try simulated { world, _ in
            _ = try await Self.fill(path, events: 1...200, world)
            try Self.flip(path, at: Self.place(of: "e1000100", in: path))
            try files.createDirectory(atPath: work, withIntermediateDirectories: false)
            for suffix in ["", "-sums"] { try files.copyItem(atPath: path + suffix, toPath: work + "/old" + suffix) }
            let aside = try #require(try StoreDoctor.repair(path, world: world)).setAside
            let kept = try Self.ids(path)

            // Back to the complete new store beside the old one, and from there as many moves as were made.
            for suffix in ["", "-sums"] {
                try files.moveItem(atPath: path + suffix, toPath: path + ".mending" + suffix)
                try files.moveItem(atPath: work + "/old" + suffix, toPath: path + suffix)
            }
            for file in try files.contentsOfDirectory(atPath: scratch.path) where file.contains(".damaged-") {
                try files.removeItem(atPath: scratch.path + "/" + file)
            }
            let steps = [
                (path + "-sums", aside + "-sums"), (path, aside), (path + ".mending-sums", path + "-sums"),
                (path + ".mending", path),
            ]
            for (from, to) in steps.prefix(moves) { try files.moveItem(atPath: from, toPath: to) }

            let store = try Store(StoreSettings(path: path), world: world)
            #expect(store.mended == nil, "it was mended before")
            await store.close()
            #expect(try Self.ids(path) == kept && kept.count == 200)
            let report = try StoreDoctor.check(path)
            #expect(report.isWhole && report.uncheckedPages == 0)
            #expect(try StoreDoctor.check(aside).damagedPages == 1, "the damaged store is kept")
            #expect(!files.fileExists(atPath: path + ".mending") && !files.fileExists(atPath: path + ".mending-sums"))
        }
    }

    @Test("damage that a running node meets is mended at its next start")
    func metWhileRunning() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            _ = try await Self.fill(path, events: 1...200, world)
            try Self.flip(path, at: Self.place(of: "e1000100", in: path))
            let store = try Store(StoreSettings(path: path), world: world)
            #expect(store.mended == nil)
            await #expect(throws: Failure.self) {
                _ = try await store.read { try $0.journal(lane: .normal, after: 0, limit: 1_000) }
            }
            #expect(await store.untilDamaged()?.kind == StoreFailures.damaged)
            await store.close()
            let again = try Store(StoreSettings(path: path), world: world)
            #expect(again.mended?.losses.count == 1)
            await again.close()
        }
    }

    @Test("a backup beside a running node is one committed state: no gap, nothing double")
    func backup() throws {
        let scratch = try Scratch()
        let (path, copy) = (scratch.path + "/node.db", scratch.path + "/backup.db")
        try simulated { world, _ in
            _ = try await Self.fill(path, events: 1...100, world)
            let store = try Store(StoreSettings(path: path), world: world)
            let late = EventDocument(.completed(1))
            _ = try await store.write { try $0.append([late], lane: .normal, recorded: world.clock.now()) }
            let report = try StoreDoctor.backup(path, to: copy)
            #expect(report.lanes.first { $0.lane == .normal }?.last == 101)
            let later = EventDocument(.completed(2))
            _ = try await store.write { try $0.append([later], lane: .normal, recorded: world.clock.now()) }
            await store.close()
            #expect(try Self.ids(copy).count == 101)
            #expect(try StoreDoctor.check(copy).isWhole)
            #expect(throws: Failure.self) { try StoreDoctor.backup(path, to: copy) }
        }
    }

    @Test("a restored store holds what the backup held, in an epoch of its own, and keeps what it replaced")
    func restored() throws {
        let scratch = try Scratch()
        let (path, copy) = (scratch.path + "/node.db", scratch.path + "/backup.db")
        try simulated { world, _ in
            let epoch = try await Self.fill(path, events: 1...60, world)
            _ = try StoreDoctor.backup(path, to: copy)
            _ = try await Self.fill(path, events: 61...80, world)
            let aside = try #require(try StoreDoctor.restore(from: copy, to: path, world: world))
            #expect(try Self.ids(path).count == 60)
            #expect(try Self.ids(aside).count == 80)
            let report = try StoreDoctor.check(path)
            #expect(report.isWhole && report.epoch != epoch)
            // Ids of commands that the store gave out since the backup never come again.
            let store = try Store(StoreSettings(path: path), world: world)
            #expect(store.makeCommandID() > 1_000_000)
            await store.close()
        }
    }

    @Test("an export has a line for every event, also of a damaged store")
    func exported() throws {
        let scratch = try Scratch()
        let (path, lines) = (scratch.path + "/node.db", scratch.path + "/out.jsonl")
        try simulated { world, _ in
            _ = try await Self.fill(path, events: 1...200, world)
            #expect(try Self.export(path, to: lines)["event"] == 200)
            try Self.flip(path, at: Self.place(of: "e1000100", in: path))
            let counts = try Self.export(path, to: lines + "2")
            let events = try #require(counts["event"])
            #expect((190..<200).contains(events) && counts["unreadable"] == 1)
            let written = try String(contentsOfFile: lines, encoding: .utf8).split(separator: "\n")
            #expect(written.count == 200)
            let last = try JSONReader.read(String(try #require(written.last)))
            #expect(last["event"]?["id"]?.string == "e1000200" && last["number"] == 200)
        }
    }

    @Test("a store shrinks to what it holds")
    func compacted() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            _ = try await Self.fill(path, events: 1...400, world)
            let store = try Store(StoreSettings(path: path), world: world)
            try await store.write { transaction in
                try transaction.setCursor("odoo", .normal, 390)
                _ = try transaction.trim(.normal, storedBefore: world.clock.now() + .seconds(60), limit: 390)
            }
            await store.close()
            let (before, after) = try StoreDoctor.compact(path)
            #expect(after < before / 2)
            let report = try StoreDoctor.check(path)
            #expect(report.isWhole && report.lanes.first { $0.lane == .normal }?.first == 391)
        }
    }

    @Test("what is no store is refused with a word", arguments: ["none.db", "text.db", "other.db"])
    func refused(name: String) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/" + name
        if name == "text.db" { try Data(repeating: 65, count: 20_000).write(to: URL(fileURLWithPath: path)) }
        if name == "other.db" {
            let queue = try DatabaseQueue(path: path)
            try queue.write { try $0.execute(sql: "CREATE TABLE t(a)") }
            try queue.close()
        }
        #expect(throws: Failure.self) { try Self.export(path, to: path + ".jsonl") }
        #expect(throws: Failure.self) { try StoreDoctor.backup(path, to: path + ".copy") }
        #expect(!FileManager.default.fileExists(atPath: path + ".copy"))
    }

    @Test("a path may hold whatever a file's name may", arguments: ["a b", "100%", "what?", "#1", "a&b=c", "héé"])
    func oddPath(name: String) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/\(name)/node.db"
        try FileManager.default.createDirectory(atPath: scratch.path + "/" + name, withIntermediateDirectories: true)
        try simulated { world, _ in
            let epoch = try await Self.fill(path, events: 1...3, world)
            #expect(
                FileManager.default.fileExists(atPath: path) && FileManager.default.fileExists(atPath: path + "-sums"))
            #expect(try Self.ids(path).count == 3)
            let report = try StoreDoctor.check(path)
            #expect(report.isWhole && report.epoch == epoch && report.uncheckedPages == 0)
        }
    }

    @Test("a store that a newer version wrote is refused and left alone, whole or damaged", arguments: [false, true])
    func newer(isDamaged: Bool) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            _ = try await Self.fill(path, events: 1...100, world)
            try Self.execute(path, "PRAGMA user_version = 99")
            if isDamaged { try Self.flip(path, at: 150) }
            // A damaged one is not even opened; what opening a whole one writes is GRDB's own, and means nothing.
            func seen() throws -> [String] {
                isDamaged
                    ? [try Data(contentsOf: URL(fileURLWithPath: path)).base64EncodedString()] : try Self.state(path)
            }
            let before = try seen()
            func refusal(_ body: () throws -> Void) -> String? {
                do { try body() } catch { return (error as? Failure)?.kind.code }
                return nil
            }
            #expect(refusal { _ = try Store(StoreSettings(path: path), world: world) } == "STORE-002")
            #expect(refusal { _ = try StoreDoctor.repair(path, world: world) } == "STORE-002")
            #expect(refusal { _ = try Self.export(path, to: path + ".jsonl") } == "STORE-002")
            #expect(refusal { _ = try StoreDoctor.restore(from: path, to: path + ".new", world: world) } == "STORE-002")
            #expect(try seen() == before)
        }
    }

    @Test("a store of the first version is brought forward, whole or damaged", arguments: [false, true])
    func older(isDamaged: Bool) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            try Self.execute(
                path,
                """
                PRAGMA page_size = 8192; \(StoreSchema.version1)
                PRAGMA user_version = 1;
                INSERT INTO meta VALUES('epoch', 'first');
                INSERT INTO audit(time, actor, action, detail) VALUES(1, 'jo', 'resubmit', '{}');
                """)
            if isDamaged { try Self.flip(path, at: 150) }
            let epoch = try await Self.fill(path, events: 1...50, world)
            #expect((epoch == "first") == !isDamaged)
            #expect(try Self.ids(path).count == 50)
            let report = try StoreDoctor.check(path)
            #expect(report.isWhole && report.version == StoreSchema.version)
            let lines = try Self.export(path, to: path + ".jsonl")
            #expect(lines["audit"] == (isDamaged ? 2 : 1) && report.auditBreak == nil)
        }
    }

    @Test("a store that is damaged again and again is not mended for ever, but by a person")
    func damagedAgain() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            var next = 1
            for round in 1...6 {
                _ = try await Self.fill(path, events: next...(next + 99), world)
                try Self.flip(path, at: Self.place(of: "e\(1_000_000 + next + 50)", in: path))
                try Self.flip(path, at: 150)
                next += 100
                try await world.clock.sleep(for: .seconds(60))
                do {
                    let store = try Store(StoreSettings(path: path), world: world)
                    #expect(round <= 5 && store.mended != nil)
                    await store.close()
                } catch let failure as Failure {
                    #expect(round == 6 && failure.kind == StoreFailures.damagedAgain)
                }
            }
            #expect(try StoreDoctor.repair(path, world: world)?.losses.isEmpty == false)
            let store = try Store(StoreSettings(path: path), world: world)
            #expect(store.mended == nil)
            await store.close()
        }
    }

    @Test("the schema fits on the page that is kept twice")
    func schemaFits() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            _ = try await Self.fill(path, events: 1...1, world)
            // The kind of the first page's tree: a leaf (https://www.sqlite.org/fileformat2.html#b_tree_pages).
            #expect(try Data(contentsOf: URL(fileURLWithPath: path))[100] == 13)
        }
    }
}
