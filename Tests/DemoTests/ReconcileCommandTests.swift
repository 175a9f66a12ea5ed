import Canonical
import ExactJSON
import Foundation
import OdooConnector
import Testing
import World
import WorldLive

/// `millwright reconcile` beside a real node, over an Odoo stand-in that is put back to yesterday.
@Suite("millwright reconcile", .serialized)
struct ReconcileCommandTests {
    private static func hub(_ odoo: Int) -> [String: String] {
        [
            "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n",
            "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
            "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
            "targets/odoo.yaml": """
            target: odoo
            protocol: odoo
            endpoint: http://127.0.0.1:\(odoo)
            database: demo
            login: mes
            secret: ${file:FOLDER/secret}
            orderBy: origin
            settle: 1s
            breaker: { failures: 3, cooldown: 200ms }

            """,
            "secret": "key-mes\n",
            "flows/progress.yaml": """
            flow: progress
            owner: production
            when: { type: "millwright.production.completed.*", plant: lyon }
            target: odoo
            operation: production.progress
            key: subject
            retry: { base: 50ms, cap: 500ms }
            onReject: hold
            jq: "{order: .subject, quantity: .data.quantity, time: .time}"

            """,
            "flows/scrap.yaml": """
            flow: scrap
            owner: production
            when: { type: "millwright.production.scrapped.*", plant: lyon }
            target: odoo
            operation: scrap.record
            key: subject
            jq: "{order: .subject, quantity: .data.quantity}"

            """,
        ]
    }

    private static func address(_ login: String, _ port: Int) -> OdooAddress {
        OdooAddress(
            endpoint: "http://127.0.0.1:\(port)", database: "demo", login: login, secret: "key-\(login)")
    }

    /// What stands at two orders: good pieces and scrap.
    private static func tallies(_ port: Int) async throws -> [String] {
        let reader = OdooReader(address: address("admin", port), network: World.shared.network)
        let found = try await reader.orders(origins: ["MO-1", "MO-2"])
        return ["MO-1", "MO-2"].map { "\(found[$0]?.good ?? ExactNumber(0)) \(found[$0]?.scrap ?? ExactNumber(0))" }
    }

    private static func accepted(_ node: NodeProcess, _ count: Int) async throws {
        let reached = try await node.until({
            try node.ask("status")["targets"]?[0]?["accepted"]?.int ?? 0
        }) { $0 == count }
        #expect(reached == count)
    }

    @Test("what was posted since the backup is listed, posted again once, and then nothing is missing")
    func restored() async throws {
        var odoo = try NodeProcess(["stand-in", "--port", "0", "--journal", "FOLDER/journal"])
        let port = odoo.port
        _ = try await OdooProvisioner(address: Self.address("admin", port), network: World.shared.network).provision(
            products: [.init(code: "BRACKET", name: "Bracket")],
            orders: ["MO-1", "MO-2"].map { .init(origin: $0, item: "BRACKET", quantity: ExactNumber(1_000)) })
        var node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.hub(port))
        defer {
            node.stop()
            odoo.stop()
        }
        for number in 1...4 { _ = try await node.post(BadInput.event("a\(number)", order: "MO-1")) }
        try await Self.accepted(node, 4)
        let journal = try Data(contentsOf: URL(fileURLWithPath: odoo.folder + "/journal"))
        for number in 1...3 { _ = try await node.post(BadInput.event("b\(number)", order: "MO-1")) }
        for number in 1...2 { _ = try await node.post(BadInput.event("c\(number)", order: "MO-2")) }
        _ = try await node.post(BadInput.event("d1", type: "production.scrapped", order: "MO-2"))
        try await Self.accepted(node, 10)
        #expect(try await Self.tallies(port) == ["7 0", "2 1"])

        // Odoo comes back from its backup, at the same address.
        odoo.kill()
        try journal.write(to: URL(fileURLWithPath: odoo.folder + "/journal"))
        odoo = try NodeProcess(
            ["stand-in", "--port", "\(port)", "--journal", "FOLDER/journal"], in: odoo.folder)
        #expect(try await Self.tallies(port) == ["4 0", "0 0"])

        let folder = ["--folder", node.folder]
        let listed = try Program.json(["reconcile", "--since", "1h"] + folder)
        #expect(listed.code == 1)
        #expect(listed.json["sums"]?["production.progress"]?["absent"] == 5, "\(listed.json)")
        #expect(listed.json["sums"]?["production.progress"]?["present"] == 4)
        #expect(listed.json["sums"]?["production.progress"]?["absentQuantity"]?["pcs"] == 5)
        #expect(listed.json["sums"]?["scrap.record"]?["absent"] == 1)
        let list = node.folder + "/list.json"
        try NodeProcess.write(list, listed.json.description)

        // A list that was changed is none; a digest that is not that of the list posts nothing.
        try NodeProcess.write(list + ".changed", listed.json.description.replacing("MO-1", with: "MO-2"))
        let why = ["--post", "--note", "restored from a backup", "--by", "test"] + folder
        #expect(try Program.json(["reconcile", "--list", list + ".changed"] + why).code == 2)
        #expect(try Program.json(["reconcile", "--since", "1h", "--list", "0123456789abcdef"] + why).code == 1)
        #expect(try await Self.tallies(port) == ["4 0", "0 0"])

        // The node is away: what it is asked for waits for it. A second time it is the same.
        node.kill()
        #expect(try Program.json(["reconcile", "--list", list, "--wait", "1"] + why).code == 1)
        #expect(try Program.json(["reconcile", "--list", list, "--wait", "1"] + why).code == 1)
        node = try NodeProcess(["run", "--folder", "FOLDER"], in: node.folder)
        let tallies = try await node.until({ try await Self.tallies(port) }) { $0 == ["7 0", "2 1"] }
        #expect(tallies == ["7 0", "2 1"])
        try await Self.accepted(node, 10)
        let again = try Program.json(["reconcile", "--list", list] + why)
        #expect(again.code == 0 && again.json["postedBefore"] == 6 && again.json["groups"] == [], "\(again.json)")
        let after = try Program.json(["reconcile", "--since", "1h"] + folder)
        #expect(after.code == 0 && after.json["commands"] == [], "\(after.json)")
        #expect(try await Self.tallies(port) == ["7 0", "2 1"])
        #expect(try node.exceptions().isEmpty)
        let out = node.folder + "/out.jsonl"
        _ = try Program.json(["store", "export", out] + folder)
        let audit = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").filter {
            $0.contains("reconcile.post")
        }
        #expect(audit.count == 4 && audit.allSatisfy { $0.contains("restored from a backup") }, "\(audit)")
    }

    @Test("arguments that make no sense are refused before anything is asked")
    func arguments() throws {
        for words in [
            ["--post"], ["--post", "--list", "x"], [], ["--since", "yesterday"], ["--since", "1h", "--until", "2h"],
        ] {
            #expect(try Program.run(["reconcile", "--folder", "/nowhere"] + words).code != 0, "\(words)")
        }
    }
}
