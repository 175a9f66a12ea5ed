package import Contracts
package import Telemetry
import World

/// `GET /metrics`: what the node counts, for a Prometheus that scrapes it.
package enum MetricsRoutes {
    /// `metrics`: what they say now.
    package static func routes(
        access: ConsoleAccess, metrics: @escaping @Sendable () async -> MetricSet
    ) -> [Route] {
        let route = Route("GET", "/metrics", maximumBody: 0, about: about) { request, _ in
            let format = PrometheusText.Format(accept: request.headers["accept"])
            return HTTPResponse(
                status: 200, headers: ["Content-Type": format.contentType, "Cache-Control": "no-store"],
                body: PrometheusText.write(await metrics(), as: format))
        }
        return access.guarding([route], isPublic: true)
    }

    private static let about = RouteAbout(
        "metrics", "node", "What the node counts, as Prometheus text or, where `Accept` names it, OpenMetrics.",
        access: .console(scope: ConsoleScope.viewer.rawValue),
        answers: [
            .init(200, "This moment.", .init(["text/plain", "application/openmetrics-text"], ["type": "string"]))
        ])
}
