import ExactJSON
import Foundation
import Testing
import World
import WorldLive

@Suite("Chaos on real processes", .serialized)
struct ChaosTests {
    @Test("what the machines make is in Odoo once, in order, whatever happens to the processes")
    func rounds() throws {
        let library = try Program.compile("clockoffset.c")
        defer { try? FileManager.default.removeItem(atPath: library) }
        let (code, json) = try Program.json(["chaos", "--rounds", "3", "--seed", "11", "--clock-library", library])
        #expect(code == 0, "\(json["failures"] ?? "")")
        #expect(json["rounds"] == 3 && json["failed"] == 0)
        #expect(json["lost"] == 0 && json["doubled"] == 0 && json["outOfOrder"] == 0)
        #expect((json["facts"]?.int ?? 0) > 150 && (json["posted"]?.int ?? 0) > 50)
        #expect(json["faults"]?.object?.isEmpty == false)
    }

    @Test(
        "a fact that is left out and a piece that is posted twice are found",
        arguments: zip(["drop-fact", "post-twice"], [("lost", "doubled"), ("doubled", "lost")]))
    func sabotage(kind: String, sides: (found: String, other: String)) throws {
        let (code, json) = try Program.json(
            ["chaos", "--rounds", "2", "--seed", "11", "--bound", "15", "--sabotage", kind])
        #expect(code == 1)
        #expect(json[sides.found] == 1 && json[sides.other] == 0, "\(json["failures"] ?? "")")
    }

    @Test("a stand-in with a journal has its records again after it was killed")
    func standInJournal() async throws {
        let journal = NSTemporaryDirectory() + "millwright-journal-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: journal) }
        let first = try NodeProcess(["stand-in", "--port", "0", "--journal", journal])
        let made = try await Self.create("Bracket", first)
        first.kill()
        // A kill in the middle of a line.
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: journal))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"at\":17".utf8))
        try handle.close()
        let second = try NodeProcess(["stand-in", "--port", "0", "--journal", journal])
        defer { second.stop() }
        #expect(try await Self.create("Bolt", second) == made + 1)
        let names = try await Self.call("search_read", [[["id", ">=", .int(made)]], ["name"]], second)
        #expect(names.array?.compactMap { $0["name"]?.string }.sorted() == ["Bolt", "Bracket"])
    }

    private static func create(_ name: String, _ odoo: NodeProcess) async throws -> Int {
        let made = try await call("create", [["name": .string(name)]], odoo)
        return try #require(made.int ?? made[0]?.int, "\(made)")
    }

    /// A call of `res.partner` over JSON-RPC.
    private static func call(_ method: String, _ arguments: JSON, _ odoo: NodeProcess) async throws -> JSON {
        let body: JSON = [
            "jsonrpc": "2.0", "method": "call", "id": 1,
            "params": [
                "service": "object", "method": "execute_kw",
                "args": ["demo", 2, "key-admin", "res.partner", .string(method), arguments],
            ],
        ]
        let request = HTTPRequest(
            method: "POST", target: "http://127.0.0.1:\(odoo.port)/jsonrpc",
            headers: ["Content-Type": "application/json"], body: body.bytes)
        let response = try await World.shared.network.send(request, timeout: .seconds(20), maximumBody: 1 << 20)
        return try JSONReader.read(response.body)["result"] ?? .null
    }
}
