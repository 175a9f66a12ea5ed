package import Contracts
import ExactJSON
import World

/// `/health/live` and `/health/ready`, for supervisors and load balancers.
package enum HealthRoutes {
    /// `reasons`: why the node cannot take work now, in sentences; empty while it can.
    package static func routes(notReady reasons: @escaping @Sendable () async -> [String]) -> [Route] {
        [
            Route("GET", "/health/live", maximumBody: 0, about: live) { _, _ in answer(200, ["status": "live"]) },
            Route("GET", "/health/ready", maximumBody: 0, about: ready) { _, _ in
                let reasons = await reasons()
                return answer(
                    reasons.isEmpty ? 200 : 503,
                    ["status": reasons.isEmpty ? "ready" : "not ready", "reasons": .array(reasons.map { .string($0) })])
            },
        ]
    }

    private static let live = RouteAbout(
        "live", "node", "Whether the process works.", access: .anybody,
        answers: [.init(200, "It does.", .json(RouteAbout.reference("Health")))])
    private static let ready = RouteAbout(
        "ready", "node", "Whether the node can take work now.", access: .anybody,
        answers: [
            .init(200, "It can.", .json(RouteAbout.reference("Health"))),
            .init(503, "It cannot; `reasons` say why.", .json(RouteAbout.reference("Health"))),
        ])

    private static func answer(_ status: Int, _ document: JSON) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: document.bytes)
    }
}
