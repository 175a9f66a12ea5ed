import Contracts
import ExactJSON
import World

/// What senders are told.
enum HTTPAnswer {
    /// Refusals that are listed; more are counted.
    private static let maximumListed = 100

    /// 202: everything is durable. `{"stored": 2, "duplicates": 1, "refused": [{"index": 3, …}]}`;
    /// `conflicts` counts events whose id stands for another one already: they wait for a person. Of the refusals that
    /// are `notKept`, by their index, nobody but the sender has the event: there were too many of their cause.
    static func taken(
        _ receipt: IntakeReceipt, _ refusals: [RequestReading.Refusal], notKept: Set<Int> = []
    ) -> HTTPResponse {
        var members: JSONObject = ["stored": .int(receipt.stored), "duplicates": .int(receipt.duplicates)]
        if receipt.conflicts > 0 { members["conflicts"] = .int(receipt.conflicts) }
        members["refused"] = list(refusals, notKept)
        if refusals.count > maximumListed { members["refusedCount"] = .int(refusals.count) }
        return HTTPResponse(
            status: 202, headers: ["Content-Type": "application/json"], body: JSON.object(members).bytes)
    }

    /// 400: the body cannot be read. It is kept for a person all the same, unless there were too many of its cause.
    static func unreadable(_ refusals: [RequestReading.Refusal], isKept: Bool = true) -> HTTPResponse {
        let failure = refusals.first?.failure
        return Problem(
            400, "Bad request",
            detail: "\(failure?.message ?? "the body cannot be read"). \(failure?.suggestion ?? "")",
            members: [
                "code": failure.map { .string($0.kind.code) } ?? .null, "byte": .int(refusals.first?.offset ?? 0),
                "kept": .bool(isKept),
            ]
        ).response()
    }

    /// 503: the sender keeps the events and comes back. What was stored all the same is then counted as duplicates.
    static func unavailable(_ reason: String, code: String? = nil) -> HTTPResponse {
        Problem(
            503, "Service unavailable", detail: "\(reason); keep the events and send them again later",
            members: code.map { ["code": .string($0)] } ?? [:]
        ).response(["Retry-After": "5"])
    }

    private static func list(_ refusals: [RequestReading.Refusal], _ notKept: Set<Int>) -> JSON {
        .array(
            refusals.prefix(maximumListed).map { refusal in
                var member: JSON = [
                    "index": .int(refusal.index), "code": .string(refusal.failure.kind.code),
                    "reason": .string(refusal.failure.message), "suggestion": .string(refusal.failure.suggestion),
                ]
                if notKept.contains(refusal.index) { member["kept"] = false }
                return member
            })
    }
}
