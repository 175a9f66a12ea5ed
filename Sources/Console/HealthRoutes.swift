package import Contracts
import ExactJSON
import World

/// `/health/live`, `/health/ready` and `/health`: three questions, for three kinds of callers.
///
/// * *live*: is the process stuck, so that only a new one can help? For whoever restarts processes.
/// * *ready*: can the node take work in? For whoever sends it requests. No target is a reason here: what its target
///   does not take waits in the store.
/// * *health*: does every part do what it is for? For whoever calls a person.
package enum HealthRoutes {
    /// `stuck`: why only a new process helps; nil while this one works. It must not wait for anything.
    package static func live(stuck: @escaping @Sendable () -> String?) -> Route {
        Route("GET", "/health/live", maximumBody: 0, about: aboutLive) { _, _ in
            let reason = stuck()
            return answer(
                reason == nil ? 200 : 503,
                ["status": reason == nil ? "live" : "stuck", "reasons": .array(reason.map { [.string($0)] } ?? [])])
        }
    }

    /// `reasons`: why the node cannot take work in now, in sentences; empty while it can.
    package static func ready(notReady reasons: @escaping @Sendable () async -> [String]) -> Route {
        Route("GET", "/health/ready", maximumBody: 0, about: aboutReady) { _, _ in
            let reasons = await reasons()
            return answer(
                reasons.isEmpty ? 200 : 503,
                ["status": reasons.isEmpty ? "ready" : "not ready", "reasons": .array(reasons.map { .string($0) })])
        }
    }

    /// What is answered while no node works behind the listener: the process lives, and takes nothing in.
    package static var standing: [Route] {
        [
            live { nil }, ready { ["the node is starting, mending its store, or changing to other settings"] },
        ]
    }

    /// All of them for a node that works.
    package static func routes(
        access: ConsoleAccess, stuck: @escaping @Sendable () -> String?,
        report: @escaping @Sendable () async -> HealthReport
    ) -> [Route] {
        let whole = Route("GET", "/health", maximumBody: 0, about: aboutWhole) { _, _ in
            let report = await report()
            return answer(report.isHealthy ? 200 : 503, report.json)
        }
        // Names of machines and what is wrong with them are for who may look; whether the node takes work in is not
        // a secret to who sends it some.
        return [live(stuck: stuck), ready { await report().notReady }] + access.guarding([whole], isPublic: true)
    }

    private static let aboutLive = RouteAbout(
        "live", "node", "Whether the process works: where it does not, only a new one helps.", access: .anybody,
        answers: [
            .init(200, "It does, whatever becomes of its sources and targets.", body("Health")),
            .init(503, "Its store has not answered for two minutes.", body("Health")),
        ])
    private static let aboutReady = RouteAbout(
        "ready", "node", "Whether the node can take work in now. A target that is away is no reason.",
        access: .anybody,
        answers: [
            .init(200, "It can.", body("Health")), .init(503, "It cannot; `reasons` say why.", body("Health")),
        ])
    private static let aboutWhole = RouteAbout(
        "health", "node", "Whether every part of the node does what it is for, and since when not.",
        access: .console(scope: ConsoleScope.viewer.rawValue),
        answers: [
            .init(200, "All of them do.", body("HealthReport")),
            .init(
                503, "One does not: a store, a source that fails or is silent, a target that is left alone.",
                body("HealthReport")),
        ])

    private static func body(_ name: String) -> RouteAbout.Body { .json(RouteAbout.reference(name)) }

    private static func answer(_ status: Int, _ document: JSON) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: document.bytes)
    }
}
