import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// Requests that no client would make to everything that a hub answers: its doors, the node link, the desk, the
/// interface for programs. HTTP itself is in order here; `HTTPTests/HostileRequestTests` breaks that.
@Suite("Hostile requests to a whole hub", .serialized, .timeLimit(.minutes(5)))
struct HostileRequestTests {
    private static let token = "a-token-for-anna-at-the-desk"
    private static let settings = [
        "millwright.yaml": """
        node: hub
        listen: 127.0.0.1:0
        store: { path: FOLDER/data }
        security: { key: FOLDER/hub.key }
        console: { tokens: { anna: { scope: operator, secret: "${file:FOLDER/anna}" } } }

        """,
        "anna": token, "secret": "key-mes",
        "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
        "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
        "sources/edges.yaml": "source: edges\nprotocol: edges\n",
        "targets/lyon-edge.yaml": "target: lyon-edge\nprotocol: edge\nedge: lyon-edge\nedgePlant: lyon\n",
        "targets/odoo.yaml": """
        target: odoo
        protocol: odoo
        endpoint: http://127.0.0.1:9
        database: demo
        login: mes
        secret: ${file:FOLDER/secret}
        answers: { age: 1s }

        """,
        "flows/progress.yaml": """
        flow: progress
        owner: production
        when: { type: "millwright.production.completed.*" }
        target: odoo
        operation: production.progress
        jq: 'error("no map")'

        """,
    ]

    @Test("none is a fault of the server's, none is answered without end, and none ends the node")
    func noise() async throws {
        let folder = NSTemporaryDirectory() + "millwright-hostile-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let key = try Program.run(["keygen", "\(folder)/hub.key"])
        try #require(key.code == 0, "\(key)")
        var settings = Self.settings
        settings["hub.key"] = try String(contentsOfFile: "\(folder)/hub.key", encoding: .utf8)
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: settings)
        defer { node.stop() }
        // Something to look at and to decide about.
        for number in 1...3 { _ = try await node.post(BadInput.event("e\(number)", order: "MO-\(number)")) }
        let seed = UInt64(20_261_122)
        var maker = HostileRequestMaker(seed: seed, paths: try await Self.paths(node), token: Self.token)
        #expect(maker.paths.count > 30, "\(maker.paths)")
        var statuses: [String: Int] = [:]
        for round in 0..<30 {
            if round % 5 == 0 { maker.session = try await Self.signIn(node, maker.session) }
            let requests = (0..<32).map { _ in maker.next() }
            let port = node.port
            let answers = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
                for (index, request) in requests.enumerated() {
                    group.addTask { (index, try await Self.exchange(port, request)) }
                }
                return try await group.reduce(into: [(Int, [UInt8])]()) { $0.append($1) }
            }
            for (index, answer) in answers {
                // Reset over bytes that the server did not want: what it said may be lost.
                guard !answer.isEmpty else {
                    statuses["none", default: 0] += 1
                    continue
                }
                let head = String(decoding: answer.prefix(300), as: UTF8.self)
                let request = String(decoding: requests[index].prefix(600), as: UTF8.self)
                let asked = "seed \(seed), round \(round): \(request)"
                #expect(head.hasPrefix("HTTP/1.1 "), "\(asked)\n\(head)")
                let status = String(head.dropFirst(9).prefix(3))
                statuses[status, default: 0] += 1
                #expect(status != "500", "\(asked)\n\(String(decoding: answer.prefix(2_000), as: UTF8.self))")
                #expect(answer.count < Self.maximumAnswer, "\(asked)")
                #expect(Data(answer).range(of: Data(Self.token.utf8)) == nil, "\(asked)")
            }
            let live = try await Self.exchange(node.port, Self.plain("GET", "/health/live"))
            #expect(live.starts(with: Array("HTTP/1.1 200".utf8)), "seed \(seed), round \(round)")
        }
        // What was meant to be reached was reached: pages, ways to sign in, refusals of each kind.
        for status in ["200", "303", "400", "401", "403", "404", "405"] {
            #expect(statuses[status] != nil, "seed \(seed): \(statuses)")
        }
        #expect(statuses["none", default: 0] < 100, "seed \(seed): \(statuses)")
        #expect(!node.log.contains("Fatal error"))
        let after = try await node.post(BadInput.event("after", order: "MO-9"))
        #expect(after.status == 202)
    }

    private static let maximumAnswer = 4 << 20

    /// What the hub says that it answers, and its pages. Streams have no end and are not asked for.
    private static func paths(_ node: NodeProcess) async throws -> [String] {
        let answer = try await exchange(
            node.port, plain("GET", "/v1/openapi.json", ["Authorization: Bearer \(token)"]))
        let body = answer.firstRange(of: Array("\r\n\r\n".utf8)).map { Array(answer[$0.upperBound...]) } ?? []
        let described = try #require(try JSONReader.read(body)["paths"]?.object)
        let pages = [
            "/", "/exceptions", "/exceptions/{exception}", "/exceptions/{exception}/act", "/exceptions/chosen",
            "/exceptions/many", "/exceptions/stop", "/flows", "/flows/{name}/{action}", "/targets",
            "/targets/{name}/{action}", "/sources", "/trace", "/audit", "/settings", "/settings/{version}", "/login",
            "/logout", "/nothing",
        ]
        return described.map { $0.key }.filter { !$0.hasSuffix("/stream") } + pages
    }

    /// The cookies of a new session, and the word that its forms carry.
    private static func signIn(_ node: NodeProcess, _ old: HostileRequestMaker.Session) async throws
        -> HostileRequestMaker.Session
    {
        let form = "to=/exceptions&token=\(token)"
        let answer = try await exchange(
            node.port, plain("POST", "/login", ["Cookie: \(old.cookies)"], body: Array(form.utf8)))
        let text = String(decoding: answer, as: UTF8.self)
        let set = text.matches(of: /(?i)set-cookie: ([^;\r]+)/).map { String($0.output.1) }
        try #require(set.count == 2, "\(text.prefix(1_000))")
        let cookies = set.joined(separator: "; ")
        let page = try await exchange(node.port, plain("GET", "/exceptions", ["Cookie: \(cookies)"]))
        let word = String(decoding: page, as: UTF8.self).firstMatch(of: /name="form" value="([0-9a-f]{32})"/)
        return .init(cookies: cookies, word: word.map { String($0.output.1) } ?? "")
    }

    static func plain(_ method: String, _ target: String, _ fields: [String] = [], body: [UInt8] = []) -> [UInt8] {
        let head = ["\(method) \(target) HTTP/1.1", "Host: a", "Connection: close", "Content-Length: \(body.count)"]
        return Array(((head + fields).joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    /// What the server says until it closes. A connection that it resets over bytes it does not want ends there.
    private static func exchange(_ port: Int, _ request: [UInt8]) async throws -> [UInt8] {
        let stream = try await World.shared.network.connect(host: "127.0.0.1", port: port, timeout: .seconds(10))
        var answer: [UInt8] = []
        do throws(NetworkFailure) {
            try await stream.write(request)
            while answer.count < maximumAnswer, let bytes = try await stream.read(timeout: .seconds(30)) {
                answer += bytes
            }
        } catch {
            guard error.reason == .broken else { throw error }
        }
        await stream.close()
        return answer
    }
}

/// Makes requests of pieces that are each right for something, the same ones for the same seed.
struct HostileRequestMaker {
    struct Session: Sendable {
        var cookies = ""
        var word = ""
    }

    let paths: [String]
    let token: String
    var session = Session()
    private var state: UInt64

    init(seed: UInt64, paths: [String], token: String) {
        self.paths = paths
        self.token = token
        state = seed
    }

    private static let methods = [
        "GET", "GET", "GET", "GET", "POST", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "get",
    ]
    private static let values = [
        "1", "1", "2", "3", "0", "-1", "99999999999999999999", "odoo", "odoo", "progress", "progress", "door",
        "lyon-edge", "none", "%00",
        "%2e%2e%2f", "a%2Fb", "<script>", "%3Cscript%3E", "\u{E9}", "%E9", "%zz", "", ".", "..", "all", "open", "lost",
        "millwright.production.completed.v1", "MO-1", "2026-03-02T00:00:00Z", "9999-12-31T23:59:60Z", "1e9", "null",
        String(repeating: "x", count: 3_000), "availability", "'; DROP TABLE event; --", "\u{202E}abc",
    ]
    private static let actions = [
        "resubmit", "discard", "comment", "edit", "assign", "act", "pause", "resume", "replay", "explode", "batches",
        "commands",
    ]
    private static let names = [
        "state", "limit", "before", "after", "source", "target", "flow", "text", "what", "type", "code", "order",
        "since", "until", "page", "group", "form", "to", "id", "item", "asked", "action", "note", "rate", "event",
        "token", "filter", "version",
    ]
    private static let bodies = [
        "", "{}", "[]", "{", "null", "{\"note\":\"seen\"}", "{\"note\":7}", "{\"action\":\"resubmit\",\"filter\":{}}",
        "{\"action\":\"discard\",\"filter\":{\"state\":\"open\"},\"rate\":-1,\"note\":\"x\"}",
        "{\"event\":{\"source\":1}}", "{\"since\":\"2026-03-02T00:00:00Z\",\"until\":\"x\"}",
        "{\"since\":\"2026-03-02T00:00:00Z\",\"until\":\"2026-03-03T00:00:00Z\",\"note\":\"a try\"}",
        String(repeating: "[", count: 5_000), String(repeating: "{\"a\":", count: 3_000), "\u{1F}\u{8B}\u{8}",
        "%", "&&==&", String(repeating: "a=1&", count: 2_000),
    ]
    private static let fields = [
        "Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: application/cloudevents+json", "Content-Type: text/plain; charset=nothing",
        "Content-Encoding: gzip", "Accept: application/openmetrics-text", "Accept: */*;q=x", "Range: bytes=0-",
        "If-None-Match: *", "Signature-Input: sig=(\"@method\" \"@path\");created=1;keyid=\"x\"",
        "Signature: sig=:AA==:", "Content-Digest: sha-256=:AA==:", "traceparent: 00-x",
        "Cookie: ;;=;millwright_session=0", "Origin: null",
        "Authorization: Basic Og==", "Authorization: Bearer ", "Authorization: Bearer wrong-wrong-wrong-wrong",
        "X-Forwarded-For: 1.2.3.4", "millwright-stream: e;normal;1;1",
    ]

    /// The next random number (splitmix64).
    private mutating func number(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }

    private mutating func pick(_ list: [String]) -> String { list[number(below: list.count)] }

    /// Percent-encoded half of the time, and otherwise as it stands but for what would end the line.
    private mutating func value() -> String {
        let text = pick(Self.values)
        return number(below: 2) == 0 ? PercentCoding.encode(text) : text.replacing(" ", with: "+")
    }

    private mutating func path() -> String {
        var path = pick(paths).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for index in path.indices where path[index].hasPrefix("{") {
            path[index] = path[index] == "{action}" ? pick(Self.actions) : value()
        }
        if number(below: 12) == 0 { path.insert(value(), at: number(below: path.count) + 1) }
        return path.joined(separator: "/")
    }

    private mutating func form() -> String {
        var pairs = (0..<number(below: 5)).map { _ in "\(pick(Self.names))=\(value())" }
        pairs.append("action=\(pick(Self.actions))")
        if number(below: 2) == 0 { pairs.append("form=\(session.word)") }
        return pairs.joined(separator: "&")
    }

    mutating func next() -> [UInt8] {
        var target = path()
        if number(below: 2) == 0 {
            target += "?" + (0...number(below: 4)).map { _ in "\(pick(Self.names))=\(value())" }.joined(separator: "&")
        }
        var fields = (0..<number(below: 4)).map { _ in pick(Self.fields) }
        switch number(below: 4) {
        case 0: fields.insert("Authorization: Bearer \(token)", at: 0)
        case 1, 2: fields.insert("Cookie: \(session.cookies)", at: 0)
        default: break
        }
        var body = Array((number(below: 2) == 0 ? form() : pick(Self.bodies)).utf8)
        if !body.isEmpty, number(below: 5) == 0 {
            for _ in 0...number(below: 4) { body[number(below: body.count)] = UInt8(number(below: 256)) }
        }
        return HostileRequestTests.plain(pick(Self.methods), target.isEmpty ? "/" : target, fields, body: body)
    }
}
