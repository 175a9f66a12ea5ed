import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// A headless Chromium, driven through ChromeDriver as WebDriver (W3C) has it.
final class Browser: Sendable {
    private let driver: Process
    private let base: String
    private let profile: String

    /// `width`, `height`: of the window, in CSS pixels.
    init(width: Int = 1_280, height: Int = 900) async throws {
        let profile = NSTemporaryDirectory() + "millwright-browser-" + UUID().uuidString
        self.profile = profile
        try FileManager.default.createDirectory(atPath: profile, withIntermediateDirectories: true)
        let log = profile + "/driver.log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        let driver = Process()
        self.driver = driver
        driver.executableURL = URL(fileURLWithPath: "/usr/bin/chromedriver")
        driver.arguments = ["--port=0"]
        driver.standardOutput = handle
        driver.standardError = handle
        try driver.run()
        func port() -> String? {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            return text.firstMatch(of: /started successfully on port (\d+)/).map { String($0.output.1) }
        }
        for _ in 0..<500 where port() == nil { usleep(20_000) }
        let root = "http://127.0.0.1:\(try #require(port(), "chromedriver did not start"))"
        let options: JSON = [
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                .string("--window-size=\(width),\(height)"), .string("--user-data-dir=\(profile)/data"),
            ]
        ]
        let session = try await Self.send(
            "POST", root + "/session", ["capabilities": ["alwaysMatch": ["goog:chromeOptions": options]]])
        base = root + "/session/" + (session["sessionId"]?.string ?? "")
    }

    /// Ends it.
    func stop() async {
        _ = try? await Self.send("DELETE", base, nil)
        // Its browser is gone with the session; it has nothing to put in order, and may not hear anything milder.
        kill(driver.processIdentifier, SIGKILL)
        driver.waitUntilExit()
        try? FileManager.default.removeItem(atPath: profile)
    }

    private static func exchange(
        _ method: String, _ url: String, _ body: JSON?
    ) async throws -> (status: Int, value: JSON) {
        let request = HTTPRequest(
            method: method, target: url, headers: ["Content-Type": "application/json"], body: body?.bytes ?? [])
        let answer = try await World.shared.network.send(request, timeout: .seconds(60), maximumBody: 64 << 20)
        return (answer.status, try JSONReader.read(answer.body)["value"] ?? .null)
    }

    private static func send(_ method: String, _ url: String, _ body: JSON?) async throws -> JSON {
        let (status, value) = try await exchange(method, url, body)
        try #require(status == 200, "\(method) \(url.suffix(40)): \(value["message"]?.string ?? "\(value)")")
        return value
    }

    private func send(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        try await Self.send(method, base + path, body)
    }

    func open(_ url: String) async throws { _ = try await send("POST", "/url", ["url": .string(url)]) }

    /// The path and query of the page that is shown.
    var place: String {
        get async throws {
            let url = try await send("GET", "/url").string ?? ""
            return String(url.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" })
        }
    }

    /// Runs a function body in the page.
    @discardableResult
    func run(_ script: String, _ arguments: JSON...) async throws -> JSON {
        try await send("POST", "/execute/sync", ["script": .string(script), "args": .array(arguments)])
    }

    /// The text that is to be read on the page.
    var text: String { get async throws { try await run("return document.body.innerText").string ?? "" } }

    /// Waits until a text is to be read on the page, for ten seconds; a page may still be on its way.
    func see(_ words: String) async throws {
        for _ in 0..<100 {
            if let text = try? await text, text.contains(words) { return }
            try await World.shared.clock.sleep(for: .milliseconds(100))
        }
        Issue.record("\(words) is not on the page at \(try await place): \(try await text.prefix(2_000))")
    }

    /// Waits until the page is another one than that of `place`.
    func leave(_ place: String) async throws {
        for _ in 0..<100 where try await self.place == place {
            try await World.shared.clock.sleep(for: .milliseconds(100))
        }
    }

    private func element(_ selector: String) async throws -> String {
        let wanted: JSON = ["using": "css selector", "value": .string(selector)]
        // It may be on a page that is still on its way.
        for _ in 0..<100 {
            if let found = try? await send("POST", "/elements", wanted).array?.first {
                return found.object?.values.first?.string ?? ""
            }
            try await World.shared.clock.sleep(for: .milliseconds(100))
        }
        let found = try await send("POST", "/element", wanted)
        return found.object?.values.first?.string ?? ""
    }

    /// Clicks with the mouse, where a person could.
    func click(_ selector: String) async throws {
        // A page that keeps itself up to date may put another element in the place of the one that was found.
        for _ in 0..<5 {
            let path = base + "/element/\(try await element(selector))/click"
            let (status, value) = try await Self.exchange("POST", path, [:])
            if status == 200 { return }
            try #require(value["error"] == "stale element reference", "click \(selector): \(value)")
        }
        Issue.record("\(selector) is never there for long enough to be clicked")
    }

    /// Empties a field and writes into it.
    func write(_ text: String, into selector: String) async throws {
        let id = try await element(selector)
        _ = try await send("POST", "/element/\(id)/clear", [:])
        _ = try await send("POST", "/element/\(id)/value", ["text": .string(text)])
    }

    // MARK: - The keyboard alone

    static let tab = "\u{E004}"
    static let enter = "\u{E007}"
    static let control = "\u{E009}"

    /// Presses keys one after the other, whatever has the focus.
    func press(_ keys: String) async throws {
        let actions = keys.flatMap { key -> [JSON] in
            [
                ["type": "keyDown", "value": .string(String(key))],
                ["type": "keyUp", "value": .string(String(key))],
            ]
        }
        _ = try await send(
            "POST", "/actions", ["actions": [["type": "key", "id": "keyboard", "actions": .array(actions)]]])
    }

    /// Holds Control and presses a key.
    func pressControl(_ key: String) async throws {
        let actions: JSON = [
            ["type": "keyDown", "value": .string(Self.control)], ["type": "keyDown", "value": .string(key)],
            ["type": "keyUp", "value": .string(key)], ["type": "keyUp", "value": .string(Self.control)],
        ]
        _ = try await send("POST", "/actions", ["actions": [["type": "key", "id": "keyboard", "actions": actions]]])
    }

    /// Presses Tab until what has the focus fits `selector`; fails where it never does. Each stop must be visible.
    func tab(to selector: String) async throws {
        for _ in 0..<120 {
            try await press(Self.tab)
            let state = try await run(
                """
                var e=document.activeElement,r=e.getBoundingClientRect(),o=getComputedStyle(e);
                return {fits:e.matches(arguments[0]),seen:r.width>0&&r.height>0&&o.outlineStyle!=="none",what:e.outerHTML.slice(0,90)}
                """, .string(selector))
            if state["fits"]?.bool == true {
                #expect(state["seen"]?.bool == true, "the focus cannot be seen on \(state["what"]?.string ?? "")")
                return
            }
        }
        Issue.record("Tab never comes to \(selector)")
    }

    /// A picture of the whole page as PNG.
    func picture() async throws -> Data {
        let height = try await run("return document.documentElement.scrollHeight").int ?? 900
        let width = try await run("return innerWidth").int ?? 1_280
        let picture = try await send(
            "POST", "/goog/cdp/execute",
            [
                "cmd": "Page.captureScreenshot",
                "params": [
                    "captureBeyondViewport": true,
                    "clip": [
                        "x": 0, "y": 0, "width": .int(width), "height": .int(min(height, 4_000)), "scale": 1,
                    ],
                ],
            ])
        return Data(base64Encoded: picture["data"]?.string ?? "") ?? Data()
    }

    /// Shows pages as on a screen of this size, light or dark.
    func pretend(width: Int, height: Int, isDark: Bool) async throws {
        _ = try await send(
            "POST", "/goog/cdp/execute",
            [
                "cmd": "Emulation.setDeviceMetricsOverride",
                "params": [
                    "width": .int(width), "height": .int(height), "deviceScaleFactor": 1, "mobile": .bool(width < 600),
                ],
            ])
        _ = try await send(
            "POST", "/goog/cdp/execute",
            [
                "cmd": "Emulation.setEmulatedMedia",
                "params": [
                    "features": [["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]]
                ],
            ])
    }
}
