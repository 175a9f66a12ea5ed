import Contracts
import ExactJSON
import Store
import World

/// The settings for who sets the node up: `GET /v1/settings/{version}` and `POST /v1/settings/reload`.
struct SettingsRoutes: Sendable {
    let store: Store
    /// Nil where the node does not read its folder again.
    let reloader: SettingsReloader?
    let access: ConsoleAccess

    /// Bytes of text in one answer; files beyond are named, and can be asked for one by one.
    private static let maximumText = 16 << 20
    /// Bytes of a body, which says nothing.
    private static let maximumBody = 1 << 10

    /// What is answered where as many wait as may.
    static let crowded = Problem(
        503, "Service unavailable",
        detail: "the node stops, or many wait already for it to read its folder; ask again in a moment")
    /// What is answered where nobody comes to the wish any more.
    static let stopping = Problem(
        503, "Service unavailable", detail: "the node stops; when it starts again it runs its folder as it is then")

    /// The routes.
    var routes: [Route] {
        let version = Route("GET", "/v1/settings/{version}", maximumBody: 0, about: SettingsAbout.version) {
            request, parameters in
            await answering(request) { _ in
                try await self.version(parameters["version"] ?? "", request.query["file"])
            }
        }
        guard let reloader else { return [version] }
        let reload = Route("POST", "/v1/settings/reload", maximumBody: Self.maximumBody, about: SettingsAbout.reload) {
            request, _ in
            await answering(request) { visitor in
                // What somebody believes to have said and nobody reads must not pass for agreed.
                guard try request.body.isEmpty || APIReply.read(body: request.body).object?.isEmpty == true else {
                    throw APIReply.refusal(400, "Bad request", "this takes nothing in its body")
                }
                guard let number = reloader.ask(by: visitor.name ?? "nobody") else {
                    return Self.crowded.response(["Retry-After": "2"])
                }
                return Self.answer(await reloader.end(of: number))
            }
        }
        return [version, reload]
    }

    private func answering(
        _ request: HTTPRequest, _ body: (Visitor) async throws -> HTTPResponse
    ) async -> HTTPResponse {
        switch access.admit(request, .integrator) {
        case .failure(let turned): return turned.response
        case .success(let visitor): return await APIReply.answering { try await body(visitor) }
        }
    }

    // MARK: - A version

    private func version(_ text: String, _ file: String?) async throws -> HTTPResponse {
        guard let id = Int64(text), id > 0 else {
            throw APIReply.refusal(400, "Bad request", "\(text.prefix(40)) is no number of a version")
        }
        let found = try await store.look { transaction -> (version: SettingsVersion, files: [JSON])? in
            guard let version = try transaction.settingsVersion(id) else { return nil }
            return (version, try Self.files(of: version, file, transaction))
        }
        guard let (version, files) = found else {
            throw APIReply.refusal(404, "Not found", "there is no version \(id); GET /v1/settings lists them")
        }
        if let file, files.isEmpty {
            throw APIReply.refusal(404, "Not found", "version \(id) has no file \(file.prefix(200))")
        }
        return APIReply.json([
            "version": .int(Int(version.id)), "digest": .string(version.digest),
            "started": .string(version.started.description), "reason": .string(version.reason),
            "files": .array(files),
        ])
    }

    /// The files as they were read: secrets are references in them, which a folder that runs is checked for.
    private static func files(
        of version: SettingsVersion, _ file: String?, _ transaction: StoreTransaction
    ) throws -> [JSON] {
        var room = maximumText
        return try version.files.keys.sorted().filter { file == nil || $0 == file }.map { path -> JSON in
            let bytes = try transaction.settingsFile(path, of: version)
            var text: JSON = .null
            if let bytes, bytes.count <= room {
                room -= bytes.count
                text = .string(String(decoding: bytes, as: UTF8.self))
            }
            let size: JSON = bytes.map { .int($0.count) } ?? .null
            return [
                "path": .string(path), "digest": .string(version.files[path] ?? ""), "bytes": size, "text": text,
            ]
        }
    }

    // MARK: - Reading again

    private static func answer(_ standing: SettingsReloader.Standing) -> HTTPResponse {
        switch standing {
        case .open:
            return later(
                "pending", "the node is still at work; GET /v1/settings says what runs, GET /v1/audit what came of it")
        case .gone: return stopping.response(["Retry-After": "5"])
        case .told(.moving):
            return later(
                "moving",
                "the folder runs at another address or with another certificate: ask there for GET /v1/settings")
        case .told(.failed(let error)): return Problem.store(error).response(["Retry-After": "2"])
        case .told(.settled(let report)):
            guard report.result == .refused else { return APIReply.json(.object(report.members)) }
            let (status, title) = report.isFolderWrong ? (422, "Unprocessable content") : (409, "Conflict")
            let errors = report.faults.count { !$0.isWarning }
            let more = errors > 1 ? " (and \(errors - 1) more)" : ""
            return Problem(
                status, title,
                detail: "the folder is refused and what ran goes on: \(report.reason ?? "it cannot run here")\(more)",
                members: report.members
            ).response()
        }
    }

    private static func later(_ result: String, _ detail: String) -> HTTPResponse {
        APIReply.json(
            ["result": .string(result), "detail": .string(detail)], status: 202, ["Location": "/v1/settings"])
    }
}

/// What the interface's description says of these routes.
private enum SettingsAbout {
    private static let integrator = RouteAbout.Access.console(scope: ConsoleScope.integrator.rawValue)
    private static let wrong = RouteAbout.Answer.problem(400, "The request cannot be read.")
    private static let busy = RouteAbout.Answer.problem(503, "The store cannot be asked now, or the node stops.")
    private static let text: JSON = ["type": "string"]
    private static let optionalText: JSON = ["type": ["string", "null"]]
    private static let optionalNumber: JSON = ["type": ["integer", "null"], "minimum": 0]

    static let version = RouteAbout(
        "showSettings", "node", "One version of the settings that ran, with its files.", access: integrator,
        path: [.init("version", "Its number.", ["type": "integer", "minimum": 1])],
        query: [.init("file", "Only the file of this path.")],
        answers: [
            .init(
                200, "The files as they were read: secrets are references in them.",
                .json(
                    APISchemas.object([
                        ("version", ["type": "integer"]), ("digest", text), ("started", time), ("reason", text),
                        ("files", APISchemas.list(file)),
                    ]))), wrong, .problem(404, "There is no such version, or it has no such file."), busy,
        ])

    static let reload = RouteAbout(
        "reloadSettings", "node", "Has the node read its settings folder again now, and waits for what becomes of it.",
        access: integrator,
        answers: [
            .init(200, "The folder runs, or ran already.", .json(APISchemas.object(report(["unchanged", "running"])))),
            .init(
                202, "The node is still at work after a minute, or goes on at another address.",
                .json(APISchemas.object([("result", ["enum": ["pending", "moving"]]), ("detail", text)]))),
            wrong,
            refused(409, "The folder has no fault, and cannot run here: what ran goes on."),
            refused(422, "The folder has faults: what ran goes on."), busy,
        ])

    private static let time: JSON = ["type": "string", "format": "date-time"]

    private static let file = APISchemas.object([
        ("path", text), ("digest", text), ("bytes", optionalNumber),
        (
            "text",
            [
                "type": ["string", "null"],
                "description": "Null where it is not kept any more, or the answer is full: ask for it alone by `file`.",
            ]
        ),
    ])

    private static let fault = APISchemas.object([
        ("file", optionalText), ("line", optionalNumber), ("column", optionalNumber), ("code", optionalText),
        ("severity", ["enum": ["error", "warning"]]), ("message", text), ("suggestion", optionalText),
    ])

    private static func report(_ results: [String]) -> [(name: String, schema: JSON)] {
        [
            ("result", ["enum": .array(results.map { .string($0) })]),
            (
                "version",
                [
                    "type": ["integer", "null"],
                    "description": "What runs now; null where the store has not got it yet.",
                ]
            ), ("digest", text),
            ("changes", APISchemas.list(text)), ("faults", APISchemas.list(fault)),
            ("more", ["type": "integer", "minimum": 0, "description": "Faults that are not listed."]),
        ]
    }

    private static func refused(_ status: Int, _ summary: String) -> RouteAbout.Answer {
        let schema: JSON = [
            "allOf": [RouteAbout.reference("Problem"), APISchemas.object(report(["refused"]))]
        ]
        return RouteAbout.Answer(status, summary, RouteAbout.Body(["application/problem+json"], schema))
    }
}
