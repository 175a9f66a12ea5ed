import Canonical
import Contracts
package import ExactJSON
package import Store
import World

// What a person pauses, and lets go on.
extension OperatorDesk {
    /// Carries out a pause, or its end.
    func pause(_ request: OperatorRequest) async throws {
        let now = world.clock.now()
        let subject = request.detail.flatMap(PauseSubject.init(json:))
        let isKnown = subject.map(pausable.contains) ?? false
        let (result, pauses) = try await store.write { transaction in
            let result = try Self.pause(request, subject, isKnown: isKnown, transaction, now)
            try transaction.audit(
                request.kind.rawValue, actor: request.by,
                detail: [
                    "subject": request.detail ?? .null, "result": .string(result),
                    "note": request.note.map { .string($0) } ?? .null,
                ], now: now)
            return (result, Pauses(try transaction.pauses()))
        }
        // Whoever hears that it is done may rely on it: nothing begins behind that.
        await gate.paused(pauses)
        try await store.write { try $0.finishRequest(request.id, result: result, now: now) }
    }

    private static func pause(
        _ request: OperatorRequest, _ subject: PauseSubject?, isKnown: Bool, _ transaction: StoreTransaction,
        _ now: Instant
    ) throws -> String {
        guard let subject else { return "a pause is of a flow or of a target" }
        let words = "\(subject.kind) \(subject.name)"
        guard request.kind == .pause else {
            // Also of what is gone from the settings: it would be paused when it came back.
            return try transaction.resume(subject) ? "ok: \(words) goes on" : "ok: \(words) is not paused"
        }
        guard isKnown else { return "the settings have no \(words)" }
        guard (request.note?.utf8.count ?? 0) <= maximumComment else {
            return "a reason has \(maximumComment) bytes at most"
        }
        return try transaction.pause(subject, by: request.by, note: request.note, now: now)
            ? "ok: \(words) is paused; what comes for it waits" : "ok: \(words) is paused already"
    }
}

extension PauseSubject {
    /// `{"kind": "flow", "name": "counts"}`
    package var json: JSON { ["kind": .string(kind), "name": .string(name)] }

    /// Reads what ``json`` wrote; nil for anything else.
    init?(json: JSON) {
        guard let kind = json["kind"]?.string, let name = json["name"]?.string else { return nil }
        self.init(kind: kind, name: name)
    }
}
