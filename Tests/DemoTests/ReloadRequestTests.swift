import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// A real node whose folder is read again because an integrator asks for it.
@Suite("Having the settings read again", .serialized, .timeLimit(.minutes(5)))
struct ReloadRequestTests {
    private static func token(_ name: String) -> String { "token-of-\(name)-0123456789" }

    private static let settings = CountsFolder.files(
        node: """
            console:
              tokens:
                ines: { scope: integrator, secret: "${file:FOLDER/ines}" }
                olaf: { scope: operator, secret: "${file:FOLDER/olaf}" }

            """
    ).merging(["ines": token("ines"), "olaf": token("olaf")]) { $1 }

    /// A node that does not look at its folder by itself: what it does, it does because somebody asked.
    private static func node() throws -> NodeProcess {
        try NodeProcess(["run", "--folder", "FOLDER", "--no-watch"], files: settings)
    }

    private static func send(
        _ node: NodeProcess, _ method: String, _ path: String, as name: String = "ines"
    ) async throws -> HTTPResponse {
        let request = HTTPRequest(
            method: method, target: "http://127.0.0.1:\(node.port)\(path)",
            headers: ["Authorization": "Bearer \(token(name))"])
        return try await World.shared.network.send(request, timeout: .seconds(90), maximumBody: 4 << 20)
    }

    private static func ask(
        _ node: NodeProcess, _ method: String, _ path: String, as name: String = "ines"
    ) async throws -> (status: Int, body: JSON) {
        let answer = try await send(node, method, path, as: name)
        return (answer.status, try JSONReader.read(answer.body))
    }

    private static func reload(
        _ node: NodeProcess, as name: String = "ines"
    ) async throws -> (status: Int, body: JSON) {
        try await ask(node, "POST", "/v1/settings/reload", as: name)
    }

    /// The lines of the audit trail with this action, the oldest first.
    private static func audit(_ node: NodeProcess, _ action: String) async throws -> [JSON] {
        let lines = try await ask(node, "GET", "/v1/audit").body["lines"]?.array ?? []
        return lines.filter { $0["action"] == .string(action) }.reversed()
    }

    @Test("what checks runs, what does not is refused with its faults, and all is written down with who asked")
    func outcomes() async throws {
        let node = try Self.node()
        defer { node.stop() }
        let operates = try await Self.reload(node, as: "olaf")
        #expect(operates.status == 403)

        let same = try await Self.reload(node)
        #expect(same.status == 200 && same.body["result"] == "unchanged" && same.body["version"] == 1, "\(same)")

        try NodeProcess.write("\(node.folder)/flows/counts.yaml", CountsFolder.flow(1))
        let changed = try await Self.reload(node)
        #expect(changed.status == 200 && changed.body["result"] == "running", "\(changed)")
        #expect(changed.body["version"] == 2 && changed.body["changes"] == ["~ flows/counts.yaml"], "\(changed)")
        let newest = try await Self.ask(node, "GET", "/v1/settings").body["versions"]?[0]
        #expect(newest?["version"] == 2 && newest?["reason"] == "reload")
        #expect(newest?["digest"] == changed.body["digest"])
        let page = String(decoding: try await Self.send(node, "GET", "/settings").body, as: UTF8.self)
        #expect(page.contains("<ul><li>~ flows/counts.yaml</li></ul>"), "\(page)")

        let broken = CountsFolder.flow(2).replacing("target: slow", with: "target: nowhere")
        try NodeProcess.write("\(node.folder)/flows/counts.yaml", broken)
        let refused = try await Self.reload(node)
        #expect(refused.status == 422 && refused.body["result"] == "refused", "\(refused)")
        #expect(refused.body["version"] == 2 && refused.body["digest"] == changed.body["digest"])
        let fault = try #require(refused.body["faults"]?.array?.first { $0["severity"] == "error" }, "\(refused)")
        #expect(fault["file"] == "flows/counts.yaml" && fault["line"] == 4 && fault["code"] == "SET-042", "\(fault)")
        #expect(fault["message"]?.string?.contains("nowhere") == true && fault["suggestion"]?.string != nil)

        // What ran goes on: facts come in, and through the flow as it was.
        let posted = try await node.post(BadInput.event("1", order: "MO-1"))
        #expect(posted.status == 202)
        let taken = try await node.until({ try String(contentsOfFile: "\(node.folder)/taken.txt", encoding: .utf8) }) {
            !$0.isEmpty
        }
        #expect(taken.split(separator: "\n").count == 1)

        // Without a fault, and not for this node.
        try NodeProcess.write("\(node.folder)/flows/counts.yaml", CountsFolder.flow(1))
        let own = "\(node.folder)/millwright.yaml"
        let text = try String(contentsOfFile: own, encoding: .utf8)
        try NodeProcess.write(own, text.replacing("node: hub", with: "node: another"))
        let another = try await Self.reload(node)
        #expect(another.status == 409 && another.body["version"] == 2, "\(another)")
        #expect(another.body["faults"]?[0]?["message"]?.string?.contains("stop the node") == true, "\(another)")
        try NodeProcess.write(own, text)
        let back = try await Self.reload(node)
        #expect(back.status == 200 && back.body["result"] == "unchanged" && back.body["version"] == 2, "\(back)")

        let lines = try await Self.audit(node, "settings.reload")
        #expect(lines.map { $0["actor"] } == ["ines", "ines", "ines", "ines", "ines"])
        #expect(
            lines.map { $0["detail"]?["result"] } == ["unchanged", "running", "refused", "refused", "unchanged"])
        #expect(lines.map { $0["detail"]?["version"] } == [1, 2, 2, 2, 2])
        #expect(lines.allSatisfy { $0["time"]?.string != nil && $0["detail"]?["digest"]?.string != nil })
        #expect(lines[2]["detail"]?["reason"]?.string?.contains("flows/counts.yaml:4") == true, "\(lines[2])")
        let runs = try await Self.audit(node, "settings.run")
        #expect(runs.map { $0["detail"]?["reason"] } == ["start", "reload"])
    }

    @Test("who asks at once shares a look: the settings run once, and each is told")
    func together() async throws {
        let node = try Self.node()
        defer { node.stop() }
        try NodeProcess.write("\(node.folder)/flows/counts.yaml", CountsFolder.flow(1))
        let answers = try await withThrowingTaskGroup(of: (status: Int, body: JSON).self) { group in
            for _ in 0..<8 { group.addTask { try await Self.reload(node) } }
            var answers: [(status: Int, body: JSON)] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
        // Who came while the routes were away is asked to come again.
        let told = answers.filter { $0.status != 503 }
        #expect(told.allSatisfy { $0.status == 200 && $0.body["version"] == 2 }, "\(answers)")
        #expect(told.contains { $0.body["result"] == "running" }, "\(answers)")
        let runs = try await Self.audit(node, "settings.run")
        #expect(runs.map { $0["detail"]?["reason"] } == ["start", "reload"])
        let lines = try await Self.audit(node, "settings.reload")
        #expect(lines.filter { $0["detail"]?["result"] == "running" }.count == 1, "\(lines)")
    }

    @Test("an address that is taken: who asks is told before the socket goes, and the refusal is written down")
    func takenAddress() async throws {
        let node = try Self.node()
        let other = try Self.node()
        defer {
            node.stop()
            other.stop()
        }
        let own = "\(node.folder)/millwright.yaml"
        let text = try String(contentsOfFile: own, encoding: .utf8)
        try NodeProcess.write(own, text.replacing("127.0.0.1:0", with: "127.0.0.1:\(other.port)"))
        let answer = try await Self.reload(node)
        #expect(answer.status == 202 && answer.body["result"] == "moving", "\(answer)")
        let log = try await node.until({ node.log }) { $0.components(separatedBy: "listening on").count == 3 }
        #expect(log.contains("WARNING the changed settings cannot run"), "\(log.suffix(600))")
        // It ran until it was to listen, and did not from then on.
        let lines = try await Self.audit(node, "settings.reload")
        #expect(lines.map { $0["detail"]?["result"] } == ["running", "refused"], "\(lines)")
        #expect(lines.allSatisfy { $0["actor"] == "ines" })
        let posted = try await node.post(BadInput.event("1", order: "MO-1"))
        #expect(posted.status == 202)
    }

    @Test("a node that is stopped while somebody waits for it to read its folder is not held up by that")
    func stopped() async throws {
        // A request that has not come in yet when the node stops is refused, and nobody is told anything.
        var told: Int?
        for attempt in 1...6 where told == nil {
            let node = try Self.node()
            async let answer = try? Self.reload(node)
            try await World.shared.clock.sleep(for: .milliseconds(100 * attempt))
            let began = World.shared.clock.uptime()
            node.stop()
            let took = World.shared.clock.uptime() - began
            told = await answer?.status
            #expect(took < .seconds(8), "\(took)")
        }
        #expect(told == 503 || told == 200, "\(String(describing: told))")
    }

    @Test("a version that ran is written out as it was, also where the folder is broken, and never over something")
    func export() async throws {
        let node = try Self.node()
        defer { node.stop() }
        try NodeProcess.write("\(node.folder)/flows/counts.yaml", CountsFolder.flow(1))
        let changed = try await Self.reload(node)
        try #require(changed.body["version"] == 2, "\(changed)")
        let old = "\(node.folder)/old"
        let done = try Program.json(["versions", "export", "1", "--to", old, "--folder", node.folder])
        #expect(done.code == 0, "\(done)")
        let paths = [
            "flows/counts.yaml", "millwright.yaml", "plants.yaml", "sources/door.yaml", "targets/slow.yaml",
        ]
        #expect(done.json["files"]?.array?.compactMap(\.string) == paths && done.json["version"] == 1)
        for path in paths {
            let text = try String(contentsOfFile: "\(old)/\(path)", encoding: .utf8)
            #expect(text == Self.settings[path]?.replacing("FOLDER", with: node.folder), "\(path)")
            #expect(!text.contains(Self.token("ines")))
        }
        let check = try Program.run(["check", "--folder", old])
        #expect(check.code == 0, "\(check)")

        let again = try Program.json(["versions", "export", "2", "--to", old, "--folder", node.folder])
        #expect(again.code == 2 && again.json["error"]?["message"]?.string?.contains("not empty") == true, "\(again)")
        let flow = try String(contentsOfFile: "\(old)/flows/counts.yaml", encoding: .utf8)
        #expect(flow == CountsFolder.flow(0))
        let missing = try Program.json(["versions", "export", "9", "--to", "\(old)9", "--folder", node.folder])
        #expect(missing.code == 1 && !FileManager.default.fileExists(atPath: "\(old)9"), "\(missing)")

        try NodeProcess.write("\(node.folder)/flows/counts.yaml", "flow: counts\n")
        let lost = try Program.json(["versions", "export", "2", "--to", "\(old)2", "--folder", node.folder])
        #expect(lost.code == 2 && lost.json["error"]?["message"]?.string?.contains("--store") == true, "\(lost)")
        let store = "\(node.folder)/data/node.db"
        let found = try Program.json(["versions", "export", "2", "--to", "\(old)2", "--store", store])
        #expect(found.code == 0, "\(found)")
        // Put back, it is what runs.
        let kept = try String(contentsOfFile: "\(old)2/flows/counts.yaml", encoding: .utf8)
        try NodeProcess.write("\(node.folder)/flows/counts.yaml", kept)
        let back = try await Self.reload(node)
        #expect(back.status == 200 && back.body["result"] == "unchanged", "\(back)")
    }
}
