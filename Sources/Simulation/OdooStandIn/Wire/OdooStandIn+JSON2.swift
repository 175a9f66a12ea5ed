import Canonical
import ExactJSON
import World

// `/json/2/<model>/<method>` of Odoo 19: a bearer key, named arguments, real HTTP status codes.
extension OdooStandIn {
    mutating func json2(_ request: HTTPRequest, now: Instant) -> HTTPResponse {
        let parts = request.path.split(separator: "/").dropFirst(2).map(String.init)
        do throws(OdooFault) {
            guard request.method == "POST", parts.count == 2 else {
                throw .notFound("Did you mean POST /json/2/<model>/<method>?")
            }
            if let name = request.headers["X-Odoo-Database"], name != settings.database {
                return OdooPages.html(
                    status: 404, title: "Not Found",
                    text: "No database is selected and the requested URL was not found in the server-wide controllers.")
            }
            let type = request.headers["Content-Type"]?.split(separator: ";").first.map(String.init) ?? ""
            guard type == "application/json" else {
                return OdooPages.wrongType(version, route: "/json/2/<__model__>/<__method__>", type: "json2")
            }
            let uid = try bearer(request, now: now)
            let body = try arguments(request.body)
            guard let model = model(parts[0]) else { throw .notFound("the model '\(parts[0])' does not exist") }
            let result = try withEnvironment(uid: uid, now: now) { environment throws(OdooFault) in
                try environment.call(model, parts[1], body: body)
            }
            switch result {
            case .none: return OdooPages.json(.null)
            // Over JSON-2 a create always answers with a list.
            case .json(let value) where parts[1] == "create" && value.int != nil: return OdooPages.json([value])
            case .json(let value): return OdooPages.json(value)
            }
        } catch {
            return OdooPages.json(Self.data(error), status: error.status)
        }
    }

    private func bearer(_ request: HTTPRequest, now: Instant) throws(OdooFault) -> Int {
        let words = (request.headers["Authorization"] ?? "").split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw .unauthorized("User not authenticated, use an API Key with a Bearer Authorization header.")
        }
        guard let key = keys[String(words[1])], key.end.map({ now < $0 }) ?? true else {
            throw .unauthorized("Invalid apikey")
        }
        return key.uid
    }

    private func arguments(_ body: [UInt8]) throws(OdooFault) -> JSONObject {
        if body.isEmpty { return [:] }
        do {
            // An array is read like an empty object: its arguments are then missing.
            return try JSONReader.read(body).object ?? [:]
        } catch {
            throw .badRequest("could not parse the body as json: \(error)")
        }
    }
}
