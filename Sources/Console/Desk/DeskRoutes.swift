package import Contracts
import Delivery
import ExactJSON
import Store
package import World

/// The exceptions desk for programs: everything below `/v1/exceptions`, and `/v1/requests/{request}`.
package enum DeskRoutes {
    /// Exceptions of one answer, at most.
    private static let maximumPage = 500
    private static let maximumGroups = 500
    /// Bytes of a request.
    private static let maximumBody = ExceptionEdit.maximumBytes + (8 << 10)

    /// The routes.
    package static func routes(_ desk: Desk, access: ConsoleAccess) -> [Route] {
        func looking(
            _ path: String, _ about: RouteAbout,
            _ answer: @escaping @Sendable (HTTPRequest, [String: String]) async throws -> HTTPResponse
        ) -> Route {
            Route("GET", path, maximumBody: 0, about: about) { request, parameters in
                switch access.admit(request, .viewer) {
                case .failure(let turned): return turned.response
                case .success: return await APIReply.answering { try await answer(request, parameters) }
                }
            }
        }
        func acting(
            _ path: String, _ about: RouteAbout,
            _ answer: @escaping @Sendable (JSON, [String: String], Visitor) async throws -> HTTPResponse
        ) -> Route {
            Route("POST", path, maximumBody: maximumBody, about: about) { request, parameters in
                switch access.admit(request, .operates) {
                case .failure(let turned): return turned.response
                case .success(let visitor):
                    return await APIReply.answering {
                        let body = try request.body.isEmpty ? [:] : APIReply.read(body: request.body)
                        return try await answer(body, parameters, visitor)
                    }
                }
            }
        }
        return [
            looking("/v1/exceptions", DeskAbout.list) { request, _ in try await list(desk, request.query) },
            looking("/v1/exceptions/groups", DeskAbout.groups) { request, _ in
                let filter = try filter(request.query)
                let found = try await desk.store.look { try $0.exceptionGroups(filter, limit: maximumGroups) }
                return APIReply.json(["groups": .array(found.groups.map(\.json)), "count": .int(found.count)])
            },
            looking("/v1/exceptions/{exception}", DeskAbout.show) { _, parameters in
                let id = try number(parameters["exception"])
                guard let story = try await desk.store.look({ try ExceptionStory(id, $0) }) else {
                    throw APIReply.refusal(404, "Not found", "there is no exception \(id)")
                }
                return APIReply.json(story.json)
            },
            acting("/v1/exceptions/actions", DeskAbout.many) { body, _, visitor in
                try await decideMany(desk, body, visitor)
            },
            acting("/v1/exceptions/{exception}/{action}", DeskAbout.act) { body, parameters, visitor in
                let id = try number(parameters["exception"])
                return try await act(desk, id, parameters["action"] ?? "", body, visitor)
            },
            looking("/v1/requests/{request}", DeskAbout.request) { _, parameters in
                let id = try number(parameters["request"])
                guard let state = try await desk.store.look({ try $0.requestState(id) }) else {
                    throw APIReply.refusal(404, "Not found", "there is no request \(id)")
                }
                return APIReply.json(state.json)
            },
            acting("/v1/requests/{request}/stop", DeskAbout.stop) { body, parameters, visitor in
                let id = try number(parameters["request"])
                return try await ask(desk, [.init(kind: .stop, subject: id)], body, visitor)
            },
        ]
    }

    // MARK: - Looking

    private static func list(_ desk: Desk, _ query: [String: String]) async throws -> HTTPResponse {
        let filter = try filter(query)
        let limit = try query["limit"].map { try number($0) } ?? 100
        guard (1...Int64(maximumPage)).contains(limit) else {
            throw APIReply.refusal(400, "Bad request", "limit goes from 1 to \(maximumPage)")
        }
        let after = try query["after"].map { try number($0) } ?? 0
        let records = try await desk.store.look { try $0.exceptions(filter, after: after, limit: Int(limit)) }
        var answer: JSONObject = ["exceptions": .array(records.map(\.json))]
        // A full page may have one behind it, which begins here.
        answer["next"] = records.count == Int(limit) ? records.last.map { .int(Int($0.id)) } ?? .null : .null
        return APIReply.json(.object(answer))
    }

    // MARK: - Acting

    private static func act(
        _ desk: Desk, _ id: Int64, _ action: String, _ body: JSON, _ visitor: Visitor
    ) async throws -> HTTPResponse {
        switch action {
        case "resubmit": return try await ask(desk, [.init(kind: .resubmit, subject: id)], body, visitor)
        case "discard":
            guard body["note"]?.string?.isEmpty == false else { throw missingNote }
            return try await ask(desk, [.init(kind: .discard, subject: id)], body, visitor)
        case "comment": return try await ask(desk, [.init(kind: .comment, subject: id)], body, visitor)
        case "assign":
            let detail: JSON = ["to": body["to"] ?? .null]
            return try await ask(desk, [.init(kind: .assign, subject: id, detail: detail)], body, visitor)
        case "edit":
            guard let edit = ExceptionEdit(json: body) else {
                throw APIReply.refusal(400, "Bad request", ExceptionEdit.shape)
            }
            return try await ask(desk, [.init(kind: .edit, subject: id, detail: edit.json)], body, visitor)
        default:
            throw APIReply.refusal(
                404, "Not found",
                "an exception takes resubmit, discard, edit, assign and comment, not \(action.prefix(40))")
        }
    }

    private static var missingNote: APIReply.Turned {
        APIReply.refusal(400, "Bad request", "say why in \"note\": it is kept in the audit trail")
    }

    private static func decideMany(_ desk: Desk, _ body: JSON, _ visitor: Visitor) async throws -> HTTPResponse {
        guard let action = body["action"]?.string.flatMap(ManyOrder.Action.init) else {
            throw APIReply.refusal(400, "Bad request", "\"action\" is resubmit or discard")
        }
        if action == .discard, body["note"]?.string?.isEmpty != false { throw missingNote }
        guard let filter = ExceptionFilter(json: body["filter"] ?? .null), filter.progress == .open else {
            throw APIReply.refusal(
                400, "Bad request",
                """
                "filter" is an object with any of cause, code, kind, flow, target, source, key, assignee, text, since \
                and until, each a text; {} means all that are open; \(ExceptionFilter.shape)
                """
            )
        }
        var rate: Int?
        if let value = body["rate"], !value.isNull {
            guard let number = value.int, (1...ManyOrder.maximumRate).contains(number) else {
                throw APIReply.refusal(400, "Bad request", "\"rate\" goes from 1 to \(ManyOrder.maximumRate) a second")
            }
            rate = number
        }
        var through: Int64?
        if let value = body["through"], !value.isNull {
            guard let number = value.int, number >= 0 else {
                throw APIReply.refusal(400, "Bad request", "\"through\" is the number of an exception")
            }
            through = Int64(number)
        }
        let wish = try await desk.many(action, filter, through: through, rate: rate)
        let request = try await desk.ask([wish], by: visitor.name ?? "nobody", note: body["note"]?.string)[0]
        return APIReply.json(
            ["request": .int(Int(request)), "see": .string("/v1/requests/\(request)")], status: 202,
            ["Location": "/v1/requests/\(request)"])
    }

    static func ask(_ desk: Desk, _ wishes: [Desk.Wish], _ body: JSON, _ visitor: Visitor) async throws
        -> HTTPResponse
    {
        let requests = try await desk.ask(wishes, by: visitor.name ?? "nobody", note: body["note"]?.string)
        let results = try await desk.results(of: requests)
        guard let request = requests.first, let result = results[request] else {
            return APIReply.json(
                ["request": .int(Int(requests.first ?? 0)), "result": .null], status: 202,
                ["Location": "/v1/requests/\(requests.first ?? 0)"])
        }
        let status = result.hasPrefix("ok") ? 200 : 409
        return APIReply.json(["request": .int(Int(request)), "result": .string(result)], status: status)
    }

    // MARK: - Requests and answers

    private static func filter(_ query: [String: String]) throws -> ExceptionFilter {
        guard let filter = ExceptionFilter(words: query) else {
            throw APIReply.refusal(400, "Bad request", ExceptionFilter.shape)
        }
        return filter
    }

    private static func number(_ text: String?) throws -> Int64 {
        guard let text, let number = Int64(text), number >= 0 else {
            throw APIReply.refusal(400, "Bad request", "\((text ?? "").prefix(40)) is no number")
        }
        return number
    }
}
