import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// `millwright store …` beside and between lives of a real node, and what the node does with damage itself.
@Suite("A store and the person who looks after it", .serialized)
struct StoreCommandTests {
    private static let settings = [
        "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n",
        "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
        "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
    ]

    /// A node with `count` events of about 2 KB in its store.
    private static func node(events count: Int) async throws -> NodeProcess {
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: settings)
        let note = ",\"note\":\"\(String(repeating: "x", count: 2_000))\""
        for number in 1...count {
            let body = BadInput.event("e\(1_000 + number)", order: "MO-1", extra: note)
            #expect(try await node.post(body).status == 202)
        }
        return node
    }

    /// Turns a bit of the text `needle` over, in the database file.
    private static func damage(_ needle: String, in path: String) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(bytes.range(of: Data(needle.utf8)))
        bytes[place.lowerBound] ^= 4
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.write(contentsOf: bytes)
        try handle.close()
    }

    private static func store(_ node: NodeProcess, _ arguments: String...) throws -> (code: Int32, json: JSON) {
        try Program.json(["store"] + arguments + ["--folder", node.folder])
    }

    @Test("beside a running node it can be checked, exported and copied, and not mended, shrunk or replaced")
    func running() async throws {
        let node = try await Self.node(events: 20)
        defer { node.stop() }
        let check = try Self.store(node, "check")
        #expect(check.code == 0 && check.json["ok"] == true)
        #expect(check.json["rows"]?["event"] == 20)
        let backup = try Self.store(node, "backup", node.folder + "/backup.db")
        #expect(backup.code == 0 && backup.json["events"] == 20)
        #expect(try Self.store(node, "backup", node.folder + "/backup.db").code == 1)
        #expect(try Self.store(node, "export", node.folder + "/out.jsonl").json["event"] == 20)
        for file in [
            "data/node.db", "data/node.db-sums", "data/node.db-wal", "backup.db", "backup.db-sums", "out.jsonl",
        ] {
            let found = try FileManager.default.attributesOfItem(atPath: "\(node.folder)/\(file)")
            #expect(found[.posixPermissions] as? Int == 0o600, "what the plant does is in \(file), for its user alone")
        }
        let nowhere = try Self.store(node, "backup", node.folder + "/log/backup.db")
        #expect(
            nowhere.json["error"]?["message"]?.string?.contains("\(node.folder)/log/backup.db") == true, "\(nowhere)")
        for command in [["repair"], ["compact"], ["restore", node.folder + "/backup.db"]] {
            let refused = try Program.json(["store"] + command + ["--folder", node.folder])
            #expect(refused.code == 1, "\(command)")
            #expect(refused.json["error"]?["code"] == "STORE-006", "\(command): \(refused.json)")
            #expect(
                refused.json["error"]?["suggestion"] == "Stop the node first, then run this again.",
                "\(command): \(refused.json)")
        }
        #expect(try await node.post(BadInput.event("later", order: "MO-1")).status == 202)
        #expect(
            try Program.json(["store", "check", "--store", node.folder + "/backup.db"]).json["rows"]?["event"] == 20)
    }

    @Test("damage is found, mended by hand, and a backup put back in its place; each says so by its exit code")
    func byHand() async throws {
        let node = try await Self.node(events: 60)
        defer { node.stop() }
        let copy = node.folder + "/backup.db"
        #expect(try Self.store(node, "backup", copy).code == 0)
        node.kill()
        #expect(try Self.store(node, "compact").code == 0)
        try Self.damage("\"e1030\"", in: node.folder + "/data/node.db")

        let check = try Self.store(node, "check")
        #expect(check.code == 1 && check.json["ok"] == false && check.json["damagedPages"] == 1)
        let refused = try Self.store(node, "backup", node.folder + "/second.db")
        #expect(refused.code == 1 && refused.json["error"]?["code"] == "STORE-008")
        let repair = try Self.store(node, "repair")
        #expect(repair.code == 0 && repair.json["mended"] == true)
        let aside = try #require(repair.json["setAside"]?.string)
        #expect(FileManager.default.fileExists(atPath: aside))
        #expect(try Self.store(node, "check").code == 0)
        #expect(try Self.store(node, "repair").json["mended"] == false)
        #expect(try node.exceptions().map { $0["code"]?.string } == ["STORE-009"])

        #expect(try Self.store(node, "restore", copy).code == 0)
        let restored = try Self.store(node, "check")
        #expect(restored.code == 0 && restored.json["rows"]?["event"] == 60)
        #expect(try node.exceptions().isEmpty)
        #expect(try Self.store(node, "restore", node.folder + "/millwright.yaml").json["error"]?["code"] == "STORE-012")
    }

    @Test("a running node that meets damage mends its store and goes on by itself")
    func byItself() async throws {
        var node = try await Self.node(events: 60)
        defer { node.stop() }
        node.kill()
        #expect(try Self.store(node, "compact").code == 0)
        try Self.damage("\"e1030\"", in: node.folder + "/data/node.db")
        // A target that reads the journal from its beginning comes by the damage.
        let target = "target: archive\nprotocol: files\npath: \(node.folder)/out/events.jsonl\nstart: beginning\n"
        try NodeProcess.write(node.folder + "/targets/archive.yaml", target)
        node = try NodeProcess(["run", "--folder", "FOLDER"], in: node.folder)

        let lines = try await node.until({ try Self.lines(node.folder + "/out") }) { $0.count >= 60 }
        #expect(lines.count == 60 && Set(lines).count == 60)
        let lost = lines.filter { $0.contains("millwright.store.lost.v1") }.count
        #expect((1...8).contains(lost))
        #expect(try node.exceptions().map { $0["code"]?.string } == ["STORE-009"])
        let log = try String(contentsOfFile: node.folder + "/log", encoding: .utf8)
        #expect(log.contains("STORE-008") && log.contains("the store was damaged and is mended"))
        #expect(
            try await node.until({ (try? await node.post(BadInput.event("later", order: "MO-1")).status) ?? 0 }) {
                $0 == 202
            }
                == 202)
    }

    private static func lines(_ folder: String) throws -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return try names.filter { $0.hasSuffix(".jsonl") }.sorted().flatMap { name in
            try String(contentsOfFile: folder + "/" + name, encoding: .utf8).split(separator: "\n").map(String.init)
        }
    }
}
