import Console
import Contracts
import ExactJSON
import Store
import Testing
import World
import WorldLive

@Suite("what a decision about many takes", .timeLimit(.minutes(2)))
struct DeskThroughTests {
    private static let token = "token-of-olaf-0123456789"

    private static func insert(_ number: Int, _ store: Store, _ world: World) async throws {
        try await store.write { transaction in
            _ = try transaction.insert(
                ExceptionRecord(
                    kind: .input, created: world.clock.now(), source: "press",
                    failure: StoreFailures.full.failure("line \(number)"), original: [], fact: "f\(number)"))
        }
    }

    /// A desk over a store with three exceptions that nobody works on: requests stay where they are.
    private func withDesk(_ body: (_ port: Int, _ store: Store, _ world: World) async throws -> Void) async throws {
        let scratch = try Scratch()
        let world = World.live()
        let store = try Store(StoreSettings(path: scratch.path + "/node.db"), world: world)
        for number in 1...3 { try await Self.insert(number, store, world) }
        let access = ConsoleAccess(
            tokens: [ConsoleToken(name: "olaf", scope: .operates, token: try #require(BearerToken(Self.token)))],
            isOpen: false, isSecure: false, isLoopback: false, clock: world.clock, entropy: world.entropy)
        let node = PageFrame.Node(name: "hub", role: "hub", version: "1")
        let desk = Desk(store: store, clock: world.clock, patience: .milliseconds(50))
        let routes =
            DeskRoutes.routes(desk, access: access)
            + DeskPages(desk, door: PageDoor(access, node: node, entropy: world.entropy)).routes
            + LoginRoutes.routes(access, node: node, entropy: world.entropy)
        try await withListener(routes) { port in try await body(port, store, world) }
        await store.close()
    }

    private func orders(_ store: Store) async throws -> [ManyOrder] {
        try await store.read { transaction in
            try transaction.openRequests(many: true, limit: 9).compactMap { $0.detail.flatMap(ManyOrder.init(json:)) }
        }
    }

    @Test("the form takes what its page showed, and not what came in meanwhile")
    func form() async throws {
        try await withDesk { port, store, world in
            let login = try await get(
                port, "/login", method: "POST", body: Array("to=/exceptions&token=\(Self.token)".utf8))
            let cookie = try #require(login.headers["set-cookie"])
            let headers: HTTPHeaders = ["Cookie": String(cookie.prefix { $0 != ";" })]
            let page = String(decoding: try await get(port, "/exceptions", headers: headers).body, as: UTF8.self)
            #expect(page.contains("Discard all 3 that are open"))
            let word = try #require(page.firstMatch(of: /name="form" value="([0-9a-f]{32})"/)?.output.1)
            let through = try #require(page.firstMatch(of: /name="through" value="(\d+)"/)?.output.1)
            try await Self.insert(4, store, world)
            let form = "form=\(word)&action=discard&note=old&rate=50"
            let without = try await get(
                port, "/exceptions/many", method: "POST", headers: headers, body: Array(form.utf8))
            #expect(without.status == 400)
            let answer = try await get(
                port, "/exceptions/many", method: "POST", headers: headers,
                body: Array("\(form)&through=\(through)".utf8))
            #expect(answer.status == 303)
            let made = try await orders(store)
            #expect(made.map(\.through) == [3] && made.map(\.action) == [.discard])
        }
    }

    @Test(
        "a program says up to where it has looked; what is not there yet is never meant",
        arguments: [("", 3), (",\"through\":null", 3), (",\"through\":2", 2), (",\"through\":99", 3)])
    func program(through: String, taken: Int) async throws {
        try await withDesk { port, store, _ in
            let body = "{\"action\":\"resubmit\",\"filter\":{\"since\":\"2026-03-02T06:00:00Z\"}\(through)}"
            let answer = try await get(
                port, "/v1/exceptions/actions", method: "POST", headers: ["Authorization": "Bearer \(Self.token)"],
                body: Array(body.utf8))
            #expect(answer.status == 202)
            let made = try await orders(store)
            #expect(made.map { Int($0.through) } == [taken])
            #expect(made.first?.filter.since?.description == "2026-03-02T06:00:00.000000Z")
        }
    }

    @Test(
        "what is no number of an exception, and what is no filter, is refused with the reason",
        arguments: [
            "\"filter\":{},\"through\":-1", "\"filter\":{},\"through\":\"2\"", "\"filter\":{\"since\":\"soon\"}",
            "\"filter\":{\"kind\":\"odd\"}", "\"filter\":{\"until\":7}",
            "\"filter\":{\"since\":\"2026-03-02T06:00:00Z\",\"until\":\"2026-03-02T06:00:00Z\"}",
        ])
    func wrong(members: String) async throws {
        try await withDesk { port, store, _ in
            let answer = try await get(
                port, "/v1/exceptions/actions", method: "POST", headers: ["Authorization": "Bearer \(Self.token)"],
                body: Array("{\"action\":\"resubmit\",\(members)}".utf8))
            #expect(answer.status == 400, "\(String(decoding: answer.body, as: UTF8.self))")
            let made = try await orders(store)
            #expect(made.isEmpty)
        }
    }

    @Test("a page keeps itself up to date, also where it says what came of a request")
    func live() async throws {
        try await withDesk { port, store, world in
            let request = try await store.write {
                try $0.insertRequest(.comment, subject: 1, by: "olaf", note: "seen", now: world.clock.now())
            }
            let headers: HTTPHeaders = ["Authorization": "Bearer \(Self.token)"]
            let paths = ["/exceptions", "/exceptions/1"].flatMap { [$0, "\($0)?asked=\(request)"] }
            for path in paths {
                let page = String(decoding: try await get(port, path, headers: headers).body, as: UTF8.self)
                #expect(page.contains("setInterval") && page.contains("<main id=\"main\">"), "\(path)")
                #expect(page.contains("class=\"said notice\"") == path.contains("asked"), "\(path)")
            }
        }
    }
}
