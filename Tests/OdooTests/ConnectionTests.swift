import Contracts
import ExactJSON
import OdooConnector
import Testing
import World

/// A server in a test's hands: answers by path or method, and keeps what it was asked.
private actor ScriptedOdoo: RequestNetwork {
    enum Reply: Sendable {
        case http(Int, String)
        case result(JSON)
        case fault(String, String)
        case failure(NetworkFailure)
    }

    private var script: [(match: String, reply: Reply)]
    private(set) var requests: [HTTPRequest] = []

    /// Each entry answers requests whose path or Odoo method is `match`; the last one of a name goes on answering.
    init(_ script: [(String, Reply)]) { self.script = script.map { (match: $0.0, reply: $0.1) } }

    var log: [String] { requests.map { OdooExchange.method(of: $0) } }

    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
    {
        requests.append(request)
        let method = OdooExchange.method(of: request)
        let path = request.target.replacing("https://odoo.example.com", with: "")
        guard let index = script.firstIndex(where: { $0.match == method || $0.match == path }) else {
            return HTTPResponse(status: 404, body: Array("<html>unscripted \(path) \(method)</html>".utf8))
        }
        let reply = script[index].reply
        if script.filter({ $0.match == script[index].match }).count > 1 { script.remove(at: index) }
        let isJSON2 = path.hasPrefix("/json/2/")
        switch reply {
        case .failure(let failure): throw failure
        case .http(let status, let body): return HTTPResponse(status: status, body: Array(body.utf8))
        case .result(let value):
            return HTTPResponse(
                status: 200,
                body: isJSON2 ? value.bytes : JSON.object(["jsonrpc": "2.0", "id": 1, "result": value]).bytes)
        case .fault(let name, let message):
            let data: JSON = [
                "name": .string(name), "message": .string(message),
                "debug": "Traceback (most recent call last):\nsecret-key",
            ]
            if isJSON2 { return HTTPResponse(status: 422, body: data.bytes) }
            return HTTPResponse(
                status: 200, body: JSON.object(["jsonrpc": "2.0", "id": 1, "error": ["code": 0, "data": data]]).bytes)
        }
    }
}

@Suite("the connection to Odoo")
struct ConnectionTests {
    private static let address = OdooAddress(
        endpoint: "https://odoo.example.com/", database: "plant", login: "mes", secret: "secret-key")
    private static let unauthorized =
        #"{"name":"werkzeug.exceptions.Unauthorized","message":"Invalid apikey","debug":"Traceback"}"#
    private static let find = OdooCall.find("res.partner", [], ["name"], limit: 1)

    private static func version(_ text: String) -> (String, ScriptedOdoo.Reply) {
        ("/web/webclient/version_info", .result(["server_version": .string(text)]))
    }

    private static func code(_ body: () async throws(OdooError) -> JSON) async -> String {
        do {
            _ = try await body()
            return "result"
        } catch {
            if case .deferred(_, let isDown) = error.verdict {
                return error.failure.kind.code + (isDown ? " down" : "")
            }
            return error.failure.kind.code
        }
    }

    @Test("19 with an API key speaks JSON-2, with key, database, language and time zone")
    func json2() async throws {
        let server = ScriptedOdoo([
            Self.version("19.0"), ("search_count", .result(3)), ("search_read", .result([["id": 1]])),
        ])
        let connection = OdooConnection(Self.address, network: server)
        #expect(try await connection.call(Self.find)[0]?["id"]?.int == 1)
        #expect(try await connection.described() == "19 over JSON-2")
        let request = try #require(await server.requests.last)
        #expect(request.target == "https://odoo.example.com/json/2/res.partner/search_read")
        #expect(
            request.headers["authorization"] == "bearer secret-key" && request.headers["X-Odoo-Database"] == "plant")
        let body = try JSONReader.read(request.body)
        #expect(body["context"] == ["lang": "en_US", "tz": "UTC"] && body["domain"] == [] && body["limit"]?.int == 1)
    }

    @Test(
        "a password goes over JSON-RPC, also to 19; the login is asked for once",
        arguments: ["16.0", "17.0", "saas~17.4", "18.0", "19.0"])
    func remote(_ text: String) async throws {
        let server = ScriptedOdoo([
            Self.version(text), ("search_count", .http(401, Self.unauthorized)), ("authenticate", .result(7)),
            ("search_read", .result([])),
        ])
        let connection = OdooConnection(Self.address, network: server)
        _ = try await connection.call(Self.find)
        _ = try await connection.call(Self.find)
        let body = try JSONReader.read(try #require(await server.requests.last).body)
        let arguments = try #require(body["params"]?["args"])
        #expect(
            arguments[0] == "plant" && arguments[1]?.int == 7 && arguments[3] == "res.partner"
                && arguments[4] == "search_read")
        #expect(arguments[6]?["context"] == ["lang": "en_US", "tz": "UTC"])
        let log = await server.log.filter { $0 == "authenticate" || $0 == "search_read" }
        #expect(log == ["authenticate", "search_read", "search_read"])
    }

    @Test(
        "what is wrong with the connection is told apart, puts the whole target off, and never shows the secret",
        arguments: [
            (["/web/webclient/version_info": .http(404, "<html/>")], "ODOO-005 down"),
            (["/web/webclient/version_info": .http(200, "<html>login</html>")], "ODOO-005 down"),
            (["/web/webclient/version_info": .result(["server_version": "14.0"])], "ODOO-006 down"),
            (["/web/webclient/version_info": .result(["server_version": "23.0"])], "ODOO-006 down"),
            (["authenticate": .result(false)], "ODOO-002 down"),
            (
                ["authenticate": .fault("psycopg2.OperationalError", "database \"plant\" does not exist")],
                "ODOO-003 down"
            ),
            (["search_read": .fault("odoo.exceptions.AccessDenied", "Access Denied")], "ODOO-002 down"),
            (["search_read": .http(503, "<html/>")], "ODOO-001 down"),
            (
                [
                    "search_read": .failure(
                        NetworkFailure(.timeout, mayHaveArrived: true, detail: "no answer within 120 s"))
                ], "ODOO-001 down"
            ),
            (["search_read": .fault("odoo.exceptions.AccessError", "You are not allowed")], "ODOO-010"),
        ] as [([String: ScriptedOdoo.Reply], String)])
    fileprivate func troubles(_ change: [String: ScriptedOdoo.Reply], _ code: String) async {
        let normal: [(String, ScriptedOdoo.Reply)] = [
            Self.version("16.0"), ("authenticate", .result(7)), ("search_read", .result([])),
        ]
        let server = ScriptedOdoo(normal.map { ($0.0, change[$0.0] ?? $0.1) })
        let connection = OdooConnection(Self.address, network: server)
        #expect(await Self.code { () throws(OdooError) in try await connection.call(Self.find) } == code)
        do {
            _ = try await connection.call(Self.find)
        } catch {
            #expect(!error.failure.message.contains("secret-key") && !error.failure.suggestion.contains("secret-key"))
        }
    }

    @Test("a key that ends while the node runs is a matter of the target, and a new login follows")
    func expiredKey() async throws {
        let server = ScriptedOdoo([
            Self.version("19.0"), ("search_count", .result(3)), ("search_read", .result([])),
            ("search_read", .http(401, Self.unauthorized)), ("search_read", .result([])),
        ])
        let connection = OdooConnection(Self.address, network: server)
        _ = try await connection.call(Self.find)
        #expect(await Self.code { () throws(OdooError) in try await connection.call(Self.find) } == "ODOO-002 down")
        _ = try await connection.call(Self.find)
        #expect(await server.log.filter { $0 == "search_count" }.count == 2)
    }

    @Test("a write whose answer is lost is in doubt, and the engine is told so")
    func doubt() async throws {
        let order: JSON = [
            "id": 8, "name": "WH/MO/8", "state": "progress", "product_id": [3, "P"], "product_uom_id": [1, "Units"],
            "product_qty": 10,
            "qty_producing": 2, "qty_produced": 0, "origin": "O1", "procurement_group_id": [5, "G"],
            "product_tracking": "none",
        ]
        let unit: JSON = [
            "id": 1, "name": "Units", "rounding": 1, "uom_type": "reference", "category_id": [1, "Unit"], "ratio": 1,
        ]
        let server = ScriptedOdoo([
            Self.version("16.0"), ("authenticate", .result(7)), ("search_read", .result([order])),
            ("search_read", .result([unit])),
            ("search_read", .result([order])), ("get_external_id", .result(["1": "uom.product_uom_unit"])),
            ("write", .http(504, "<html/>")), ("read", .result([["id": 8, "qty_producing": 5]])),
            ("read", .http(502, "")),
            ("read", .result([["id": 8, "qty_producing": 2]])), ("read", .result([["id": 8, "qty_producing": 3]])),
            ("read", .result([])),
        ])
        var options = OdooOptions(orderBy: .origin)
        options.gateway = .off
        let desk = Desk(Self.address, server, options: options, run: "doubt")
        let command = await desk.command(
            "production.progress", ["order": "O1", "quantity": ["value": 3, "unit": "pcs"]])
        let (outcome, attempt) = await desk.attempt(command)
        #expect(outcome.brief == "unknown ODOO-009")
        let doubtful = try #require(attempt)
        var answers: [String] = []
        for _ in 0..<5 { answers.append(await desk.inquire(doubtful).brief) }
        #expect(answers == ["happened", "deferred ODOO-001", "notFound", "cannotTell ODOO-035", "cannotTell ODOO-035"])
        #expect(await server.log.filter { $0 == "write" }.count == 1)
    }
}
