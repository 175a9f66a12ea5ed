package import Canonical
import ExactJSON

/// How a node and its parts are at one moment, as plain values.
package struct HealthReport: Sendable {
    /// A part of the node, and how it is.
    package struct Part: Sendable, Hashable {
        /// `store`, `source press-1`, `target odoo`
        package let name: String
        /// A word: `works`, `silent`, `failing`, `paused`, `quiet`.
        package let state: String
        package let isHealthy: Bool
        /// Since when it has been so, as far as this process knows.
        package var since: Instant?
        /// More, in a sentence; nil where the word says it all.
        package let reason: String?

        package init(_ name: String, _ state: String, isHealthy: Bool, since: Instant? = nil, reason: String? = nil) {
            self.name = name
            self.state = state
            self.isHealthy = isHealthy
            self.since = since
            self.reason = reason
        }
    }

    package let time: Instant
    /// Why the node cannot take work in now, in sentences; empty while it can.
    package let notReady: [String]
    package let parts: [Part]

    package init(time: Instant, notReady: [String], parts: [Part]) {
        self.time = time
        self.notReady = notReady
        self.parts = parts
    }

    /// Whether it takes work in and all its parts do what they are for.
    package var isHealthy: Bool { notReady.isEmpty && parts.allSatisfy(\.isHealthy) }

    /// What `/health` answers.
    var json: JSON {
        [
            "status": isHealthy ? "healthy" : "unhealthy", "time": .string(time.description),
            "ready": .bool(notReady.isEmpty), "reasons": .array(notReady.map { .string($0) }),
            "parts": .array(
                parts.map {
                    [
                        "name": .string($0.name), "state": .string($0.state), "healthy": .bool($0.isHealthy),
                        "since": $0.since.map { .string($0.description) } ?? .null,
                        "reason": $0.reason.map { .string($0) } ?? .null,
                    ]
                }),
        ]
    }
}
