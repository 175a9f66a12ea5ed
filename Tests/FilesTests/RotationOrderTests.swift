import Canonical
import Contracts
import ExactJSON
import Synchronization
import Testing
import World

@testable import FilesConnector

/// A machine that writes numbered lines to a log, and rotates it in one of the ways in which logs are rotated.
struct RotatingMachine {
    enum Way: String, CaseIterable {
        /// `log.jsonl` becomes `log-1.jsonl`, then the next one `log-2.jsonl`: the pattern fits all.
        case counted
        /// `log.jsonl` becomes `log.jsonl.1`, which becomes `log.jsonl.2`: the pattern fits all.
        case shifted
        /// The same, and the pattern fits `log.jsonl` alone.
        case shiftedAway
        /// `log.jsonl` becomes `log.jsonl-20250203` and so on, and the pattern fits `log.jsonl` alone.
        case dated
        /// The log is copied to `log.jsonl.1`, and emptied.
        case copied
        /// A new file with a greater number is begun, and nothing is renamed.
        case numbered
        /// A new file in another day's folder is begun.
        case daily

        var pattern: String {
            switch self {
            case .counted, .shifted, .copied, .numbered: "*"
            case .shiftedAway, .dated: "log.jsonl"
            case .daily: "*/log.jsonl"
            }
        }
    }

    let way: Way
    let disk: MemoryDisk
    private(set) var written = 0
    private(set) var rotations = 0
    private var partial: [UInt8] = []

    init(_ way: Way, _ disk: MemoryDisk) {
        self.way = way
        self.disk = disk
    }

    private var path: String {
        switch way {
        case .numbered: "/data/log-\(rotations + 1).jsonl"
        case .daily: "/data/2025-02-\(rotations < 9 ? "0" : "")\(rotations + 1)/log.jsonl"
        default: "/data/log.jsonl"
        }
    }

    /// Writes lines; the last one may stay unfinished until the next call.
    mutating func write(_ lines: Int, cut: Int = 0) {
        var bytes = partial
        for _ in 0..<lines {
            written += 1
            bytes += Array("{\"time\":\"2025-02-03T06:00:00Z\",\"n\":\(written),\"run\":\"\(rotations)\"}\n".utf8)
        }
        let whole = bytes.count - min(cut, max(0, bytes.count - 1))
        disk.write(Array(bytes[..<whole]), to: path)
        partial = Array(bytes[whole...])
    }

    /// Ends the file; `log.jsonl` is there again with the next line.
    mutating func rotate() {
        if !partial.isEmpty { write(0) }
        let log = "/data/log.jsonl"
        guard disk.exists(path), !disk.bytes(path).isEmpty else { return }
        rotations += 1
        switch way {
        case .counted: disk.rename(log, "/data/log-\(rotations).jsonl")
        case .dated: disk.rename(log, "/data/log.jsonl-202502\(rotations < 10 ? "0" : "")\(rotations)")
        case .shifted, .shiftedAway, .copied:
            for age in (1..<rotations).reversed() { disk.rename("\(log).\(age)", "\(log).\(age + 1)") }
            guard way == .copied else { return disk.rename(log, "\(log).1") }
            disk.copy(log, "\(log).1")
            disk.empty(log)
        case .numbered, .daily: break
        }
    }
}

@Suite("rotated files in order")
struct RotationOrderTests {
    private func bench(_ way: RotatingMachine.Way, ticks: Int64 = 1_000) throws -> Bench {
        let disk = MemoryDisk(tick: ticks)
        return try Bench(
            [
                "folder": ["path": "/data", "pattern": .string(way.pattern)],
                "format": ["kind": "jsonlines", "timeField": "time"], "truncation": "expected",
            ], disk: disk)
    }

    private func numbers(_ intake: TestIntake) -> [Int] {
        intake.readings.compactMap { reading in
            if case .record(let fields) = reading.value { fields["n"].flatMap { Int($0.description) } } else { nil }
        }
    }

    @Test(
        "what was rotated while nobody read is read in the order in which it was written",
        arguments: RotatingMachine.Way.allCases, [1, 2, 12])
    func away(_ way: RotatingMachine.Way, _ rotations: Int) async throws {
        // A file system that tells whole seconds gives many files the same time.
        for (ticks, restarts) in [(Int64(1_000), false), (1_000, true), (0, false), (0, true)] {
            var bench = try bench(way, ticks: ticks)
            var machine = RotatingMachine(way, bench.disk)
            machine.write(3)
            try await bench.read()
            // More than one piece may be left of the file that was read in part.
            machine.write(rotations == 2 && restarts ? 5_000 : 100, cut: 7)
            for _ in 0..<rotations {
                machine.rotate()
                machine.write(40)
            }
            if restarts { bench.restart() }
            try await bench.read(then: .seconds(3))
            #expect(numbers(bench.intake) == Array(1...machine.written), "\(way), ticks \(ticks), restarts \(restarts)")
            #expect(bench.intake.faults.isEmpty)
            #expect(Set(bench.intake.facts).count == machine.written)
        }
    }

    @Test("sections wait until the last one of the file before is whole", arguments: [false, true])
    func sections(_ restarts: Bool) async throws {
        var bench = try Bench.sections("*")
        bench.disk.write(FollowTests.section(1) + FollowTests.section(2), to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        bench.disk.write(FollowTests.section(3), to: "/data/Job.sdc")
        bench.disk.rename("/data/Job.sdc", "/data/Job-9.sdc")
        bench.disk.write(FollowTests.section(4) + FollowTests.section(5), to: "/data/Job.sdc")
        bench.disk.rename("/data/Job.sdc", "/data/Job-10.sdc")
        bench.disk.write(FollowTests.section(6), to: "/data/Job.sdc")
        if restarts { bench.restart() }
        try await bench.read(then: .seconds(3))
        let stamps = bench.intake.readings.map(\.time)
        #expect(stamps.count == 6)
        #expect(stamps == stamps.sorted())
        #expect(bench.intake.faults.isEmpty)
    }

    @Test(
        "a program that goes on writing to the renamed file until it takes the new one, while both are looked at",
        arguments: 1...12)
    func between(_ call: Int) async throws {
        var bench = try bench(.shifted)
        bench.disk.write("{\"n\":1}\n", to: "/data/log.jsonl")
        try await bench.read()
        bench.disk.rename("/data/log.jsonl", "/data/log.jsonl.1")
        bench.disk.write("", to: "/data/log.jsonl")
        try await bench.read()
        let calls = Mutex(0)
        bench.disk.share { [disk = bench.disk] _ in
            let number = calls.withLock { calls in
                calls += 1
                return calls
            }
            guard number == call else { return }
            disk.write("{\"n\":2}\n", to: "/data/log.jsonl.1")
            disk.write("{\"n\":3}\n", to: "/data/log.jsonl")
        }
        for _ in 0..<6 { try await bench.read() }
        #expect(calls.withLock { $0 } >= call)
        #expect(numbers(bench.intake) == [1, 2, 3])
    }

    @Test("files that look like a series and grow side by side do not wait for one another")
    func sideBySide() async throws {
        var bench = try Bench.sections("*.sdc")
        for minute in 1...20 {
            bench.disk.write(FollowTests.section(minute), to: "/data/station1.sdc")
            bench.disk.write(FollowTests.section(minute, day: 4), to: "/data/station2.sdc")
            try await bench.read()
        }
        let second = bench.intake.readings.count { $0.origin.place == "station2.sdc" }
        #expect(second > 10, "the second is read though the first is never silent: \(second)")
        try await bench.read(then: .seconds(3))
        try await bench.read(then: .seconds(3))
        for station in 1...2 {
            let times = bench.intake.readings.filter { $0.origin.place == "station\(station).sdc" }.map(\.time)
            #expect(times.count == 20 && times == times.sorted())
        }
    }

    @Test("of a file that cannot be read the others do not wait")
    func unreadable() async throws {
        var bench = try bench(.counted)
        var machine = RotatingMachine(.counted, bench.disk)
        machine.write(2)
        machine.rotate()
        machine.write(2)
        bench.disk.deny("/data/log-1.jsonl")
        try await bench.read()
        #expect(numbers(bench.intake) == [3, 4])
        #expect(bench.intake.faults.map(\.failure.kind.code) == ["FILES-002"])
        bench.disk.allow("/data/log-1.jsonl")
        try await bench.read()
        #expect(numbers(bench.intake) == [3, 4, 1, 2])
    }

    @Test(
        "however a log is written, rotated and read, each line is read once and in order",
        arguments: RotatingMachine.Way.allCases, 0..<25)
    func property(_ way: RotatingMachine.Way, _ seed: UInt64) async throws {
        print("\(way) seed \(seed)")
        var random = SeededRandom(seed)
        // Where times stand still, nobody can tell that a file was emptied and written to the same length again.
        let ticks: [Int64] = way == .copied ? [1_000, 2_000_000] : [0, 1_000, 2_000_000]
        var bench = try bench(way, ticks: ticks.randomElement(using: &random) ?? 0)
        var machine = RotatingMachine(way, bench.disk)
        machine.write(2)
        try await bench.read()
        for _ in 0..<60 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3:
                let lines = Int.random(in: 0..<8, using: &random) == 0 ? 150 : Int.random(in: 1...5, using: &random)
                machine.write(lines, cut: Bool.random(using: &random) ? Int.random(in: 0...90, using: &random) : 0)
            case 4, 5:
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    machine.rotate()
                    machine.write(Int.random(in: 1...4, using: &random))
                }
            case 6: try await bench.read()
            case 7: _ = try await bench.follower.pass()
            case 8: bench.clock.advance(.milliseconds(Int.random(in: 0...2_500, using: &random)))
            default:
                bench.intake.die(after: Int.random(in: 0..<3, using: &random), storing: Bool.random(using: &random))
                do {
                    for _ in 0..<3 { _ = try await bench.follower.pass() }
                } catch is CancellationError {}
                bench.intake.live()
                bench.restart()
            }
        }
        machine.write(1)
        for _ in 0..<3 { try await bench.read(then: .seconds(3)) }
        let numbers = numbers(bench.intake)
        let first = numbers.indices.first { numbers[$0] != $0 + 1 }
        #expect(
            first == nil && numbers.count == machine.written,
            """
            \(way) seed \(seed): \(numbers.count) of \(machine.written), at \(first ?? -1) \
            \(numbers.dropFirst(first ?? 0).prefix(12))
            """)
        #expect(Set(bench.intake.facts).count == numbers.count)
        #expect(bench.intake.faults.isEmpty)
    }

    @Test(
        "a machine that writes and rotates between any two calls to the disk is read in order",
        arguments: RotatingMachine.Way.allCases, 0..<25)
    func concurrently(_ way: RotatingMachine.Way, _ seed: UInt64) async throws {
        print("\(way) seed \(seed)")
        var random = SeededRandom(seed &+ 1_000)
        var bench = try bench(way)
        let pace = Int.random(in: 8...60, using: &random)
        let work = Mutex((machine: RotatingMachine(way, bench.disk), random: random))
        work.withLock { $0.machine.write(2) }
        try await bench.read()
        for _ in 0..<50 {
            bench.disk.share { _ in
                work.withLock { work in
                    guard Int.random(in: 0..<pace, using: &work.random) == 0, work.machine.written < 300 else { return }
                    if work.machine.rotations < 15, Int.random(in: 0..<3, using: &work.random) == 0 {
                        work.machine.rotate()
                    }
                    let lines = Int.random(in: 1...3, using: &work.random)
                    work.machine.write(lines, cut: Int.random(in: 0...30, using: &work.random))
                }
            }
            // At the end of each step the machine rests, so that the reader gets to an end.
            for _ in 0..<Int.random(in: 1...4, using: &random) { _ = try await bench.follower.pass() }
            bench.clock.advance(.milliseconds(Int.random(in: 0...1_500, using: &random)))
            bench.disk.share(with: nil)
            if Int.random(in: 0..<6, using: &random) == 0 { bench.restart() }
            if Int.random(in: 0..<4, using: &random) == 0 { try await bench.read() }
        }
        work.withLock { $0.machine.write(1) }
        for _ in 0..<3 { try await bench.read(then: .seconds(3)) }
        let numbers = numbers(bench.intake)
        let written = work.withLock { $0.machine.written }
        let first = numbers.indices.first { numbers[$0] != $0 + 1 }
        #expect(
            first == nil && numbers.count == written,
            """
            \(way) seed \(seed): \(numbers.count) of \(written), at \(first ?? -1) \
            \(numbers.dropFirst(first ?? 0).prefix(12))
            """)
        #expect(Set(bench.intake.facts).count == numbers.count)
        #expect(written > 2)
    }
}
