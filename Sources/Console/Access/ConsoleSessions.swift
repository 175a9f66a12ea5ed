import NodeSecurity
import Synchronization

/// Who is signed in, and how many guesses are left: outlives a change of the settings.
package final class ConsoleSessions: Sendable {
    struct Session {
        let token: ConsoleToken
        let formToken: String
        var used: Duration
    }

    /// A browser that showed a right token before. It guesses on its own account, so that the guesses of others do not
    /// keep its people out.
    struct KnownBrowser {
        var brake = GuessBrake(burst: ConsoleSessions.guesses, interval: ConsoleSessions.pause)
        var used: Duration
    }

    struct State {
        /// By the digest of the session's id: neither a look at the memory nor the time that finding takes tells an id.
        var sessions: [String: Session] = [:]
        /// By the digest of the browser's mark.
        var browsers: [String: KnownBrowser] = [:]
        /// All browsers that are not known, together.
        var strangers = GuessBrake(burst: ConsoleSessions.guesses, interval: ConsoleSessions.pause)
        /// Whether it was said that strangers are held up; said again after they had stopped.
        var isTold = false
    }

    /// Wrong tokens at once, and the time after which there may be another one.
    static let guesses = 20
    static let pause = Duration.seconds(6)

    let all = Mutex(State())
    /// Says in a line for the log that guesses are held up.
    let report: @Sendable (String) -> Void

    /// `report` takes a line for the log.
    package init(report: @escaping @Sendable (String) -> Void = { _ in }) { self.report = report }

    /// Under what something that only its owner knows is kept.
    static func digest(_ secret: String) -> String { Digest.hex(Array(secret.utf8)) }
}

extension ConsoleSessions.State {
    /// Nil where a token of this browser may be looked at; else how long until then. `browser`: its mark's digest.
    mutating func take(_ browser: String?, _ now: Duration) -> Duration? {
        if let browser, browsers[browser] != nil { return browsers[browser]?.brake.take(now) }
        if strangers.isFull(now) { isTold = false }
        return strangers.take(now)
    }

    /// The token was right.
    mutating func giveBack(_ browser: String?) {
        if let browser, browsers[browser] != nil {
            browsers[browser]?.brake.giveBack()
        } else {
            strangers.giveBack()
        }
    }

    /// Keeps a browser as known, and makes room for it where there are too many.
    mutating func know(_ browser: String, _ now: Duration) {
        browsers = browsers.filter { now - $0.value.used < ConsoleAccess.memory }
        if browsers[browser] != nil {
            browsers[browser]?.used = now
            return
        }
        while browsers.count >= ConsoleAccess.maximumSessions,
            let oldest = browsers.min(by: { $0.value.used < $1.value.used })?.key
        {
            browsers.removeValue(forKey: oldest)
        }
        browsers[browser] = ConsoleSessions.KnownBrowser(used: now)
    }

    /// Begins a session, and makes room for it where there are too many.
    mutating func begin(_ session: ConsoleSessions.Session, _ id: String) {
        sessions = sessions.filter { session.used - $0.value.used < ConsoleAccess.idle }
        while sessions.count >= ConsoleAccess.maximumSessions,
            let oldest = sessions.min(by: { $0.value.used < $1.value.used })?.key
        {
            sessions.removeValue(forKey: oldest)
        }
        sessions[id] = session
    }
}
