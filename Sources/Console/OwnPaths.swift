/// The paths of the listener that are the node's own: no source may take one of them, or what lies below.
package enum OwnPaths {
    /// Beside `/`. A test holds a running node's routes against it.
    static let all = [
        "/audit", "/exceptions", "/flows", "/health", "/login", "/logout", "/metrics", "/settings", "/sources",
        "/targets", "/trace",
        "/v1/audit", "/v1/exceptions", "/v1/flows", "/v1/hints", "/v1/nodes", "/v1/openapi.json", "/v1/requests",
        "/v1/schemas",
        "/v1/settings", "/v1/sources", "/v1/status", "/v1/targets", "/v1/trace",
    ]

    /// The one that `path` would take, or hide; nil where it is free.
    package static func taken(by path: String) -> String? {
        let parts = path.split(separator: "/")
        guard !parts.isEmpty else { return "/" }
        return all.first { parts.starts(with: $0.split(separator: "/")) }
    }
}
