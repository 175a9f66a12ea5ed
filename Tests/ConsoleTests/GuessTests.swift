import Canonical
import Contracts
import Synchronization
import Testing
import World
import WorldLive

@testable import Console

/// A clock that goes when it is told to.
private final class HandClock: WorldClock {
    private let time = Mutex(Duration.seconds(1_000))

    func advance(_ duration: Duration) { time.withLock { $0 += duration } }
    func now() -> Instant { Instant(microseconds: 0) + uptime() }
    func uptime() -> Duration { time.withLock { $0 } }
    func sleep(for duration: Duration) async throws {}
}

@Suite("Guesses at the console's tokens")
struct GuessTests {
    private static let token = "token-of-olaf-0123456789"
    private static let node = PageFrame.Node(name: "hub", role: "hub", version: "1")

    /// A console with one token, and what it says for the log.
    private struct Desk {
        let clock = HandClock()
        let said = Lines()
        let routes: [Route]

        final class Lines: Sendable {
            let all = Mutex<[String]>([])
        }

        init() throws {
            let said = said
            let access = ConsoleAccess(
                tokens: [
                    ConsoleToken(name: "olaf", scope: .operates, token: try #require(BearerToken(GuessTests.token)))
                ], isOpen: false, isSecure: true, isLoopback: false, clock: clock, entropy: LiveEntropy(),
                sessions: ConsoleSessions { line in said.all.withLock { $0.append(line) } })
            routes = LoginRoutes.routes(access, node: GuessTests.node, entropy: LiveEntropy())
        }

        func signIn(_ token: String, cookies: String = "") async throws -> HTTPResponse {
            let route = try #require(routes.first { $0.method == "POST" && $0.path == "/login" })
            let headers: HTTPHeaders = cookies.isEmpty ? [:] : ["Cookie": cookies]
            return await route.handle(
                HTTPRequest(method: "POST", target: "/login", headers: headers, body: Array("token=\(token)".utf8)), [:]
            )
        }

        /// How many wrong tokens are looked at until one is held up.
        func exhaust(cookies: String = "") async throws -> Int {
            for count in 0..<1_000 {
                if try await signIn("wrong-\(count)", cookies: cookies).status == 429 { return count }
            }
            return 1_000
        }
    }

    /// The cookies of an answer as a browser sends them back.
    private static func cookies(_ answer: HTTPResponse) -> String {
        answer.headers.fields.filter { $0.name == "Set-Cookie" }.map { String($0.value.prefix { $0 != ";" }) }
            .joined(separator: "; ")
    }

    @Test("beyond a number of wrong tokens none is looked at, the right one neither, until time has passed")
    func heldUp() async throws {
        let desk = try Desk()
        let looked = try await desk.exhaust()
        #expect(looked == 20)
        let held = try await desk.signIn(Self.token)
        #expect(held.status == 429 && Self.cookies(held).isEmpty)
        let seconds = try #require(held.headers["retry-after"].flatMap { Int64($0) })
        #expect((1...7).contains(seconds))
        desk.clock.advance(.seconds(seconds))
        let answer = try await desk.signIn(Self.token)
        #expect(answer.status == 303)
    }

    @Test("after the wait one more guess is looked at, and not all of them again")
    func pace() async throws {
        let desk = try Desk()
        _ = try await desk.exhaust()
        desk.clock.advance(.seconds(60))
        let looked = try await desk.exhaust()
        #expect(looked == 10)
    }

    @Test("a browser that signed in before is not kept out by the guesses of others, and has a bound of its own")
    func known() async throws {
        let desk = try Desk()
        let first = try await desk.signIn(Self.token)
        let cookies = Self.cookies(first)
        #expect(cookies.contains("millwright_known="))
        _ = try await desk.exhaust()
        let again = try await desk.signIn(Self.token, cookies: cookies)
        #expect(again.status == 303)
        let looked = try await desk.exhaust(cookies: cookies)
        #expect(looked == 20)
        let held = try await desk.signIn(Self.token, cookies: cookies)
        #expect(held.status == 429)
        // A mark of one's own making is nobody's.
        let forged = try await desk.signIn(Self.token, cookies: "millwright_known=00000000000000000000000000000000")
        #expect(forged.status == 429)
    }

    @Test("right tokens cost nothing, however many sign in")
    func free() async throws {
        let desk = try Desk()
        for _ in 0..<100 {
            let answer = try await desk.signIn(Self.token)
            #expect(answer.status == 303)
        }
    }

    @Test("one line in the log tells of a wave of guesses, and another one of the next wave")
    func line() async throws {
        let desk = try Desk()
        for _ in 0..<3 { _ = try await desk.exhaust() }
        let once = desk.said.all.withLock { $0 }
        #expect(once.count == 1)
        #expect(once.allSatisfy { $0.contains("/login") && !$0.contains("wrong-") })
        desk.clock.advance(.seconds(3_600))
        _ = try await desk.exhaust()
        let twice = desk.said.all.withLock { $0 }
        #expect(twice.count == 2)
    }

    @Test("sessions are kept under digests: no id, word or mark of a browser is a key")
    func digests() async throws {
        let sessions = ConsoleSessions()
        let access = ConsoleAccess(
            tokens: [ConsoleToken(name: "olaf", scope: .viewer, token: try #require(BearerToken(Self.token)))],
            isOpen: false, isSecure: false, isLoopback: true, clock: HandClock(), entropy: LiveEntropy(),
            sessions: sessions)
        guard case .begun(let cookies) = access.signIn(Self.token, by: HTTPRequest(method: "POST", target: "/login"))
        else {
            Issue.record("nobody was signed in")
            return
        }
        let values = cookies.map { $0.prefix { $0 != ";" }.drop { $0 != "=" }.dropFirst() }
        #expect(values.count == 2)
        let keys = sessions.all.withLock { Set($0.sessions.keys).union($0.browsers.keys) }
        #expect(keys.count == 2 && keys.isDisjoint(with: values.map(String.init)))
        // And yet the cookie is known again.
        let request = HTTPRequest(
            method: "GET", target: "/",
            headers: ["Cookie": cookies.map { String($0.prefix { $0 != ";" }) }.joined(separator: "; ")])
        #expect(access.visitor(of: request)?.name == "olaf")
        _ = access.signOut(request)
        #expect(access.visitor(of: request) == nil)
        let left = sessions.all.withLock { $0.sessions.count }
        #expect(left == 0)
    }
}
