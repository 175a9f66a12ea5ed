import Contracts
import ExactJSON
import World

/// A request as a command asks for it, without what shows who sends it.
struct PlannedRequest: Sendable {
    var method: String
    var address: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    /// Without its query, for people: queries may hold what belongs in no log.
    var words: String { "\(method) \(address.prefix { $0 != "?" })" }
}

/// Makes requests of the arguments of commands. Pure.
struct RequestMaker: Sendable {
    static let methods = ["POST", "PUT", "PATCH", "DELETE", "GET"]
    /// RFC 9110 section 9.2.2, of those above.
    private static let idempotentMethods: Set<String> = ["PUT", "DELETE", "GET"]

    let options: HTTPTargetOptions

    /// Throws where the arguments make no request, and says what is wrong with which.
    func request(_ arguments: JSON) throws(Failure) -> PlannedRequest {
        let method = try text(arguments, "method")?.uppercased() ?? "POST"
        guard Self.methods.contains(method) else {
            throw Self.refused(
                "method is \"\(HeaderRules.shown(method))\", and must be one of \(Self.methods.joined(separator: ", "))"
            )
        }
        let address: String
        do {
            address = try URLPieces.address(
                base: options.endpoint, path: arguments["path"], query: arguments["query"])
        } catch { throw Self.refused(error.reason) }
        let (body, type) = try body(arguments)
        guard method != "GET" || body == nil else { throw Self.refused("a GET has no body") }
        guard (body?.count ?? 0) <= options.maximumRequest else {
            throw Self.refused(
                "the body has \(body?.count ?? 0) bytes, and maximumRequest is \(options.maximumRequest)")
        }
        var headers = HTTPHeaders(options.headers)
        for (name, value) in try fields(arguments) { headers[name] = value }
        if let type, headers["Content-Type"] == nil { headers["Content-Type"] = type }
        if headers["Accept"] == nil { headers["Accept"] = "application/json, */*;q=0.5" }
        return PlannedRequest(method: method, address: address, headers: headers.fields, body: body ?? [])
    }

    /// Whether twice is as once: by the method, or as the receiver knows the key again.
    func isRepeatable(method: String, keyHeader: String?) -> Bool {
        switch options.repeats {
        case .never: false
        case .keyed: keyHeader == options.keyHeader || Self.idempotentMethods.contains(method)
        case .idempotent: Self.idempotentMethods.contains(method)
        }
    }

    private func text(_ arguments: JSON, _ name: String) throws(Failure) -> String? {
        switch arguments[name] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default: throw Self.refused("\(name) must be text")
        }
    }

    /// The bytes and what they are; nil where no body was asked for.
    private func body(_ arguments: JSON) throws(Failure) -> ([UInt8]?, String?) {
        let given = ["body", "text", "form"].filter { !(arguments[$0] ?? .null).isNull }
        guard given.count <= 1 else { throw Self.refused("\(given.joined(separator: " and ")) cannot both be sent") }
        switch given.first {
        case "body": return ((arguments["body"] ?? .null).bytes, "application/json")
        case "text": return (Array((try text(arguments, "text") ?? "").utf8), "text/plain; charset=utf-8")
        case "form":
            do {
                let pairs = try URLPieces.parameters(arguments["form"])
                return (Array(FormText.encode(pairs).utf8), "application/x-www-form-urlencoded")
            } catch { throw Self.refused("form: \(error.reason)") }
        default: return (nil, nil)
        }
    }

    private func fields(_ arguments: JSON) throws(Failure) -> [(name: String, value: String)] {
        let pairs: [(name: String, value: String)]
        do {
            pairs = try URLPieces.parameters(arguments["headers"])
        } catch { throw Self.refused("headers: \(error.reason)") }
        guard pairs.count <= HeaderRules.maximumFields else {
            throw Self.refused("headers has \(pairs.count) fields, and may have \(HeaderRules.maximumFields)")
        }
        for (name, value) in pairs {
            if let reason = HeaderRules.refusal(name, value, taken: options.taken) { throw Self.refused(reason) }
        }
        return pairs
    }

    private static func refused(_ reason: String) -> Failure { Failure(HTTPTargetFailures.request, reason) }
}
