import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// A node that people ask on the command line, programs by HTTP and browsers by its pages.
@Suite("The three doors of the exceptions desk", .serialized, .timeLimit(.minutes(3)))
struct DeskDoorsTests {
    private static let map = "# There is no order for anything yet.\nerror(\"no order <yet>\")\n"

    private static let settings = [
        "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n",
        "secret": "key-mes\n",
        "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
        "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
        "targets/odoo.yaml": """
        target: odoo
        protocol: odoo
        endpoint: http://127.0.0.1:9
        database: demo
        login: mes
        secret: ${file:FOLDER/secret}

        """,
        "flows/progress.yaml": """
        flow: progress
        owner: production
        when: { type: "millwright.production.completed.*", plant: lyon }
        target: odoo
        operation: production.progress
        key: subject
        map: maps/progress.jq

        """,
        "maps/progress.jq": map,
        "flows/scrap.yaml": """
        flow: scrap
        owner: production
        when: { type: "millwright.production.scrapped.*", plant: lyon }
        target: odoo
        operation: scrap.record
        key: subject
        jq: 'error("nothing is scrapped here")'

        """,
    ]

    private func fetch(_ node: NodeProcess, _ path: String) async throws -> String {
        let request = HTTPRequest(
            method: "GET", target: "http://127.0.0.1:\(node.port)\(path)", headers: [:], body: [])
        let answer = try await World.shared.network.send(request, timeout: .seconds(20), maximumBody: 4 << 20)
        try #require(answer.status == 200, "\(path): \(answer.status)")
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// A node with four exceptions, one after the other; the first of them is settled.
    private func desk(_ body: (_ node: NodeProcess, _ all: [JSON]) async throws -> Void) async throws {
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings)
        defer { node.stop() }
        let events = [
            BadInput.event("1", order: "MO-1"), BadInput.event("2", order: "MO-2"),
            BadInput.event("3", type: "production.scrapped", order: "MO-3"),
            BadInput.event("4", order: "MO-4").replacing("\"value\":1", with: "\"value\":\"many\""),
        ]
        for (index, event) in events.enumerated() {
            #expect(try await node.post(event).status == 202)
            let open = try await node.until({ try node.exceptions().count }) { $0 == index + 1 }
            try #require(open == index + 1)
        }
        let first = try node.exceptions()[0]["id"]?.int ?? 0
        _ = try node.ask("exceptions", "discard", "\(first)", "--note", "by hand")
        let all = try node.ask("exceptions", "list", "--state", "all")["exceptions"]?.array ?? []
        try #require(all.count == 4)
        try await body(node, all)
    }

    private func filters(_ all: [JSON]) -> [[(name: String, value: String)]] {
        let third = all[2]["created"]?.string ?? ""
        let words: [[String: String]] = [
            [:], ["state": "all"], ["state": "settled"], ["kind": "map"], ["kind": "map", "state": "all"],
            ["kind": "input"], ["kind": "doubt"], ["flow": "scrap"], ["target": "odoo"], ["source": "door"],
            ["text": "mo-2"], ["code": all[3]["code"]?.string ?? ""], ["cause": all[1]["cause"]?.string ?? ""],
            ["since": third], ["until": third], ["until": third, "state": "all"],
            ["since": all[1]["created"]?.string ?? "", "until": third],
        ]
        return words.map { $0.map { (name: $0.key, value: $0.value) } }
    }

    @Test("the command line, the interface for programs and the page find the same for the same filter")
    func alike() async throws {
        try await desk { node, all in
            let numbers = all.compactMap { $0["id"]?.int }
            var found: Set<[Int]> = []
            for words in filters(all) {
                let options = words.flatMap { ["--\($0.name)", $0.value] }
                let command = ["exceptions", "list", "--folder", node.folder] + options
                let shell = try Program.json(command).json["exceptions"]?.array?.compactMap { $0["id"]?.int } ?? []
                let query = words.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
                let program = try JSONReader.read(await fetch(node, "/v1/exceptions?\(query)"))["exceptions"]?.array?
                    .compactMap { $0["id"]?.int }
                let page = try await fetch(node, "/exceptions?\(query)")
                let browser = page.matches(of: /<th scope="row"><a href="\/exceptions\/(\d+)">/)
                    .compactMap { Int($0.output.1) }
                #expect(shell == program, "\(query): \(shell), \(program ?? [])")
                #expect(shell == browser.sorted(), "\(query): \(shell), \(browser)")
                // The groups count the same, by both doors that have them.
                let groups = try Program.json(["exceptions", "groups", "--folder", node.folder] + options).json
                let told = try await JSONReader.read(fetch(node, "/v1/exceptions/groups?\(query)"))
                #expect(groups == told, "\(query)")
                let counted = groups["groups"]?.array?.compactMap { $0["count"]?.int }.reduce(0, +)
                #expect(counted == shell.count, "\(query)")
                found.insert(shell)
            }
            // The filters tell apart what they are to tell apart.
            #expect(found.isSuperset(of: [numbers, [numbers[0]], [numbers[3]], [numbers[2]], [numbers[1]], []]))
            #expect(found.contains(Array(numbers[2...])) && found.contains(Array(numbers[..<2])))
            let wrongs = [
                ["--kind", "odd"], ["--state", "lost"], ["--since", "soon"], ["--since", "1h", "--until", "2h"],
            ]
            for wrong in wrongs {
                let code = try Program.run(["exceptions", "list", "--folder", node.folder] + wrong).code
                #expect(code == 2 || code == 64, "\(wrong): \(code)")
            }
        }
    }

    @Test("one exception is told alike by all three: its event, the map that made its command, and of which settings")
    func story() async throws {
        try await desk { node, all in
            let id = all[1]["id"]?.int ?? 0
            let shell = try node.ask("exceptions", "show", "\(id)")
            let program = try JSONReader.read(await fetch(node, "/v1/exceptions/\(id)"))
            #expect(shell == program)
            #expect(shell["document"]?["subject"] == "MO-2" && shell["document"]?["data"]?["item"] == "BRACKET")
            #expect(shell["map"] == ["path": "maps/progress.jq", "text": .string(Self.map), "isCut": false])
            #expect(shell["settings"]?["version"] == 1)
            let said = try Program.run(["exceptions", "show", "\(id)", "--folder", node.folder]).output
            for words in ["mapped by: settings 1", "map maps/progress.jq", "error(\"no order <yet>\")", "\"BRACKET\""] {
                #expect(said.contains(words), "\(words) is not in \(said)")
            }
            let page = try await fetch(node, "/exceptions/\(id)")
            for words in [
                "<a href=\"/settings/1\">settings 1", "maps/progress.jq", "error(&quot;no order &lt;yet&gt;&quot;)",
                "BRACKET",
            ] { #expect(page.contains(words), "\(words) is not in \(page)") }
            // A program that stands in the flow is shown with the flow; what never was an event has neither.
            let scrap = try node.ask("exceptions", "show", "\(all[2]["id"]?.int ?? 0)")
            #expect(scrap["map"]?["path"] == "flows/scrap.yaml")
            #expect(scrap["map"]?["text"]?.string == Self.settings["flows/scrap.yaml"])
            let input = try node.ask("exceptions", "show", "\(all[3]["id"]?.int ?? 0)")
            #expect(input["document"]?.isNull == true && input["map"]?.isNull == true)
        }
    }

    @Test("a decision on the command line takes nothing above the number that was seen last")
    func through() async throws {
        try await desk { node, all in
            let second = all[1]["id"]?.int ?? 0
            _ = try node.ask(
                "exceptions", "discard", "--all", "--through", "\(second)", "--note", "seen", "--by", "anna")
            let rest = Array(all[2...].compactMap { $0["id"]?.int })
            let open = try await node.until({ try node.exceptions().compactMap { $0["id"]?.int } }) { $0 == rest }
            #expect(open == rest)
            let progress = try await node.until({ try node.ask("exceptions", "progress")["requests"]?.array?.count }) {
                $0 == 0
            }
            #expect(progress == 0)
            let left = try node.exceptions().compactMap { $0["id"]?.int }
            #expect(left == rest)
        }
    }
}
