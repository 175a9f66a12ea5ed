import ExactJSON
import World

/// Looks into the requests that the connector makes.
enum OdooExchange {
    /// The Odoo method that a request calls, whatever the interface: `write`, `button_mark_done`, `authenticate`.
    static func method(of request: HTTPRequest) -> String {
        let path = request.target.split(separator: "/").map(String.init)
        if path.contains("json"), let last = path.last { return last }
        guard let body = try? JSONReader.read(request.body), let parameters = body["params"] else {
            return request.path
        }
        if parameters["method"]?.string == "execute_kw" { return parameters["args"]?[4]?.string ?? "" }
        return parameters["method"]?.string ?? request.path
    }
}
