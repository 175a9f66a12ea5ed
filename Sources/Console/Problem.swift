import Contracts
import ExactJSON

/// What the listener itself answers.
extension Problem {
    static func notFound(_ path: String) -> Problem {
        Problem(404, "Not found", detail: "nothing is at \(bounded(path))")
    }

    static func methodNotAllowed(_ method: String, _ path: String, allowed: [String]) -> Problem {
        Problem(
            405, "Method not allowed",
            detail: "\(bounded(path)) takes \(allowed.joined(separator: ", ")), not \(bounded(method))")
    }

    static func bodyTooLarge(limit: Int) -> Problem {
        Problem(
            413, "Content too large", detail: "the body is longer than \(limit) bytes; send it in smaller parts",
            members: ["limit": .int(limit)])
    }

    static let headersTooLarge = Problem(
        431, "Request header fields too large", detail: "the header fields are more or longer than this server takes")
    static let malformed = Problem(400, "Bad request", detail: "what came is no HTTP/1.1 request")
    static let slow = Problem(408, "Request timeout", detail: "the body did not arrive in time; send the request again")
    static let tooManyStreams = Problem(
        503, "Service unavailable", detail: "too many streams are open; close one or try again later")

    static let tooManyBodies = Problem(
        503, "Service unavailable",
        detail: "the node is reading as many requests as it has room for; send this one again later")

    static let changing = Problem(
        503, "Service unavailable", detail: "the node changes to other settings; send this again in a moment")

    private static func bounded(_ text: String) -> String {
        text.utf8.count > 200 ? String(text.prefix(200)) + "…" : text
    }
}
