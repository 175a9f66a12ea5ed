import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import FilesConnector

/// A machine that writes what nobody can read, for days.
@Suite("many broken lines and documents")
struct FaultTallyTests {
    @Test("the first broken lines are kept, then one an hour that counts the others; the good ones are read")
    func lines() async throws {
        var bench = try Bench(["folder": ["path": "/data", "pattern": "*.jsonl"], "format": ["kind": "jsonlines"]])
        let broken = (1...500).map { "nothing \($0)\n" }.joined()
        bench.disk.write("{\"n\":1}\n" + broken + "{\"n\":2}\n", to: "/data/machine.jsonl")
        try await bench.read()
        #expect(bench.intake.readings.count == 2)
        #expect(bench.intake.faults.count == FaultTally.burst)
        #expect(bench.intake.faults.allSatisfy { !$0.original.isEmpty })

        // The count is stored with the position: another process tells it.
        bench.restart()
        try await bench.read()
        #expect(bench.intake.faults.count == FaultTally.burst)
        bench.clock.advance(FaultTally.interval)
        try await bench.read()
        let told = try #require(bench.intake.faults.last)
        #expect(bench.intake.faults.count == FaultTally.burst + 1)
        #expect(told.failure.message.contains("\(500 - FaultTally.burst) more like it since"))
        #expect(told.failure.message.contains("from machine.jsonl line 22 to machine.jsonl line 501"))
        #expect(told.origin.place == "machine.jsonl" && told.origin.line == 501)
        #expect(told.failure.kind.code == bench.intake.faults.first?.failure.kind.code)
        bench.clock.advance(FaultTally.interval)
        try await bench.read()
        #expect(bench.intake.faults.count == FaultTally.burst + 1, "what is told is told once")
    }

    @Test("of many refused documents the first are told one by one; each lies in the failed folder with its report")
    func documents() async throws {
        let bench = try Bench([
            "folder": ["path": "/shop", "mode": "drop", "pattern": "**"], "format": ["kind": "csv"], "drop": [:],
        ])
        var folder = DropFolder(
            bench.options, try #require(bench.drop), world: .test(bench.disk, bench.clock), intake: bench.intake)
        for number in 101...130 {
            bench.disk.write("order,good\nA,1,2,\(number)\n", to: "/shop/in/\(number).csv")
        }
        _ = try await folder.pass()
        bench.clock.advance(.seconds(40))
        _ = try await folder.pass()
        #expect(bench.disk.paths.count { $0.hasPrefix("/shop/failed/") && $0.hasSuffix(".csv") } == 30)
        #expect(bench.disk.paths.count { $0.hasSuffix(".error.json") } == 30)
        #expect(bench.intake.faults.count == FaultTally.burst)
        bench.clock.advance(FaultTally.interval)
        _ = try await folder.pass()
        let told = try #require(bench.intake.faults.last)
        #expect(bench.intake.faults.count == FaultTally.burst + 1)
        #expect(told.failure.message.contains("10 more like it since"))
        #expect(told.failure.message.contains("121.csv") && told.failure.message.contains("130.csv"))
    }

    private static func fault(_ number: Int, _ time: Instant) -> InputFault {
        InputFault(
            failure: Failure(FilesFailures.json, "line \(number) is none"), origin: Origin("a.jsonl", line: number),
            original: [UInt8(ascii: "x")], time: time, factID: "f\(number)")
    }

    @Test("what could not be stored is kept when it comes again, and no count is lost with it")
    func takenBack() throws {
        var tally = FaultTally()
        let start = try #require(Instant(text: "2025-02-03T06:00:00Z"))
        let many = tally.keep((1...50).map { Self.fault($0, start) }, now: start)
        #expect(many.faults.count == FaultTally.burst)
        let later = start + FaultTally.interval
        let next = tally.keep([Self.fault(51, later)], now: later)
        #expect(next.faults.first?.failure.message.contains("30 more like it") == true)
        tally.takeBack(next)
        let again = tally.keep([Self.fault(51, later)], now: later)
        #expect(again.faults.map(\.origin.line) == [51])
        #expect(again.faults.first?.factID != "f51", "where the fault is known already, the count must not go with it")
        #expect(again.faults.first?.failure.message.contains("30 more like it") == true)
        let repeated = tally.keep([Self.fault(51, later)], now: later + .seconds(60))
        #expect(repeated.faults.isEmpty)
        let nothing = tally.due(now: later + FaultTally.interval)
        #expect(nothing.faults.isEmpty, "a repeat of what was kept is no news")
    }

    @Test("a tally goes on where it was stored")
    func stored() throws {
        var tally = FaultTally()
        let start = try #require(Instant(text: "2025-02-03T06:00:00Z"))
        _ = tally.keep((1...50).map { Self.fault($0, start) }, now: start)
        var other = FaultTally(stored: try JSONReader.read(tally.position.value.description))
        let none = other.keep([Self.fault(51, start)], now: start)
        #expect(none.faults.isEmpty)
        let due = other.due(now: start + FaultTally.interval)
        #expect(due.faults.first?.failure.message.contains("31 more like it") == true)
        #expect(due.faults.first?.failure.kind.code == FilesFailures.json.code)
    }
}
