package import Canonical
package import Contracts
import ExactJSON
package import Store

/// Who decides, why, and when.
struct Decider: Sendable {
    let by: String
    let note: String?
    let now: Instant
}

// What becomes of an exception that a person decides.
extension OperatorDesk {
    /// Decides one exception and audits it. Answers with what came of it: it begins with "ok" where it is settled.
    /// ``StoreTransaction/order(_:_:)`` must follow for its keys.
    static func decide(
        _ kind: OperatorRequest.Kind, _ id: Int64, _ decider: Decider, _ transaction: StoreTransaction, _ remap: Remap
    ) throws -> String {
        guard let exception = try transaction.exception(id) else { return "there is no exception \(id)" }
        guard exception.state == .open else { return "exception \(id) is settled already" }
        let result =
            kind == .resubmit
            ? try resubmit(exception, transaction, remap) : try discard(exception, transaction)
        if result.hasPrefix("ok") {
            try settle(exception, as: kind == .resubmit ? .resubmitted : .discarded, decider, transaction)
        } else {
            try transaction.insertNote(.failed, result, on: id, by: decider.by, now: decider.now)
        }
        try audit("exception.\(kind.rawValue)", exception, result, decider, transaction)
        return result
    }

    /// Ends an exception and what it holds.
    static func settle(
        _ exception: ExceptionRecord, as state: ExceptionRecord.State, _ decider: Decider,
        _ transaction: StoreTransaction
    ) throws {
        try transaction.settle(
            exception: exception.id, as: state, by: decider.by, note: decider.note, now: decider.now)
        guard let target = exception.target else { return }
        try transaction.unblock(target, exception: exception.id)
    }

    static func audit(
        _ action: String, _ exception: ExceptionRecord, _ result: String, _ decider: Decider,
        _ transaction: StoreTransaction, more: JSONObject = [:]
    ) throws {
        var detail: JSONObject = [
            "exception": .int(Int(exception.id)), "result": .string(result),
            "note": decider.note.map { .string($0) } ?? .null,
        ]
        detail.merge(more) { first, _ in first }
        try transaction.audit(action, actor: decider.by, detail: .object(detail), now: decider.now)
    }

    private static func resubmit(
        _ exception: ExceptionRecord, _ transaction: StoreTransaction, _ remap: Remap
    ) throws -> String {
        switch exception.kind {
        case .rejected:
            guard let command = exception.command else { return "the exception has no command" }
            return try resubmit(command, exception, transaction, remap)
        case .doubt:
            // It may have happened: only the very same command can be known again.
            guard let command = exception.command else { return "the exception has no command" }
            try transaction.reopen(command: command)
            return "ok: sent again in its key's order"
        case .map:
            guard let delivery = try deliveries(of: exception, transaction).first else { return Self.isGone }
            if delivery.isEdited {
                try transaction.reopen(delivery: delivery.id)
                return "ok: sent in its key's order as it was written by hand"
            }
            guard let entry = try transaction.entry(delivery.event) else { return Self.isGone }
            switch remap(exception, entry) {
            case .success(let mapped):
                try transaction.remap(delivery.id, with: mapped)
                return "ok: mapped again and sent in its key's order"
            case .failure(let failure): return "it still fails: \(failure)"
            }
        case .input, .conflict:
            return """
                what could not be read must be corrected at its source, where it is read again, or be put right here \
                as an event; then it is settled
                """
        }
    }

    static let isGone = "the event is not in the journal any more; discard this and send the event again"

    /// Sends a refused command again, with what the maps and tables of today make of its events, or with what a person
    /// wrote.
    private static func resubmit(
        _ command: Int64, _ exception: ExceptionRecord, _ transaction: StoreTransaction, _ remap: Remap
    ) throws -> String {
        var mapped: [(id: Int64, delivery: Delivery)] = []
        for delivery in try transaction.deliveries(ofCommand: command) where !delivery.isEdited {
            guard let entry = try transaction.entry(delivery.event) else { continue }
            switch remap(exception, entry) {
            case .success(let fresh): mapped.append((delivery.id, fresh))
            case .failure(let failure): return "it still fails: \(failure)"
            }
        }
        try transaction.reopen(command: command)
        for (id, delivery) in mapped { try transaction.remap(id, with: delivery) }
        return "ok: sent again in its key's order"
    }

    private static func discard(_ exception: ExceptionRecord, _ transaction: StoreTransaction) throws -> String {
        if let command = exception.command {
            try transaction.discard(command: command)
        } else if exception.kind == .map {
            for delivery in try deliveries(of: exception, transaction) {
                try transaction.discard(delivery: delivery.id)
            }
        }
        return "ok: discarded"
    }
}
