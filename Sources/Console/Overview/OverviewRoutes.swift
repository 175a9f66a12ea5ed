package import Contracts
package import World

/// The overview's routes: `/`, `/v1/status`, `/v1/status/stream`.
package enum OverviewRoutes {
    /// `GET /` is the page, `GET /v1/status` the same as JSON.
    package static func routes(
        entropy: any Entropy, snapshot: @escaping @Sendable () async -> OverviewSnapshot
    ) -> [Route] {
        [
            Route("GET", "/", maximumBody: 0) { _, _ in
                let nonce = entropy.bytes(16).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                let page = OverviewPage.render(await snapshot(), nonce: nonce)
                return HTTPResponse(status: 200, headers: headers(nonce), body: Array(page.utf8))
            },
            Route("GET", "/v1/status", maximumBody: 0) { _, _ in
                HTTPResponse(
                    status: 200, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
                    body: await snapshot().json.bytes)
            },
        ]
    }

    /// `GET /v1/status/stream` keeps an open page up to date.
    package static func streams(
        clock: any WorldClock, snapshot: @escaping @Sendable () async -> OverviewSnapshot
    ) -> [StreamingRoute] {
        [
            StreamingRoute("/v1/status/stream") { _, _ in
                .stream(
                    contentType: "text/event-stream", chunks: OverviewFeed(clock: clock, snapshot: snapshot).chunks())
            }
        ]
    }

    private static func headers(_ nonce: String) -> HTTPHeaders {
        let policy = [
            "default-src 'none'", "style-src 'nonce-\(nonce)'", "script-src 'nonce-\(nonce)'", "connect-src 'self'",
            "img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        ]
        return [
            "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
            "Content-Security-Policy": policy.joined(separator: "; "),
            "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
        ]
    }
}
