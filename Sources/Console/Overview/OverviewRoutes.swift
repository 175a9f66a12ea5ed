package import Contracts
package import World

/// The overview's routes: `/`, `/v1/status`, `/v1/status/stream`.
package enum OverviewRoutes {
    /// `GET /` is the page, `GET /v1/status` the same as JSON.
    package static func routes(
        access: ConsoleAccess, entropy: any Entropy, snapshot: @escaping @Sendable () async -> OverviewSnapshot
    ) -> [Route] {
        let routes = [
            Route("GET", "/", maximumBody: 0) { request, _ in
                let nonce = entropy.hexadecimal(16)
                let page = OverviewPage.render(
                    await snapshot(), visitor: access.visitor(of: request), hasTokens: access.hasTokens, nonce: nonce)
                return PageFrame.response(page, nonce: nonce)
            },
            Route("GET", "/v1/status", maximumBody: 0, about: status) { _, _ in
                HTTPResponse(
                    status: 200, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
                    body: await snapshot().json.bytes)
            },
        ]
        return access.guarding(routes, pages: ["/"], isPublic: true)
    }

    private static let status = RouteAbout(
        "status", "node", "How the node stands: what the overview page shows.",
        access: .console(scope: ConsoleScope.viewer.rawValue),
        answers: [.init(200, "This moment.", .json(RouteAbout.reference("Status")))])

    /// `GET /v1/status/stream` keeps an open page up to date.
    package static func streams(
        access: ConsoleAccess, clock: any WorldClock, snapshot: @escaping @Sendable () async -> OverviewSnapshot
    ) -> [StreamingRoute] {
        access.guarding([
            StreamingRoute("/v1/status/stream") { _, _ in
                .stream(
                    contentType: "text/event-stream", chunks: OverviewFeed(clock: clock, snapshot: snapshot).chunks())
            }
        ])
    }
}
