package import Canonical
package import Contracts
import ExactJSON
import Synchronization
package import World

/// What somebody may do in the console. Each scope includes those before it.
package enum ConsoleScope: String, Sendable, CaseIterable, Comparable {
    /// Looks.
    case viewer
    /// Decides about exceptions, pauses, resumes and replays.
    case operates = "operator"
    /// For those who set the node up; no route asks for more than ``operates`` today.
    case integrator

    package static func < (a: ConsoleScope, b: ConsoleScope) -> Bool { a.rank < b.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Who is signed in: outlives a change of the settings.
package final class ConsoleSessions: Sendable {
    struct Session {
        let token: ConsoleToken
        let formToken: String
        var used: Duration
    }

    let all = Mutex<[String: Session]>([:])

    package init() {}
}

/// Somebody who may use the console, and what proves it.
package struct ConsoleToken: Sendable, Equatable {
    /// Who it is: so it stands in the audit trail.
    package let name: String
    package let scope: ConsoleScope
    package let token: BearerToken

    package init(name: String, scope: ConsoleScope, token: BearerToken) {
        self.name = name
        self.scope = scope
        self.token = token
    }
}

/// Who sends a request.
package struct Visitor: Sendable {
    /// Nil for somebody who has shown no token.
    package let name: String?
    package let scope: ConsoleScope
    /// What a form of a page must carry, so that no other site can send it; nil for who sends a token with each
    /// request.
    package let formToken: String?
}

/// Knows who may do what: by a token with each request, or by a session that began with one.
package final class ConsoleAccess: Sendable {
    /// Sessions at one time; the one that was not used for the longest time makes room.
    static let maximumSessions = 500
    /// A session that is not used for so long has ended.
    static let idle = Duration.seconds(12 * 3_600)
    static let cookie = "millwright_session"

    private let tokens: [ConsoleToken]
    /// Whether the pages can be read without a token.
    let isOpen: Bool
    /// Whether there is anybody who could sign in.
    var hasTokens: Bool { !tokens.isEmpty }
    private let isSecure: Bool
    private let clock: any WorldClock
    private let entropy: any Entropy
    private let sessions: ConsoleSessions

    /// `isSecure`: the listener speaks TLS. `sessions`: who is signed in already. Without tokens everybody reads and
    /// nobody acts; and where others than this machine reach the listener (`isLoopback`), they see the overview alone.
    package init(
        tokens: [ConsoleToken], isOpen: Bool, isSecure: Bool, isLoopback: Bool, clock: any WorldClock,
        entropy: any Entropy,
        sessions: ConsoleSessions = ConsoleSessions()
    ) {
        self.sessions = sessions
        self.tokens = tokens
        self.isOpen = tokens.isEmpty ? isLoopback : isOpen
        self.isSecure = isSecure
        self.clock = clock
        self.entropy = entropy
    }

    /// Who sends `request`; nil where nobody may even look without a token.
    func visitor(of request: HTTPRequest) -> Visitor? {
        if request.headers["authorization"] != nil {
            guard let token = tokens.first(where: { $0.token.isBorne(by: request) }) else { return nil }
            return Visitor(name: token.name, scope: token.scope, formToken: nil)
        }
        if let id = Self.session(in: request), let session = session(id) {
            return Visitor(name: session.token.name, scope: session.token.scope, formToken: session.formToken)
        }
        return isOpen ? Visitor(name: nil, scope: .viewer, formToken: nil) : nil
    }

    /// Begins a session for who has the token `text`; nil where nobody has. The answer is the cookie.
    func signIn(_ text: String) -> String? {
        guard let token = tokens.first(where: { $0.token.matches(text) }) else { return nil }
        let (id, formToken) = (word(), word())
        let now = clock.uptime()
        sessions.all.withLock { sessions in
            sessions = sessions.filter { now - $0.value.used < Self.idle }
            while sessions.count >= Self.maximumSessions,
                let oldest = sessions.min(by: { $0.value.used < $1.value.used })?.key
            {
                sessions.removeValue(forKey: oldest)
            }
            sessions[id] = ConsoleSessions.Session(token: token, formToken: formToken, used: now)
        }
        return setCookie(id, seconds: Self.idle.components.seconds)
    }

    /// Ends the session of a request. The answer is the cookie that takes its own back.
    func signOut(_ request: HTTPRequest) -> String {
        if let id = Self.session(in: request) { sessions.all.withLock { _ = $0.removeValue(forKey: id) } }
        return setCookie("", seconds: 0)
    }

    private func session(_ id: String) -> ConsoleSessions.Session? {
        let now = clock.uptime()
        return sessions.all.withLock { sessions in
            // A token that is taken out of the settings, or changed there, ends what began with it.
            guard var session = sessions[id], now - session.used < Self.idle, tokens.contains(session.token) else {
                return nil
            }
            session.used = now
            sessions[id] = session
            return session
        }
    }

    private func setCookie(_ value: String, seconds: Int64) -> String {
        let secure = isSecure ? "; Secure" : ""
        return "\(Self.cookie)=\(value); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(seconds)\(secure)"
    }

    private static func session(in request: HTTPRequest) -> String? {
        for field in request.headers.fields where field.name.lowercased() == "cookie" {
            for pair in field.value.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0].filter({ $0 != " " }) == cookie { return String(parts[1]) }
            }
        }
        return nil
    }

    /// 128 random bits.
    private func word() -> String { entropy.hexadecimal(16) }
}

extension Entropy {
    /// So many random bytes as hexadecimal digits.
    func hexadecimal(_ count: Int) -> String {
        bytes(count).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

// MARK: - At the door

extension ConsoleAccess {
    /// Lets a program's request through that may do `scope`; the answer for who may not.
    func admit(_ request: HTTPRequest, _ scope: ConsoleScope) -> Result<Visitor, Turned> {
        guard let visitor = visitor(of: request) else { return .failure(Turned(unauthorized)) }
        guard visitor.scope >= scope else {
            return .failure(Turned(visitor.name == nil ? unauthorized : Self.forbidden(visitor, scope)))
        }
        // What a browser sends by itself must not act: forms of pages have a way of their own.
        guard scope == .viewer || visitor.formToken == nil else {
            return .failure(Turned(unauthorized))
        }
        return .success(visitor)
    }

    /// The same for a page, or a form of one: who is not known is asked to sign in.
    func admit(page request: HTTPRequest, _ scope: ConsoleScope, form: [String: String]? = nil)
        -> Result<Visitor, Turned>
    {
        guard let visitor = visitor(of: request), visitor.scope >= scope || visitor.name != nil else {
            guard hasTokens else { return .failure(Turned(unauthorized)) }
            let place = request.method == "GET" ? request.target : "/"
            return .failure(
                Turned(
                    HTTPResponse(
                        status: 303,
                        headers: [
                            "Location": "/login?" + FormText.encode([("to", place)]), "Cache-Control": "no-store",
                        ]
                    )))
        }
        guard visitor.scope >= scope else { return .failure(Turned(Self.forbidden(visitor, scope))) }
        if let form, visitor.formToken == nil || form["form"] != visitor.formToken {
            return .failure(
                Turned(
                    Problem(
                        403, "Forbidden", detail: "the form is not one of this session; open the page again and repeat"
                    )
                    .response()))
        }
        return .success(visitor)
    }

    /// An answer in the place of the one that was asked for.
    struct Turned: Error {
        let response: HTTPResponse
        init(_ response: HTTPResponse) { self.response = response }
    }

    private var unauthorized: HTTPResponse {
        let words =
            hasTokens
            ? "bear a token of this node's console: Authorization: Bearer …"
            : """
            this node's console has no tokens, so nobody can act here, and nobody looks from another machine; set \
            console.tokens in millwright.yaml, or use the command line
            """
        return Problem(401, "Unauthorized", detail: words).response(["WWW-Authenticate": "Bearer realm=\"millwright\""])
    }

    private static func forbidden(_ visitor: Visitor, _ scope: ConsoleScope) -> HTTPResponse {
        let name = visitor.name ?? "nobody"
        let words = "\(name) is a \(visitor.scope.rawValue) here; this needs the scope \(scope.rawValue)"
        return Problem(403, "Forbidden", detail: words).response()
    }

    /// The same routes for those alone who may look; pages send the others to sign in. What is `isPublic` is for
    /// everybody where there are no tokens.
    package func guarding(_ routes: [Route], pages: Set<String> = [], isPublic: Bool = false) -> [Route] {
        if isPublic, tokens.isEmpty { return routes }
        return routes.map { route in
            Route(route.method, route.path, maximumBody: route.maximumBody, about: route.about) { request, parameters in
                let verdict =
                    pages.contains(route.path) ? self.admit(page: request, .viewer) : self.admit(request, .viewer)
                switch verdict {
                case .success: return await route.handle(request, parameters)
                case .failure(let turned): return turned.response
                }
            }
        }
    }

    /// The same streams for those alone who may look; for everybody where there are no tokens.
    package func guarding(_ streams: [StreamingRoute]) -> [StreamingRoute] {
        if tokens.isEmpty { return streams }
        return streams.map { stream in
            StreamingRoute(stream.path) { request, parameters in
                switch self.admit(request, .viewer) {
                case .success: await stream.open(request, parameters)
                case .failure(let turned): .response(turned.response)
                }
            }
        }
    }
}
