import Canonical
import Contracts
import ExactJSON
import Synchronization
import World

/// Takes hints over HTTP that something changed in Odoo, and waits for the next look accordingly.
///
/// What a hint says is not read: whoever has the token can bring looks forward and nothing else.
final class ChangeHints: Sendable {
    private struct State {
        var pacing: HintPacing
        /// Falls with the next hint.
        var bell = Latch()
    }
    private let state: Mutex<State>
    private let token: BearerToken
    private let clock: any WorldClock
    private let source: SourceName

    /// Bytes of a hint's body, which is not looked at: a webhook sends the fields that were chosen for it.
    private static let maximumBody = 256 << 10

    init(_ source: SourceName, token: BearerToken, clock: any WorldClock) {
        self.source = source
        self.token = token
        self.clock = clock
        state = Mutex(State(pacing: HintPacing(now: clock.uptime())))
    }

    /// `POST /v1/hints/<source>?token=…`: Odoo's webhooks send no header field of one's own.
    var route: Route {
        let about = RouteAbout(
            "takeHint-\(source)", "events",
            "Takes a hint that something changed in Odoo: the source looks soon. What it says is not read.",
            access: .token,
            query: [.init("token", "The secret of the source's `hints`, where it is not in `Authorization: Bearer`.")],
            answers: [.init(202, "The source looks soon."), .problem(401, "The token is missing, or another one.")])
        return Route("POST", "/v1/hints/\(source)", maximumBody: Self.maximumBody, about: about) { [self] request, _ in
            answer(request)
        }
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        guard token.isBorne(by: request) || token.matches(request.query["token"] ?? "") else {
            return Problem(
                401, "Unauthorized", detail: "send what the source's `hints` point to as ?token=… or as Bearer token"
            ).response(["WWW-Authenticate": "Bearer realm=\"millwright\""])
        }
        let bell = state.withLock { state in
            state.pacing.hint(at: clock.uptime())
            defer { state.bell = Latch() }
            return state.bell
        }
        bell.fall()
        return HTTPResponse(status: 202, headers: ["Content-Type": "application/json"], body: Array("{}".utf8))
    }

    /// A look begins.
    func look() { state.withLock { $0.pacing.look(at: clock.uptime()) } }

    /// Returns when the next look is due: `every` from now, or sooner after a hint.
    func wait(every: Duration) async throws {
        let idle = clock.uptime() + every
        while true {
            let (due, bell) = state.withLock { ($0.pacing.due(idle: idle), $0.bell) }
            let now = clock.uptime()
            guard due > now else { return }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [clock] in try await clock.sleep(for: due - now) }
                group.addTask { await bell.wait() }
                defer { group.cancelAll() }
                try await group.next()
            }
            try Task.checkCancellation()
        }
    }
}
