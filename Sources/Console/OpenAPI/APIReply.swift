import Contracts
import ExactJSON
import World

/// How the interface for programs reads requests and replies: JSON, and problem documents (RFC 9457).
enum APIReply {
    /// A request that is turned away.
    struct Turned: Error { let problem: Problem }

    static func refusal(_ status: Int, _ title: String, _ detail: String) -> Turned {
        Turned(problem: Problem(status, title, detail: detail))
    }

    static func read(body: [UInt8]) throws -> JSON {
        do {
            let value = try JSONReader.read(body)
            guard value.object != nil else { throw refusal(400, "Bad request", "the body is a JSON object") }
            return value
        } catch let turned as Turned {
            throw turned
        } catch {
            throw refusal(400, "Bad request", "the body is no JSON: \(error)")
        }
    }

    static func answering(_ body: () async throws -> HTTPResponse) async -> HTTPResponse {
        do {
            return try await body()
        } catch let turned as Turned {
            return turned.problem.response()
        } catch {
            return Problem.store(error).response(["Retry-After": "2"])
        }
    }

    static func json(_ value: JSON, status: Int = 200, _ headers: HTTPHeaders = [:]) -> HTTPResponse {
        var headers = headers
        headers["Content-Type"] = "application/json"
        headers["Cache-Control"] = "no-store"
        return HTTPResponse(status: status, headers: headers, body: value.bytes)
    }
}

extension Problem {
    /// The store could not do it now.
    static func store(_ error: any Error) -> Problem {
        let failure = error as? Failure
        return Problem(
            503, "Service unavailable", detail: failure.map { "\($0.message). \($0.suggestion)" } ?? "\(error)",
            members: failure.map { ["code": .string($0.kind.code)] } ?? [:])
    }
}
