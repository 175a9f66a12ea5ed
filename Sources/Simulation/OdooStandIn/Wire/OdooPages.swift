import Canonical
import ExactJSON
import World

/// Answers that are no RPC: versions, health, and the HTML pages of refused requests.
enum OdooPages {
    static func json(_ value: JSON, status: Int = 200) -> HTTPResponse {
        var body: [UInt8] = []
        JSONWriter.write(value, to: &body)
        return HTTPResponse(status: status, headers: ["Content-Type": "application/json; charset=utf-8"], body: body)
    }

    static func html(status: Int, title: String, text: String) -> HTTPResponse {
        let page =
            "<!doctype html>\n<html lang=en>\n<title>\(status) \(title)</title>\n<h1>\(title)</h1>\n<p>\(text)</p>\n"
        return HTTPResponse(
            status: status, headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(page.utf8))
    }

    static func text(status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(text.utf8))
    }

    static var notFound: HTTPResponse {
        html(status: 404, title: "Not Found", text: "The requested URL was not found on the server.")
    }

    /// A body whose Content-Type does not fit the route: 400 up to 18, 415 in 19.
    static func wrongType(_ version: OdooStandInVersion, route: String, type: String, inferred: String = "'http'")
        -> HTTPResponse
    {
        let text = "Request inferred type is compatible with [\(inferred)] but '\(route)' is type='\(type)'."
        return version == .v19
            ? html(status: 415, title: "Unsupported Media Type", text: text)
            : html(status: 400, title: "Bad Request", text: text)
    }

    /// What `common.version` and `/web/webclient/version_info` say.
    static func version(_ version: OdooStandInVersion) -> JSON {
        [
            "server_version": .string(version.series),
            "server_version_info": [.int(version.rawValue), 0, 0, "final", 0, ""],
            "server_serie": .string(version.series), "protocol_version": 1,
        ]
    }
}

extension OdooStandIn {
    /// Finds the part of the server that a request is for.
    mutating func route(_ request: HTTPRequest, now: Instant) -> HTTPResponse {
        let path = request.path
        switch path {
        case "/web/health": return OdooPages.json(["status": "pass"])
        case "/web/version", "/json/version":
            guard version >= .v19 else { return OdooPages.notFound }
            return OdooPages.json([
                "version_info": [.int(version.rawValue), 0, 0, "final", 0, ""], "version": .string(version.series),
            ])
        case "/jsonrpc": return jsonRPC(request, now: now)
        case "/web/webclient/version_info":
            return versionInfo(request)
        default:
            if path.hasPrefix("/json/2"), version >= .v19 { return json2(request, now: now) }
            return OdooPages.notFound
        }
    }
}
