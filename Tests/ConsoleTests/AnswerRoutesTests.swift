import Canonical
import Contracts
import ExactJSON
import Synchronization
import Testing
import World
import WorldLive

@testable import Console

@Suite("questions over HTTP", .timeLimit(.minutes(2)))
struct AnswerRoutesTests {
    private static let token = "a-token-of-the-test"
    private static let spec = QuerySpec(
        name: "availability", summary: "How much is there.",
        arguments: [
            .init("item", .text, required: true, "which"), .init("quantity", .number, "how much"),
        ], answer: "numbers", example: ["item": "BOLT"], needs: "nothing")

    /// What was asked, and with which patience.
    private final class Desk: Sendable {
        let asked = Mutex<[(Query, Duration?)]>([])

        func ask(_ name: String, _ arguments: [String: String], _ within: Duration?) async -> QueryReply {
            guard name == "availability" else {
                return .refused(Failure(QueryFailures.unknownQuery, "there is no \(name)"))
            }
            do {
                let query = try AnswerRoutesTests.spec.query(arguments)
                asked.withLock { $0.append((query, within)) }
                switch query["item"] {
                case "GONE":
                    return .refused(Failure(FailureKind("ODOO-026", "no product", remedy: "Make it."), "no GONE"))
                case "AWAY":
                    return .unavailable(
                        Failure(QueryFailures.unavailable, "Odoo is away"), retryAfter: .milliseconds(2_500))
                case "OLD":
                    return .answer(
                        answer(query, .fallback(Failure(QueryFailures.slow, "Odoo is slow")), .seconds(70)))
                default: return .answer(answer(query, .remembered, .milliseconds(1_500)))
                }
            } catch { return .refused(error) }
        }

        private func answer(_ query: Query, _ origin: Answer.Origin, _ age: Duration) -> Answer {
            Answer(
                target: "odoo", query: query, content: ["free": 7], asOf: Instant(microseconds: 0), age: age,
                origin: origin)
        }
    }

    private func withDoors(_ body: (Int, Desk) async throws -> Void) async throws {
        let desk = Desk()
        let doors = [("odoo", BearerToken(Self.token)), ("open", nil)].map { name, token in
            AnswerRoutes.Door(target: TargetName(name), queries: [Self.spec], token: token) {
                await desk.ask($0, $1, $2)
            }
        }
        try await withListener(AnswerRoutes.routes(doors)) { try await body($0, desk) }
    }

    private func ask(_ port: Int, _ path: String, _ headers: HTTPHeaders = [:]) async throws -> (HTTPResponse, JSON) {
        var headers = headers
        if headers["authorization"] == nil { headers["Authorization"] = "Bearer \(Self.token)" }
        let response = try await get(port, path, headers: headers)
        return (response, try JSONReader.read(response.body))
    }

    @Test("an answer says what it is about, how old it is and where it comes from")
    func answered() async throws {
        try await withDoors { port, desk in
            let (response, body) = try await ask(
                port, "/v1/targets/odoo/answers/availability?item=BOLT%208&quantity=5")
            #expect(response.status == 200 && response.headers["content-type"] == "application/json")
            #expect(response.headers["age"] == "1" && response.headers["cache-control"] == "no-store")
            #expect(body["answer"]?["free"]?.int == 7 && body["target"]?.string == "odoo")
            #expect(body["arguments"] == ["item": "BOLT 8", "quantity": "5"] && body["from"]?.string == "memory")
            #expect(body["asOf"]?.string == "1970-01-01T00:00:00.000000Z" && body["fallback"]?.isNull == true)
            #expect(body["ageSeconds"]?.number == ExactNumber(coefficient: 15, scale: 1))
            let (_, old) = try await ask(port, "/v1/targets/odoo/answers/availability?item=OLD")
            #expect(old["from"]?.string == "fallback" && old["fallback"]?["code"]?.string == "QUERY-006")
            #expect(desk.asked.withLock { $0.count } == 2)
        }
    }

    @Test("the questions of a target are listed")
    func listed() async throws {
        try await withDoors { port, _ in
            let (response, body) = try await ask(port, "/v1/targets/odoo/answers")
            #expect(response.status == 200 && body["questions"]?[0]?["query"]?.string == "availability")
            #expect(body["questions"]?[0]?["arguments"]?[0]?["required"]?.bool == true)
        }
    }

    private static let problems: [(path: String, status: Int, code: String)] = [
        ("odoo/answers/availability", 400, "QUERY-003"), ("odoo/answers/availability?item=", 400, "QUERY-003"),
        ("odoo/answers/availability?item=A&lot=1", 400, "QUERY-003"),
        ("odoo/answers/availability?item=A&quantity=many", 400, "QUERY-003"),
        ("odoo/answers/weather", 404, "QUERY-002"), ("sap/answers/availability?item=A", 404, "QUERY-001"),
        ("sap/answers", 404, "QUERY-001"), ("odoo/answers/availability?item=GONE", 422, "ODOO-026"),
        ("odoo/answers/availability?item=AWAY", 503, "QUERY-004"),
    ]

    @Test("what cannot be answered is a problem with a stable code", arguments: problems.indices)
    func problem(_ index: Int) async throws {
        let (path, status, code) = Self.problems[index]
        try await withDoors { port, _ in
            let (response, body) = try await ask(port, "/v1/targets/" + path)
            #expect(response.status == status && response.headers["content-type"] == "application/problem+json")
            #expect(body["code"]?.string == code && body["suggestion"]?.string?.isEmpty == false, "\(body)")
            #expect(body["status"]?.int == status && body["detail"]?.string?.isEmpty == false)
            #expect(response.headers["retry-after"] == (status == 503 ? "3" : nil))
        }
    }

    @Test("without the token nobody learns anything, and a target without one is open")
    func authorized() async throws {
        try await withDoors { port, desk in
            for field in ["", "Bearer ", "Bearer wrong", "Bearer \(Self.token)x", "Basic \(Self.token)", Self.token] {
                for path in ["/v1/targets/odoo/answers", "/v1/targets/odoo/answers/availability?item=A"] {
                    let (response, body) = try await ask(port, path, ["Authorization": field])
                    #expect(response.status == 401 && body["code"]?.string == "QUERY-007", "\(field)")
                    #expect(response.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
                    #expect(!"\(body)".contains(Self.token))
                }
            }
            #expect(desk.asked.withLock { $0.isEmpty })
            let (response, _) = try await ask(
                port, "/v1/targets/open/answers/availability?item=A", ["Authorization": "none"])
            #expect(response.status == 200)
        }
    }

    @Test(
        "a client says how old an answer may be (RFC 9111)",
        arguments: [
            ("max-age=5", 5), ("no-cache", 0), ("max-age=60, no-cache", 0), ("MAX-AGE=\"7\"", 7), ("max-age=x", nil),
            ("max-age=-1", nil), ("private", nil), ("max-age=99999999999999999999", nil),
        ] as [(String, Int?)])
    func patience(_ field: String, _ seconds: Int?) async throws {
        try await withDoors { port, desk in
            _ = try await ask(port, "/v1/targets/odoo/answers/availability?item=A", ["Cache-Control": field])
            #expect(desk.asked.withLock { $0.first?.1 } == seconds.map { Duration.seconds($0) })
        }
    }

    @Test("only GET and HEAD are taken, and without targets there are no routes")
    func methods() async throws {
        try await withDoors { port, _ in
            let response = try await get(port, "/v1/targets/odoo/answers/availability?item=A", method: "POST")
            #expect(response.status == 405)
        }
        #expect(AnswerRoutes.routes([]).isEmpty)
    }
}
