import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import FilesConnector

@Suite("following files")
struct FollowTests {
    static func section(_ number: Int, day: Int = 3, blank: Bool = true) -> String {
        let digits = number < 10 ? "0\(number)" : "\(number)"
        return "[Made]\r\nDateTimeStamp=0\(day)/02/2025,07:\(digits):00\r\nPieces=\(number)\r\n" + (blank ? "\r\n" : "")
    }

    private func pieces(_ intake: TestIntake) -> [Int] {
        intake.readings.compactMap { reading in
            if case .record(let fields) = reading.value { fields["Pieces"]?.string.flatMap { Int($0) } } else { nil }
        }
    }

    @Test("a half-written section waits until its end is there")
    func halfSection() async throws {
        var bench = try Bench.sections()
        let path = "/data/03/Job.sdc"
        bench.disk.write("[Made]\r\nDateTimeStamp=03/02/2025,07:01:00\r\nPie", to: path)
        try await bench.read(then: .seconds(60))
        #expect(bench.intake.readings.isEmpty)
        bench.disk.write("ces=1\r\n", to: path)
        try await bench.read(then: .seconds(60))
        #expect(bench.intake.readings.isEmpty, "no empty line and no header ended it yet")
        bench.disk.write("\r\n", to: path)
        try await bench.read(then: .seconds(1))
        #expect(bench.intake.readings.isEmpty, "the quiet time is not over")
        try await bench.read(then: .seconds(2))
        #expect(pieces(bench.intake) == [1])
        bench.disk.write(Self.section(2) + Self.section(3, blank: false), to: path)
        try await bench.read()
        #expect(pieces(bench.intake) == [1, 2], "the next header ended the second")
    }

    @Test("a counter that comes within the quiet time is attached, a later one stands alone")
    func lateCounter() async throws {
        var bench = try Bench.sections(attach: ["Counter"])
        bench.disk.write(Self.section(1), to: "/data/03/Job.sdc")
        try await bench.read(then: .milliseconds(500))
        bench.disk.write("[Counter]\r\nWire=A, 1, 1\r\n\r\n", to: "/data/03/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.write(Self.section(2), to: "/data/03/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.write("[Counter]\r\nWire=B, 1, 1\r\n\r\n", to: "/data/03/Job.sdc")
        try await bench.read(then: .seconds(3))
        #expect(bench.intake.names == ["Made", "Made", "Counter"])
        guard case .record(let fields) = bench.intake.readings[0].value else { return }
        #expect(fields["Counter"]?["Wire"] == "A, 1, 1")
    }

    @Test("a file whose name is no UTF-8 is told of once, by its escaped name, and holds nothing up")
    func brokenName() async throws {
        var bench = try Bench([
            "folder": ["path": "/data", "pattern": "**/*.csv"], "format": ["kind": "csv"],
        ])
        bench.disk.write("order\nA\n", to: "/data/good.csv")
        for path in ["/data/Gr\\xF6sse.csv", "/data/Gr\\xF6sse.txt"] {
            bench.disk.write("order\nB\n", to: path)
            bench.disk.breakName(of: path)
        }
        try await bench.read(then: .seconds(60))
        let fault = try #require(bench.intake.faults.first)
        #expect(fault.failure.kind.code == "FILES-023" && fault.origin.place == "Gr\\xF6sse.csv")
        #expect(bench.intake.faults.count == 1 && bench.intake.readings.count == 1)
        bench.restart()
        try await bench.read()
        #expect(Set(bench.intake.faults.map(\.factID)).count == 1, "another process tells of the same fact")
    }

    @Test("positions of files that are long gone are forgotten; what is there, or gone of late, is not read twice")
    func forgotten() async throws {
        var bench = try Bench(["folder": ["path": "/data", "pattern": "*.csv"], "format": ["kind": "csv"]])
        bench.follower.registered = 8
        func count(_ prefix: String) -> Int { bench.intake.positions.keys.count { $0.hasPrefix(prefix) } }
        bench.disk.write("order\nK\n", to: "/data/keep.csv")
        for number in 0..<40 {
            bench.disk.write("order\nA\(number)\n", to: "/data/f\(number).csv")
            try await bench.read()
            bench.disk.delete("/data/f\(number).csv")
        }
        try await bench.read()
        #expect(bench.intake.readings.count == 41)
        for prefix in ["file:", "path:", "inode:", "entry:", "followed:"] {
            #expect((1...9).contains(count(prefix)), "\(prefix) \(count(prefix))")
        }
        bench.restart()
        bench.follower.registered = 8
        bench.disk.write("order\nA39\n", to: "/data/f39.csv")
        try await bench.read()
        #expect(bench.intake.readings.count == 41, "neither what was there all the time nor what came back")
        // What begins like a forgotten one is another file: its facts must not be taken for the old ones.
        bench.disk.write("order\nA0\nB0\n", to: "/data/f0.csv")
        try await bench.read()
        #expect(bench.intake.readings.count == 43 && Set(bench.intake.facts).count == 43)
        bench.restart()
        bench.follower.registered = 8
        try await bench.read()
        #expect(bench.intake.readings.count == 43)
    }

    @Test("a new day's folder is found, and equal beginnings there are other facts")
    func dayFolders() async throws {
        var bench = try Bench.sections()
        bench.disk.write(Self.section(1), to: "/data/03/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.write(Self.section(1), to: "/data/04/Job.sdc")
        bench.disk.write(Self.section(1), to: "/data/04/Other.sdc")
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [1, 1])
        #expect(Set(bench.intake.facts).count == 2)
    }

    @Test("the same day of the next month, under the same name, is another file")
    func nextMonth() async throws {
        var bench = try Bench.sections()
        bench.disk.write(Self.section(1), to: "/data/03/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.delete("/data/03/Job.sdc")
        bench.disk.write(
            "[Made]\r\nDateTimeStamp=03/03/2025,07:01:00\r\nPieces=1\r\n\r\n" + Self.section(2), to: "/data/03/Job.sdc")
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [1, 1, 2])
        #expect(Set(bench.intake.facts).count == 3)
    }

    @Test("a file that is renamed is read to its end, and the new one from its beginning", arguments: [false, true])
    func rotation(_ restarts: Bool) async throws {
        var bench = try Bench.sections("Job.sdc")
        bench.disk.write(Self.section(1) + Self.section(2), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.write(Self.section(3), to: "/data/Job.sdc")
        bench.disk.rename("/data/Job.sdc", "/data/Job.sdc.1")
        bench.disk.write(Self.section(4), to: "/data/Job.sdc")
        if restarts { bench.restart() }
        try await bench.read(then: .seconds(3))
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake).sorted() == [1, 2, 3, 4])
        bench.disk.rename("/data/Job.sdc.1", "/data/Job.sdc.2")
        bench.disk.rename("/data/Job.sdc", "/data/Job.sdc.1")
        bench.disk.write(Self.section(5), to: "/data/Job.sdc")
        if restarts { bench.restart() }
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake).sorted() == [1, 2, 3, 4, 5])
        #expect(bench.intake.faults.isEmpty)
    }

    @Test("rotated files that the pattern fits too are not read again", arguments: [false, true])
    func rotationWithinPattern(_ restarts: Bool) async throws {
        var bench = try Bench.sections("*")
        for number in 1...6 {
            bench.disk.write(Self.section(number), to: "/data/Job.sdc")
            try await bench.read(then: .seconds(3))
            for age in (0..<3).reversed() where bench.disk.exists("/data/Job.sdc" + (age > 0 ? ".\(age)" : "")) {
                bench.disk.rename("/data/Job.sdc" + (age > 0 ? ".\(age)" : ""), "/data/Job.sdc.\(age + 1)")
            }
            if restarts { bench.restart() }
        }
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [1, 2, 3, 4, 5, 6])
        let first = Set(bench.intake.facts.suffix(3))
        bench.intake.forgetPositions()
        bench.restart()
        try await bench.read(then: .seconds(3))
        #expect(Set(bench.intake.facts.suffix(3)) == first, "read again under another name, the facts are the same")
    }

    @Test(
        "a file that is copied and emptied goes on, and what its copy alone has is read there",
        arguments: [false, true])
    func copyTruncate(_ restarts: Bool) async throws {
        var bench = try Bench.sections("Job.sdc")
        bench.disk.write(Self.section(1) + Self.section(2), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.write(Self.section(3), to: "/data/Job.sdc")
        bench.disk.copy("/data/Job.sdc", "/data/Job.sdc.1")
        bench.disk.empty("/data/Job.sdc")
        if restarts { bench.restart() }
        bench.disk.write(Self.section(4), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake).sorted() == [1, 2, 3, 4])
        #expect(Set(bench.intake.facts).count == 4)
        #expect(bench.intake.faults.isEmpty, "nothing was lost, so nobody is told")
    }

    @Test("a copy beside its original is not read")
    func copies() async throws {
        var bench = try Bench.sections("*")
        bench.disk.write(Self.section(1), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.copy("/data/Job.sdc", "/data/Job.sdc.bak")
        try await bench.read(then: .seconds(3))
        bench.restart()
        bench.disk.write(Self.section(2), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [1, 2])
    }

    @Test(
        "a file that was emptied without a copy is a new one, even where it begins alike, and a person is told",
        arguments: [false, true])
    func truncation(_ restarts: Bool) async throws {
        var bench = try Bench.sections("Job.sdc")
        bench.disk.write(Self.section(1) + Self.section(2), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.empty("/data/Job.sdc")
        bench.disk.write(Self.section(1), to: "/data/Job.sdc")
        if restarts { bench.restart() }
        try await bench.read(then: .seconds(3))
        bench.restart()
        bench.disk.write(Self.section(3), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [1, 2, 1, 3])
        #expect(Set(bench.intake.facts).count == 4)
        #expect(bench.intake.facts.dropFirst(2).allSatisfy { $0.contains("-2:") })
        #expect(bench.intake.faults.map(\.failure.kind.code) == ["FILES-013"])
    }

    @Test("a file that was written anew with as many bytes or more is noticed")
    func rewritten() async throws {
        var bench = try Bench.sections("Job.sdc")
        bench.disk.write(Self.section(1) + Self.section(2), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.empty("/data/Job.sdc")
        bench.disk.write(
            Self.section(5, day: 4) + Self.section(6, day: 4) + Self.section(7, day: 4), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [1, 2, 5, 6, 7])
    }

    @Test("a file that is replaced by a longer one with the same beginning goes on")
    func replacedByLonger() async throws {
        var bench = try Bench.sections("Job.sdc")
        bench.disk.write(Self.section(1), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.delete("/data/Job.sdc")
        bench.disk.write(Self.section(1) + Self.section(2), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [1, 2])
    }

    @Test("a file that goes away in the middle of a section leaves its bytes with a person")
    func deletedMidway() async throws {
        var bench = try Bench.sections("Job.sdc")
        bench.disk.write(Self.section(1) + "[Made]\r\nPieces=2", to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.delete("/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [1])
        #expect(bench.intake.faults.map(\.failure.kind.code) == ["FILES-015"])
        #expect(bench.intake.faults.first.map { String(decoding: $0.original, as: UTF8.self) } == "[Made]\r\nPieces=2")
    }

    @Test("room that a program set aside with zeros is waited for; zeros before text are reported")
    func zeros() async throws {
        var bench = try Bench.sections("Job.sdc")
        let text = Array(Self.section(1).utf8)
        bench.disk.write(text + Array(repeating: 0, count: 300_000), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [1])
        bench.disk.overwrite(Array(Self.section(2).utf8), at: text.count, in: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [1, 2])
        #expect(bench.intake.faults.isEmpty)
        bench.disk.write(Self.section(3), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [1, 2, 3])
        #expect(bench.intake.faults.map(\.failure.kind.code) == ["FILES-005"])
    }

    @Test("a batch that a full node refuses is handed in again, and nothing is read meanwhile")
    func backPressure() async throws {
        var bench = try Bench.sections("Job.sdc")
        bench.disk.write((1...59).map { Self.section($0) }.joined(), to: "/data/Job.sdc")
        bench.intake.refuse(5)
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == Array(1...59))
    }

    @Test("files take turns, so that a backlog in one does not hold up another")
    func fairness() async throws {
        var bench = try Bench.sections("*.sdc")
        for _ in 0..<600 { bench.disk.write((1...59).map { Self.section($0) }.joined(), to: "/data/a.sdc") }
        bench.disk.write(Self.section(1, day: 4) + Self.section(2, day: 4), to: "/data/z.sdc")
        for _ in 0..<4 { _ = try await bench.follower.pass() }
        #expect(bench.intake.readings.contains { $0.origin.place == "z.sdc" })
        #expect(bench.intake.readings.count < 59 * 600 / 2)
        try await bench.read(then: .seconds(3))
        #expect(bench.intake.readings.count == 59 * 600 + 2)
    }

    @Test("a file that may not be read is reported once and read when it may")
    func denied() async throws {
        var bench = try Bench.sections("*.sdc")
        bench.disk.write(Self.section(1), to: "/data/a.sdc")
        bench.disk.write(Self.section(2), to: "/data/b.sdc")
        bench.disk.deny("/data/a.sdc")
        try await bench.read(then: .seconds(3))
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [2])
        #expect(bench.intake.faults.map(\.failure.kind.code) == ["FILES-002"])
        bench.disk.allow("/data/a.sdc")
        try await bench.read(then: .seconds(3))
        #expect(pieces(bench.intake) == [2, 1])
    }

    @Test("a folder that is not there stops the source with a reason; files beyond the bound are reported")
    func bounds() async throws {
        let disk = MemoryDisk()
        var bench = try Bench(
            ["folder": ["path": "/data"], "format": ["kind": "jsonlines"], "files": 3], disk: disk)
        let failure = await #expect(throws: Failure.self) { try await bench.follower.run() }
        #expect(failure?.kind.code == "FILES-001")
        for number in 1...5 { disk.write("{\"n\":\(number)}\n", to: "/data/\(number).json") }
        try await bench.read()
        #expect(bench.intake.readings.count == 3)
        #expect(bench.intake.faults.map(\.failure.kind.code) == ["FILES-014"])
    }

    @Test("a line of 100 MB is passed over in bounded memory, and what follows is read")
    func hugeLine() async throws {
        let maximum = 1 << 20
        var reader = FormatReader(FormatOptions(kind: .sections, maximum: maximum), record: "x")
        var items = reader.feed(Array("[A]\nk=".utf8))
        let piece = Array(repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<100 {
            items += reader.feed(piece)
            #expect(reader.partialLine.count <= maximum + 2)
        }
        items += reader.feed(Array("\n\n[B]\nk=v\n\n[C]\n".utf8))
        guard items.count == 2, case .fault(let fault) = items[0].content, case .record(let kind, _) = items[1].content
        else {
            Issue.record("\(items.count) items")
            return
        }
        #expect(fault.kind.code == "FILES-004")
        #expect(items[0].original.count == 64 << 10)
        #expect(kind == "B")
    }
}
