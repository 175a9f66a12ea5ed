import Contracts
import Testing
import World

@testable import Console

@Suite("the route table")
struct RouteTableTests {
    private func route(_ method: String, _ path: String) -> Route {
        Route(method, path, maximumBody: 0) { _, _ in HTTPResponse(status: 200) }
    }

    @Test(
        "a request finds the route that says most about its path",
        arguments: [
            ("GET", "/", "GET /", [:]),
            ("GET", "/v1/nodes/lyon-edge/batches", "GET /v1/nodes/{node}/batches", ["node": "lyon-edge"]),
            ("GET", "/v1/nodes/self/batches", "GET /v1/nodes/self/batches", [:]),
            ("GET", "/v1/nodes/a%2Fb%20c/batches", "GET /v1/nodes/{node}/batches", ["node": "a/b c"]),
            ("POST", "/v1/nodes/x/batches", "POST /v1/nodes/{id}/batches", ["id": "x"]),
            ("HEAD", "/", "GET /", [:]),
        ] as [(String, String, String, [String: String])])
    func found(method: String, path: String, expected: String, parameters: [String: String]) throws {
        let table = try RouteTable(
            [
                route("GET", "/"), route("GET", "/v1/nodes/{node}/batches"), route("GET", "/v1/nodes/self/batches"),
                route("POST", "/v1/nodes/{id}/other"),
            ] + (method == "POST" ? [route("POST", "/v1/nodes/{id}/batches")] : []), [])
        guard case .found(.plain(let route), let found, let omitsBody) = table.match(method: method, path: path) else {
            Issue.record("nothing was found")
            return
        }
        #expect("\(route.method) \(route.path)" == expected)
        if method != "POST" { #expect(found == parameters) }
        #expect(omitsBody == (method == "HEAD"))
    }

    @Test("a literal goes before a parameter, whatever stands between them and in whatever order they were told")
    func order() throws {
        let routes = ["/v1/{x}", "/v1/a/b/c", "/v1/{x}/b", "/v1/a", "/{y}", "/v1/a/{z}", "/v1"].map { route("GET", $0) }
        for shift in routes.indices {
            let table = try RouteTable(Array(routes[shift...] + routes[..<shift]), [])
            for (path, expected) in [
                ("/v1/a", "/v1/a"), ("/v1/q", "/v1/{x}"), ("/v1/a/b", "/v1/a/{z}"), ("/v1", "/v1"),
            ] {
                #expect(table.match(method: "GET", path: path).route == expected, "\(path) from \(shift) on")
            }
        }
    }

    @Test(
        "what is at no path is not found",
        arguments: ["/v1", "/v1/nodes//batches", "/v1/nodes/x/batches/", "//", "", "/v1/nodes/x"])
    func notFound(path: String) throws {
        let table = try RouteTable([route("GET", "/v1/nodes/{node}/batches")], [])
        guard case .notFound = table.match(method: "GET", path: path) else {
            Issue.record("\(path) was found")
            return
        }
    }

    @Test("a path that takes another method says which")
    func methodNotAllowed() throws {
        let table = try RouteTable(
            [route("POST", "/v1/events"), route("GET", "/v1/events")],
            [StreamingRoute("/v1/stream") { _, _ in .response(HTTPResponse(status: 200)) }])
        guard case .methodNotAllowed(let allowed) = table.match(method: "PUT", path: "/v1/events") else {
            Issue.record("it is allowed")
            return
        }
        #expect(allowed == ["GET", "HEAD", "POST"])
        guard case .methodNotAllowed(["GET"]) = table.match(method: "POST", path: "/v1/stream") else {
            Issue.record("it is allowed")
            return
        }
    }

    @Test("two routes for one method and path are a fault, whatever their parameters are called")
    func twice() throws {
        #expect(throws: Failure.self) { try RouteTable([route("POST", "/a/{x}"), route("POST", "/a/{y}")], []) }
        #expect(throws: Failure.self) {
            try RouteTable(
                [route("GET", "/s")], [StreamingRoute("/s") { _, _ in .response(HTTPResponse(status: 200)) }])
        }
    }
}
