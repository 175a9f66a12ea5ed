package import Contracts
import ExactJSON
package import World

/// The description of a node's HTTP interface (OpenAPI 3.1.0), made of its routes.
package enum OpenAPIDocument {
    /// `GET /v1/openapi.json`, with everything that `routes` say of themselves and itself.
    package static func route(_ routes: [Route], version: String, access: ConsoleAccess) -> Route {
        let about = RouteAbout(
            "describe", "node", "This description.", access: .console(scope: ConsoleScope.viewer.rawValue),
            answers: [RouteAbout.Answer(200, "An OpenAPI 3.1 document.", .json(["type": "object"]))])
        let own = Route("GET", "/v1/openapi.json", maximumBody: 0, about: about) { _, _ in
            HTTPResponse(status: 404)
        }
        let document = make(routes + [own], version: version).bytes
        let route = Route("GET", "/v1/openapi.json", maximumBody: 0, about: about) { _, _ in
            HTTPResponse(
                status: 200, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"], body: document)
        }
        return access.guarding([route], isPublic: true)[0]
    }

    /// The document. Routes without a description are pages, and left out.
    static func make(_ routes: [Route], version: String) -> JSON {
        var paths: JSONObject = [:]
        for route in routes {
            guard let about = route.about else { continue }
            var operations = paths[route.path]?.object ?? [:]
            operations[route.method.lowercased()] = operation(about)
            paths[route.path] = .object(operations)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Millwright", "version": .string(version),
                "summary": "The HTTP interface of one node: what comes in, what is asked, what waits for a person.",
            ],
            "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
            "servers": [["url": "/"]],
            "paths": .object(paths),
            "components": ["schemas": APISchemas.all, "securitySchemes": security],
        ]
    }

    private static func operation(_ about: RouteAbout) -> JSON {
        let parameters =
            about.path.map { parameter($0, "path") } + about.query.map { parameter($0, "query") }
        var answers = about.answers
        switch about.access {
        case .anybody: break
        case .console:
            answers.append(.problem(401, "No token, or one that is not known here."))
            answers.append(.problem(403, "The token's scope is too small."))
        case .token, .signature: answers.append(.problem(401, "Not proved, or not by somebody who is known here."))
        }
        var operation: JSONObject = [
            "operationId": .string(about.name), "tags": [.string(about.group)], "summary": .string(about.summary),
        ]
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = about.body { operation["requestBody"] = ["content": content(body)] }
        var responses: JSONObject = [:]
        for answer in answers where responses[String(answer.status)] == nil {
            var response: JSONObject = ["description": .string(answer.summary)]
            if let body = answer.body { response["content"] = content(body) }
            responses[String(answer.status)] = .object(response)
        }
        operation["responses"] = .object(responses)
        operation["security"] = requirement(about.access)
        return .object(operation)
    }

    private static func parameter(_ parameter: RouteAbout.Parameter, _ place: String) -> JSON {
        [
            "name": .string(parameter.name), "in": .string(place), "description": .string(parameter.summary),
            "required": .bool(parameter.isRequired || place == "path"), "schema": parameter.schema,
        ]
    }

    private static func content(_ body: RouteAbout.Body) -> JSON {
        var content: JSONObject = [:]
        for type in body.types { content[type] = body.schema.map { ["schema": $0] } ?? [:] }
        return .object(content)
    }

    private static func requirement(_ access: RouteAbout.Access) -> JSON {
        switch access {
        case .anybody: []
        case .console: [["console": []], ["session": []], [:]]
        case .token: [["token": []], [:]]
        case .signature: [["signature": []]]
        }
    }

    private static let security: JSON = [
        "console": [
            "type": "http", "scheme": "bearer",
            "description":
                """
            A token of `console.tokens`: viewers look, operators decide, integrators have the settings folder read \
            again. Where there are none everybody looks.
            """,
        ],
        "session": [
            "type": "apiKey", "in": "cookie", "name": .string(ConsoleAccess.cookie),
            "description": "A browser that has signed in: it may look; to act, a program bears a token.",
        ],
        "token": [
            "type": "http", "scheme": "bearer",
            "description": "The token in the settings of the source or target; none where they name none.",
        ],
        "signature": [
            "type": "apiKey", "in": "header", "name": "Signature",
            "description": "An HTTP message signature (RFC 9421) of an enrolled node's Ed25519 key.",
        ],
    ]
}
