package import ExactJSON
package import World

/// One HTTP route that a source or the console adds to the node's listener.
package struct Route: Sendable {
    package let method: String
    /// `/v1/events` or, with parameters, `/v1/nodes/{node}/batches`.
    package let path: String
    package let maximumBody: Int
    /// What the interface's description says of it; nil for pages, which are for people.
    package let about: RouteAbout?
    package let handle: @Sendable (HTTPRequest, _ parameters: [String: String]) async -> HTTPResponse

    package init(
        _ method: String, _ path: String, maximumBody: Int, about: RouteAbout? = nil,
        handle: @escaping @Sendable (HTTPRequest, _ parameters: [String: String]) async -> HTTPResponse
    ) {
        self.method = method
        self.path = path
        self.maximumBody = maximumBody
        self.about = about
        self.handle = handle
    }
}

/// What programs are told of a route: an operation of OpenAPI 3.1.
package struct RouteAbout: Sendable {
    /// Who may send such a request.
    package enum Access: Sendable {
        case anybody
        /// Who has a token of the console with at least this scope.
        case console(scope: String)
        /// Who has the token that the route's own settings name.
        case token
        /// A node that is enrolled, by its signature (RFC 9421).
        case signature
    }

    /// A parameter of the path or the query.
    package struct Parameter: Sendable {
        package let name: String
        package let summary: String
        /// JSON Schema 2020-12 of its value.
        package let schema: JSON
        package let isRequired: Bool

        package init(_ name: String, _ summary: String, _ schema: JSON = ["type": "string"], isRequired: Bool = false) {
            self.name = name
            self.summary = summary
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    /// A body, of a request or of an answer.
    package struct Body: Sendable {
        /// Media types, any of which it may have.
        package let types: [String]
        /// JSON Schema 2020-12; nil where it is not JSON, or anything.
        package let schema: JSON?

        package init(_ types: [String], _ schema: JSON? = nil) {
            self.types = types
            self.schema = schema
        }

        /// JSON that fits a schema.
        package static func json(_ schema: JSON) -> Body { Body(["application/json"], schema) }
    }

    /// One answer.
    package struct Answer: Sendable {
        package let status: Int
        package let summary: String
        package let body: Body?

        package init(_ status: Int, _ summary: String, _ body: Body? = nil) {
            self.status = status
            self.summary = summary
            self.body = body
        }

        /// A problem document (RFC 9457), which every refusal is.
        package static func problem(_ status: Int, _ summary: String) -> Answer {
            Answer(status, summary, Body(["application/problem+json"], RouteAbout.reference("Problem")))
        }
    }

    /// Unique among all routes.
    package let name: String
    package let group: String
    package let summary: String
    package let access: Access
    package var path: [Parameter] = []
    package var query: [Parameter] = []
    package var body: Body?
    package var answers: [Answer]

    package init(
        _ name: String, _ group: String, _ summary: String, access: Access, path: [Parameter] = [],
        query: [Parameter] = [], body: Body? = nil, answers: [Answer]
    ) {
        self.name = name
        self.group = group
        self.summary = summary
        self.access = access
        self.path = path
        self.query = query
        self.body = body
        self.answers = answers
    }

    /// A schema that the description names.
    package static func reference(_ name: String) -> JSON { ["$ref": .string("#/components/schemas/\(name)")] }
}
