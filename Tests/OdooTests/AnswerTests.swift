import Contracts
import ExactJSON
import Foundation
import Testing
import World

@testable import OdooConnector

/// The verdict in a few characters: `rejected ODOO-012`.
private func brief(_ error: OdooError?) -> String {
    guard let error else { return "result" }
    switch error.verdict {
    case .rejected: return "rejected \(error.failure.kind.code)"
    case .deferred(_, let isDown): return "deferred \(error.failure.kind.code)\(isDown ? " down" : "")"
    case .unknown: return "unknown \(error.failure.kind.code)"
    }
}

@Suite("what Odoo and the servers before it answer")
struct AnswerTests {
    private static func call(isWrite: Bool) -> OdooCall { OdooCall("mrp.production", "write", isWrite: isWrite) }

    private static func error(_ body: () throws(OdooError) -> JSON) -> OdooError? {
        do { _ = try body(); return nil } catch { return error }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let status: Int
        var headers: HTTPHeaders = [:]
        let body: String
        let write: String
        let read: String
        var testDescription: String { "\(status) \(body.prefix(60))" }
    }

    private static func remoteError(_ name: String, _ message: String) -> String {
        let trace = "Traceback (most recent call last):\n  File x\nboom"
        let data: JSON = ["name": .string(name), "message": .string(message), "debug": .string(trace)]
        let error: JSON = ["code": 200, "message": "Odoo Server Error", "data": data]
        return JSON.object(["jsonrpc": "2.0", "id": 1, "error": error]).description
    }

    static let cases: [Case] = [
        .init(status: 200, body: #"{"jsonrpc":"2.0","id":1,"result":true}"#, write: "result", read: "result"),
        .init(status: 200, body: #"{"jsonrpc":"2.0","id":1}"#, write: "result", read: "result"),
        .init(status: 200, body: "<html>Maintenance</html>", write: "unknown ODOO-009", read: "deferred ODOO-005 down"),
        .init(
            status: 200, body: #"{"jsonrpc":"2.0","id":1,"resu"#, write: "unknown ODOO-009",
            read: "deferred ODOO-005 down"),
        .init(status: 200, body: "", write: "unknown ODOO-009", read: "deferred ODOO-005 down"),
        .init(status: 200, body: #"{"status":"ok"}"#, write: "unknown ODOO-009", read: "deferred ODOO-005 down"),
        .init(status: 500, body: "oops", write: "unknown ODOO-009", read: "deferred ODOO-001 down"),
        .init(status: 502, body: "<html/>", write: "unknown ODOO-009", read: "deferred ODOO-001 down"),
        .init(status: 503, body: "<html/>", write: "unknown ODOO-009", read: "deferred ODOO-001 down"),
        .init(status: 504, body: "<html/>", write: "unknown ODOO-009", read: "deferred ODOO-001 down"),
        .init(status: 401, body: "", write: "deferred ODOO-002 down", read: "deferred ODOO-002 down"),
        .init(status: 404, body: "<html/>", write: "deferred ODOO-005 down", read: "deferred ODOO-005 down"),
        .init(
            status: 301, headers: ["Location": "https://x/"], body: "", write: "deferred ODOO-005 down",
            read: "deferred ODOO-005 down"),
        .init(status: 413, body: "<html/>", write: "rejected ODOO-015", read: "rejected ODOO-015"),
        .init(
            status: 429, headers: ["Retry-After": "7"], body: "", write: "deferred ODOO-008 down",
            read: "deferred ODOO-008 down"),
        .init(
            status: 200, body: remoteError("psycopg2.OperationalError", "FATAL: database \"x\" does not exist"),
            write: "deferred ODOO-003 down", read: "deferred ODOO-003 down"),
        .init(
            status: 200,
            body: remoteError("psycopg2.OperationalError", "could not connect to server: Connection refused"),
            write: "deferred ODOO-004 down", read: "deferred ODOO-004 down"),
        .init(
            status: 200, body: remoteError("psycopg2.OperationalError", "server closed the connection unexpectedly"),
            write: "unknown ODOO-009", read: "deferred ODOO-004 down"),
        .init(
            status: 200, body: remoteError("psycopg2.errors.SerializationFailure", "could not serialize access"),
            write: "deferred ODOO-007", read: "deferred ODOO-007"),
        .init(
            status: 200, body: remoteError("builtins.ZeroDivisionError", "division by zero"),
            write: "rejected ODOO-016",
            read: "rejected ODOO-016"),
    ]

    @Test("each answer over JSON-RPC has its verdict, for a write and for a read", arguments: cases)
    func remote(_ item: Case) {
        let response = HTTPResponse(status: item.status, headers: item.headers, body: Array(item.body.utf8))
        #expect(
            brief(Self.error { () throws(OdooError) in try OdooAnswer.remote(response, of: Self.call(isWrite: true)) })
                == item.write)
        let read = Self.error { () throws(OdooError) in try OdooAnswer.remote(response, of: Self.call(isWrite: false)) }
        #expect(brief(read) == item.read)
        #expect(read?.failure.message.contains("Traceback") != true)
        #expect((read?.failure.detail?.utf8.count ?? 0) < 3_000)
    }

    @Test("a slow-down is taken at its word")
    func retryAfter() {
        let response = HTTPResponse(status: 429, headers: ["Retry-After": "7"])
        #expect(OdooAnswer.status(response, isWrite: true).verdict == .deferred(after: .seconds(7), isTargetDown: true))
        // A proxy that is restarted, or Odoo in maintenance, says so with another status, or by a date.
        let seconds = HTTPResponse(status: 503, headers: ["Retry-After": "120"])
        #expect(
            OdooAnswer.status(seconds, isWrite: false).verdict == .deferred(after: .seconds(120), isTargetDown: true))
        let date: HTTPHeaders = [
            "Retry-After": "Thu, 01 Jan 2026 10:00:30 GMT", "Date": "Thu, 01 Jan 2026 10:00:00 GMT",
        ]
        for status in [429, 503] {
            let verdict = OdooAnswer.status(HTTPResponse(status: status, headers: date), isWrite: false).verdict
            #expect(verdict == .deferred(after: .seconds(30), isTargetDown: true), "\(status)")
        }
        // What became of a write is asked first, whenever the proxy wants to be asked.
        #expect(OdooAnswer.status(seconds, isWrite: true).verdict == .unknown)
    }

    @Test("only what surely did not arrive is surely not done")
    func network() {
        let lost = NetworkFailure(.timeout, mayHaveArrived: true, detail: "late")
        let refused = NetworkFailure(.unreachable, mayHaveArrived: false, detail: "refused")
        #expect(brief(OdooAnswer.network(lost, isWrite: true)) == "unknown ODOO-009")
        #expect(brief(OdooAnswer.network(lost, isWrite: false)) == "deferred ODOO-001 down")
        #expect(brief(OdooAnswer.network(refused, isWrite: true)) == "deferred ODOO-001 down")
    }

    @Test("an answer that is too large is refused where something was asked, unknown where something was written")
    func tooLarge() {
        let large = NetworkFailure(.tooLarge, mayHaveArrived: true, detail: "larger than 33554432 bytes")
        let find = OdooCall.find("stock.move", [], ["name"], limit: 1)
        let read = OdooAnswer.network(large, isWrite: false, of: find)
        #expect(brief(read) == "rejected ODOO-061")
        let words = "Odoo's answer to stock.move.search_read is larger than 32 MiB, and no more is read"
        #expect(read.failure.message == words)
        #expect(read.failure.detail == "larger than 33554432 bytes")
        #expect(brief(OdooAnswer.network(large, isWrite: true, of: Self.call(isWrite: true))) == "unknown ODOO-009")
        // Whoever answers so to a login is no Odoo, and no command is to blame.
        #expect(brief(OdooAnswer.network(large, isWrite: false)) == "deferred ODOO-005 down")
    }

    @Test("`load` says in a success that it failed, and a lost race is tried again")
    func load() throws {
        #expect(try LoadAnswer.id(["ids": [7], "messages": []], model: "stock.scrap") == 7)
        func error(_ message: String) -> OdooError? {
            Self.error { () throws(OdooError) in
                .int(
                    try LoadAnswer.id(
                        ["ids": false, "messages": [["message": .string(message)]]], model: "stock.scrap"))
            }
        }
        #expect(brief(error("could not serialize access due to concurrent update")) == "deferred ODOO-007")
        #expect(brief(error("Missing required value for the field 'Product' (product_id)")) == "rejected ODOO-013")
    }
}

/// An Odoo of one record, which is locked by a call whose answer nobody can read; whatever else it is asked, it answers
/// without end.
private actor EndlessOdoo: RequestNetwork {
    private var isLocked = false
    private(set) var calls: [String] = []

    func send(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) async throws(NetworkFailure) -> HTTPResponse {
        if request.target.hasSuffix("/version_info") { return Self.answer(["server_version": "16.0"]) }
        let method = OdooExchange.method(of: request)
        if method == "authenticate" { return Self.answer(7) }
        calls.append(method)
        if method == "read" { return Self.answer([["id": 7, "locked": .bool(isLocked)]]) }
        if method == "action_lock" { isLocked = true }
        throw NetworkFailure(
            .tooLarge, mayHaveArrived: true, detail: "the answer is larger than \(maximumBody) bytes")
    }

    private static func answer(_ result: JSON) -> HTTPResponse {
        HTTPResponse(status: 200, body: JSON.object(["jsonrpc": "2.0", "id": 1, "result": result]).bytes)
    }
}

@Suite("a command whose answer from Odoo is larger than is read")
struct LargeAnswerTests {
    private static func desk(_ server: EndlessOdoo) -> Desk {
        var options = OdooOptions()
        options.gateway = .off
        let address = OdooAddress(
            endpoint: "https://odoo.example.com", database: "plant", login: "mes", secret: "secret-key")
        return Desk(address, server, options: options, run: "large")
    }

    @Test("while it is prepared, it is refused with what was asked, and not put off for ever")
    func prepared() async {
        let server = EndlessOdoo()
        let outcome = await Self.desk(server).deliver(
            "record.write",
            [
                "model": "res.partner", "record": ["field": "ref", "value": "C-1042"], "values": ["name": "Deco"],
            ])
        let message = outcome.failure?.message ?? ""
        #expect(outcome.brief == "rejected ODOO-061", "\(message)")
        #expect(message.contains("res.partner.search_read") && message.contains("32 MiB"), "\(message)")
    }

    @Test("while it is carried out, nobody knows what became of it, and Odoo is asked")
    func written() async throws {
        let server = EndlessOdoo()
        let desk = Self.desk(server)
        let command = await desk.command(
            "record.call",
            [
                "model": "sale.order", "record": ["id": 7], "method": "action_lock",
                "done": ["field": "locked", "values": ["true"]],
            ])
        let (outcome, attempt) = await desk.attempt(command)
        #expect(outcome.brief == "unknown ODOO-009", "\(String(describing: outcome.failure))")
        let inquiry = await desk.inquire(try #require(attempt))
        #expect(inquiry.brief == "happened")
        let calls = await server.calls
        #expect(calls == ["read", "action_lock", "read"])
    }
}

@Suite("the errors that real servers gave", .enabled(if: Transcripts.arePresent, "the recorded exchanges are not here"))
struct AnswerCorpusTests {
    /// What follows from each exception's name: the table of the field notes, independent of the code under test.
    private static let verdicts: [String: String] = [
        "odoo.exceptions.AccessDenied": "deferred ODOO-002 down",
        "werkzeug.exceptions.Unauthorized": "deferred ODOO-002 down",
        "odoo.exceptions.AccessError": "rejected ODOO-010",
        "odoo.exceptions.MissingError": "rejected ODOO-011",
        "odoo.exceptions.ValidationError": "rejected ODOO-013",
        "odoo.addons.base.models.ir_actions.ServerActionWithWarningsError": "rejected ODOO-012",
        "werkzeug.exceptions.NotFound": "rejected ODOO-014",
        "werkzeug.exceptions.BadRequest": "rejected ODOO-015",
        "werkzeug.exceptions.UnprocessableEntity": "rejected ODOO-015",
        "builtins.AttributeError": "rejected ODOO-015", "builtins.ValueError": "rejected ODOO-015",
        "builtins.KeyError": "rejected ODOO-015", "builtins.TypeError": "rejected ODOO-015",
        "builtins.IndexError": "rejected ODOO-015",
        "psycopg2.errors.SerializationFailure": "deferred ODOO-007",
        "psycopg2.OperationalError": "deferred ODOO-003 down",
        "psycopg2.ProgrammingError": "rejected ODOO-016",
    ]

    @Test(
        "each recorded answer is a result or the right failure, in words for a planner", arguments: Transcripts.versions
    )
    func corpus(_ version: String) throws {
        var results = 0
        var failures = 0
        for exchange in try Transcripts.read(version) where exchange.isCall {
            let call = OdooCall("model", "method", isWrite: true)
            do {
                _ =
                    try exchange.isJSON2
                    ? OdooAnswer.json2(exchange.response, of: call) : OdooAnswer.remote(exchange.response, of: call)
                results += 1
                #expect(exchange.exception == nil, "\(exchange.name)")
            } catch {
                failures += 1
                let message = error.failure.message
                #expect(
                    !message.contains("Traceback") && !message.contains("\n") && message.count < 800, "\(exchange.name)"
                )
                guard let exception = exchange.exception else {
                    #expect(exchange.response.status != 200, "\(exchange.name) became \(brief(error))")
                    continue
                }
                if exception == "odoo.exceptions.UserError" {
                    let isModel = exchange.message.hasPrefix("Object ")
                    #expect(brief(error) == (isModel ? "rejected ODOO-014" : "rejected ODOO-012"), "\(exchange.name)")
                } else {
                    #expect(brief(error) == Self.verdicts[exception], "\(exchange.name): \(exception)")
                }
            }
        }
        #expect(results > 300 && failures > 50, "\(version): \(results) results, \(failures) failures")
    }
}
