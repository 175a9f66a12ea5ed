package import Canonical
package import ExactJSON
package import Store

/// Deliveries that become one command.
package struct CommandDraft: Sendable {
    /// In order; at least one.
    package private(set) var deliveries: [Delivery]
    /// Of all of them together.
    package private(set) var arguments: JSON

    init(_ first: Delivery) {
        deliveries = [first]
        arguments = first.arguments
    }

    /// Unique and stable for these deliveries.
    package var identity: String {
        guard let first = deliveries.first, let last = deliveries.last, deliveries.count > 1 else {
            return deliveries.first?.identity ?? ""
        }
        return "\(first.identity)+\(deliveries.count)..\(last.identity)"
    }

    mutating func append(_ next: Delivery, merged: JSON) {
        deliveries.append(next)
        arguments = merged
    }
}

/// What of a key the store has beyond what is held: at most `limit` behind the id `after`.
package struct KeyReach: Sendable, Equatable {
    package let key: OrderingKey
    package let after: Int64
    package let limit: Int
}

// What goes together in one command.
extension DispatchMachine {
    /// Takes `next`, which comes right behind `draft` in its key's order, into it; false where they stay apart.
    func join(_ next: Delivery, _ draft: inout CommandDraft) -> Bool {
        guard let first = draft.deliveries.first, let coalescing = policies[first.flow]?.coalescing,
            draft.deliveries.count < coalescing.maximum, next.flow == first.flow, next.operation == first.operation,
            next.conflicts == first.conflicts,
            // What may be done is looked for at the target fact by fact, and what a person may have to decide about
            // takes nothing along that nobody doubts.
            !first.mayBeDone(doubt: doubt), !next.mayBeDone(doubt: doubt),
            next.isResubmitted == first.isResubmitted, next.isRepeated == first.isRepeated, gates.isOpen(next),
            let merged = coalescing.rule.merging(draft.arguments, next.arguments)
        else { return false }
        draft.append(next, merged: merged)
        return true
    }

    /// What of the store may go with `draft`, which has all that was held of its key: what waits is one command,
    /// however little of it there was room for. Nil where nothing is there, or it takes no more.
    package func reach(of draft: CommandDraft) -> KeyReach? {
        guard let first = draft.deliveries.first, let last = draft.deliveries.last,
            case .partial = holds[first.key], let queue = keys[first.key], queue.busy != nil, queue.waiting == 0,
            queue.underWay == draft.deliveries.map(\.id), let coalescing = policies[first.flow]?.coalescing,
            draft.deliveries.count < coalescing.maximum, !first.mayBeDone(doubt: doubt)
        else { return nil }
        return KeyReach(key: first.key, after: last.id, limit: coalescing.maximum - draft.deliveries.count)
    }

    /// Takes `rows`, the oldest that the store has behind `draft`, into it, as far as they go together. Nothing of it
    /// may have been stored or sent.
    package mutating func widen(_ draft: inout CommandDraft, with rows: [Delivery]) {
        // The key may have been taken away, or read anew, meanwhile.
        guard let reach = reach(of: draft) else { return }
        for next in rows {
            guard next.id > reach.after, join(next, &draft) else { break }
        }
        guard let last = draft.deliveries.last, var queue = keys[reach.key] else { return }
        queue.underWay = draft.deliveries.map(\.id)
        queue.last = max(queue.last, last.id)
        keys[reach.key] = queue
    }
}
