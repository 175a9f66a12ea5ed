import ExactJSON
import Foundation
import OdooConnector
import Testing
import World
import WorldLive

/// What a node and its commands do with the records and the codes of an Odoo.
@Suite("Records and codes of Odoo on the command line", .serialized, .timeLimit(.minutes(3)))
struct OdooRecordNodeTests {
    private static func hub(_ odoo: NodeProcess) -> [String: String] {
        [
            "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n",
            "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
            "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
            "targets/odoo.yaml": """
            target: odoo
            protocol: odoo
            endpoint: http://127.0.0.1:\(odoo.port)
            database: demo
            login: mes
            secret: ${file:FOLDER/secret}
            orderBy: origin

            """,
            "secret": "key-mes\n",
            "flows/progress.yaml": """
            flow: progress
            owner: production
            when: { type: "millwright.production.completed.*", plant: lyon }
            target: odoo
            operation: production.progress
            key: subject
            jq: "{order: .subject, quantity: .data.quantity, time: .time}"

            """,
            "crosswalks/work-centers.csv": "from,to,note\npress-1,PRESS,\npress-9,GONE,taken away\n",
        ]
    }

    private static func office(_ odoo: NodeProcess) -> OdooAddress {
        OdooAddress(
            endpoint: "http://127.0.0.1:\(odoo.port)", database: "demo", login: "admin", secret: "key-admin")
    }

    @Test("what comes for a cancelled order waits with the order's page")
    func refused() async throws {
        let odoo = try await NodeProcess.standIn()
        defer { odoo.stop() }
        let office = OdooConnection(Self.office(odoo), network: World.shared.network)
        let found = try await office.call(.find("mrp.production", [["origin", "=", "MO-1"]], ["name"], limit: 1))
        let id = try #require(found[0]?["id"]?.int)
        _ = try await office.call(OdooCall("mrp.production", "action_cancel", ids: [id]))
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.hub(odoo))
        defer { node.stop() }
        let posted = try await node.post(BadInput.event("1", order: "MO-1"))
        #expect(posted.status < 300, "\(posted.text)")
        let waiting = try await node.until({ try node.exceptions() }) { !$0.isEmpty }
        #expect(waiting.count == 1 && waiting.first?["code"] == "ODOO-023", "\(waiting)")
        let page = "http://127.0.0.1:\(odoo.port)/web#id=\(id)&model=mrp.production&view_type=form"
        #expect(
            waiting.first?["record"]
                == ["system": "Odoo", "title": .string("mrp.production,\(id)"), "url": .string(page)])
        let shown = try Program.run(["exceptions", "show", "1", "--folder", node.folder])
        #expect(shown.output.contains("record: mrp.production,\(id), \(page)\n"), "\(shown.output)")
    }

    @Test("a crosswalk is drafted from Odoo's codes, kept where it is, and check names the keys that are to be filled")
    func draft() async throws {
        let odoo = try NodeProcess(["stand-in", "--port", "0"])
        defer { odoo.stop() }
        _ = try await OdooProvisioner(address: Self.office(odoo), network: World.shared.network).provision(
            products: [.init(code: "BRACKET", name: "Bracket, steel")],
            workCenters: [.init(code: "PRESS", name: "Press 1"), .init(code: "OVEN", name: "Oven")])
        let folder = try SettingsFolder()
        defer { folder.remove() }
        for (path, text) in Self.hub(odoo) { try folder.write(path, text.replacing("FOLDER", with: folder.path)) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder.path)/secret")
        func sync(_ more: String...) throws -> (code: Int32, output: String, errors: String) {
            try Program.run(["odoo", "sync-crosswalk", "odoo", "--folder", folder.path] + more)
        }
        let centers = try sync("--table", "work-centers")
        #expect(centers.code == 0, "\(centers.errors)")
        let lines = centers.output.split(separator: "\n").map(String.init)
        #expect(
            lines.starts(with: ["from,to,note", "press-1,PRESS,Press 1", "press-9,GONE,taken away"]),
            "\(centers.output)")
        #expect(lines.contains(",OVEN,Oven") && !lines.contains { $0.hasPrefix(",PRESS") }, "\(centers.output)")
        #expect(centers.errors.contains("Odoo does not have: GONE"), "\(centers.errors)")
        let products = try sync("--table", "products", "--crosswalk", "work-centers")
        #expect(products.output.contains("\n,BRACKET,\"Bracket, steel\"\n"), "\(products.output)")

        // All tables, twice: what is there stays.
        let drafts = "\(folder.path)/drafts"
        #expect(try sync("--output", drafts).code == 0)
        try folder.write("drafts/units.csv", "mine\n")
        let again = try sync("--output", drafts)
        #expect(again.code == 0 && again.output.contains("\(drafts)/units-2.csv"), "\(again.output) \(again.errors)")
        #expect(try folder.read("drafts/units.csv") == "mine\n")
        #expect(try folder.read("drafts/units-2.csv").hasPrefix("from,to,note\n"))
        #expect(try folder.read("drafts/work-centers.csv") == centers.output)

        // Taken as it is, its empty key is a fault; filled in, there is none.
        try folder.write("crosswalks/work-centers.csv", centers.output)
        let unfilled = try Program.run(["check", "--folder", folder.path])
        #expect(unfilled.code == 2 && unfilled.output.contains("a key is empty"), "\(unfilled)")
        let filled = lines.filter { !$0.hasPrefix(",") }.joined(separator: "\n") + "\n"
        try folder.write("crosswalks/work-centers.csv", filled + "oven-1,OVEN,Oven\n")
        let whole = try Program.run(["check", "--folder", folder.path])
        #expect(!whole.output.contains("key is empty") && !whole.output.contains("given twice"), "\(whole)")
    }

    @Test(
        "what cannot be drafted is said in words",
        arguments: [
            (["odoo"], "name one table with --table"), (["odoo", "--table", "people"], "there is no table \"people\""),
            (["odoo", "--output", "x", "--crosswalk", "reasons"], "name one table with --table"),
            (["odoo", "--table", "units", "--crosswalk", "reasons"], "the folder has no crosswalk \"reasons\""),
            (["nowhere", "--table", "units"], "the folder has no Odoo target \"nowhere\""),
        ])
    func words(_ arguments: [String], _ words: String) throws {
        let folder = try SettingsFolder([
            "millwright.yaml": "node: lyon\n", "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris }\n",
            "targets/odoo.yaml": """
            target: odoo
            protocol: odoo
            endpoint: https://odoo.example.com
            database: demo
            login: mes
            secret: ${env:MILLWRIGHT_NO_SUCH_KEY}

            """,
        ])
        defer { folder.remove() }
        let told = try Program.run(["odoo", "sync-crosswalk", "--folder", folder.path] + arguments)
        #expect(told.code == 2 && told.errors.contains(words), "\(told)")
    }
}
