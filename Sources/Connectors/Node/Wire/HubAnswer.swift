package import Canonical
package import Contracts
package import ExactJSON
package import World

/// What a hub says to a batch.
package struct HubAnswer: Sendable, Hashable {
    /// What became of the batch.
    package enum Status: String, Sendable, CaseIterable {
        /// Everything up to `position` is durable at the hub.
        case stored
        /// The batch begins behind a gap: send again from `position` + 1.
        case gap
        /// Other bytes are stored under these numbers.
        case conflict
        /// Nothing was stored; `problem` says why.
        case refused
    }

    /// What is wrong, for people, with its stable code.
    package struct Problem: Sendable, Hashable {
        package let code: String
        package let message: String
        package let suggestion: String
    }

    package var status: Status
    /// How far the hub has the lane's stream; nil where the batch was refused before that was looked at.
    package var position: Int64?
    /// The hub's clock.
    package var hubTime: Instant
    /// How far the edge's clock is ahead of the hub's; nil where it was not looked at.
    package var skew: Duration?
    package var problem: Problem?

    package init(
        _ status: Status, position: Int64? = nil, hubTime: Instant, skew: Duration? = nil, failure: Failure? = nil
    ) {
        self.status = status
        self.position = position
        self.hubTime = hubTime
        self.skew = skew
        problem = failure.map { Problem(code: $0.kind.code, message: $0.message, suggestion: $0.suggestion) }
    }

    /// Bytes of the largest answer that is read.
    static let maximumBytes = 64 << 10
    /// The highest position that is believed: as far as JSON carries whole numbers, and farther than any stream counts.
    static let maximumPosition: Int64 = 1 << 53

    /// The answer as JSON: `{position, status, hubTime, skewMilliseconds, problem?}`.
    package var json: JSON {
        var members: JSONObject = [
            "position": position.map { .int(Int($0)) } ?? .null, "status": .string(status.rawValue),
            "hubTime": .string(hubTime.description),
            "skewMilliseconds": skew.map { .int(Int($0.microseconds / 1_000)) } ?? .null,
        ]
        if let problem {
            members["problem"] = [
                "code": .string(problem.code), "message": .string(problem.message),
                "suggestion": .string(problem.suggestion),
            ]
        }
        return .object(members)
    }

    /// Reads a hub's answer; nil for anything else, such as a proxy's page.
    package init?(_ body: [UInt8]) {
        guard body.count <= Self.maximumBytes, let json = try? JSONReader.read(body, maximumDepth: 8),
            let status = json["status"]?.string.flatMap({ Status(rawValue: $0) }),
            let hubTime = json["hubTime"]?.string.flatMap({ Instant(text: $0) })
        else { return nil }
        self.init(
            status, position: json["position"]?.int.map { Int64($0) }, hubTime: hubTime,
            skew: json["skewMilliseconds"]?.int.map { .milliseconds($0) })
        guard let position else {
            problem = Self.problem(json["problem"])
            return
        }
        guard (0...Self.maximumPosition).contains(position) else { return nil }
        problem = Self.problem(json["problem"])
    }

    private static func problem(_ json: JSON?) -> Problem? {
        guard let code = json?["code"]?.string, let message = json?["message"]?.string else { return nil }
        return Problem(
            code: String(code.prefix(32)), message: String(message.prefix(1_000)),
            suggestion: String((json?["suggestion"]?.string ?? "").prefix(1_000)))
    }

    /// The answer as a response of that HTTP status.
    package func response(_ httpStatus: Int, retryAfterSeconds: Int? = nil) -> HTTPResponse {
        var headers: HTTPHeaders = ["Content-Type": "application/json", "Cache-Control": "no-store"]
        if let retryAfterSeconds { headers["Retry-After"] = String(retryAfterSeconds) }
        return HTTPResponse(status: httpStatus, headers: headers, body: json.bytes)
    }
}
