import Canonical
import Contracts
import ExactJSON
import Synchronization
import Testing
import World

@testable import HTTPConnector

/// A command's whole way, against a receiver in the test's hands.
@Suite("HTTP target")
struct TargetTests {
    private static let post: JSON = ["path": "orders", "body": ["order": "MO-1"]]
    private static let lost = NetworkFailure(.timeout, mayHaveArrived: true, detail: "mes.example did not answer")

    @Test("a request carries its key, its trace and what it was told to, and its receipt comes back")
    func accepted() async throws {
        let receiver = ScriptedReceiver { _, _ in .plain(201, #"{"id":"R-9"}"#) }
        let target = try Target.make(
            ["reference": "/id", "signing": ["secrets": ["HOOK", "OLDHOOK"]]], network: receiver)
        let (outcome, intent) = await Target.carry(Target.command(Self.post), target)
        guard case .accepted(let acceptance) = outcome else { throw outcome.unexpected }
        #expect(acceptance.reference == "R-9")
        #expect(intent["method"] == "POST" && intent["address"] == "http://mes.example:8080/api/orders")
        let request = try #require(await receiver.requests.first)
        #expect(request.headers["Idempotency-Key"] == "\"orders:/lyon/erp:e1\"")
        #expect(request.headers["traceparent"] == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        #expect(request.headers["webhook-id"] == "orders:/lyon/erp:e1")
        #expect(request.headers["webhook-signature"]?.split(separator: " ").count == 2)
        #expect(request.body == Array(#"{"order":"MO-1"}"#.utf8))
    }

    /// How a request goes on whose answer was lost.
    @Test(
        "after a lost answer only what may be repeated counts as not there",
        arguments: [
            ("idempotent", "POST", false), ("idempotent", "PATCH", false), ("idempotent", "PUT", true),
            ("idempotent", "DELETE", true), ("idempotent", "GET", true), ("keyed", "POST", true),
            ("keyed", "PATCH", true),
            ("never", "PUT", false), ("never", "POST", false),
        ])
    func doubt(_ repeats: String, _ method: String, _ mayRepeat: Bool) async throws {
        let receiver = ScriptedReceiver { _, _ throws(NetworkFailure) in throw Self.lost }
        let target = try Target.make(["repeats": .string(repeats)], network: receiver)
        let command = Target.command(["method": .string(method), "path": "orders"])
        let (outcome, intent) = await Target.carry(command, target)
        #expect(outcome.words == "unknown HTTP-012")
        switch await target.inquire(Target.attempt(command, intent)) {
        case .notFound: #expect(mayRepeat)
        case .cannotTell(let failure):
            #expect(!mayRepeat && failure.kind == HTTPTargetFailures.fateUnknown)
            #expect(failure.message.contains("mes.example did not answer"))
        default: Issue.record("another answer")
        }
        // After a restart nothing is remembered but the intent.
        let restarted = try Target.make(["repeats": .string(repeats)], network: receiver)
        if case .notFound = await restarted.inquire(Target.attempt(command, intent)) {
            #expect(mayRepeat)
        } else {
            #expect(!mayRepeat)
        }
        // A key that went in another header is one that the receiver does not know.
        let renamed = try Target.make(["repeats": .string(repeats), "keyHeader": "X-Key"], network: receiver)
        if repeats == "keyed", case .notFound = await renamed.inquire(Target.attempt(command, intent)) {
            Issue.record("repeated with a key that was not sent")
        }
    }

    @Test("requests that may be repeated leave the words to those of which a person must hear")
    func wordsOfDoubt() async throws {
        let receiver = ScriptedReceiver { _, _ throws(NetworkFailure) in throw Self.lost }
        let clock = HandClock()
        let target = try Target.make(network: receiver, clock: clock)
        for id in 0..<1_001 {
            let command = Target.command(["method": "PUT", "path": "orders"], id: Int64(id), key: "k\(id)")
            let (outcome, intent) = await Target.carry(command, target)
            #expect(outcome.words == "unknown HTTP-012")
            guard case .notFound = await target.inquire(Target.attempt(command, intent)) else {
                Issue.record("a PUT may be repeated")
                return
            }
        }
        clock.advance(.seconds(900))
        let command = Target.command(Self.post, id: 2_000)
        let (_, intent) = await Target.carry(command, target)
        guard case .cannotTell(let failure) = await target.inquire(Target.attempt(command, intent)) else {
            Issue.record("a POST may not be repeated")
            return
        }
        #expect(failure.message.contains("mes.example did not answer"), "\(failure.message)")
    }

    @Test("what was surely not sent is tried again, and the target counts as down")
    func unreachable() async throws {
        let receiver = ScriptedReceiver { _, _ throws(NetworkFailure) in
            throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "connection refused")
        }
        let target = try Target.make(network: receiver)
        #expect(await Target.carry(Target.command(Self.post), target).outcome.words == "deferred HTTP-008 down")
    }

    @Test("a command that a forgotten store may have sent goes to a person, unless it may be repeated or one decided")
    func forgotten() async throws {
        let receiver = ScriptedReceiver { _, _ in .plain(200) }
        var command = Target.command(Self.post)
        command.mayBeDone = true
        let once = try Target.make(network: receiver)
        #expect(await Target.carry(command, once).outcome.words == "rejected HTTP-016")
        #expect(await receiver.requests.isEmpty)
        let keyed = try Target.make(["repeats": "keyed"], network: receiver)
        #expect(await Target.carry(command, keyed).outcome.words == "accepted")
        command.isDecided = true
        #expect(await Target.carry(command, once).outcome.words == "accepted")
        #expect(await receiver.requests.last?.headers["Idempotency-Key"] == "\"orders:/lyon/erp:e1:again:7\"")
    }

    @Test("a receiver that answers nothing leaves few commands in doubt")
    func silent() async throws {
        let receiver = ScriptedReceiver { _, _ throws(NetworkFailure) in throw Self.lost }
        let clock = HandClock()
        let target = try Target.make(network: receiver, clock: clock)
        var words: [String] = []
        for id in 0..<50 {
            words.append(
                await Target.carry(Target.command(Self.post, id: Int64(id), key: "k\(id)"), target).outcome.words)
        }
        #expect(words.filter { $0 == "unknown HTTP-012" }.count == DoubtBrake.threshold)
        #expect(words.last == "deferred HTTP-017 down after 30")
        clock.advance(.seconds(30))
        #expect(await Target.carry(Target.command(Self.post, id: 90), target).outcome.words == "unknown HTTP-012")
        #expect(
            await Target.carry(Target.command(Self.post, id: 91), target).outcome.words.hasPrefix("deferred HTTP-017"))
        #expect(await receiver.requests.count == DoubtBrake.threshold + 1)
    }

    // MARK: - Who sends

    @Test("a secret that was changed after a refusal is used at once, and one that was not waits")
    func changedSecret() async throws {
        let receiver = ScriptedReceiver { request, _ in
            request.headers["Authorization"] == "Bearer new-secret"
                ? .plain(200) : .plain(401, "who? s3cret/with+marks")
        }
        let path = try TemporaryFile("s3cret/with+marks\n")
        defer { path.remove() }
        let target = try Target.make(
            ["auth": ["kind": "bearer", "secret": "MES"]], network: receiver, secretFile: path.path)
        let refused = await Target.carry(Target.command(Self.post), target).outcome
        #expect(refused.words == "deferred HTTP-009 down")
        #expect(!refused.text.contains("s3cret"))
        try path.write("new-secret\n")
        #expect(await Target.carry(Target.command(Self.post), target).outcome.words == "accepted")
    }

    @Test(
        "credentials are sent as each kind says",
        arguments: [
            (["kind": "basic", "user": "mes", "secret": "MES"], "Authorization", "Basic bWVzOnMzY3JldC93aXRoK21hcmtz"),
            (["kind": "bearer", "secret": "MES"], "Authorization", "Bearer s3cret/with+marks"),
            (["kind": "header", "header": "X-API-Key", "secret": "MES"], "X-API-Key", "s3cret/with+marks"),
        ] as [(JSON, String, String)])
    func kinds(_ auth: JSON, _ name: String, _ value: String) async throws {
        let receiver = ScriptedReceiver { request, _ in
            // Receivers like to repeat what they were sent.
            .plain(422, request.headers.fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n"))
        }
        let target = try Target.make(["auth": auth], network: receiver)
        let outcome = await Target.carry(Target.command(Self.post), target).outcome
        #expect(await receiver.requests.first?.headers[name] == value)
        for hidden in [Target.secret, "bWVzOnMzY3JldC93aXRoK21hcmtz"] { #expect(!outcome.text.contains(hidden)) }
        #expect(outcome.text.contains("•••"))
    }

    private static let oauth: JSON = [
        "auth": [
            "kind": "oauth2", "tokens": "https://login.example/token?x=1", "client": "mw:lyon", "secret": "MES",
            "scope": ["a", "b"],
        ]
    ]

    @Test("an access token is got once for all, renewed before it ends, and dropped once where it is refused")
    func tokens() async throws {
        let issued = Mutex(0)
        let refused = Mutex<Set<String>>([])
        let receiver = ScriptedReceiver { request, _ in
            guard request.target.hasPrefix("https://login.example") else {
                let token = request.headers["Authorization"] ?? ""
                return refused.withLock { $0.contains(token) } ? .plain(401) : .plain(200)
            }
            await Task.yield()
            let number = issued.withLock { count in
                count += 1
                return count
            }
            return .plain(200, #"{"access_token":"token-\#(number)","token_type":"bearer","expires_in":600}"#)
        }
        let clock = HandClock()
        let target = try Target.make(Self.oauth, network: receiver, clock: clock)
        await withTaskGroup { group in
            for id in 0..<20 {
                group.addTask {
                    let outcome = await Target.carry(Target.command(Self.post, id: Int64(id), key: "k\(id)"), target)
                        .outcome
                    #expect(outcome.words == "accepted")
                }
            }
        }
        #expect(issued.withLock { $0 } == 1)
        let first = try #require(await receiver.requests.first)
        #expect(String(decoding: first.body, as: UTF8.self) == "grant_type=client_credentials&scope=a%20b")
        // Each part is coded like a form's value before it is put together (RFC 6749 section 2.3.1).
        #expect(first.headers["Authorization"] == "Basic " + base64("mw%3Alyon:s3cret%2Fwith%2Bmarks"))
        clock.advance(.seconds(539))
        _ = await Target.carry(Target.command(Self.post), target)
        #expect(issued.withLock { $0 } == 1)
        clock.advance(.seconds(2))
        _ = await Target.carry(Target.command(Self.post), target)
        #expect(issued.withLock { $0 } == 2)
        refused.withLock { _ = $0.insert("Bearer token-2") }
        #expect(await Target.carry(Target.command(Self.post), target).outcome.words == "accepted")
        #expect(issued.withLock { $0 } == 3)
        for number in 3...9 { refused.withLock { _ = $0.insert("Bearer token-\(number)") } }
        #expect(await Target.carry(Target.command(Self.post), target).outcome.words == "deferred HTTP-009 down")
        #expect(issued.withLock { $0 } == 4, "one try with a new token, not more")
    }

    @Test(
        "an issuer that gives no token puts everything off, and nothing is sent",
        arguments: [
            (
                400, #"{"error":"invalid_client","error_description":"no s3cret/with+marks here"}"#,
                "invalid_client: no •••"
            ),
            (401, "", "401"), (503, "busy", "503"), (200, "{}", "200"), (200, "no JSON", "200"),
            (200, #"{"access_token":"a\r\nX-Evil: 1","token_type":"Bearer"}"#, "header field"),
            (200, #"{"access_token":"abc","token_type":"mac"}"#, "mac"),
        ])
    func noToken(_ status: Int, _ body: String, _ word: String) async throws {
        let receiver = ScriptedReceiver { request, _ in
            request.target.hasPrefix("https://login") ? .plain(status, body, ["Retry-After": "9"]) : .plain(200)
        }
        let target = try Target.make(Self.oauth, network: receiver)
        let outcome = await Target.carry(Target.command(Self.post), target).outcome
        #expect(outcome.words.hasPrefix("deferred HTTP-015 down"), "\(outcome.words)")
        #expect(outcome.text.contains(word) && !outcome.text.contains(Target.secret), "\(outcome.text)")
        #expect(await receiver.requests.allSatisfy { $0.target.hasPrefix("https://login") })
    }

    @Test("secrets that sign nothing, or are not there, stop the target with the place and without the value")
    func badSecrets() {
        let cases: [(JSON, [String: String])] = [
            (["signing": ["secrets": "MES"]], Target.environment),
            (["auth": ["kind": "bearer", "secret": "NONE"]], [:]),
        ]
        for (settings, environment) in cases {
            let network = ScriptedReceiver { _, _ in .plain(200) }
            #expect {
                _ = try Target.make(settings, network: network, environment: environment)
            } throws: {
                "\($0)".contains("${env:") && !"\($0)".contains(Target.secret)
            }
        }
    }
}
