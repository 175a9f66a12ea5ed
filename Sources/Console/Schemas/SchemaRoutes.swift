package import Contracts
import ExactJSON
package import World

/// The event types that a node takes, for who sends them: `GET /v1/schemas` lists them, `GET /v1/schemas/{type}` is the
/// JSON Schema (2020-12) of one. A reference to a neighbour (`common.json`) leads to the neighbour.
package enum SchemaRoutes {
    /// The routes.
    package static func routes(_ catalog: SchemaCatalog, access: ConsoleAccess) -> [Route] {
        access.guarding([
            Route("GET", "/v1/schemas", maximumBody: 0, about: list) { _, _ in
                APIReply.json(["schemas": catalog.json])
            },
            Route("GET", "/v1/schemas/{type}", maximumBody: 0, about: one) { _, parameters in
                let type = parameters["type"] ?? ""
                guard let document = catalog.document(type) else {
                    return Problem(
                        404, "Not found",
                        detail:
                            "there is no schema of \"\(type.prefix(100))\" here; /v1/schemas lists those that there are"
                    ).response()
                }
                return HTTPResponse(
                    status: 200,
                    headers: ["Content-Type": "application/schema+json", "Cache-Control": "no-store"], body: document)
            },
        ])
    }

    private static let viewer = RouteAbout.Access.console(scope: ConsoleScope.viewer.rawValue)
    private static let text: JSON = ["type": "string"]
    private static let optional: JSON = ["type": ["string", "null"]]

    private static let list = RouteAbout(
        "listSchemas", "events", "The event types that are known here.", access: viewer,
        answers: [
            .init(
                200, "Each with its name as `dataschema`, and the newer type that its events can become.",
                .json(
                    APISchemas.object([
                        (
                            "schemas",
                            APISchemas.list(
                                APISchemas.object([
                                    ("type", text), ("dataschema", optional), ("title", optional),
                                    ("description", optional), ("canonical", ["type": "boolean"]), ("next", optional),
                                    ("href", text),
                                ]))
                        )
                    ])))
        ])
    private static let one = RouteAbout(
        "getSchema", "events", "What the data of an event of this type must be.", access: viewer,
        path: [.init("type", "An event type, or the file that a schema refers to as its neighbour.")],
        answers: [
            .init(
                200, "A JSON Schema (2020-12).",
                .init(["application/schema+json"], ["type": ["object", "boolean"]])),
            .problem(404, "No such type is known here."),
        ])
}
