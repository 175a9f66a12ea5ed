package import Canonical
package import Contracts
import ExactJSON
package import World

/// Questions to targets over HTTP: `GET /v1/targets/{target}/answers` lists those that a target knows,
/// `GET /v1/targets/{target}/answers/{question}?argument=…` asks one.
package enum AnswerRoutes {
    /// One target that is asked over HTTP.
    package struct Door: Sendable {
        package let target: TargetName
        package let queries: [QuerySpec]
        /// What requests must bear; nil lets everybody in who reaches the listener.
        package let token: BearerToken?
        package let ask:
            @Sendable (_ query: String, _ arguments: [String: String], _ within: Duration?) async
                -> QueryReply

        package init(
            target: TargetName, queries: [QuerySpec], token: BearerToken?,
            ask:
                @escaping @Sendable (_ query: String, _ arguments: [String: String], _ within: Duration?) async
                -> QueryReply
        ) {
            self.target = target
            self.queries = queries
            self.token = token
            self.ask = ask
        }
    }

    /// The routes of these targets; none where there are no targets.
    package static func routes(_ doors: [Door]) -> [Route] {
        guard !doors.isEmpty else { return [] }
        return [
            Route("GET", "/v1/targets/{target}/answers", maximumBody: 0, about: list) { request, parameters in
                switch door(doors, request, parameters) {
                case .success(let door):
                    let list = JSON.array(door.queries.map(\.json))
                    return answer(["target": .string(door.target.rawValue), "questions": list])
                case .failure(let failure): return problem(failure)
                }
            },
            Route("GET", "/v1/targets/{target}/answers/{question}", maximumBody: 0, about: question) {
                request, parameters in
                switch door(doors, request, parameters) {
                case .success(let door):
                    let reply = await door.ask(parameters["question"] ?? "", request.query, within(request))
                    return response(reply)
                case .failure(let failure): return problem(failure)
                }
            },
        ]
    }

    private static let target = RouteAbout.Parameter("target", "The target's name.")
    private static let list = RouteAbout(
        "listQuestions", "answers", "The questions that a target answers.", access: .token, path: [target],
        answers: [
            .init(
                200, "Each question with its arguments.",
                .json(
                    APISchemas.object([
                        ("target", ["type": "string"]), ("questions", APISchemas.list(["type": "object"])),
                    ]))), .problem(404, "No such target answers."),
        ])
    private static let question = RouteAbout(
        "ask", "answers", "One question, with its arguments as query parameters.", access: .token,
        path: [target, .init("question", "The question's name.")],
        answers: [
            .init(200, "The answer, and how old it is.", .json(["type": "object"])),
            .problem(400, "An argument is missing, unknown or wrong."), .problem(404, "No such target or question."),
            .problem(422, "The target has no answer to that."), .problem(503, "The target cannot be asked now."),
        ])

    private static func door(
        _ doors: [Door], _ request: HTTPRequest, _ parameters: [String: String]
    ) -> Result<Door, Failure> {
        let name = parameters["target"] ?? ""
        guard let door = doors.first(where: { $0.target.rawValue == name }) else {
            return .failure(
                Failure(QueryFailures.unknownTarget, "target \"\(name.prefix(64))\" answers no questions here"))
        }
        guard door.token?.isBorne(by: request) ?? true else {
            return .failure(Failure(QueryFailures.unauthorized, "target \(name) answers only who bears its token"))
        }
        return .success(door)
    }

    /// How old an answer may be for this request (RFC 9111, section 5.2.1: `max-age`, `no-cache`); nil leaves it to
    /// the target's settings.
    static func within(_ request: HTTPRequest) -> Duration? {
        let fields = request.headers.fields.filter { $0.name.lowercased() == "cache-control" }
        var age: Duration?
        for directive in fields.flatMap({ $0.value.lowercased().split(separator: ",") }) {
            let parts = directive.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\"" } }
            switch parts.first {
            case "no-cache", "no-store": return .zero
            case "max-age":
                if parts.count == 2, let seconds = Int(parts[1]), (0...86_400).contains(seconds) {
                    age = .seconds(seconds)
                }
            default: break
            }
        }
        return age
    }

    private static func response(_ reply: QueryReply) -> HTTPResponse {
        switch reply {
        case .answer(let given):
            return answer(given.json, ["Age": String(given.age.components.seconds)])
        case .refused(let failure): return problem(failure)
        case .unavailable(let failure, let wait):
            // Whole seconds, upwards: who comes back too early only asks for nothing.
            let seconds = max(1, wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0))
            return problem(failure, ["Retry-After": String(seconds)])
        }
    }

    private static func answer(_ document: JSON, _ headers: HTTPHeaders = [:]) -> HTTPResponse {
        var headers = headers
        headers["Content-Type"] = "application/json"
        headers["Cache-Control"] = "no-store"
        return HTTPResponse(status: 200, headers: headers, body: document.bytes)
    }

    private static func problem(_ failure: Failure, _ headers: HTTPHeaders = [:]) -> HTTPResponse {
        let (status, title): (Int, String) =
            switch failure.kind {
            case QueryFailures.unknownTarget, QueryFailures.unknownQuery: (404, "Not found")
            case QueryFailures.arguments: (400, "Bad request")
            case QueryFailures.unauthorized: (401, "Unauthorized")
            case QueryFailures.unavailable, QueryFailures.busy, QueryFailures.stopping: (503, "Service unavailable")
            default: (422, "No answer")
            }
        return Problem(
            status, title, detail: "\(failure.message). \(failure.suggestion)",
            members: ["code": .string(failure.kind.code), "suggestion": .string(failure.suggestion)]
        ).response(headers)
    }
}
