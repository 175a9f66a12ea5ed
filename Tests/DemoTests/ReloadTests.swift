import ExactJSON
import Foundation
import Store
import Synchronization
import Testing
import World
import WorldLive

/// A node whose settings change while it works.
@Suite("Changing settings", .serialized, .timeLimit(.minutes(20)))
struct ReloadTests {
    /// How often the settings change: `MILLWRIGHT_RELOADS`, else a few times.
    private static let reloads = Int(ProcessInfo.processInfo.environment["MILLWRIGHT_RELOADS"] ?? "") ?? 12

    private static let settings = CountsFolder.files(target: "concurrency: 4\n")

    /// Settings that do not check, or cannot be put to work.
    private static let broken: [(path: String, text: String)] = [
        ("flows/counts.yaml", "flow: counts\nowner: production\n"),
        ("flows/counts.yaml", CountsFolder.flow(1).replacing("target: slow", with: "target: nowhere")),
        ("flows/counts.yaml", CountsFolder.flow(1).replacing("version:", with: "version")),
        ("sources/other.yaml", "source: other\nprotocol: http\nplant: lyon\n"),
        ("sources/other.yaml", "source: other\nprotocol: http\nplant: lyon\npath: /x\ntoken: ${file:FOLDER/none}\n"),
        ("millwright.yaml", "node: another\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n"),
    ]

    private final class End: Sendable {
        let isReached = Mutex(false)
    }

    @Test("while events come in, some of them broken: nothing is lost, doubled or out of order")
    func underLoad() async throws {
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings)
        defer { node.stop() }
        let port = node.port
        let end = End()
        // What the node began with maps the first one, before it changes.
        try await Self.post(0, node)
        _ = try await node.until({ try node.ask("status") }) { $0["targets"]?.array?.first?["accepted"] == 1 }
        let posted = try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                var number = 1
                while !end.isReached.withLock({ $0 }) {
                    try await Self.post(number, node)
                    number += 1
                }
                return number
            }
            group.addTask {
                for change in 1...Self.reloads {
                    try await Self.change(change, node)
                }
                end.isReached.withLock { $0 = true }
                return nil
            }
            var posted = 0
            for try await count in group { posted = count ?? posted }
            return posted
        }
        let status = try await node.until({ try node.ask("status") }) {
            $0["targets"]?.array?.first?["accepted"]?.int == posted
        }
        #expect(status["targets"]?.array?.first?["accepted"]?.int == posted, "\(posted) posted: \(status)")
        #expect(status["exceptions"] == 0)
        let taken = try String(contentsOfFile: "\(node.folder)/taken.txt", encoding: .utf8).split(separator: "\n")
            .compactMap { $0.split(separator: ":").last.flatMap { Int($0) } }
        #expect(taken.count == posted && Set(taken) == Set(0..<posted), "\(taken.count) of \(posted) were taken")
        for key in 0..<5 {
            let mine = taken.filter { $0 % 5 == key }
            #expect(mine == mine.sorted(), "key \(key)")
        }
        // The same socket all the time, and each version that ran is kept, with what it mapped.
        #expect(node.port == port)
        let good = Self.reloads - Self.reloads / 3
        let versions = try StoreReader(path: "\(node.folder)/data/node.db").read { transaction in
            try transaction.settingsVersions(limit: 1_000)
        }
        #expect(versions.count == good + 1, "\(versions.map(\.reason))")
        #expect(Set(versions.map(\.digest)).count == versions.count)
        // Each way says which of them mapped it: the first those that the node began with, and the last later ones.
        let (first, last) = (try await Self.mapper(of: 0, node), try await Self.mapper(of: posted - 1, node))
        for found in [first, last] {
            #expect(versions.contains { Int($0.id) == found.version && $0.digest == found.digest }, "\(found)")
        }
        #expect(first.version == versions.last.map { Int($0.id) } && last.version > first.version)
    }

    /// The settings that mapped an event, as interface, page and command say with one voice.
    private static func mapper(of number: Int, _ node: NodeProcess) async throws -> (version: Int, digest: String) {
        func get(_ path: String) async throws -> String {
            let request = HTTPRequest(method: "GET", target: "http://127.0.0.1:\(node.port)\(path)")
            let answer = try await World.shared.network.send(request, timeout: .seconds(20), maximumBody: 4 << 20)
            return String(decoding: answer.body, as: UTF8.self)
        }
        let answer = try JSONReader.read(try await get("/v1/trace?what=\(number)"))
        let steps = answer["events"]?[0]?["steps"]?.array ?? []
        let settings = steps.first { $0["step"] == "mapped" }?["settings"]
        let version = try #require(settings?["version"]?.int, "\(answer)")
        let digest = try #require(settings?["digest"]?.string, "\(answer)")
        let words = "settings \(version) (\(digest.prefix(12)))"
        let page = try await get("/trace?what=\(number)")
        #expect(page.contains("<a href=\"/settings/\(version)\">\(words)</a>"), "\(page)")
        let told = try Program.run(["trace", "\(number)", "--folder", node.folder])
        #expect(told.output.contains("; \(words)\n"), "\(told)")
        return (version, digest)
    }

    @Test("an address that is taken is refused when it is tried, and the node goes on where it listened before")
    func takenAddress() async throws {
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings)
        // A second node has the address that the first one is to get.
        let other = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings)
        defer {
            node.stop()
            other.stop()
        }
        let path = "\(node.folder)/millwright.yaml"
        let old = try String(contentsOfFile: path, encoding: .utf8)
        let taken = old.replacing("127.0.0.1:0", with: "127.0.0.1:\(other.port)")
        try await Self.post(1, node)
        try NodeProcess.write(path, taken)
        let log = try await node.until({ node.log }) { $0.components(separatedBy: "listening on").count == 3 }
        #expect(log.contains("WARNING the changed settings cannot run"), "\(log.suffix(600))")
        try await Self.post(2, node)
        // Once refused it is not tried again and again; what can run does.
        try await World.shared.clock.sleep(for: .seconds(3))
        #expect(node.log.components(separatedBy: "cannot run").count == 2)
        try NodeProcess.write(path, old + "observability: { log: debug }\n")
        _ = try await node.until({ node.log }) { $0.contains("the settings changed; the node goes on") }
        try await Self.post(3, node)
        let status = try await node.until({ try node.ask("status") }) {
            $0["targets"]?.array?.first?["accepted"]?.int == 3
        }
        #expect(status["targets"]?.array?.first?["accepted"] == 3)
    }

    private static func post(_ number: Int, _ node: NodeProcess) async throws {
        let body = BadInput.event("\(number)", order: "K\(number % 5)")
        for _ in 0..<2_000 {
            // What is not answered with 202 is sent again, as any sender must.
            if let answer = try? await node.post(body), answer.status == 202 { return }
            try await World.shared.clock.sleep(for: .milliseconds(10))
        }
        Issue.record("event \(number) is not taken")
    }

    /// Makes one change and waits until the node has taken or refused it; each third one is broken, and put back.
    private static func change(_ number: Int, _ node: NodeProcess) async throws {
        func words(_ text: String) -> Int { node.log.components(separatedBy: text).count }
        func until(_ text: String, _ before: Int) async throws {
            for _ in 0..<600 where words(text) == before { try await World.shared.clock.sleep(for: .milliseconds(50)) }
            #expect(words(text) > before, "change \(number): \(node.log.suffix(600))")
        }
        guard number % 3 == 0 else {
            let before = words("the settings changed")
            try NodeProcess.write("\(node.folder)/flows/counts.yaml", CountsFolder.flow(number))
            if number % 2 == 0 { node.hangUp() }
            return try await until("the settings changed", before)
        }
        let fault = broken[number / 3 % broken.count]
        let path = "\(node.folder)/\(fault.path)"
        let old = try? String(contentsOfFile: path, encoding: .utf8)
        let before = words("WARNING the changed settings")
        try NodeProcess.write(path, fault.text.replacing("FOLDER", with: node.folder))
        try await until("WARNING the changed settings", before)
        if let old { try NodeProcess.write(path, old) } else { try FileManager.default.removeItem(atPath: path) }
        // Long enough to be seen as it was.
        try await World.shared.clock.sleep(for: .milliseconds(1_500))
    }
}
