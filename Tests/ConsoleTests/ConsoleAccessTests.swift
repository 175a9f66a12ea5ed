import Console
import Contracts
import ExactJSON
import Store
import Testing
import World
import WorldLive

@Suite("Who may use the console", .timeLimit(.minutes(2)))
struct ConsoleAccessTests {
    private static let tokens = [("vera", ConsoleScope.viewer), ("olaf", .operates), ("ines", .integrator)]
    private static func token(_ name: String) -> String { "token-of-\(name)-0123456789" }
    private static func access(isOpen: Bool = false) throws -> ConsoleAccess {
        ConsoleAccess(
            tokens: try tokens.map {
                ConsoleToken(name: $0.0, scope: $0.1, token: try #require(BearerToken(token($0.0))))
            }, isOpen: isOpen, isSecure: false, isLoopback: false, clock: LiveClock(), entropy: LiveEntropy())
    }
    private static let node = PageFrame.Node(name: "hub", role: "hub", version: "1")

    /// A desk over a store that nobody works on: requests stay where they are.
    private func withDesk(_ access: ConsoleAccess, _ body: (Int, Store) async throws -> Void) async throws {
        let scratch = try Scratch()
        let world = World.live()
        let store = try Store(StoreSettings(path: scratch.path + "/node.db"), world: world)
        try await store.write { transaction in
            for number in 1...3 {
                try transaction.insert(
                    ExceptionRecord(
                        kind: .input, created: world.clock.now(), source: "<b>press</b>",
                        failure: StoreFailures.full.failure("</textarea><script>alert(\(number))</script>"),
                        original: Array("</pre><script>x</script>".utf8), fact: "f\(number)"))
            }
        }
        let desk = Desk(store: store, clock: world.clock, patience: .milliseconds(50))
        let routes =
            DeskRoutes.routes(desk, access: access)
            + DeskPages(desk, door: PageDoor(access, node: Self.node, entropy: world.entropy)).routes
            + LoginRoutes.routes(access, node: Self.node, entropy: world.entropy)
        try await withListener(routes) { port in try await body(port, store) }
        await store.close()
    }

    private static func bearer(_ name: String) -> HTTPHeaders { ["Authorization": "Bearer \(token(name))"] }

    @Test("programs look with any token, act as operators and above, and are told what is missing")
    func scopes() async throws {
        try await withDesk(Self.access()) { port, _ in
            #expect(try await get(port, "/v1/exceptions").status == 401)
            #expect(
                try await get(port, "/v1/exceptions", headers: ["Authorization": "Bearer wrong-wrong-wrong-wrong"])
                    .status == 401)
            for (name, scope) in Self.tokens {
                let list = try await get(port, "/v1/exceptions", headers: Self.bearer(name))
                #expect(list.status == 200)
                #expect(try JSONReader.read(list.body)["exceptions"]?.array?.count == 3)
                let act = try await get(
                    port, "/v1/exceptions/1/comment", method: "POST", headers: Self.bearer(name),
                    body: Array("{\"note\":\"seen\"}".utf8))
                #expect(act.status == (scope == .viewer ? 403 : 202), "\(name): \(act.status)")
                #expect(!String(decoding: act.body, as: UTF8.self).contains(Self.token(name)))
            }
        }
    }

    @Test("without tokens everybody looks and nobody acts")
    func noTokens() async throws {
        try await withDesk(.open) { port, store in
            #expect(try await get(port, "/exceptions").status == 200)
            #expect(try await get(port, "/v1/exceptions/groups").status == 200)
            #expect(try await get(port, "/login").status == 404)
            for path in ["/v1/exceptions/1/resubmit", "/v1/exceptions/actions"] {
                let answer = try await get(port, path, method: "POST", body: Array("{}".utf8))
                #expect(answer.status == 401 && String(decoding: answer.body, as: UTF8.self).contains("console.tokens"))
            }
            #expect(
                try await get(port, "/exceptions/1/act", method: "POST", body: Array("action=resubmit".utf8)).status
                    == 401)
            #expect(try await store.read { try $0.openRequests(limit: 9) }.isEmpty)
        }
    }

    @Test("without tokens nobody looks at the desk from another machine")
    func noTokensFromElsewhere() async throws {
        try await withDesk(.withoutTokens(isLoopback: false)) { port, _ in
            for path in ["/exceptions", "/exceptions/1", "/v1/exceptions", "/v1/exceptions/1"] {
                let answer = try await get(port, path)
                #expect(answer.status == 401 && String(decoding: answer.body, as: UTF8.self).contains("console.tokens"))
            }
        }
    }

    @Test("a form acts only with the word of its own session, whatever another site sends")
    func forgery() async throws {
        try await withDesk(Self.access()) { port, store in
            let login = try await get(
                port, "/login", method: "POST", body: Array("to=/exceptions&token=\(Self.token("olaf"))".utf8))
            #expect(login.status == 303 && login.headers["location"] == "/exceptions")
            let cookie = try #require(login.headers["set-cookie"])
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
            let headers: HTTPHeaders = ["Cookie": String(cookie.prefix { $0 != ";" })]
            let page = try await get(port, "/exceptions/1", headers: headers)
            let text = String(decoding: page.body, as: UTF8.self)
            let word = try #require(text.firstMatch(of: /name="form" value="([0-9a-f]{32})"/)?.output.1)
            let forged = ["", "&form=", "&form=00000000000000000000000000000000"]
            for form in forged {
                let answer = try await get(
                    port, "/exceptions/1/act", method: "POST", headers: headers,
                    body: Array("action=resubmit\(form)".utf8))
                #expect(answer.status == 403, "\(form)")
            }
            // Nor does the interface for programs take a cookie where it acts.
            let program = try await get(
                port, "/v1/exceptions/1/resubmit", method: "POST", headers: headers, body: Array("{}".utf8))
            #expect(program.status == 401)
            #expect(try await store.read { try $0.openRequests(limit: 9) }.isEmpty)
            let meant = try await get(
                port, "/exceptions/1/act", method: "POST", headers: headers,
                body: Array("action=resubmit&form=\(word)".utf8))
            #expect(meant.status == 303 && meant.headers["location"]?.hasPrefix("/exceptions/1?asked=") == true)
            let requests = try await store.read { try $0.openRequests(limit: 9) }
            #expect(requests.map(\.by) == ["olaf"])
            let out = try await get(port, "/logout", method: "POST", headers: headers, body: Array("form=\(word)".utf8))
            #expect(out.status == 303 && out.headers["set-cookie"]?.contains("Max-Age=0") == true)
            #expect(try await get(port, "/v1/exceptions", headers: headers).status == 401)
        }
    }

    @Test(
        "signing in leads to a page of this console and nowhere else",
        arguments: [
            "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)",
            "/a%0d%0aSet-Cookie:x=1",
        ])
    func openRedirect(to: String) async throws {
        try await withDesk(Self.access()) { port, _ in
            let answer = try await get(
                port, "/login", method: "POST",
                body: Array("to=\(to)&token=\(Self.token("olaf"))".utf8))
            #expect(answer.status == 303 && answer.headers["location"] == "/", "\(answer.headers["location"] ?? "")")
            let wrong = try await get(port, "/login", method: "POST", body: Array("token=nobody-has-this-token".utf8))
            #expect(wrong.status == 401 && wrong.headers["set-cookie"] == nil)
        }
    }

    @Test("what machines and people wrote is shown and does nothing")
    func escaping() async throws {
        try await withDesk(Self.access()) { port, _ in
            for path in ["/exceptions", "/exceptions/1", "/exceptions?text=%3Cscript%3E", "/exceptions/%3Cscript%3E"] {
                let page = try await get(port, path, headers: Self.bearer("olaf"))
                let text = String(decoding: page.body, as: UTF8.self)
                #expect(!text.contains("<script>") && !text.contains("<b>press"), "\(path)")
                let policy = try #require(page.headers["content-security-policy"])
                #expect(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"))
            }
        }
    }

    @Test(
        "what a program asks wrongly is refused with the reason",
        arguments: [
            ("GET", "/v1/exceptions?state=lost", "", 400), ("GET", "/v1/exceptions?limit=0", "", 400),
            ("GET", "/v1/exceptions?limit=x", "", 400), ("GET", "/v1/exceptions/99", "", 404),
            ("GET", "/v1/exceptions/x", "", 400), ("GET", "/v1/requests/9", "", 404),
            ("POST", "/v1/exceptions/1/explode", "{}", 404), ("POST", "/v1/exceptions/1/discard", "{}", 400),
            ("POST", "/v1/exceptions/1/edit", "{\"event\":{\"source\":1}}", 400),
            ("POST", "/v1/exceptions/1/comment", "[]", 400), ("POST", "/v1/exceptions/1/comment", "{", 400),
            ("POST", "/v1/exceptions/actions", "{\"action\":\"discard\",\"filter\":{}}", 400),
            ("POST", "/v1/exceptions/actions", "{\"action\":\"resubmit\"}", 400),
            ("POST", "/v1/exceptions/actions", "{\"action\":\"resubmit\",\"filter\":{\"where\":\"1\"}}", 400),
            ("POST", "/v1/exceptions/actions", "{\"action\":\"resubmit\",\"filter\":{},\"rate\":0}", 400),
        ])
    func wrong(method: String, path: String, body: String, status: Int) async throws {
        try await withDesk(Self.access()) { port, store in
            let answer = try await get(
                port, path, method: method, headers: Self.bearer("olaf"), body: Array(body.utf8))
            #expect(answer.status == status, "\(String(decoding: answer.body, as: UTF8.self))")
            #expect(try JSONReader.read(answer.body)["detail"]?.string?.isEmpty == false)
            #expect(try await store.read { try $0.openRequests(limit: 9) }.isEmpty)
        }
    }

    @Test("a decision about many is taken with its filter and its rate, and says where to ask for it")
    func many() async throws {
        try await withDesk(Self.access()) { port, store in
            let answer = try await get(
                port, "/v1/exceptions/actions", method: "POST", headers: Self.bearer("olaf"),
                body: Array(
                    "{\"action\":\"discard\",\"filter\":{\"source\":\"<b>press</b>\"},\"rate\":7,\"note\":\"old\"}".utf8
                ))
            #expect(answer.status == 202)
            let place = try #require(answer.headers["location"])
            let state = try await JSONReader.read(get(port, place, headers: Self.bearer("vera")).body)
            #expect(state["order"]?["rate"] == 7 && state["order"]?["through"] == 3 && state["result"]?.isNull == true)
            let request = try await store.read { try $0.openRequests(many: true, limit: 9) }.first
            #expect(request?.by == "olaf" && request?.note == "old")
        }
    }

    @Test("a session that nobody uses ends, and the oldest makes room")
    func sessions() async throws {
        let access = try Self.access()
        try await withDesk(access) { port, _ in
            var cookies: [String] = []
            for _ in 0..<501 {
                let login = try await get(
                    port, "/login", method: "POST", body: Array("token=\(Self.token("vera"))".utf8))
                cookies.append(String((login.headers["set-cookie"] ?? "").prefix { $0 != ";" }))
            }
            #expect(try await get(port, "/v1/exceptions", headers: ["Cookie": cookies[0]]).status == 401)
            #expect(try await get(port, "/v1/exceptions", headers: ["Cookie": cookies[500]]).status == 200)
        }
    }
}
