import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// A real node and an Odoo stand-in, and a person before a real browser.
@Suite("The exceptions desk in a browser", .serialized, .timeLimit(.minutes(5)))
struct DeskBrowserTests {
    private static let token = "a-token-for-anna-at-the-desk"

    private static func settings(odoo: Int) -> [String: String] {
        [
            "millwright.yaml": """
            node: hub
            listen: 127.0.0.1:0
            store: { path: FOLDER/data }
            console:
              tokens:
                anna: { scope: operator, secret: "${file:FOLDER/anna}" }
                vera: { scope: viewer, secret: "${file:FOLDER/vera}" }

            """,
            "anna": "\(token)\n", "vera": "a-token-for-vera-who-looks\n", "secret": "key-mes\n",
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

            """,
            "flows/progress.yaml": """
            flow: progress
            owner: production
            when: { type: "millwright.production.completed.*", plant: lyon }
            target: odoo
            operation: production.progress
            key: subject
            jq: "{order: .subject, quantity: .data.quantity, time: .time}"

            """,
        ]
    }

    /// One piece of an order.
    private static func event(_ id: Int, order: String) -> String { BadInput.event("\(id)", order: order) }

    /// Runs `body` beside a node whose Odoo has the order MO-1 alone, and in a browser.
    private func desk(
        _ body: (_ node: NodeProcess, _ odoo: NodeProcess, _ browser: Browser, _ root: String) async throws -> Void
    ) async throws {
        let odoo = try await NodeProcess.standIn()
        defer { odoo.stop() }
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings(odoo: odoo.port))
        defer { node.stop() }
        let browser = try await Browser()
        do {
            try await body(node, odoo, browser, "http://127.0.0.1:\(node.port)")
        } catch {
            await browser.stop()
            throw error
        }
        await browser.stop()
    }

    private func refused(_ node: NodeProcess, _ orders: [String]) async throws {
        for (index, order) in orders.enumerated() {
            #expect(try await node.post(Self.event(index, order: order)).status == 202)
        }
        let open = try await node.until({ try node.exceptions().count }) { $0 == Set(orders).count }
        try #require(open == Set(orders).count)
    }

    @Test("by mouse: a delivery that Odoo refused is corrected, resubmitted and in Odoo once")
    func byMouse() async throws {
        try await desk { node, odoo, browser, root in
            try await refused(node, ["MO-404"])
            try await browser.open(root + "/")
            #expect(try await browser.place == "/login?to=%2F")
            try await browser.write(Self.token, into: "#token")
            try await browser.click("main button")
            try await browser.click("nav a[href='/exceptions']")
            try await browser.click("#groups tbody a")
            try await browser.leave("/exceptions")
            #expect(try await browser.place.contains("cause="))
            try await browser.click("#list tbody th a")
            try await browser.see("Arguments")
            let page = try await browser.text
            #expect(page.contains("ODOO-021") && page.contains("MO-404"))
            try await browser.write(
                "{\"order\": \"MO-1\", \"quantity\": {\"value\": 1, \"unit\": \"pcs\"}, \"time\": \"2026-03-02T08:00:00Z\"}",
                into: "textarea[name=arguments]")
            try await browser.click("form[action$='/arguments'] button[value=resubmit]")
            try await browser.see("ok: sent again")
            let made = try await node.until({ try await odoo.made() }) { $0 == 1 }
            #expect(made == 1)
            #expect(try node.exceptions().isEmpty)
        }
    }

    @Test("by keyboard alone: signed in, found, corrected, resubmitted and in Odoo once")
    func byKeyboard() async throws {
        try await desk { node, odoo, browser, root in
            try await refused(node, ["MO-404"])
            try await browser.open(root + "/exceptions")
            // The field for the token has the focus already.
            try await browser.press(Self.token + Browser.enter)
            try await browser.see("wait for a person")
            try await browser.tab(to: "#list tbody th a")
            try await browser.press(Browser.enter)
            try await browser.see("Arguments")
            try await browser.tab(to: "textarea[name=arguments]")
            try await browser.pressControl("a")
            try await browser.press("{\"order\":\"MO-1\",\"quantity\":{\"value\":1,\"unit\":\"pcs\"}}")
            try await browser.tab(to: "form[action$='/arguments'] button[value=resubmit]")
            try await browser.press(Browser.enter)
            try await browser.see("ok: sent again")
            let made = try await node.until({ try await odoo.made() }) { $0 == 1 }
            #expect(made == 1)
        }
    }

    @Test("all of a cause are resubmitted at once, and the list empties while one looks at it")
    func all() async throws {
        try await desk { node, odoo, browser, root in
            try await refused(node, ["A-1", "A-2", "A-3", "A-4"])
            try await browser.open(root + "/login?to=/exceptions")
            try await browser.write(Self.token, into: "#token")
            try await browser.click("main button")
            try await browser.see("4 wait for a person")
            // One is chosen and discarded; that takes a reason.
            try await browser.click("#list input[type=checkbox]")
            try await browser.click("#list button[value=discard]")
            try await browser.see("to discard, say why")
            try await browser.open(root + "/exceptions")
            try await browser.click("#list input[type=checkbox]")
            try await browser.write("scrapped by hand", into: "#chosen-note")
            try await browser.click("#list button[value=discard]")
            try await browser.see("ok: discarded")
            try await odoo.order(["A-1", "A-2", "A-3", "A-4"])
            try await browser.open(root + "/exceptions")
            try await browser.click("#groups details summary")
            try await browser.click("#groups button[value=resubmit]")
            let status = try await node.until({ try node.ask("status") }) {
                $0["targets"]?.array?.first?["accepted"]?.int == 3
            }
            #expect(status["targets"]?.array?.first?["accepted"]?.int == 3, "\(status)")
            try await browser.open(root + "/exceptions")
            try await browser.see("Nothing waits for a person")
            // What comes now shows by itself.
            #expect(try await node.post(Self.event(99, order: "A-9")).status == 202)
            let text = try await node.until({ try await browser.text }) { $0.contains("A-9") }
            #expect(text.contains("A-9"))
            // Who only looks sees no buttons.
            try await browser.click("header form button")
            try await browser.see("Your token")
            try await browser.open(root + "/login?to=/exceptions")
            try await browser.write("a-token-for-vera-who-looks", into: "#token")
            try await browser.click("main button")
            try await browser.see("as an operator to decide")
            #expect(try await browser.run("return document.querySelectorAll('main form[method=post]').length") == 0)
        }
    }

    @Test("the bar of a decision about many moves while one looks at it, and what was written meanwhile stays")
    func bar() async throws {
        try await desk { node, _, browser, root in
            try await refused(node, (1...12).map { "MO-\($0 * 100)" })
            try await browser.open(root + "/login?to=/exceptions")
            try await browser.write(Self.token, into: "#token")
            try await browser.click("main button")
            try await browser.see("12 wait for a person")
            try await browser.click("#groups details summary")
            try await browser.write("1", into: "#many-rate")
            try await browser.write("old orders", into: "#many-note")
            try await browser.click("#groups button[value=discard]")
            try await browser.see("Discarding")
            try await browser.run("window.isKept=true")
            try await browser.write("half a wo", into: "#text")
            let bar = "var bar=document.querySelector('progress');return bar?bar.value:-1"
            let first = try await browser.run(bar).int ?? -1
            try #require(first >= 0)
            let later = try await node.until({ try await browser.run(bar).int ?? -1 }) { $0 > first }
            #expect(later > first, "the bar stands at \(later)")
            let lead = try await browser.run("return document.querySelector('.lead').innerText").string ?? ""
            #expect(!lead.hasPrefix("12 "), "\(lead)")
            // It is still the same page, and nobody was interrupted.
            let isKept = try await browser.run("return window.isKept===true").bool
            #expect(isKept == true)
            let written = try await browser.run("return document.getElementById('text').value").string
            #expect(written == "half a wo")
            let said = try await browser.run("return document.querySelectorAll('p.said').length").int
            #expect(said == 1)
        }
    }

    /// Rules of WCAG 2.2 level A and AA, as axe-core checks them.
    private func check(_ browser: Browser, _ axe: String, _ page: String) async throws {
        try await browser.run(axe + ";window.axe=axe;")
        try await browser.run(
            """
            window.found=null;axe.run(document,{runOnly:["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]})
            .then(function(r){window.found={passed:r.passes.length,faults:r.violations.map(function(v){
            return v.id+": "+v.nodes.map(function(n){return n.target.join(" ")+" "+n.failureSummary}).join("; ")})}},
            function(e){window.found={passed:0,faults:[String(e)]}})
            """)
        var found = JSON.null
        for _ in 0..<200 where found.isNull {
            found = try await browser.run("return window.found")
            if found.isNull { try await World.shared.clock.sleep(for: .milliseconds(100)) }
        }
        #expect(found["faults"] == [], "\(page): \(found["faults"] ?? .null)")
        #expect((found["passed"]?.int ?? 0) > 15, "\(page): only \(found["passed"] ?? .null) rules were looked at")
    }

    @Test("an operator pauses a target and a flow in the browser, and lets them go on")
    func pauses() async throws {
        try await desk { node, _, browser, root in
            try await browser.open(root + "/login")
            try await browser.write(Self.token, into: "#token")
            try await browser.click("main button")
            try await browser.leave("/login")
            for (path, note) in [("/targets", "#note-target-odoo"), ("/flows", "#note-flow-progress")] {
                try await browser.open(root + path)
                try await browser.click("td.act details summary")
                try await browser.write("an upgrade", into: note)
                try await browser.click("td.act details button")
                try await browser.see("is paused; what comes for it waits")
                try await browser.see("an upgrade")
                try await browser.click("td.act button")
                try await browser.see("goes on")
            }
            #expect(try node.ask("flows")["flows"]?[0]?["paused"] == .null)
        }
    }

    @Test("every page holds to WCAG 2.2 level AA as far as axe-core can tell, light, dark and on a phone")
    func accessible() async throws {
        let script = ".build-peers/lib"
        let files = FileManager.default.enumerator(atPath: script)?.compactMap { $0 as? String } ?? []
        let path = try #require(files.first { $0.hasSuffix("axe.min.js") }, "run scripts/prepare test")
        let axe = try String(contentsOfFile: "\(script)/\(path)", encoding: .utf8)
        let pictures = ProcessInfo.processInfo.environment["CONSOLE_PICTURES"]
        try await desk { node, _, browser, root in
            try node.append("machine/nothing", "")
            try await refused(node, (1...12).map { "MO-\($0 * 100)" })
            #expect(try await node.post("{\"id\": 1").status == 400)
            try await browser.open(root + "/login")
            try await check(browser, axe, "login")
            try await browser.write(Self.token, into: "#token")
            try await browser.click("main button")
            try await browser.leave("/login")
            for (look, width, isDark) in [("light", 1_280, false), ("dark", 1_280, true), ("phone", 390, false)] {
                try await browser.pretend(width: width, height: 844, isDark: isDark)
                for (page, path) in [
                    ("overview", "/"), ("exceptions", "/exceptions"), ("exception", "/exceptions/1"),
                    ("flows", "/flows"), ("targets", "/targets"), ("sources", "/sources"),
                    ("trace", "/trace?what=MO-100"),
                    ("settings", "/settings"), ("version", "/settings/1"), ("audit", "/audit"),
                ] {
                    try await browser.open(root + path)
                    try await browser.run("document.querySelectorAll('details').forEach(function(d){d.open=true})")
                    try await check(browser, axe, "\(page), \(look)")
                    let overflow = try await browser.run(
                        "return document.documentElement.scrollWidth-document.documentElement.clientWidth")
                    #expect(overflow == 0, "\(page), \(look): \(overflow) pixels stand out to the right")
                    guard let pictures else { continue }
                    try await browser.run("document.querySelectorAll('details').forEach(function(d){d.open=false})")
                    try await browser.picture().write(to: URL(fileURLWithPath: "\(pictures)/\(page)-\(look).png"))
                }
            }
        }
    }
}
