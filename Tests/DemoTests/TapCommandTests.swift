import ExactJSON
import Foundation
import Testing

/// `millwright tap` beside a running node.
@Suite("millwright tap", .serialized)
struct TapCommandTests {
    private static let settings = [
        "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n",
        "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
        "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
    ]

    private static func ids(_ text: String) throws -> [String] {
        try text.split(separator: "\n").map { try JSONReader.read(String($0))["id"]?.string ?? "" }
    }

    @Test("events are chosen by type and by jq, the newest ones oldest first, and saved ones are input of a test")
    func chosen() async throws {
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings)
        defer { node.stop() }
        for number in 1...7 {
            _ = try await node.post(BadInput.event("a\(number)", order: "MO-\(number % 2)"))
        }
        _ = try await node.post(BadInput.event("s1", type: "production.scrapped", order: "MO-1"))
        let place = ["--folder", node.folder]
        #expect(try Self.ids(Program.run(["tap"] + place).output) == (1...7).map { "a\($0)" } + ["s1"])
        #expect(try Self.ids(Program.run(["tap", "--limit", "2"] + place).output) == ["a7", "s1"])
        let typed = try Program.run(["tap", "--type", "*.completed.v1", "--where", ".subject == \"MO-1\""] + place)
        #expect(try Self.ids(typed.output) == ["a1", "a3", "a5", "a7"])
        let file = node.folder + "/tests/captured.jsonl"
        try NodeProcess.write(node.folder + "/tests/x.txt", "")
        let saved = try Program.run(["tap", "--type", "*.scrapped.*", "--save", file] + place)
        #expect(saved.code == 0 && saved.output.isEmpty && saved.errors.contains("1 event in"), "\(saved.errors)")
        #expect(try Program.run(["tap", "--save", file] + place).code == 2)
        try NodeProcess.write(
            node.folder + "/tests/captured.yaml",
            "cases:\n  - case: c\n    given: [{ eventsFrom: tests/captured.jsonl }]\n    expect: { events: [{ id: s1 }] }\n"
        )
        let tested = try Program.json(["test"] + place)
        #expect(tested.code == 0, "\(tested.json)")
        for wrong in [["--type", "a b"], ["--where", ".("], ["--limit", "0"]] {
            #expect(try Program.run(["tap"] + wrong + place).code != 0, "\(wrong)")
        }
    }

    @Test("--follow shows what comes from now on, until the limit")
    func follow() async throws {
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings)
        defer { node.stop() }
        _ = try await node.post(BadInput.event("old", order: "MO-1"))
        let out = node.folder + "/tapped"
        _ = FileManager.default.createFile(atPath: out, contents: nil)
        let tap = Process()
        tap.executableURL = Program.found
        tap.arguments = ["tap", "--follow", "--limit", "2", "--where", ".subject == \"MO-2\"", "--folder", node.folder]
        tap.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
        try tap.run()
        defer { tap.terminate() }
        // It may begin a moment later than the first of these; it ends with the second one that it sees.
        var number = 0
        while tap.isRunning, number < 150 {
            number += 1
            let order = number % 3 == 0 ? "MO-1" : "MO-2"
            _ = try await node.post(BadInput.event("n\(100 + number)", order: order))
            usleep(100_000)
        }
        #expect(!tap.isRunning)
        let ids = try Self.ids(String(contentsOfFile: out, encoding: .utf8))
        #expect(ids.count == 2 && ids == ids.sorted() && ids.allSatisfy { $0.hasPrefix("n") }, "\(ids)")
    }
}
