import Canonical
import Console
import ExactJSON
import Foundation
import Testing

@Suite("the overview page")
struct OverviewPageTests {
    @Test("what is shown is there: every name, state in words, code and number")
    func content() throws {
        let page = OverviewPage.render(SampleSnapshot.working, nonce: "n0")
        for text in [
            "lyon-hub", "grenoble-edge", "8.3 s behind", "okuma-multus", "press-07",
            "192.168.4.31:7878 does not answer",
            "Unreachable", "until 09:41:43", "3 keys blocked", "14 min 5 s", "ODOO-009", "1\u{202F}284",
            "No order in the crosswalk table",
            "MO/00042", "Choose the order", "212 ms", "2.9 s", "37.4", "965", "Store filling", "Delivering",
            "4 things need attention",
        ] {
            #expect(page.contains(text), "\(text) is not on the page")
        }
    }

    @Test("nothing comes from elsewhere and nothing depends on a script")
    func selfContained() {
        let page = OverviewPage.render(SampleSnapshot.working, nonce: "n0")
        for attribute in ["src=", "@import", "url(", "href=\"http", "href=\"//", "style=\"", "onclick", "onload="] {
            #expect(!page.contains(attribute), "\(attribute) is on the page")
        }
        #expect(page.contains("<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>"))
        #expect(page.contains("prefers-color-scheme:dark"))
        #expect(page.components(separatedBy: "nonce=\"n0\"").count == 3)
    }

    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
        "</style><script>x</script>",
        "&lt;b&gt;", "a\u{202E}gpj.exe", "line\nbreak\u{0}", "</section>", "{{7*7}}", "\u{2066}x\u{2069}",
    ]

    @Test("a hostile name is shown and does nothing, wherever it stands", arguments: hostile)
    func escaping(name: String) {
        let now = SampleSnapshot.now
        var snapshot = OverviewSnapshot(time: now, node: name, role: name, version: name, started: now)
        snapshot.nodes = [.init(name: name, role: name, lastSeen: nil)]
        snapshot.plants = [.init(name: name, sources: [name], targets: [name], nodes: [name], assets: 1)]
        snapshot.sources = [
            .init(name: name, connector: name, state: .waiting(reason: name), lastReading: nil, readingsPerSecond: 1),
            .init(name: name, connector: name, state: .failed(reason: name), lastReading: nil, readingsPerSecond: .nan),
        ]
        snapshot.targets = [
            .init(
                name: name, connector: name, waiting: 1, inFlight: 1, blockedKeys: 1, breaker: .halfOpen,
                lastError: .init(code: name, message: name, time: now), oldestWaiting: now)
        ]
        snapshot.exceptions = .init(
            open: 1, causes: [.init(code: name, title: name, count: 1)],
            newest: [.init(id: name, time: now, code: name, subject: name, reason: name, suggestion: name)])
        let page = OverviewPage.render(snapshot)
        // With every name harmless the page has the same tags: a name that made one would change their number.
        let tags = page.filter { $0 == "<" }.count
        let reference = OverviewPage.render(Self.renamed(snapshot))
        #expect(tags == reference.filter { $0 == "<" }.count)
        #expect(page.filter { $0 == "\"" }.count == reference.filter { $0 == "\"" }.count)
        #expect(!page.contains("\u{202E}") && !page.contains("\u{2066}") && !page.contains("\u{0}"))
        if name.contains("<script>") { #expect(page.contains("&lt;script&gt;")) }
    }

    private static func renamed(_ snapshot: OverviewSnapshot) -> OverviewSnapshot {
        var plain = OverviewSnapshot(time: snapshot.time, node: "x", role: "x", version: "x", started: snapshot.time)
        plain.nodes = [.init(name: "x", role: "x", lastSeen: nil)]
        plain.plants = [.init(name: "x", sources: ["x"], targets: ["x"], nodes: ["x"], assets: 1)]
        plain.sources = [
            .init(name: "x", connector: "x", state: .waiting(reason: "x"), lastReading: nil, readingsPerSecond: 1),
            .init(name: "x", connector: "x", state: .failed(reason: "x"), lastReading: nil, readingsPerSecond: .nan),
        ]
        plain.targets = [
            .init(
                name: "x", connector: "x", waiting: 1, inFlight: 1, blockedKeys: 1, breaker: .halfOpen,
                lastError: .init(code: "x", message: "x", time: snapshot.time), oldestWaiting: snapshot.time)
        ]
        plain.exceptions = .init(
            open: 1, causes: [.init(code: "x", title: "x", count: 1)],
            newest: [.init(id: "x", time: snapshot.time, code: "x", subject: "x", reason: "x", suggestion: "x")])
        return plain
    }

    @Test("a text without end is cut")
    func longText() {
        var snapshot = SampleSnapshot.empty
        snapshot.node = String(repeating: "n", count: 1_000_000)
        #expect(OverviewPage.render(snapshot).utf8.count < 40_000)
    }

    @Test("each empty part says in a sentence what would be there")
    func emptyStates() {
        let page = OverviewPage.render(SampleSnapshot.empty)
        for sentence in [
            "No plant is set up.", "No target is set up.", "No source is set up.", "No node is enrolled.",
            "Nothing waits for a person.",
            "nothing was delivered yet", "Everything is in order",
        ] {
            #expect(page.contains(sentence), "\(sentence) is missing")
        }
    }

    @Test("a thousand rows are cut to what a person can read, and the rest is counted")
    func manyRows() {
        var snapshot = SampleSnapshot.empty
        snapshot.targets = (0..<1_000).map { .init(name: "target-\($0)", connector: "null", waiting: 0, inFlight: 0) }
        let page = OverviewPage.render(snapshot)
        #expect(page.contains("target-199<"))
        #expect(!page.contains("target-200<"))
        #expect(page.contains("800 more are in the status document."))
    }

    @Test("the status document is JSON with the same facts")
    func status() throws {
        let document = try JSONReader.read(SampleSnapshot.working.json.bytes)
        #expect(document["status"]?.string == "trouble")
        #expect(document["attention"]?.array?.count == 4)
        #expect(document["targets"]?[0]?["breaker"]?.string == "open")
        #expect(document["targets"]?[0]?["isLate"]?.bool == true)
        #expect(document["rates"]?["delivered"]?.number == ExactNumber(text: "37.4"))
        #expect(document["latencyMs"]?["p99"]?.int == 2_940)
        #expect(document["nodes"]?[2]?["clockSkewMs"]?.int == -8_300)
        #expect(document["exceptions"]?["newest"]?[0]?["id"]?.string == "8812")
        let empty = try JSONReader.read(SampleSnapshot.empty.json.bytes)
        #expect(empty["status"]?.string == "good")
        #expect(empty["latencyMs"]?.isNull == true)
    }

    @Test(
        "pages for looking at are written where OVERVIEW_PAGES says",
        .enabled(if: ProcessInfo.processInfo.environment["OVERVIEW_PAGES"] != nil))
    func write() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["OVERVIEW_PAGES"])
        for (name, snapshot) in [
            ("working", SampleSnapshot.working), ("quiet", SampleSnapshot.quiet), ("empty", SampleSnapshot.empty),
        ] {
            try OverviewPage.render(snapshot).write(toFile: "\(folder)/\(name).html", atomically: true, encoding: .utf8)
        }
    }
}
