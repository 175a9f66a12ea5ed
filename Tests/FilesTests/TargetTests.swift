import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import FilesConnector

@Suite("JSON Lines target")
struct TargetTests {
    private func target(_ disk: MemoryDisk, _ clock: TestClock = TestClock(), _ more: [String: JSON] = [:]) throws
        -> JSONLinesTarget
    {
        var json: JSON = ["path": "/out/events.jsonl"]
        for (key, value) in more { json[key] = value }
        return try JSONLinesTarget(
            name: "archive", settings: SettingsMaker.settings(json, FilesSpec.target.fields), world: .test(disk, clock))
    }

    private func segment(_ lane: Lane, _ numbers: ClosedRange<Int64>, epoch: String = "e1") -> JournalSegment {
        let documents = numbers.map { number in
            let text = "{\"id\":\"\(lane.name)-\(number)\",\n\"text\":\"a\\nb\"}"
            return EventDocument(
                envelope: Envelope(
                    id: "\(number)", source: "/a/b", type: "t", subject: nil, time: Instant(microseconds: 0)),
                bytes: Array(text.utf8))
        }
        return JournalSegment(lane: lane, epoch: epoch, first: numbers.lowerBound, documents: documents)
    }

    /// The ids in all segments, in order.
    private func ids(_ disk: MemoryDisk) throws -> [String] {
        try disk.paths.filter { $0.hasSuffix(".jsonl") }.flatMap { path in
            let text = disk.text(path)
            #expect(text.isEmpty || text.hasSuffix("\n"), "\(path) ends in the middle of a line")
            return try text.split(separator: "\n").map { try JSONReader.read(String($0))["id"]?.string ?? "" }
        }
    }

    @Test("each event is one line, and what was written is not written again")
    func lines() async throws {
        let disk = MemoryDisk()
        let target = try target(disk)
        #expect(try await target.forward(segment(.normal, 1...3)).position == 3)
        #expect(try await target.forward(segment(.critical, 1...2)).position == 2)
        #expect(try await target.forward(segment(.normal, 1...5)).position == 5)
        #expect(try await target.forward(segment(.normal, 2...4)).position == 5)
        let all = try ids(disk)
        #expect(all == ["normal-1", "normal-2", "normal-3", "critical-1", "critical-2", "normal-4", "normal-5"])
    }

    @Test(
        "killed at any change, with any part of the append on the disk, every event stands there once in order",
        arguments: 0..<40)
    func crash(_ step: Int) async throws {
        let disk = MemoryDisk()
        var random = SeededRandom(UInt64(step))
        var cursor: [Lane: Int64] = [:]
        var failures = 0
        var target = try target(disk, TestClock(), ["segmentBytes": 4_096])
        while (cursor[.normal] ?? 0) < 200 || (cursor[.bulk] ?? 0) < 200 {
            let lane: Lane = Bool.random(using: &random) ? .normal : .bulk
            let next = (cursor[lane] ?? 0) + 1
            let last = next + Int64.random(in: 0...9, using: &random)
            if Int.random(in: 0..<3, using: &random) == 0 {
                disk.fail(after: Int.random(in: 0..<2, using: &random), torn: Int.random(in: 0...400, using: &random))
            }
            do {
                cursor[lane] = try await target.forward(segment(lane, next...last)).position
            } catch is Deferral {
                failures += 1
                disk.fail(after: nil)
                // Sometimes the process goes on, sometimes it starts again; the node's cursor stays where it was.
                if Bool.random(using: &random) { target = try self.target(disk, TestClock(), ["segmentBytes": 4_096]) }
            }
            disk.fail(after: nil)
        }
        #expect(failures > 5)
        // Lines of a last append that was cut off stand in the file already; the node hears of them at its next turn.
        for lane in [Lane.normal, .bulk] {
            let next = (cursor[lane] ?? 0) + 1
            cursor[lane] = try await target.forward(segment(lane, next...next)).position
        }
        let all = try ids(disk)
        for lane in [Lane.normal, .bulk] {
            let expected = (1...(cursor[lane] ?? 0)).map { "\(lane.name)-\($0)" }
            #expect(all.filter { $0.hasPrefix(lane.name) } == expected, "seed \(step)")
        }
        #expect(disk.paths.count > 3)
    }

    @Test("what a killed process wrote and never synced is on the disk before it is acknowledged")
    func unsynced() async throws {
        let disk = MemoryDisk()
        let first = try target(disk)
        _ = try await first.forward(segment(.normal, 1...3))
        disk.fail(after: 1, torn: 10_000)
        await #expect(throws: Deferral.self) { try await first.forward(segment(.normal, 4...6)) }
        disk.fail(after: nil)
        let second = try target(disk)
        #expect(try await second.forward(segment(.normal, 4...6)).position == 6)
        disk.cutPower()
        #expect(try ids(disk) == (1...6).map { "normal-\($0)" })
    }

    @Test("what the system gave up writing is not believed because it can still be read, but written anew")
    func givenUp() async throws {
        let disk = MemoryDisk()
        let target = try target(disk)
        _ = try await target.forward(segment(.normal, 1...3))
        disk.fail(after: 1, torn: 10_000, losing: true)
        await #expect(throws: Deferral.self) { try await target.forward(segment(.normal, 4...6)) }
        disk.fail(after: nil)
        #expect(try await target.forward(segment(.normal, 4...6)).position == 6)
        #expect(try ids(disk) == (1...6).map { "normal-\($0)" })
        disk.cutPower()
        #expect(try ids(disk) == (1...6).map { "normal-\($0)" })
    }

    @Test("a position that cannot be stored takes nothing back of what was acknowledged before")
    func unstoredPosition() async throws {
        let disk = MemoryDisk()
        let target = try target(disk)
        _ = try await target.forward(segment(.normal, 1...3))
        disk.fail(after: 0)
        await #expect(throws: Deferral.self) { try await target.forward(segment(.normal, 4...6)) }
        disk.fail(after: nil)
        #expect(try await target.forward(segment(.normal, 4...6)).position == 6)
        disk.cutPower()
        #expect(try ids(disk) == (1...6).map { "normal-\($0)" })
    }

    @Test("segments are numbered behind what is there, by size, age and day; nothing is overwritten")
    func segments() async throws {
        let disk = MemoryDisk()
        let clock = TestClock()
        disk.write("mine\n", to: "/out/events-2025-02-01-000007.jsonl")
        let target = try target(
            disk, clock, ["path": "/out/events-{date}.jsonl", "segmentAge": "3600s", "segmentBytes": 4_096])
        _ = try await target.forward(segment(.normal, 1...1))
        _ = try await target.forward(segment(.normal, 2...200))
        _ = try await target.forward(segment(.normal, 201...201))
        clock.advance(.seconds(3_600))
        _ = try await target.forward(segment(.normal, 202...202))
        clock.advance(.seconds(86_400))
        _ = try await target.forward(segment(.normal, 203...203))
        #expect(
            disk.paths.filter { $0.hasSuffix("l") } == [
                "/out/events-2025-02-01-000007.jsonl", "/out/events-2025-02-03-000008.jsonl",
                "/out/events-2025-02-03-000009.jsonl",
                "/out/events-2025-02-03-000010.jsonl", "/out/events-2025-02-04-000011.jsonl",
            ])
        #expect(disk.text("/out/events-2025-02-01-000007.jsonl") == "mine\n")
        disk.delete(try #require(disk.paths.first { $0.hasSuffix(".position.json") }))
        let fresh = try self.target(disk, clock, ["path": "/out/events-{date}.jsonl"])
        _ = try await fresh.forward(segment(.normal, 204...204))
        #expect(disk.exists("/out/events-2025-02-04-000012.jsonl"))
    }

    @Test("another epoch starts anew; a gap is asked about once")
    func epochsAndGaps() async throws {
        let disk = MemoryDisk()
        let target = try target(disk)
        _ = try await target.forward(segment(.normal, 1...3))
        #expect(try await target.forward(segment(.normal, 7...8)).position == 3)
        #expect(try await target.forward(segment(.normal, 7...8)).position == 8)
        #expect(try await target.forward(segment(.normal, 1...2, epoch: "e2")).position == 2)
        #expect(try ids(disk).map { $0.split(separator: "-")[1] } == ["1", "2", "3", "7", "8", "1", "2"])
    }

    @Test("a position file that is broken stops the target with a way out")
    func brokenSidecar() async throws {
        let disk = MemoryDisk()
        disk.write("{", to: "/out/.events-.jsonl.position.json")
        let target = try target(disk)
        let deferral = await #expect(throws: Deferral.self) { try await target.forward(segment(.normal, 1...1)) }
        #expect(deferral?.failure.kind.code == "FILES-020")
        #expect(disk.paths.count == 1)
    }

    @Test(
        "a path that is none is refused",
        arguments: ["/", "/a/{date}/b.jsonl", "/a/{day}.jsonl", "/a/{date}{date}.jsonl"])
    func paths(_ path: String) {
        #expect(throws: SettingFault.self) { try target(MemoryDisk(), TestClock(), ["path": .string(path)]) }
    }
}
