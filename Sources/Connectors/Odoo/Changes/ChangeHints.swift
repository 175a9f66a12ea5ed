import Canonical
import Contracts
import ExactJSON
import Synchronization
import World

/// Takes hints over HTTP that something changed in Odoo, and waits for the next look accordingly.
///
/// What a hint says is not read: whoever has the token can bring looks forward and nothing else.
final class ChangeHints: Sendable {
    private let pacing: Mutex<HintPacing>
    /// Rings with each hint.
    private let bell = Bell()
    private let token: BearerToken
    private let clock: any WorldClock
    private let source: SourceName

    /// Bytes of a hint's body, which is not looked at: a webhook sends the fields that were chosen for it.
    private static let maximumBody = 256 << 10

    init(_ source: SourceName, token: BearerToken, clock: any WorldClock) {
        self.source = source
        self.token = token
        self.clock = clock
        pacing = Mutex(HintPacing(now: clock.uptime()))
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
            ).response()
        }
        pacing.withLock { $0.hint(at: clock.uptime()) }
        bell.ring()
        return HTTPResponse(status: 202, headers: ["Content-Type": "application/json"], body: Array("{}".utf8))
    }

    /// A look begins.
    func look() { pacing.withLock { $0.look(at: clock.uptime()) } }

    /// Returns when the next look is due: `every` from now, or sooner after a hint.
    func wait(every: Duration) async throws {
        let idle = clock.uptime() + every
        while true {
            let rings = bell.rings
            let due = pacing.withLock { $0.due(idle: idle) }
            let now = clock.uptime()
            guard due > now else { return }
            await bell.wait(beyond: rings, atMost: due - now, clock)
            try Task.checkCancellation()
        }
    }
}
