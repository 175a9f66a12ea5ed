import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import FilesConnector

@Suite("recorded days of a wire-processing machine", .enabled(if: Komax.isHere))
struct KomaxTests {
    private func bench(
        _ pattern: String, kind: String = "sections", attach: JSON = ["Counter"], more: [String: JSON] = [:]
    ) throws
        -> Bench
    {
        var format: JSON = ["kind": .string(kind), "time": "dd/MM/yyyy,HH:mm:ss", "attach": attach]
        for (key, value) in more { format[key] = value }
        return try Bench(["folder": ["path": "/data", "pattern": .string(pattern)], "format": format, "poll": "10ms"])
    }

    @Test(
        "each day's good pieces are those of the recording",
        arguments: [
            ("03", 1_510, 40, 2_212), ("04", 1_056, 73, 283), ("05", 2_657, 17, 743), ("06", 2_466, 17, 0),
            ("07", 1_954, 30, 116),
        ])
    func day(_ day: String, _ orders: Int, _ withPieces: Int, _ local: Int) async throws {
        var bench = try bench("*/Job.sdc")
        bench.disk.write(Komax.bytes("\(day)/Job.sdc"), to: "/data/\(day)/Job.sdc")
        try await bench.read(then: .seconds(5))
        let count = Komax.count(bench.intake.readings)
        #expect(count == (orders, local, withPieces))
        #expect(bench.intake.faults.isEmpty)
        #expect(Set(bench.intake.facts).count == bench.intake.readings.count)
    }

    @Test("the same days are read from a real disk")
    func realDisk() async throws {
        let settings: JSON = [
            "folder": ["path": .string(Komax.folder), "pattern": "*/*.{sdc,edc}"],
            "format": ["kind": "sections", "time": "dd/MM/yyyy,HH:mm:ss", "attach": ["Counter"]],
        ]
        let read = try FilesSettings(
            name: "komax", settings: SettingsMaker.settings(settings, FilesSpec.source.fields),
            plantZone: "Europe/Warsaw",
            defaultAsset: "komax-565", limits: Limits())
        let clock = TestClock()
        let intake = TestIntake()
        var follower = FolderFollower(read.follow, world: .test(PlainDisk(), clock), intake: intake)
        while try await follower.pass() {}
        clock.advance(.seconds(5))
        while try await follower.pass() {}
        let count = Komax.count(intake.readings)
        #expect(count.orders == 9_643)
        #expect(count.local == 3_354)
        // A power cut on the 6th left zeros in one file; that is the only thing wrong in five days.
        #expect(intake.faults.map(\.failure.kind.code) == ["FILES-005"])
        #expect(intake.faults.first?.origin.description == "06/User.sdc line 16 (byte 262)")
        #expect(Set(intake.facts).count == intake.readings.count)
        let first = try #require(intake.readings.first { $0.origin.place == "03/Job.sdc" })
        #expect(first.time == Instant(text: "2025-02-03T06:00:19Z"))
        #expect(first.factID?.hasSuffix(":000000000000") == true)
    }

    @Test("a counter belongs to the section before it, with all its lines")
    func counters() async throws {
        var bench = try bench("*/Job.sdc")
        bench.disk.write(Komax.bytes("03/Job.sdc"), to: "/data/03/Job.sdc")
        try await bench.read(then: .seconds(5))
        #expect(!bench.intake.names.contains("Counter"))
        let ended = try #require(bench.intake.readings.first { $0.name == "JobTerminated" })
        guard case .record(let fields) = ended.value else { return }
        #expect(fields["TotalGoodPieces"] == "50")
        #expect(fields["Counter"]?["Wire"] == "07-006-0015, 258407, 257052")
        #expect(fields["Counter"]?["Terminal"] == ["04-004-0073L, 56, 56", "04-004-0073P, 56, 54"])
        #expect(ended.original.count > 100)
    }

    @Test("machine messages with quoted line ends are rows", arguments: Komax.days)
    func errors(_ day: String) async throws {
        var bench = try bench(
            "*/Error.ldc", kind: "tsv", attach: [],
            more: [
                "time": "dd/MM/yyyy HH:mm:ss", "timeField": ["Date", "Time"],
                "columns": ["Date", "Time", "Module", "Source", "Code", "Text", "Order", "Line", "Text2"],
            ])
        let bytes = Komax.bytes("\(day)/Error.ldc")
        bench.disk.write(bytes, to: "/data/\(day)/Error.ldc")
        try await bench.read()
        #expect(bench.intake.faults.isEmpty)
        // Each message stands twice in its row, so the rows are those lines that begin with the day.
        let rows = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").count {
            $0.hasPrefix("\(day)/02/2025\t")
        }
        #expect(bench.intake.readings.count == rows)
        #expect(rows > 20)
        #expect(bench.intake.names.allSatisfy { $0 == "Error" })
        for reading in bench.intake.readings {
            guard case .record(let fields) = reading.value else { continue }
            #expect(fields["Text"] == fields["Text2"])
        }
    }

    @Test("in pieces of any size, with a reader that dies at any commit, no fact is lost or doubled", arguments: 0..<24)
    func anyPieces(_ seed: UInt64) async throws {
        print("seed \(seed)")
        var random = SeededRandom(seed)
        let attach: JSON = seed % 2 == 0 ? ["Counter"] : []
        var whole = try bench("*/*.sdc", attach: attach)
        var bench = try bench("*/*.sdc", attach: attach)
        var rest: [(path: String, bytes: ArraySlice<UInt8>)] = []
        for day in Komax.days.shuffled(using: &random).prefix(2) {
            for name in ["Job.sdc", "User.sdc", "Producti.sdc"] {
                let bytes = Komax.bytes("\(day)/\(name)")
                whole.disk.write(bytes, to: "/data/\(day)/\(name)")
                rest.append(("/data/\(day)/\(name)", bytes[...]))
            }
        }
        try await whole.read(then: .seconds(5))
        while !rest.isEmpty {
            let index = Int.random(in: 0..<rest.count, using: &random)
            let largest = Bool.random(using: &random) ? 300 : 60_000
            let piece = rest[index].bytes.prefix(Int.random(in: 1...largest, using: &random))
            bench.disk.write(Array(piece), to: rest[index].path)
            rest[index].bytes = rest[index].bytes.dropFirst(piece.count)
            if rest[index].bytes.isEmpty { rest.remove(at: index) }
            // What is attached comes in time; without anything to attach, silence may be as long as it likes.
            let longest = seed % 2 == 0 ? 30 : 3_000
            bench.clock.advance(.milliseconds(Int.random(in: 0...longest, using: &random)))
            if Int.random(in: 0..<20, using: &random) == 0 {
                bench.intake.die(after: Int.random(in: 0..<3, using: &random), storing: Bool.random(using: &random))
                do {
                    for _ in 0..<3 { _ = try await bench.follower.pass() }
                } catch is CancellationError {}
                bench.intake.live()
                bench.restart()
            } else if Bool.random(using: &random) {
                _ = try await bench.follower.pass()
            }
        }
        try await bench.read(then: .seconds(5))
        let facts = bench.intake.facts
        #expect(facts.count == Set(facts).count, "seed \(seed): facts came twice")
        #expect(Set(facts) == Set(whole.intake.facts), "seed \(seed)")
        #expect(Komax.count(bench.intake.readings) == Komax.count(whole.intake.readings))
        let values = Dictionary(uniqueKeysWithValues: whole.intake.readings.map { ($0.factID, $0.value) })
        #expect(bench.intake.readings.allSatisfy { values[$0.factID] == $0.value }, "seed \(seed): a record differs")
        #expect(Set(bench.intake.faults.map(\.factID)) == Set(whole.intake.faults.map(\.factID)))
    }

    @Test("read again without positions, the files give the same facts")
    func positionsDeleted() async throws {
        var bench = try bench("*/*.sdc")
        for day in Komax.days { bench.disk.write(Komax.bytes("\(day)/Job.sdc"), to: "/data/\(day)/Job.sdc") }
        try await bench.read(then: .seconds(5))
        let first = bench.intake.facts
        bench.intake.forgetPositions()
        bench.restart()
        try await bench.read(then: .seconds(5))
        #expect(bench.intake.facts.count == 2 * first.count)
        #expect(Set(bench.intake.facts) == Set(first))
    }
}
