import Canonical
import Contracts
import ExactJSON
import NodeSecurity
import Testing
import World

@testable import HTTPConnector

/// What follows from answers.
@Suite("answers to the HTTP target")
struct TargetVerdictTests {
    private static let now = Instant(text: "1994-11-06T08:49:00Z") ?? Instant(microseconds: 0)

    private static func outcome(
        _ response: HTTPResponse, repeatable: Bool = false, keyed: Bool = false, status: JSON = [:],
        secrets: [String] = []
    ) throws -> Outcome {
        let options = try Target.options(["status": status, "reference": "/data/id", "settle": "60s"])
        let verdict = HTTPVerdict(
            table: options.table, reference: options.reference, settle: options.settle,
            excerpt: AnswerExcerpt(secrets: secrets))
        let request = PlannedRequest(method: "POST", address: "http://m/o?pin=1234", headers: [], body: [])
        return verdict.outcome(response, of: request, isRepeatable: repeatable, isKeyed: keyed, now: now)
    }

    /// Status: for a request that must not be repeated; for one that may, by its method; for one with a key.
    @Test(
        "each status has its meaning",
        arguments: [
            (200, "accepted", "accepted", "accepted"), (201, "accepted", "accepted", "accepted"),
            (204, "accepted", "accepted", "accepted"),
            (301, "deferred HTTP-014 down", "deferred HTTP-014 down", "deferred HTTP-014 down"),
            (302, "deferred HTTP-014 down", "deferred HTTP-014 down", "deferred HTTP-014 down"),
            (400, "rejected HTTP-010", "rejected HTTP-010", "rejected HTTP-010"),
            (401, "deferred HTTP-009 down", "deferred HTTP-009 down", "deferred HTTP-009 down"),
            (403, "deferred HTTP-009 down", "deferred HTTP-009 down", "deferred HTTP-009 down"),
            (404, "rejected HTTP-010", "rejected HTTP-010", "rejected HTTP-010"),
            (408, "deferred HTTP-011", "deferred HTTP-011", "deferred HTTP-011"),
            (409, "rejected HTTP-010", "rejected HTTP-010", "rejected HTTP-010"),
            (422, "rejected HTTP-010", "rejected HTTP-010", "rejected HTTP-010"),
            (425, "deferred HTTP-011", "deferred HTTP-011", "deferred HTTP-011"),
            (429, "deferred HTTP-011 down", "deferred HTTP-011 down", "deferred HTTP-011 down"),
            (500, "unknown HTTP-012", "deferred HTTP-013 after 60", "deferred HTTP-013"),
            (501, "rejected HTTP-010", "rejected HTTP-010", "rejected HTTP-010"),
            (502, "unknown HTTP-012", "deferred HTTP-013 down after 60", "deferred HTTP-013 down"),
            (503, "unknown HTTP-012", "deferred HTTP-013 down after 60", "deferred HTTP-013 down"),
            (504, "unknown HTTP-012", "deferred HTTP-013 down after 60", "deferred HTTP-013 down"),
            (599, "unknown HTTP-012", "deferred HTTP-013 down after 60", "deferred HTTP-013 down"),
        ])
    func statuses(_ status: Int, _ once: String, _ byMethod: String, _ byKey: String) throws {
        #expect(try Self.outcome(.plain(status)).words == once)
        #expect(try Self.outcome(.plain(status), repeatable: true).words == byMethod)
        #expect(try Self.outcome(.plain(status), repeatable: true, keyed: true).words == byKey)
    }

    @Test("settings say what a receiver means by a status")
    func table() throws {
        let status: JSON = ["accepted": [409, 404], "retried": [503, 423], "rejected": [403]]
        let cases = [
            (409, "accepted"), (404, "accepted"), (503, "deferred HTTP-011 down after 7"),
            (423, "deferred HTTP-011 after 7"),
            (403, "rejected HTTP-010"), (401, "deferred HTTP-009 down after 7"), (200, "accepted"),
        ]
        for (code, expected) in cases {
            #expect(try Self.outcome(.plain(code, "", ["Retry-After": "7"]), status: status).words == expected)
        }
    }

    @Test(
        "Retry-After is read in seconds and in each form of a date, and bounded",
        arguments: [
            ("120", 120), ("0", 1), (" 5 ", 5), ("99999999999999999999", 3_600), ("86400", 3_600),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
            ("Sun Nov  6 08:49:37 1994", 37), ("Sun, 06 Nov 1994 08:48:00 GMT", 1),
            ("Mon, 07 Nov 1994 08:49:37 GMT", 3_600), ("-1", nil), ("soon", nil), ("", nil), ("1.5", nil),
            ("Sun, 31 Feb 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 08:49:37 CET", nil), ("１２", nil),
        ] as [(String, Int64?)])
    func retryAfter(_ text: String, _ seconds: Int64?) {
        let wait = RetryAfter.wait(["Retry-After": text], now: Self.now)
        #expect(wait?.components.seconds == seconds)
    }

    @Test("a date counts from the receiver's own clock where the answer tells it")
    func skew() {
        let headers: HTTPHeaders = [
            "retry-after": "Thu, 01 Jan 2026 10:00:30 GMT", "date": "Thu, 01 Jan 2026 10:00:00 GMT",
        ]
        #expect(RetryAfter.wait(headers, now: Self.now) == .seconds(30))
        #expect(RetryAfter.wait(headers) == .seconds(30))
        #expect(RetryAfter.wait(headers, atMost: .seconds(20)) == .seconds(20))
        // Nobody's clock says how far off the date is.
        #expect(RetryAfter.wait(["retry-after": "Thu, 01 Jan 2026 10:00:30 GMT"]) == nil)
    }

    @Test("the reference comes from the answer's place, else from Location, else from the status")
    func receipts() throws {
        let cases: [(HTTPResponse, String)] = [
            (.plain(201, #"{"data":{"id":812}}"#), "812"), (.plain(201, #"{"data":{"id":"A-1"}}"#), "A-1"),
            (.plain(201, #"{"data":{}}"#, ["Location": "/orders/9"]), "/orders/9"), (.plain(204), "status 204"),
            (.plain(200, "not json"), "status 200"), (.plain(200, #"{"data":{"id":"a\r\nb"}}"#), "a  b"),
        ]
        for (response, expected) in cases {
            guard case .accepted(let acceptance) = try Self.outcome(response) else {
                Issue.record("not accepted")
                continue
            }
            #expect(acceptance.reference == expected)
            #expect(acceptance.summary.hasPrefix("POST http://m/o is answered 20"))
            #expect(!acceptance.summary.contains("1234"), "a query is shown")
        }
    }

    @Test("a refusal shows the answer's beginning on one line, and never a secret that the receiver repeats")
    func excerpts() throws {
        let body =
            "no\r\norder \u{1B}[31m with s3cret/with+marks, s3cret\\/with+marks, s3cret%2Fwith%2Bmarks "
            + String(repeating: "x", count: 5_000)
        let outcome = try Self.outcome(.plain(422, body), secrets: ["s3cret/with+marks"])
        #expect(!outcome.text.contains("with+marks") && !outcome.text.contains("with%2Bmarks"))
        #expect(outcome.text.contains("no order [31m with •••, •••, ••• x"))
        #expect(outcome.text.unicodeScalars.allSatisfy { $0.value >= 0x20 })
        #expect(outcome.text.count < 1_000)
        let problem = try Self.outcome(
            .plain(
                422, #"{"type":"about:blank","title":"No such order","detail":"MO-1 is closed","trace":"long"}"#,
                ["Content-Type": "application/problem+json; charset=utf-8"]))
        #expect(problem.text.contains("answered 422: No such order: MO-1 is closed."))
    }

    @Test("after lost answers in a row one request goes now and then, until one is answered")
    func brake() {
        var brake = DoubtBrake()
        var now = Instant(microseconds: 0)
        for _ in 0..<DoubtBrake.threshold {
            #expect(brake.wait(now: now) == nil)
            brake.lost(now: now)
        }
        #expect(brake.wait(now: now) == DoubtBrake.first)
        now = now + DoubtBrake.first
        #expect(brake.wait(now: now) == nil, "one goes")
        #expect(brake.wait(now: now) == DoubtBrake.first, "and one alone")
        brake.lost(now: now)
        #expect(brake.wait(now: now) == DoubtBrake.first * 2)
        for _ in 0..<50 { brake.lost(now: now) }
        #expect(brake.wait(now: now) == DoubtBrake.longest)
        brake.answered()
        #expect(brake.wait(now: now) == nil)
    }

    /// Made with Python's hmac module; the first is the one that the specification's own libraries test with.
    @Test(
        "signatures are those of Standard Webhooks",
        arguments: [
            (
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330,
                #"{"test": 2432232314}"#, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
            ),
            (
                "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "orders:/lyon/erp:1", 1_767_225_600, #"{"good":17}"#,
                "v1,LNKnz7oMqj1GNaXE/pWVAUw90A0fpher3PciPZNReRA="
            ),
        ])
    func signatures(_ secret: String, _ id: String, _ seconds: Int64, _ body: String, _ expected: String) throws {
        let signature = try #require(WebhookSignature(secret: Secret(secret)))
        #expect(signature.text(id: id, seconds: seconds, body: Array(body.utf8)) == expected)
        let fields = HTTPHeaders(
            WebhookSignature.fields(
                [signature, signature], id: id, at: Instant(microseconds: seconds * 1_000_000 + 999_999),
                body: Array(body.utf8)))
        #expect(fields["webhook-id"] == id && fields["webhook-timestamp"] == String(seconds))
        #expect(fields["webhook-signature"] == "\(expected) \(expected)")
    }

    @Test(
        "what is no secret of Standard Webhooks signs nothing",
        arguments: ["", "whsec_", "whsec_***", "c2hvcnQ=", "whsec_" + String(repeating: "QUJD", count: 30)])
    func notSecrets(_ text: String) { #expect(WebhookSignature(secret: Secret(text)) == nil) }
}
