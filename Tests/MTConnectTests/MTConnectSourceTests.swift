import Canonical
import Contracts
import ExactJSON
import Foundation
import Signals
import Synchronization
import Testing
import World

@testable import MTConnectConnector

/// What a plain count of the recording gives: readings by key, without any of the parser's code.
private func plainCounts(_ log: String) -> [String: Int] {
    var counts: [String: Int] = [:]
    var body: Substring?
    for line in log.split(separator: "\n") {
        if let open = body {
            if line == open { body = nil }
            continue
        }
        if line.hasPrefix("*") {
            counts["*" + line.dropFirst().prefix { $0 != ":" }, default: 0] += 1
            continue
        }
        let parts = line.split(separator: "|", omittingEmptySubsequences: false)
        if parts[1].hasPrefix("@") {
            counts[
                ["@ASSET@": "AssetChanged", "@REMOVE_ASSET@": "AssetRemoved"][parts[1]] ?? "AllAssetsRemoved",
                default: 0] += 1
            if let last = parts.last, last.hasPrefix("--multiline--") { body = last }
        } else if parts.count == 7, ["NORMAL", "WARNING", "FAULT", "UNAVAILABLE"].contains(parts[2]), parts[5].isEmpty {
            counts[String(parts[1]), default: 0] += 1
        } else {
            for index in stride(from: 1, to: parts.count - 1, by: 2) { counts[String(parts[index]), default: 0] += 1 }
        }
    }
    return counts
}

@Suite("The MTConnect source", .timeLimit(.minutes(2)))
struct MTConnectSourceTests {
    private static func log() throws -> URL { try #require(recordings).appending(path: "okuma-multus/shdr.log") }

    @Test("the recording is read key by key as a plain count has it", .enabled(if: recordings != nil, "no recordings"))
    func recording() throws {
        let data = try Data(contentsOf: try Self.log())
        var model = SHDRModel()
        let devices = try Data(contentsOf: try Self.log().deletingLastPathComponent().appending(path: "Devices.xml"))
        #expect(DevicesFile.read(Array(devices), into: &model) > 100)
        for withModel in [false, true] {
            var rules = SHDRRules(asset: "okuma")
            if withModel { rules.model = model }
            var parser = SHDRParser(rules, place: "okuma")
            let output = parser.take(Array(data), now: arrival)
            #expect(output.faults.isEmpty)
            let counts = Dictionary(output.readings.map { ($0.name, 1) }, uniquingKeysWith: +)
            #expect(counts == plainCounts(String(decoding: data, as: UTF8.self)))
            #expect(
                output.readings.filter { $0.name.hasSuffix("_cond") }.allSatisfy { reading in
                    if case .value(let value) = reading.value { value["level"] == "NORMAL" } else { false }
                })
        }
    }

    @Test(
        "a recorded machine over TCP, in four sessions: every reading, and four pieces",
        .enabled(if: recordings != nil, "no recordings"))
    func overTCP() async throws {
        let log = try Self.log()
        let peer = try AdapterPeer([
            "--file", log.path, "--split", "|avail|AVAILABLE|", "--half", "2022-08-08T13:51:34Z|ppartc", "--pong",
            "5000",
        ])
        defer { peer.stop() }
        let expected = plainCounts(try String(contentsOf: log, encoding: .utf8)).values.reduce(0, +)
        let intake = CollectingIntake()
        let source = try makeSource(testWorld(SocketNetwork()), endpoint: "127.0.0.1:\(peer.port)")
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await source.run(intake) }
            await intake.until { $0.readings.count { !$0.original.isEmpty } >= expected }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.waitForAll() }
        }
        let readings = await intake.readings
        #expect(readings.count { !$0.original.isEmpty } == expected)
        #expect(await intake.faults.map(\.failure.kind.code) == ["SHDR-004", "SHDR-004", "SHDR-004"])
        #expect(await intake.documents.count == 3)
        #expect(try pieces(readings, afterGap: "ignore") == 4)
        // One more was made, by the machine's own counter, between the third and the fourth recording.
        #expect(try pieces(readings, afterGap: "count") == 5)
    }

    private func pieces(_ readings: [Reading], afterGap: String) throws -> Int {
        let counter = settings(["role": .text("counter"), "tag": .text("ppartcount"), "afterGap": .text(afterGap)])
        let processor = try SignalProcessor(
            source: "okuma", signals: [counter], plants: SignalPlants(standard: .init(plant: "lyon")))
        var memory = SignalMemory()
        let output = try processor.derive(readings, memory: &memory, load: { _ in nil }, now: arrival)
        return output.events.compactMap { $0.data["quantity"]?["value"]?.int }.reduce(0, +)
    }

    @Test("an adapter that stops answering is given up and connected anew")
    func mute() async throws {
        let peer = try AdapterPeer(["--pong", "1500", "--mute", "2"])
        defer { peer.stop() }
        let intake = CollectingIntake()
        let source = try makeSource(testWorld(SocketNetwork()), endpoint: "127.0.0.1:\(peer.port)")
        var words: [String] = []
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await source.run(intake) }
            for await line in peer.lines {
                words.append(line)
                if line == "{\"accepted\": 2}" { break }
            }
            // The adapter accepts before the source knows of it.
            await intake.until { !$0.documents.isEmpty }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.waitForAll() }
        }
        #expect(words.contains("{\"ping\": 2}"), "the adapter was asked again at its interval")
        #expect(await intake.documents.first?.envelope.type == "millwright.node.data-missed.v1")
    }

    @Test("nothing is read on before the last batch is stored")
    func backPressure() async throws {
        let network = ScriptedNetwork([(0..<40).map { "2022-08-08T13:51:34Z|n|\($0)\n" }])
        let before = Mutex<[Int]>([])
        let intake = CollectingIntake {
            let count = network.reads.withLock { $0 }
            for _ in 0..<50 { await Task.yield() }
            before.withLock { $0.append(network.reads.withLock { $0 } - count) }
        }
        let source = try makeSource(testWorld(network), ["linger": .duration(.zero)])
        await #expect(throws: CancellationError.self) { try await source.run(intake) }
        #expect(await intake.readings.count == 41)
        #expect(before.withLock { $0.allSatisfy { $0 == 0 } && $0.count > 30 })
    }

    @Test("a batch never exceeds its limit, and positions go with its last part")
    func batches() async throws {
        var limits = Limits()
        limits.batchEvents = 7
        let network = ScriptedNetwork([[(0..<50).map { "2022-08-08T13:51:34Z|n\($0)|1\n" }.joined()]])
        let intake = CollectingIntake()
        let source = try makeSource(testWorld(network), limits: limits)
        await #expect(throws: CancellationError.self) { try await source.run(intake) }
        #expect(await intake.batches.allSatisfy { $0 <= 7 })
        #expect(await intake.readings.count == 100)
        #expect(await intake.positions["items"]?["okuma-multus"]?.array?.count == 50)
    }

    @Test("a cause of faults is kept once, however often the adapter repeats it")
    func repeatedFault() async throws {
        let lines = (0..<200).map { "2022-08-08T13:51:34Z|n|\($0)|m|1|a\n" }
        let intake = CollectingIntake()
        let source = try makeSource(testWorld(ScriptedNetwork([lines, lines])), ["linger": .duration(.zero)])
        await #expect(throws: CancellationError.self) { try await source.run(intake) }
        let faults = await intake.faults
        // The test may run over midnight.
        #expect((1...2).contains(faults.count) && faults.allSatisfy { $0.factID?.hasPrefix("SHDR-005:a:") == true })
        #expect(await intake.readings.count { !$0.original.isEmpty } == 800)
    }

    @Test("an adapter that sends nothing but faults fills neither memory nor store, and no batch exceeds its limit")
    func nothingButFaults() async throws {
        var limits = Limits()
        limits.batchEvents = 7
        let lines = [(0..<2_000).map { "no time \($0)|a|1\n" }.joined()]
        let intake = CollectingIntake()
        // Over connections as well: a new one gives no new stock.
        let source = try makeSource(testWorld(ScriptedNetwork([lines, lines, lines])), limits: limits)
        await #expect(throws: CancellationError.self) { try await source.run(intake) }
        #expect(await intake.batches.allSatisfy { $0 <= 7 })
        #expect(await intake.faults.count == FaultBudget.burst)
    }

    @Test("a refused batch is handed in again, unchanged, once")
    func refused() async throws {
        let network = ScriptedNetwork([["2022-08-08T13:51:34Z|a|1\n", "timeout", "2022-08-08T13:51:35Z|a|2\n"]])
        let intake = CollectingIntake(refusals: 3)
        let notices = Mutex<[String]>([])
        let source = try makeSource(testWorld(network), ["linger": .duration(.zero)]) { notice in
            if case .refused(let words, _) = notice { notices.withLock { $0.append(words) } }
        }
        await #expect(throws: CancellationError.self) { try await source.run(intake) }
        #expect(await intake.readings.map(\.value) == [.value("1"), .value("2"), .unavailable])
        #expect(notices.withLock { $0.count } == 3)
    }

    @Test("a node that starts again knows what it does not know, and since when")
    func restart() async throws {
        let intake = CollectingIntake()
        let first = try makeSource(testWorld(ScriptedNetwork([["2022-08-08T13:51:34Z|a|1|b|2\n"]])))
        await #expect(throws: CancellationError.self) { try await first.run(intake) }
        let heard = try #require(await intake.positions["heard"]?.int)
        #expect(await intake.documents.isEmpty)
        let before = await intake.readings.count
        let second = try makeSource(testWorld(ScriptedNetwork([["2022-08-08T13:52:34Z|a|5\n"]])))
        await #expect(throws: CancellationError.self) { try await second.run(intake) }
        let readings = await intake.readings.dropFirst(before)
        #expect(readings.map(\.name) == ["a", "b", "a", "a"])
        #expect(readings.prefix(2).allSatisfy { $0.value == .unavailable && $0.time.microseconds == heard })
        let missed = try #require(await intake.documents.first)
        let event = try Event(document: JSONReader.read(missed.bytes))
        #expect(FactShape.of(type: event.type)?.faults(in: event.data).isEmpty == true)
        #expect(event.data["from"]?.string == Instant(microseconds: Int64(heard)).description)
    }

    @Test("settings and models that cannot work are refused with a reason")
    func refusedSettings() async throws {
        #expect(throws: SettingFault.self) { _ = try makeSource(testWorld(ScriptedNetwork([])), endpoint: "nowhere") }
        let source = try makeSource(testWorld(ScriptedNetwork([])), ["model": .text("/nonexistent/Devices.xml")])
        let failure = await #expect(throws: Failure.self) { try await source.run(CollectingIntake()) }
        #expect(failure?.kind.code == "SHDR-012")
    }

    @Test("the example is the one of the docs")
    func example() throws {
        let folder = packageRoot.appending(path: "Sources/Connectors/MTConnect")
        let yaml = try String(contentsOf: folder.appending(path: "example.yaml"), encoding: .utf8)
        #expect(yaml == MTConnectSpec.example + "\n")
        let readme = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
        #expect(readme.contains(MTConnectSpec.example))
        for field in MTConnectSpec.fields {
            #expect(!field.summary.isEmpty && readme.contains("`\(field.name)`"), "\(field.name)")
        }
        for kind in SHDRFailures.all { #expect(readme.contains(kind.code)) }
    }
}
