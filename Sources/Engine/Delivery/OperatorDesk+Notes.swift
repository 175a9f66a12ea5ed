import Contracts
import ExactJSON
package import Store
import World

// What people say of exceptions, and who looks after them.
extension OperatorDesk {
    /// Carries out a comment or an assignment.
    func note(_ request: OperatorRequest) async throws {
        let now = world.clock.now()
        let decider = Decider(by: request.by, note: request.note, now: now)
        try await store.write { transaction in
            try transaction.finishRequest(
                request.id, result: try Self.note(request, decider, transaction), now: now)
        }
    }

    /// The longest comment, in bytes.
    package static let maximumComment = 4_000
    /// The longest name of a person, in characters.
    package static let maximumName = 100

    private static func note(
        _ request: OperatorRequest, _ decider: Decider, _ transaction: StoreTransaction
    ) throws -> String {
        guard let exception = try transaction.exception(request.subject) else {
            return "there is no exception \(request.subject)"
        }
        if request.kind == .comment {
            guard let text = request.note, !text.isEmpty else { return "the comment is empty" }
            guard text.utf8.count <= maximumComment else { return "a comment has \(maximumComment) bytes at most" }
            try transaction.insertNote(.comment, text, on: exception.id, by: decider.by, now: decider.now)
            try audit("exception.comment", exception, "ok", decider, transaction)
            return "ok: noted"
        }
        let person = request.detail?["to"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        guard (person?.count ?? 0) <= maximumName else { return "a name has \(maximumName) characters at most" }
        try transaction.assign(exception: exception.id, to: person)
        try transaction.insertNote(.assigned, person ?? "nobody", on: exception.id, by: decider.by, now: decider.now)
        try audit(
            "exception.assign", exception, "ok", decider, transaction,
            more: ["to": person.map { .string($0) } ?? .null])
        return "ok: \(person ?? "nobody") looks after it"
    }
}
