package import ExactJSON
package import World

/// A problem document (RFC 9457): what went wrong with a request, for programs and people alike.
package struct Problem: Sendable, Hashable {
    package var status: Int
    package var title: String
    /// What happened this time, with the real values, and what to do.
    package var detail: String
    /// Further members: `limit`, `line`, `code`.
    package var members: JSONObject

    package init(_ status: Int, _ title: String, detail: String, members: JSONObject = [:]) {
        self.status = status
        self.title = title
        self.detail = detail
        self.members = members
    }

    /// The document with `application/problem+json`.
    package func response(_ headers: HTTPHeaders = [:]) -> HTTPResponse {
        var members: JSONObject = [
            "type": "about:blank", "title": .string(title), "status": .int(status), "detail": .string(detail),
        ]
        for (name, value) in self.members { members[name] = value }
        var headers = headers
        headers["Content-Type"] = "application/problem+json"
        headers["Cache-Control"] = "no-store"
        // A 401 says what to bear (RFC 9110, section 15.5.2).
        if status == 401 { headers["WWW-Authenticate"] = "Bearer realm=\"millwright\"" }
        return HTTPResponse(status: status, headers: headers, body: JSON.object(members).bytes)
    }
}
