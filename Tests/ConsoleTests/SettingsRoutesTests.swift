import Console
import Contracts
import ExactJSON
import Store
import Synchronization
import Testing
import World
import WorldLive

@Suite("The settings, for those who set a node up", .timeLimit(.minutes(2)))
struct SettingsRoutesTests {
    private static let people = [("vera", ConsoleScope.viewer), ("olaf", .operates), ("ines", .integrator)]
    private static func token(_ name: String) -> String { "token-of-\(name)-0123456789" }
    private static func bearer(_ name: String) -> HTTPHeaders { ["Authorization": "Bearer \(token(name))"] }

    private static let door = "source: door\nprotocol: http\ntoken: ${file:/run/secrets/door}\n"
    private static let image = SettingsImage(
        [("sources/door.yaml", Array(door.utf8)), ("millwright.yaml", Array("node: hub\n".utf8))], reason: "start")

    /// A folder with a fault in a line, one of a whole file, and a warning.
    private static let refused = ReloadReport(
        .refused, version: 1, digest: image.digest,
        faults: [
            ReloadFault(
                file: "maps/a.jq", code: "SET-055", isWarning: true, message: "no flow uses it",
                suggestion: "remove the file"),
            ReloadFault(
                file: "flows/a.yaml", line: 3, column: 9, code: "SET-042", message: "there is no target <b>",
                suggestion: "add the target"),
            ReloadFault(file: "flows/b.yaml", code: "SET-002", message: "not UTF-8", suggestion: "save it as UTF-8"),
        ], time: LiveClock().now())

    /// Who asked for the folder to be read, in the place of a node that reads it.
    private final class Askers: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }

        /// Two may wait.
        func add(_ name: String) -> Int? {
            names.withLock { names -> Int? in
                guard names.count < 2 else { return nil }
                names.append(name)
                return names.count
            }
        }
    }

    /// The routes over a store with one version, and a node for which it always stands so with a wish.
    private func withSettings(
        _ standing: SettingsReloader.Standing = .open, _ body: (_ port: Int, _ askers: Askers) async throws -> Void
    ) async throws {
        let scratch = try Scratch()
        let world = World.live()
        let store = try Store(StoreSettings(path: scratch.path + "/node.db"), world: world)
        let (image, now, askers) = (Self.image, world.clock.now(), Askers())
        _ = try await store.write { try $0.keepSettings(image, now: now) }
        let access = ConsoleAccess(
            tokens: try Self.people.map {
                ConsoleToken(name: $0.0, scope: $0.1, token: try #require(BearerToken(Self.token($0.0))))
            }, isOpen: false, isSecure: false, isLoopback: false, clock: world.clock, entropy: world.entropy)
        let node = PageFrame.Node(name: "hub", role: "hub", version: "1")
        let reloader = SettingsReloader(clock: world.clock, patience: .milliseconds(200)) {
            askers.add($0)
        } standing: { _ in
            standing
        }
        let door = PageDoor(access, node: node, entropy: world.entropy)
        let routes =
            RecordPages(store: store, door: door, reloader: reloader).routes
            + LoginRoutes.routes(access, node: node, entropy: world.entropy)
        try await withListener(routes) { port in try await body(port, askers) }
        await store.close()
    }

    private static func reload(_ port: Int, as name: String, _ body: String = "") async throws -> HTTPResponse {
        try await get(
            port, "/v1/settings/reload", method: "POST", headers: bearer(name), body: Array(body.utf8))
    }

    @Test("only an integrator has the folder read, and fetches what ran")
    func scopes() async throws {
        let report = ReloadReport(.unchanged, version: 1, digest: Self.image.digest, time: LiveClock().now())
        try await withSettings(.told(.settled(report))) { port, askers in
            for path in ["/v1/settings/1", "/v1/settings/reload"] {
                let method = path == "/v1/settings/1" ? "GET" : "POST"
                let stranger = try await get(port, path, method: method)
                #expect(stranger.status == 401, "\(path)")
                for (name, scope) in Self.people {
                    let answer = try await get(port, path, method: method, headers: Self.bearer(name))
                    #expect(answer.status == (scope == .integrator ? 200 : 403), "\(name), \(path): \(answer.status)")
                }
            }
            #expect(askers.all == ["ines"])
            let said = try await Self.reload(port, as: "ines", "{\"dryRun\": true}")
            #expect(said.status == 400 && askers.all == ["ines"])
        }
    }

    @Test("a version is its files as they were read, references in the place of secrets; one can be asked for alone")
    func version() async throws {
        try await withSettings { port, _ in
            func fetch(_ path: String) async throws -> (status: Int, body: JSON) {
                let answer = try await get(port, path, headers: Self.bearer("ines"))
                return (answer.status, try JSONReader.read(answer.body))
            }
            let whole = try await fetch("/v1/settings/1").body
            #expect(whole["version"] == 1 && whole["digest"] == .string(Self.image.digest))
            let files = whole["files"]?.array ?? []
            #expect(files.map { $0["path"] } == ["millwright.yaml", "sources/door.yaml"])
            #expect(files.last?["text"] == .string(Self.door) && files.last?["bytes"] == .int(Self.door.utf8.count))
            let digest = try #require(Self.image.digests["sources/door.yaml"])
            #expect(files.last?["digest"] == .string(digest))
            let one = try await fetch("/v1/settings/1?file=millwright.yaml").body
            #expect(one["files"]?.array?.map { $0["text"] } == ["node: hub\n"])
            for (path, status) in [
                ("/v1/settings/2", 404), ("/v1/settings/1?file=keys/node.key", 404), ("/v1/settings/x", 400),
            ] {
                let answer = try await fetch(path)
                #expect(answer.status == status, "\(path): \(answer)")
            }
        }
    }

    @Test("faults are told with file, line, column, code, message and what to do, errors first; what ran goes on")
    func faults() async throws {
        try await withSettings(.told(.settled(Self.refused))) { port, _ in
            let answer = try await Self.reload(port, as: "ines")
            #expect(answer.status == 422 && answer.headers["content-type"] == "application/problem+json")
            let body = try JSONReader.read(answer.body)
            #expect(body["result"] == "refused" && body["version"] == 1)
            #expect(
                body["faults"]?[0] == [
                    "file": "flows/a.yaml", "line": 3, "column": 9, "code": "SET-042", "severity": "error",
                    "message": "there is no target <b>", "suggestion": "add the target",
                ])
            #expect(body["faults"]?[1]?["line"]?.isNull == true && body["faults"]?[2]?["severity"] == "warning")
            #expect(body["detail"]?.string?.contains("flows/a.yaml:3:9: there is no target <b> (and 1 more)") == true)
        }
        let elsewhere = ReloadReport(
            .refused, version: 1, digest: "d", faults: [ReloadFault(message: "the address is taken")],
            time: LiveClock().now())
        try await withSettings(.told(.settled(elsewhere))) { port, _ in
            let answer = try await Self.reload(port, as: "ines")
            #expect(answer.status == 409)
        }
    }

    @Test("faults beyond the bound are counted, and errors are what is kept of them")
    func bound() {
        let count = ReloadReport.maximumFaults
        let warnings = (0..<count).map { ReloadFault(file: "w", line: $0 + 1, isWarning: true, message: "w") }
        let report = ReloadReport(
            .refused, version: 1, digest: "d", faults: warnings + [ReloadFault(file: "e", message: "e")],
            time: LiveClock().now())
        #expect(report.faults.count == count && report.more == 1)
        #expect(report.faults.first?.file == "e" && report.reason == "e: e")
    }

    @Test("who asks is not kept waiting without end, nor by a node that stops or has enough of them")
    func waiting() async throws {
        try await withSettings(.open) { port, _ in
            for _ in 1...2 {
                let answer = try await Self.reload(port, as: "ines")
                #expect(answer.status == 202)
                #expect(try JSONReader.read(answer.body)["result"] == "pending")
            }
            let third = try await Self.reload(port, as: "ines")
            #expect(third.status == 503 && third.headers["retry-after"] == "2")
        }
        let cases: [(SettingsReloader.Standing, status: Int)] = [
            (.gone, 503), (.told(.moving), 202), (.told(.failed(StoreFailures.full.failure("no room"))), 503),
        ]
        for (standing, status) in cases {
            try await withSettings(standing) { port, _ in
                let answer = try await Self.reload(port, as: "ines")
                #expect(answer.status == status, "\(standing)")
            }
        }
    }

    /// The cookie of somebody who signed in, and the page of the settings with it.
    private static func page(
        _ port: Int, _ name: String, _ path: String = "/settings"
    ) async throws -> (headers: HTTPHeaders, text: String) {
        let login = try await get(
            port, "/login", method: "POST", body: Array("to=/settings&token=\(token(name))".utf8))
        let cookie = try #require(login.headers["set-cookie"])
        let headers: HTTPHeaders = ["Cookie": String(cookie.prefix { $0 != ";" })]
        let page = try await get(port, path, headers: headers)
        try #require(page.status == 200)
        return (headers, String(decoding: page.body, as: UTF8.self))
    }

    @Test("the page has the button for integrators alone, and shows what became of it as a table")
    func button() async throws {
        let button = "Read the folder again"
        try await withSettings(.told(.settled(Self.refused))) { port, askers in
            for name in ["vera", "olaf"] {
                let text = try await Self.page(port, name, "/settings?reload=1").text
                #expect(!text.contains(button) && !text.contains("SET-042"), "\(name)")
            }
            let (headers, text) = try await Self.page(port, "ines")
            #expect(text.contains(button) && !text.contains("SET-042"))
            let word = try #require(text.firstMatch(of: /name="form" value="([0-9a-f]{32})"/)?.output.1)
            func post(_ form: String, _ headers: HTTPHeaders) async throws -> HTTPResponse {
                try await get(port, "/settings/reload", method: "POST", headers: headers, body: Array(form.utf8))
            }
            let forged = try await post("form=00000000000000000000000000000000", headers)
            #expect(forged.status == 403)
            let (others, page) = try await Self.page(port, "olaf")
            let own = try #require(page.firstMatch(of: /name="form" value="([0-9a-f]{32})"/)?.output.1)
            let operates = try await post("form=\(own)", others)
            #expect(operates.status == 403 && askers.all.isEmpty)
            let answer = try await post("form=\(word)", headers)
            #expect(answer.status == 303 && askers.all == ["ines"])
            let place = try #require(answer.headers["location"])
            #expect(place == "/settings?reload=1")
            let shown = String(decoding: try await get(port, place, headers: headers).body, as: UTF8.self)
            for words in [
                "version 1 goes on", "<code>flows/a.yaml:3:9</code>", "there is no target &lt;b&gt;",
                "add the target", "warning: no flow uses it", button,
            ] { #expect(shown.contains(words), "\(words) is not in \(shown)") }
        }
        // A number of another life of the process says nothing.
        try await withSettings(.gone) { port, _ in
            let text = try await Self.page(port, "ines", "/settings?reload=7").text
            #expect(text.contains(button) && !text.contains("class=\"said"))
        }
    }
}
