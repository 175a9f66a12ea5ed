import Canonical
import ExactJSON
import World

// `/jsonrpc`: the services common, db and object in JSON-RPC 2.0 envelopes, always with HTTP status 200.
extension OdooStandIn {
    mutating func jsonRPC(_ request: HTTPRequest, now: Instant) -> HTTPResponse {
        let type = request.headers["Content-Type"]?.split(separator: ";").first.map(String.init) ?? ""
        guard request.method == "POST", type == "application/json" else {
            return OdooPages.wrongType(
                version, route: "/jsonrpc", type: version == .v19 ? "jsonrpc" : "json",
                inferred: request.method == "GET" && version == .v19 ? "'http', 'json2'" : "'http'")
        }
        guard let body = try? JSONReader.read(request.body) else {
            return OdooPages.text(status: 400, "Invalid JSON data")
        }
        guard let message = body.object else { return OdooPages.text(status: 400, "Invalid JSON-RPC data") }
        let id = message["id"] ?? .null
        do throws(OdooFault) {
            switch try dispatch(message["params"] ?? [:], now: now) {
            case .none: return OdooPages.json(["jsonrpc": "2.0", "id": id])
            case .json(let result): return OdooPages.json(["jsonrpc": "2.0", "id": id, "result": result])
            }
        } catch {
            return OdooPages.json(["jsonrpc": "2.0", "id": id, "error": envelope(error)])
        }
    }

    /// `/web/webclient/version_info`, which needs no login.
    func versionInfo(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method == "POST", let message = try? JSONReader.read(request.body), message.object != nil else {
            return OdooPages.wrongType(version, route: "/web/webclient/version_info", type: "json")
        }
        return OdooPages.json(["jsonrpc": "2.0", "id": message["id"] ?? .null, "result": OdooPages.version(version)])
    }

    /// The error object; its code was 200 up to 18 and is 0 in 19.
    private func envelope(_ fault: OdooFault) -> JSON {
        [
            "code": version == .v19 ? 0 : 200, "message": "Odoo Server Error", "data": Self.data(fault),
        ]
    }

    static func data(_ fault: OdooFault) -> JSON {
        var arguments: [JSON] = [.string(fault.message)]
        if fault.name.hasPrefix("werkzeug.") { arguments.append(.int(fault.status)) }
        return [
            "name": .string(fault.name), "message": .string(fault.message), "arguments": .array(arguments),
            "context": [:], "debug": .string("Traceback (most recent call last):\n\(fault.name): \(fault.message)\n"),
        ]
    }

    private mutating func dispatch(_ parameters: JSON, now: Instant) throws(OdooFault) -> OdooResult {
        guard let service = parameters["service"]?.string, let method = parameters["method"]?.string,
            let arguments = parameters["args"]?.array
        else {
            let owner = version == .v19 ? "JSONRPC" : "RPC"
            throw .typeError(
                "\(owner).jsonrpc() missing 3 required positional arguments: 'service', 'method', and 'args'")
        }
        switch service {
        case "common": return .json(try common(method, arguments, now: now))
        case "db":
            if method == "list" { return .json([.string(settings.database)]) }
            throw .accessDenied
        case "object": return try object(method, arguments, now: now)
        default: throw .keyError(service)
        }
    }

    private func common(_ method: String, _ arguments: [JSON], now: Instant) throws(OdooFault) -> JSON {
        switch method {
        case "version": return OdooPages.version(version)
        case "authenticate", "login":
            guard arguments.count >= 3, let login = arguments[1].string, let password = arguments[2].string else {
                throw .typeError("exp_\(method)() missing required positional arguments")
            }
            try checkDatabase(arguments[0].string ?? "")
            guard let index = settings.users.firstIndex(where: { $0.login == login }) else { return false }
            let uid = index + OdooStandInSettings.firstUserID
            return self.uid(password: password, for: uid, now: now) ? .int(uid) : false
        default: throw .python("Exception", "Method not found: \(method)")
        }
    }

    /// A model of an app that is installed.
    func model(_ name: String) -> OdooModel? {
        guard settings.hasGateway || !name.hasPrefix("millwright."), !settings.missingModels.contains(name) else {
            return nil
        }
        return registry[name]
    }

    func checkDatabase(_ name: String) throws(OdooFault) {
        guard name == settings.database else { throw .unknownDatabase(name) }
    }

    private mutating func object(_ method: String, _ arguments: [JSON], now: Instant) throws(OdooFault) -> OdooResult {
        guard method == "execute_kw" || method == "execute" else {
            throw .python("NameError", "Method not available \(method)")
        }
        guard arguments.count >= 5, let uid = arguments[1].int, let name = arguments[3].string,
            let call = arguments[4].string
        else { throw .python("Exception", "execute_kw needs db, uid, password, model, method and arguments") }
        try checkDatabase(arguments[0].string ?? "")
        guard settings.user(uid) != nil else { throw .missing("res.users", uid, uid: uid) }
        guard self.uid(password: arguments[2].string ?? "", for: uid, now: now) else { throw .accessDenied }
        let positional =
            method == "execute" ? Array(arguments.dropFirst(5)) : arguments.count > 5 ? arguments[5].array ?? [] : []
        let named = method == "execute" || arguments.count < 7 ? [:] : arguments[6].object ?? [:]
        guard let model = model(name) else { throw .userError("Object \(name) doesn't exist") }
        return try withEnvironment(uid: uid, now: now) { environment throws(OdooFault) in
            try environment.call(model, call, positional: positional, named: named)
        }
    }
}
