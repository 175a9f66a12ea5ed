import Synchronization
package import World

/// What somebody may do in the console. Each scope includes those before it.
package enum ConsoleScope: String, Sendable, CaseIterable, Comparable {
    /// Looks.
    case viewer
    /// Decides about exceptions, pauses, resumes and replays.
    case operates = "operator"
    /// For those who set the node up: has the settings folder read again, and fetches what ran with its files.
    case integrator

    package static func < (a: ConsoleScope, b: ConsoleScope) -> Bool { a.rank < b.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
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
    /// What a browser keeps that signed in once, and how long it is known by it.
    static let mark = "millwright_known"
    static let memory = Duration.seconds(30 * 86_400)

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

    /// What came of showing a token.
    enum SignIn: Sendable {
        /// The cookies to set.
        case begun(cookies: [String])
        /// Nobody has this token.
        case nobody
        /// It was not looked at: there were too many wrong ones. Another one will be looked at after this time.
        case heldUp(Duration)
    }

    /// Begins a session for who has the token `text`. A browser that signed in before guesses on its own account; all
    /// others together have one.
    func signIn(_ text: String, by request: HTTPRequest) -> SignIn {
        let now = clock.uptime()
        let shown = CookieText.value(of: Self.mark, in: request.headers)
        let (id, formToken, fresh) = (word(), word(), word())
        let known = shown.map(ConsoleSessions.digest)
        let (answer, isNews) = sessions.all.withLock { state -> (SignIn, Bool) in
            let isKnown = known.map { state.browsers[$0] != nil } ?? false
            if let wait = state.take(known, now) {
                let isNews = !isKnown && !state.isTold
                if isNews { state.isTold = true }
                return (.heldUp(wait), isNews)
            }
            guard let token = tokens.first(where: { $0.token.matches(text) }) else { return (.nobody, false) }
            state.giveBack(known)
            state.begin(
                ConsoleSessions.Session(token: token, formToken: formToken, used: now), ConsoleSessions.digest(id))
            // A mark that nobody was given is not taken up: somebody could have planted it in the browser.
            let mark = isKnown ? shown ?? fresh : fresh
            state.know(ConsoleSessions.digest(mark), now)
            return (
                .begun(cookies: [
                    setCookie(Self.cookie, id, Self.idle), setCookie(Self.mark, mark, Self.memory, path: "/login"),
                ]), false
            )
        }
        if isNews {
            sessions.report(
                "\(ConsoleSessions.guesses) wrong tokens at /login: browsers that never signed in here are let try "
                    + "once every \(ConsoleSessions.pause.components.seconds) s until the guesses end")
        }
        return answer
    }

    /// Ends the session of a request. The answer is the cookie that takes its own back.
    func signOut(_ request: HTTPRequest) -> String {
        if let id = Self.session(in: request) {
            sessions.all.withLock { _ = $0.sessions.removeValue(forKey: ConsoleSessions.digest(id)) }
        }
        return setCookie(Self.cookie, "", .zero)
    }

    private func session(_ id: String) -> ConsoleSessions.Session? {
        let now = clock.uptime()
        let key = ConsoleSessions.digest(id)
        return sessions.all.withLock { state in
            // A token that is taken out of the settings, or changed there, ends what began with it.
            guard var session = state.sessions[key], now - session.used < Self.idle, tokens.contains(session.token)
            else { return nil }
            session.used = now
            state.sessions[key] = session
            return session
        }
    }

    private func setCookie(_ name: String, _ value: String, _ life: Duration, path: String = "/") -> String {
        let secure = isSecure ? "; Secure" : ""
        let seconds = life.components.seconds
        return "\(name)=\(value); Path=\(path); HttpOnly; SameSite=Strict; Max-Age=\(seconds)\(secure)"
    }

    private static func session(in request: HTTPRequest) -> String? {
        CookieText.value(of: cookie, in: request.headers)
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
