package import Contracts
import NodeSecurity
import World

// What routes ask at the door: who may go on, and what the others are answered.
extension ConsoleAccess {
    /// Lets a program's request through that may do `scope`; the answer for who may not.
    func admit(_ request: HTTPRequest, _ scope: ConsoleScope) -> Result<Visitor, Turned> {
        guard let visitor = visitor(of: request) else { return .failure(Turned(unauthorized)) }
        guard visitor.scope >= scope else {
            return .failure(Turned(visitor.name == nil ? unauthorized : Self.forbidden(visitor, scope)))
        }
        // What a browser sends by itself must not act: forms of pages have a way of their own.
        guard scope == .viewer || visitor.formToken == nil else {
            return .failure(Turned(unauthorized))
        }
        return .success(visitor)
    }

    /// The same for a page, or a form of one: who is not known is asked to sign in.
    func admit(page request: HTTPRequest, _ scope: ConsoleScope, form: [String: String]? = nil)
        -> Result<Visitor, Turned>
    {
        guard let visitor = visitor(of: request), visitor.scope >= scope || visitor.name != nil else {
            guard hasTokens else { return .failure(Turned(unauthorized)) }
            let place = request.method == "GET" ? request.target : "/"
            return .failure(
                Turned(
                    HTTPResponse(
                        status: 303,
                        headers: [
                            "Location": "/login?" + FormText.encode([("to", place)]), "Cache-Control": "no-store",
                        ]
                    )))
        }
        guard visitor.scope >= scope else { return .failure(Turned(Self.forbidden(visitor, scope))) }
        if let form, !Self.isOf(visitor, form) {
            return .failure(
                Turned(
                    Problem(
                        403, "Forbidden", detail: "the form is not one of this session; open the page again and repeat"
                    )
                    .response()))
        }
        return .success(visitor)
    }

    /// Whether a form carries the word of the visitor's session. Takes the same time wherever the first difference is.
    private static func isOf(_ visitor: Visitor, _ form: [String: String]) -> Bool {
        guard let word = visitor.formToken, let shown = form["form"] else { return false }
        return Digest.constantTimeEquals(Array(shown.utf8), Array(word.utf8))
    }

    /// An answer in the place of the one that was asked for.
    struct Turned: Error {
        let response: HTTPResponse
        init(_ response: HTTPResponse) { self.response = response }
    }

    private var unauthorized: HTTPResponse {
        let words =
            hasTokens
            ? "bear a token of this node's console: Authorization: Bearer …"
            : """
            this node's console has no tokens, so nobody can act here, and nobody looks from another machine; set \
            console.tokens in millwright.yaml, or use the command line
            """
        return Problem(401, "Unauthorized", detail: words).response()
    }

    private static func forbidden(_ visitor: Visitor, _ scope: ConsoleScope) -> HTTPResponse {
        let name = visitor.name ?? "nobody"
        let words = "\(name) is a \(visitor.scope.rawValue) here; this needs the scope \(scope.rawValue)"
        return Problem(403, "Forbidden", detail: words).response()
    }

    /// The same routes for those alone who may look; pages send the others to sign in. What is `isPublic` is for
    /// everybody where there are no tokens.
    package func guarding(_ routes: [Route], pages: Set<String> = [], isPublic: Bool = false) -> [Route] {
        if isPublic, !hasTokens { return routes }
        return routes.map { route in
            Route(route.method, route.path, maximumBody: route.maximumBody, about: route.about) { request, parameters in
                let verdict =
                    pages.contains(route.path) ? self.admit(page: request, .viewer) : self.admit(request, .viewer)
                switch verdict {
                case .success: return await route.handle(request, parameters)
                case .failure(let turned): return turned.response
                }
            }
        }
    }

    /// The same streams for those alone who may look; for everybody where there are no tokens.
    package func guarding(_ streams: [StreamingRoute]) -> [StreamingRoute] {
        if !hasTokens { return streams }
        return streams.map { stream in
            StreamingRoute(stream.path) { request, parameters in
                switch self.admit(request, .viewer) {
                case .success: await stream.open(request, parameters)
                case .failure(let turned): .response(turned.response)
                }
            }
        }
    }
}
