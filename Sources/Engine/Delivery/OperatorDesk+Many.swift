import Canonical
import Contracts
import ExactJSON
package import Store
import World

// Decisions about many exceptions at once, a few at a time.
extension OperatorDesk {
    /// Exceptions that one transaction decides, or events that it looks at, at most: others wait for it.
    private static let largestStep = 100
    /// Decisions about many that go on at one time; further ones wait.
    private static let together = 4
    /// How often in a second a decision about many that has a rate makes a step.
    private static let stepsPerSecond = 4

    /// How many the next step takes, of what goes at a rate.
    static func step(at rate: Int?) -> Int {
        rate.map { min(largestStep, max(1, $0 / stepsPerSecond)) } ?? largestStep
    }

    /// Makes the next step of each decision about many that is due; how long until the next one is, or nil where there
    /// is none.
    func goOnWithMany() async throws -> Duration? {
        let requests = try await store.read { try $0.openRequests(many: true, limit: Self.together) }
        due = due.filter { id, _ in requests.contains { $0.id == id } }
        for request in requests {
            // The pause counts from the step's beginning: what the step itself takes is part of the rate.
            let begun = world.clock.uptime()
            if let time = due[request.id], time > begun { continue }
            let (taken, rate): (Int, Int?)
            if request.kind == .replay, let order = request.detail.flatMap(ReplayOrder.init(json:)) {
                (taken, rate) = (try await replay(request, order), order.rate)
            } else if request.kind == .many, let order = request.detail.flatMap(ManyOrder.init(json:)) {
                (taken, rate) = (try await step(request, order), order.rate)
            } else {
                try await finish(request, "it cannot be read")
                continue
            }
            due[request.id] = begun + (rate.map { Duration.seconds(1) * taken / max(1, $0) } ?? .zero)
        }
        let now = world.clock.uptime()
        return requests.compactMap { due[$0.id] }.min().map { max(.milliseconds(1), $0 - now) }
    }

    /// Decides the next few; how many it were.
    private func step(_ request: OperatorRequest, _ order: ManyOrder) async throws -> Int {
        var progress = request.progress.flatMap(ManyProgress.init(json:)) ?? ManyProgress()
        let isFirst = request.progress == nil
        let limit = Self.step(at: order.rate)
        let mark = progress.mark
        let (exceptions, total) = try await store.read { transaction in
            (
                try transaction.exceptions(order.filter, after: mark, through: order.through, limit: limit),
                isFirst ? try transaction.exceptionCount(order.filter, through: order.through) : 0
            )
        }
        if isFirst { progress.total = total }
        guard let last = exceptions.last else {
            try await finish(request, Self.words(order, progress))
            return 0
        }
        progress.mark = last.id
        let start = progress
        let decider = Decider(by: request.by, note: request.note, now: world.clock.now())
        let kind: OperatorRequest.Kind = order.action == .resubmit ? .resubmit : .discard
        try await freeing(exceptions) { transaction, remap in
            // A person may have stopped it meanwhile.
            guard try transaction.requestResult(request.id) == nil else { return }
            var progress = start
            for exception in exceptions {
                let result = try Self.decide(kind, exception.id, decider, transaction, remap)
                if result.hasPrefix("ok") { progress.done += 1 } else { progress.refused += 1 }
            }
            try transaction.setProgress(progress.json, ofRequest: request.id)
        }
        return exceptions.count
    }

    private static func words(_ order: ManyOrder, _ progress: ManyProgress) -> String {
        let done = "\(progress.done) of \(progress.total) \(order.action == .resubmit ? "resubmitted" : "discarded")"
        return progress.refused == 0
            ? "ok: \(done)" : "\(done); \(progress.refused) could not be, and say why"
    }

    /// What the audit trail calls a request that takes a while.
    private static func audited(_ kind: String) -> String {
        kind == OperatorRequest.Kind.replay.rawValue ? "flow.replay" : "exceptions.many"
    }

    func finish(_ request: OperatorRequest, _ result: String) async throws {
        let now = world.clock.now()
        let order = request.detail ?? .null
        try await store.write { transaction in
            guard try transaction.requestResult(request.id) == nil else { return }
            try transaction.audit(
                Self.audited(request.kind.rawValue), actor: request.by,
                detail: [
                    "order": order, "result": .string(result), "note": request.note.map { .string($0) } ?? .null,
                ], now: now)
            try transaction.finishRequest(request.id, result: result, now: now)
        }
    }

    /// Ends a decision about many where it stands.
    func stop(_ request: OperatorRequest) async throws {
        let now = world.clock.now()
        try await store.write { transaction in
            guard let state = try transaction.requestState(request.subject), ["many", "replay"].contains(state.kind)
            else {
                return try transaction.finishRequest(
                    request.id, result: "request \(request.subject) is none that takes a while", now: now)
            }
            guard state.result == nil else {
                return try transaction.finishRequest(
                    request.id, result: "request \(request.subject) has ended", now: now)
            }
            let progress = state.progress ?? ManyProgress()
            let far =
                state.replay.map { "\($0.seen) events" } ?? "\(progress.done + progress.refused) of \(progress.total)"
            let result = "stopped by \(request.by) after \(far)"
            try transaction.audit(
                Self.audited(state.kind) + ".stop", actor: request.by,
                detail: ["request": .int(Int(request.subject)), "result": .string(result)], now: now)
            try transaction.finishRequest(request.subject, result: result, now: now)
            try transaction.finishRequest(request.id, result: "ok: \(result)", now: now)
        }
    }
}
