import Contracts
import ExactJSON
import World

/// Reads what Odoo, or whatever stands before it, answered: a result, or an error with its verdict. Pure.
enum OdooAnswer {
    /// The nesting that an answer of Odoo's may have.
    static let maximumDepth = 64

    /// The result of a JSON-RPC call. Where a method returns nothing, Odoo sends neither `result` nor `error`: null.
    static func remote(_ response: HTTPResponse, of call: OdooCall) throws(OdooError) -> JSON {
        guard response.status == 200 else { throw status(response, isWrite: call.isWrite) }
        guard let body = try? JSONReader.read(response.body, maximumDepth: maximumDepth), body["jsonrpc"] != nil else {
            throw foreign(response, isWrite: call.isWrite)
        }
        if let error = body["error"], !error.isNull {
            throw fault(error["data"] ?? error, call: call)
        }
        return body["result"] ?? .null
    }

    /// The result of a JSON-2 call: the bare value, or an error under its real status.
    static func json2(_ response: HTTPResponse, of call: OdooCall) throws(OdooError) -> JSON {
        let body = try? JSONReader.read(response.body, maximumDepth: maximumDepth)
        if response.status == 200 {
            guard let body else { throw foreign(response, isWrite: call.isWrite) }
            return body
        }
        if let body, body["name"]?.string != nil { throw fault(body, call: call) }
        if response.status == 404 {
            // Over JSON-2 an unknown database looks like an unknown page.
            throw OdooError(
                .deferred(after: nil, isTargetDown: true),
                Failure(
                    OdooFailures.unknownDatabase,
                    "Odoo answers 404 to \(call.model).\(call.method): no such database or page",
                    detail: excerpt(response)))
        }
        throw status(response, isWrite: call.isWrite)
    }

    /// An HTTP status that is not Odoo's own way to say anything.
    static func status(_ response: HTTPResponse, isWrite: Bool) -> OdooError {
        let detail = excerpt(response)
        switch response.status {
        case 401, 403:
            return OdooError(
                .deferred(after: nil, isTargetDown: true),
                Failure(OdooFailures.credentials, "the endpoint answers \(response.status)", detail: detail))
        case 429:
            return OdooError(
                .deferred(after: RetryAfter.wait(response.headers), isTargetDown: true),
                Failure(OdooFailures.throttled, "the endpoint answers 429", detail: detail))
        case 400, 413, 415, 422:
            return OdooError(
                .rejected,
                Failure(
                    OdooFailures.badRequest, "Odoo answers \(response.status) to the request's form", detail: detail))
        case 300..<500:
            let place = response.headers["location"].map { " and points to \($0.prefix(200))" } ?? ""
            return OdooError(
                .deferred(after: nil, isTargetDown: true),
                Failure(OdooFailures.notOdoo, "the endpoint answers \(response.status)\(place)", detail: detail))
        default:
            // A gateway gives up while Odoo goes on: what was sent may still be committed.
            return OdooError(
                isWrite ? .unknown : .deferred(after: RetryAfter.wait(response.headers), isTargetDown: true),
                Failure(
                    isWrite ? OdooFailures.fateUnknown : OdooFailures.unreachable,
                    "a server before Odoo answers \(response.status)", detail: detail))
        }
    }

    /// A 200 that no Odoo wrote: a login page, a maintenance page, a cut body.
    private static func foreign(_ response: HTTPResponse, isWrite: Bool) -> OdooError {
        OdooError(
            isWrite ? .unknown : .deferred(after: nil, isTargetDown: true),
            Failure(
                isWrite ? OdooFailures.fateUnknown : OdooFailures.notOdoo,
                "the answer is no answer of Odoo's (\(response.body.count) bytes, "
                    + "\(response.headers["content-type"] ?? "no type"))",
                detail: excerpt(response)))
    }

    /// What the network said, as far as it matters for the fate. `call`: what was asked; nil before a login.
    static func network(_ failure: NetworkFailure, isWrite: Bool, of call: OdooCall? = nil) -> OdooError {
        if isWrite && (failure.mayHaveArrived || failure.reason == .tooLarge) {
            return OdooError(.unknown, Failure(OdooFailures.fateUnknown, "no answer from Odoo: \(failure.detail)"))
        }
        if failure.reason == .tooLarge { return tooLarge(failure, of: call) }
        return OdooError(
            .deferred(after: nil, isTargetDown: failure.reason != .cancelled),
            Failure(OdooFailures.unreachable, "Odoo cannot be reached: \(failure.detail)"))
    }

    /// Something was read and is more than is taken: asked again, it is as long again.
    private static func tooLarge(_ failure: NetworkFailure, of call: OdooCall?) -> OdooError {
        let bound = "larger than \(OdooConnection.maximumAnswer >> 20) MiB"
        guard let call else {
            // Which version it is, and who logs in, Odoo says in a line.
            return OdooError(
                .deferred(after: nil, isTargetDown: true),
                Failure(
                    OdooFailures.notOdoo, "the endpoint's answer to a login is \(bound)", detail: failure.detail))
        }
        return OdooError(
            .rejected,
            Failure(
                OdooFailures.answerTooLarge,
                "Odoo's answer to \(call.model).\(call.method) is \(bound), and no more is read",
                detail: failure.detail))
    }

    private static func excerpt(_ response: HTTPResponse) -> String {
        "status \(response.status): " + String(decoding: response.body.prefix(500), as: UTF8.self)
    }
}
