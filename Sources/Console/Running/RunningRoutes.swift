import Canonical
package import Contracts
import ExactJSON
import Store
import World

/// What runs, for programs: `/v1/flows`, `/v1/targets`, `/v1/sources`, and pausing.
package enum RunningRoutes {
    /// Bytes of a request.
    private static let maximumBody = 8 << 10

    /// The routes.
    package static func routes(_ view: RunningView, desk: Desk, access: ConsoleAccess) -> [Route] {
        func looking(
            _ path: String, _ about: RouteAbout, _ answer: @escaping @Sendable (RunningFacts) -> JSON
        ) -> Route {
            Route("GET", path, maximumBody: 0, about: about) { request, _ in
                switch access.admit(request, .viewer) {
                case .failure(let turned): return turned.response
                case .success:
                    do {
                        return APIReply.json(answer(try await view.facts()))
                    } catch {
                        return Problem.store(error).response(["Retry-After": "2"])
                    }
                }
            }
        }
        func pausing(
            _ path: String, _ about: RouteAbout, _ subject: @escaping @Sendable (String) -> PauseSubject
        ) -> Route {
            Route("POST", path, maximumBody: maximumBody, about: about) { request, parameters in
                switch access.admit(request, .operates) {
                case .failure(let turned): return turned.response
                case .success(let visitor):
                    return await APIReply.answering {
                        let body = try request.body.isEmpty ? [:] : APIReply.read(body: request.body)
                        let subject = subject(parameters["name"] ?? "")
                        if parameters["action"] == "replay", case .flow(let flow) = subject {
                            return try await replay(flow, body, desk, visitor)
                        }
                        guard let kind = kind(parameters["action"]) else {
                            throw APIReply.refusal(
                                404, "Not found", "there are pause and resume, and for flows replay")
                        }
                        let detail = subject.json
                        return try await DeskRoutes.ask(
                            desk, [.init(kind: kind, subject: 0, detail: detail)], body, visitor)
                    }
                }
            }
        }
        return [
            looking("/v1/flows", RunningAbout.flows) { $0.flowsJSON },
            looking("/v1/targets", RunningAbout.targets) { $0.targetsJSON },
            looking("/v1/sources", RunningAbout.sources) { $0.sourcesJSON },
            pausing("/v1/flows/{name}/{action}", RunningAbout.pauseFlow) { .flow(FlowName($0)) },
            pausing("/v1/targets/{name}/{action}", RunningAbout.pauseTarget) { .target(TargetName($0)) },
        ]
    }

    private static func replay(
        _ flow: FlowName, _ body: JSON, _ desk: Desk, _ visitor: Visitor
    ) async throws -> HTTPResponse {
        var members = body.object ?? [:]
        members["flow"] = .string(flow.rawValue)
        guard let order = ReplayOrder(json: .object(members)), let note = body["note"]?.string, !note.isEmpty else {
            throw APIReply.refusal(
                400, "Bad request",
                """
                say "since" and "until" (instants), and why in "note"; "again" is no, changed or all, and "rate" goes \
                from 1 to \(ReplayOrder.maximumRate) events a second
                """)
        }
        let wish = Desk.Wish(kind: .replay, subject: 0, detail: order.json)
        let request = try await desk.ask([wish], by: visitor.name ?? "nobody", note: note)[0]
        return APIReply.json(
            ["request": .int(Int(request)), "result": .null], status: 202,
            ["Location": "/v1/requests/\(request)"])
    }

    static func kind(_ action: String?) -> OperatorRequest.Kind? {
        switch action {
        case "pause": .pause
        case "resume": .resume
        default: nil
        }
    }
}

/// What the interface's description says of these routes.
private enum RunningAbout {
    private static let viewer = RouteAbout.Access.console(scope: ConsoleScope.viewer.rawValue)
    private static let operates = RouteAbout.Access.console(scope: ConsoleScope.operates.rawValue)
    private static let busy = RouteAbout.Answer.problem(503, "The store cannot be asked now.")
    private static let count: JSON = ["type": "integer", "minimum": 0]
    private static let text: JSON = ["type": "string"]
    private static let pause: JSON = [
        "description": "Since when and by whom it is paused; null where it is not.",
        "oneOf": [
            ["type": "null"],
            APISchemas.object([("since", text), ("by", text), ("note", ["type": ["string", "null"]])]),
        ],
    ]
    private static let facts: [(name: String, schema: JSON)] = [
        ("state", text), ("paused", pause), ("waiting", count), ("blocked", count), ("underWay", count),
        ("exceptions", count), ("accepted", count), ("rejected", count), ("shadowed", count),
        ("rates", APISchemas.list(count)),
        (
            "latencyMs",
            APISchemas.object([("p50", ["type": ["integer", "null"]]), ("p99", ["type": ["integer", "null"]])])
        ),
    ]

    private static func list(_ name: String, _ members: [(name: String, schema: JSON)]) -> [RouteAbout.Answer] {
        let schema = APISchemas.object([(name, APISchemas.list(APISchemas.object(members)))])
        return [.init(200, "This moment; counts are those of the last hour.", .json(schema)), busy]
    }

    static let flows = RouteAbout(
        "listFlows", "node", "How each flow stands.", access: viewer,
        answers: list("flows", [("flow", text), ("target", text), ("shadow", ["type": "boolean"])] + facts))
    static let targets = RouteAbout(
        "listTargets", "node", "How each target stands.", access: viewer,
        answers: list("targets", [("target", text), ("connector", text), ("inFlight", count)] + facts))
    static let sources = RouteAbout(
        "listSources", "node", "How each source stands, and what its tags said last.", access: viewer,
        answers: list(
            "sources",
            [
                ("source", text), ("connector", text), ("state", text),
                ("tags", APISchemas.list(["type": "object"])), ("isCut", ["type": "boolean"]),
            ]))

    static let pauseFlow = RouteAbout(
        "changeFlow", "node",
        "Pauses a flow or lets it go on, or puts the events of a time through it again as its map is now.",
        access: operates, path: path(["pause", "resume", "replay"]),
        body: .json(
            APISchemas.object(
                [
                    ("note", text), ("since", time), ("until", time),
                    ("again", ["enum": .array(ReplayOrder.Again.allCases.map { .string($0.rawValue) })]),
                    ("rate", ["type": ["integer", "null"], "minimum": 1, "maximum": .int(ReplayOrder.maximumRate)]),
                ], required: [])),
        answers: DeskAbout.asked)
    static let pauseTarget = RouteAbout(
        "changeTarget", "node", "Pauses a target, or lets it go on: what comes for it waits meanwhile.",
        access: operates, path: path(["pause", "resume"]),
        body: .json(APISchemas.object([("note", text)], required: [])), answers: DeskAbout.asked)

    private static let time: JSON = ["type": "string", "format": "date-time"]

    private static func path(_ actions: [String]) -> [RouteAbout.Parameter] {
        [
            .init("name", "Its name."),
            .init("action", "What is done.", ["enum": .array(actions.map { .string($0) })]),
        ]
    }
}
