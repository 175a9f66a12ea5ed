package import Contracts
import ExactJSON
import World

/// `/health/live` and `/health/ready`, for supervisors and load balancers.
package enum HealthRoutes {
    /// `reasons`: why the node cannot take work now, in sentences; empty while it can.
    package static func routes(notReady reasons: @escaping @Sendable () async -> [String]) -> [Route] {
        [
            Route("GET", "/health/live", maximumBody: 0) { _, _ in answer(200, ["status": "live"]) },
            Route("GET", "/health/ready", maximumBody: 0) { _, _ in
                let reasons = await reasons()
                return answer(
                    reasons.isEmpty ? 200 : 503,
                    ["status": reasons.isEmpty ? "ready" : "not ready", "reasons": .array(reasons.map { .string($0) })])
            },
        ]
    }

    private static func answer(_ status: Int, _ document: JSON) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: document.bytes)
    }
}
