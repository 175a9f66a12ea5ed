import Canonical
import Contracts
import ExactJSON
import Foundation
import Testing

@testable import MTConnectConnector

/// A small seeded generator (SplitMix64), so that a failing case can be run again.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

private func small(lines: Int = 200, originals: Int = 40) -> SHDRRules {
    var rules = SHDRRules(asset: "okuma")
    rules.limits.lineBytes = lines
    rules.limits.originalBytes = originals
    return rules
}

@Suite("The SHDR parser as a stream")
struct SHDRParserTests {
    @Test("what follows the name of a device without an asset counts for nobody")
    func unknownDevice() throws {
        var rules = small()
        rules.devices = ["A": "okuma"]
        var parser = SHDRParser(rules, place: "p")
        let lines = [
            "* device: A", "2026-03-02T08:00:00Z|ppartcount|10", "* device: B", "2026-03-02T08:00:01Z|ppartcount|57",
            "* device: A", "2026-03-02T08:00:02Z|ppartcount|11",
        ]
        let output = parser.take(Array((lines.joined(separator: "\n") + "\n").utf8), now: arrival)
        #expect(output.readings.map(\.asset) == ["okuma", "okuma"])
        #expect(output.faults.map(\.failure.kind.code) == ["SHDR-009", "SHDR-009"])
    }

    @Test("pieces of any size give the same readings as the whole", arguments: UInt64(1)...60)
    func pieces(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let folder = packageRoot.appending(path: "Tests/Corpus/shdr")
        let name = try #require(SHDRCorpusTests.names.randomElement(using: &random))
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        let end = Bool.random(using: &random) ? "\n" : "\r\n"
        let bytes = Array(text.components(separatedBy: "----------\n")[0].replacing("\n", with: end).utf8)
        var whole = SHDRParser(small(lines: 80), place: "p")
        let expected = rendering(whole.take(bytes, now: arrival))
        var cut = SHDRParser(small(lines: 80), place: "p")
        var output = SHDROutput()
        var index = 0
        while index < bytes.count {
            let end = min(bytes.count, index + Int.random(in: 1...90, using: &random))
            let part = cut.take(Array(bytes[index..<end]), now: arrival)
            output.readings += part.readings
            output.faults += part.faults
            output.heartbeat = part.heartbeat ?? output.heartbeat
            index = end
        }
        #expect(rendering(output) == expected, "seed \(seed), \(name)")
    }

    @Test("random and mutated bytes never crash, and every line is a reading or a fault", arguments: UInt64(1)...80)
    func fuzz(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        var rules = small(lines: 300)
        for (key, kind) in [
            ("s", SHDRKind.condition), ("m", .message), ("t", .timeSeries), ("d", .dataSet), ("x", .table),
        ] {
            rules.model[key] = kind
        }
        rules.dropsRepeats = Bool.random(using: &random)
        rules.devices = Bool.random(using: &random) ? ["M": "m"] : [:]
        rules.rememberedKeys = 50
        var parser = SHDRParser(rules, place: "p")
        let seeds = SHDRCorpusTests.names.flatMap { name in
            Array((try? Data(contentsOf: packageRoot.appending(path: "Tests/Corpus/shdr/\(name)"))) ?? Data())
        }
        let marks: [UInt8] = Array("|\n\r\"\\{}=*@: -T1Z".utf8) + [0, 0xFF, 0xC3]
        for _ in 0..<60 {
            var bytes: [UInt8] = []
            if Bool.random(using: &random), seeds.count > 200 {
                let start = Int.random(in: 0..<(seeds.count - 200), using: &random)
                bytes = Array(seeds[start..<(start + 200)])
                for _ in 0..<Int.random(in: 0...6, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = marks.randomElement(using: &random) ?? 0
                }
            } else {
                bytes = (0..<Int.random(in: 0...400, using: &random)).map { _ in
                    Bool.random(using: &random)
                        ? marks.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
                }
            }
            let output = parser.take(bytes, now: arrival)
            for fault in output.faults { #expect(fault.original.count <= 40 && fault.origin.line != nil) }
            for reading in output.readings { #expect(reading.original.count <= 40 && !reading.name.isEmpty) }
            #expect(parser.knownCount <= 50)
        }
        let end = parser.end(now: arrival)
        #expect(end.readings.allSatisfy { $0.value == .unavailable })
        #expect(parser.end(now: arrival).readings.isEmpty, "seed \(seed): unavailable twice")
    }

    @Test("a line of a gigabyte is passed over in bounded memory, its beginning kept, and the next line read")
    func gigabyte() {
        var parser = SHDRParser(SHDRRules(asset: "okuma"), place: "p")
        let before = residentBytes()
        var faults = 0
        let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<1_024 { faults += parser.take(block, now: arrival).faults.count }
        let output = parser.take(Array("\n2022-08-08T13:51:34Z|a|1\n".utf8), now: arrival)
        #expect(faults == 1)
        #expect(output.readings.count == 1 && output.readings[0].origin.line == 2)
        #expect(residentBytes() - before < 64 << 20)
    }

    @Test("a line of nothing but faults makes a few of them, which share one copy of it, and says how many more")
    func hostileLine() throws {
        var parser = SHDRParser(SHDRRules(asset: "okuma"), place: "p")
        let line = "2026-03-02T08:00:00Z" + String(repeating: "||x", count: 340_000) + "\n"
        let output = parser.take(Array((line + "2026-03-02T08:00:01Z|a|1\n").utf8), now: arrival)
        #expect(output.faults.count == LineFaults.maximum + 1)
        #expect(output.faults.first?.failure.kind.code == "SHDR-003")
        let last = try #require(output.faults.last?.failure.message)
        #expect(last.contains("4984 more faults"), "\(last)")
        let copies = Set(output.faults.map { $0.original.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) } })
        #expect(copies.count == 1)
        #expect(output.readings.map(\.name) == ["a"])
    }

    @Test("of a line with too many fields the first are read, and nothing is made of half an item")
    func manyFields() {
        var rules = SHDRRules(asset: "okuma")
        rules.model["c"] = .condition
        var parser = SHDRParser(rules, place: "p")
        let values = (0..<4_998).map { "|k\($0)|1" }.joined()
        let line = "2026-03-02T08:00:00Z\(values)|c|FAULT|1|2|HIGH|hot|z|1\n"
        let output = parser.take(Array(line.utf8), now: arrival)
        #expect(output.readings.count == 4_998 && output.readings.last?.name == "k4997")
        #expect(output.faults.map(\.failure.kind.code) == ["SHDR-003"])
    }

    @Test("a key of one character that is as long as the line makes a short message")
    func longCharacter() throws {
        var parser = SHDRParser(SHDRRules(asset: "okuma"), place: "p")
        let key = "e" + String(repeating: "\u{301}", count: 100_000)
        let output = parser.take(Array("2026-03-02T08:00:00Z|\(key)\n".utf8), now: arrival)
        let fault = try #require(output.faults.first)
        #expect(fault.failure.message.utf8.count < 1_000 && (fault.factID?.utf8.count ?? 0) < 200)
    }

    @Test("faults are kept a few at once and then one now and then, a cause once a day")
    func budget() throws {
        var budget = FaultBudget()
        func fault(_ cause: String?) -> InputFault {
            InputFault(
                failure: Failure(SHDRFailures.badTime, "no time"), origin: Origin("p"), original: [], time: arrival,
                factID: cause)
        }
        let first = budget.take(fault("SHDR-009:M9"), now: arrival)
        #expect(first?.factID == "SHDR-009:M9:2030-01-01")
        #expect(budget.take(fault("SHDR-009:M9"), now: arrival) == nil)
        let kept = (0..<1_000).count { _ in budget.take(fault(nil), now: arrival) != nil }
        #expect(kept == FaultBudget.burst - 1)
        let later = budget.take(fault(nil), now: arrival + FaultBudget.interval)
        #expect(later?.failure.message == "no time (951 other faults before were not kept)")
        #expect(budget.take(fault(nil), now: arrival + FaultBudget.interval) == nil)
        let next = budget.take(fault("SHDR-009:M9"), now: arrival + .seconds(86_400))
        #expect(next?.factID == "SHDR-009:M9:2030-01-02")
    }

    @Test("an endless --multiline-- is given up, reported once, and the next observation read")
    func endlessBody() {
        var parser = SHDRParser(small(), place: "p")
        var lines = ["2022-08-08T13:51:34Z|@ASSET@|T1|CuttingTool|--multiline--AB"]
        lines += (0..<50).map { "<line number=\"\($0)\"/>" }
        lines += ["2022-08-08T13:51:35Z|a|1"]
        let output = parser.take(Array(lines.joined(separator: "\n").utf8) + [0x0A], now: arrival)
        #expect(output.faults.map(\.failure.kind.code) == ["SHDR-003"])
        #expect(output.readings.map(\.name) == ["a"])
    }

    @Test("repeats are dropped where the settings say so, not over a lost connection")
    func repeats() {
        var rules = small()
        rules.dropsRepeats = true
        var parser = SHDRParser(rules, place: "p")
        let line = Array("2022-08-08T13:51:34Z|a|1|b|UNAVAILABLE\n".utf8)
        #expect(parser.take(line, now: arrival).readings.count == 2)
        #expect(parser.take(line, now: arrival).readings.isEmpty)
        #expect(parser.end(now: arrival).readings.map(\.name) == ["a"])
        #expect(parser.take(line, now: arrival).readings.map(\.name) == ["a"])
    }

    @Test("ISO 8859-1 is read where the settings say so, and times can be those of arrival")
    func rules() throws {
        var rules = small()
        rules.isLatin1 = true
        rules.ignoresTimes = true
        var parser = SHDRParser(rules, place: "p")
        let reading = try #require(
            parser.take(Array("2022-08-08T13:51:34Z|n|Gr".utf8) + [0xF6, 0xDF, 0x65, 0x0A], now: arrival).readings.first
        )
        #expect(reading.value == .value("Größe") && reading.time == arrival)
        #expect(reading.original.contains(0xF6))
    }

    @Test("a device model tells conditions, series and sets by name, id and source")
    func model() throws {
        let text = """
            <?xml version="1.0"?><MTConnectDevices><!-- <DataItem name="not" category="CONDITION"/> -->
            <Device name="M"><DataItems>
            <DataItem id='c1' name="sys" category="CONDITION" type="SYSTEM"/>
            <mt:DataItem category="EVENT" type="MESSAGE" id="m1"><Source>op &amp; co</Source></mt:DataItem>
            <DataItem category="SAMPLE" representation="TIME_SERIES" id="t1" note="a > b"/>
            <DataItem category="EVENT" representation="TABLE" id="x1"></DataItem><Source>loose</Source>
            <DataItem category="EVENT" representation="DATA_SET" id="d1" type="VARIABLE"/>
            """
        var model = SHDRModel()
        #expect(DevicesFile.read(Array(text.utf8), into: &model) == 5)
        let kinds = ["sys", "c1", "op & co", "m1", "t1", "x1", "d1", "not", "loose"].map { model[$0] }
        #expect(kinds == [.condition, .condition, .message, .message, .timeSeries, .table, .dataSet, nil, nil])
    }

    @Test("a broken device model never crashes the reader", arguments: UInt64(1)...40)
    func brokenModel(_ seed: UInt64) {
        var random = Seeded(state: seed)
        var bytes = Array(
            "<a><DataItem id='c' name=\"s\" category='CONDITION'><Source>x</Source></DataItem><!-- --><DataItem".utf8)
        let marks = Array("<>\"'=/&!- ".utf8)
        for _ in 0..<8 {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = marks.randomElement(using: &random) ?? 0
        }
        var model = SHDRModel()
        _ = DevicesFile.read(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))), into: &model)
    }

    @Test("the heartbeat asks at the adapter's interval and gives up after twice of it")
    func heartbeat() {
        var beat = SHDRHeartbeat(silence: .seconds(600), now: .seconds(5))
        #expect(beat.decide(at: .seconds(5)) == .ping)
        #expect(beat.decide(at: .seconds(6)) == .wait(.seconds(599)))
        beat.heard(at: .seconds(6))
        beat.agreed(.seconds(10), at: .seconds(6))
        #expect(beat.decide(at: .seconds(7)) == .wait(.seconds(9)))
        #expect(beat.decide(at: .seconds(16)) == .ping)
        #expect(beat.decide(at: .seconds(16)) == .wait(.seconds(10)))
        beat.heard(at: .seconds(17))
        #expect(beat.decide(at: .seconds(26)) == .ping)
        #expect(beat.decide(at: .seconds(37)) == .giveUp(after: .seconds(20)))
        var silent = SHDRHeartbeat(silence: .seconds(600), now: .zero)
        #expect(silent.decide(at: .zero) == .ping)
        #expect(silent.decide(at: .seconds(600)) == .giveUp(after: .seconds(600)))
    }

    @Test("waits before connecting again are random parts of a doubling span")
    func backoff() {
        let backoff = Backoff(base: .seconds(1), cap: .seconds(30))
        #expect(backoff.wait(attempt: 0, random: 1_000_000) == .seconds(1))
        #expect(backoff.wait(attempt: 3, random: 8_000_000) == .seconds(8))
        var random = Seeded(state: 7)
        for attempt in 0..<100 { #expect(backoff.wait(attempt: attempt, random: random.next()) <= .seconds(30)) }
    }
}

/// Resident memory of this process.
func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4_096
}
