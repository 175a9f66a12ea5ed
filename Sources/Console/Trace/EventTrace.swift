package import Canonical
import Contracts
package import ExactJSON
package import Store

/// The way of one event through this node.
package struct EventTrace: Sendable {
    /// One thing that happened to it.
    package struct Step: Sendable {
        /// `captured`, `stored`, `forwarded`, `mapped`, `delivered`, `accepted`, …
        package let name: String
        /// Nil for what has not happened yet, or at no certain time.
        package let time: Instant?
        package let detail: String
    }

    package let id: String
    package let type: String
    package let subject: String?
    package let source: String
    package let steps: [Step]

    /// The ways of all events that `text` names, see ``StoreTransaction/findEntries(_:limit:)``.
    package static func find(_ text: String, limit: Int, _ transaction: StoreTransaction) throws -> [EventTrace] {
        let entries = try transaction.findEntries(text, limit: limit)
        guard !entries.isEmpty else { return [] }
        let streams = try transaction.withoutDeliveries(Set(transaction.cursors().map(\.target)))
        return try entries.map { try EventTrace($0, streams: streams, transaction) }
    }

    /// `streams`: the targets that events are handed on to as they are.
    init(_ entry: JournalEntry, streams: Set<TargetName>, _ transaction: StoreTransaction) throws {
        let envelope = entry.document.envelope
        id = envelope.id
        type = envelope.type
        subject = envelope.subject
        source = envelope.source
        let event = try? Event(document: JSONReader.read(entry.document.bytes))
        let atEdge = event?.attributes["recordedtime"].flatMap { Instant(text: $0) }
        var steps = [Step(name: "captured", time: envelope.time, detail: envelope.source)]
        if let atEdge, atEdge != entry.recorded {
            steps.append(Step(name: "stored", time: atEdge, detail: "at the edge"))
            steps.append(
                Step(
                    name: "forwarded", time: entry.recorded,
                    detail: "stored here, \(entry.number.lane.name) \(entry.number.number)"))
        } else {
            steps.append(
                Step(name: "stored", time: entry.recorded, detail: "\(entry.number.lane.name) \(entry.number.number)"))
        }
        for cursor in try transaction.cursors() where cursor.lane == entry.number.lane {
            guard streams.contains(cursor.target) else { continue }
            let isThere = cursor.position >= entry.number.number
            steps.append(Step(name: isThere ? "forwarded" : "waiting", time: nil, detail: "to \(cursor.target)"))
        }
        for trace in try transaction.trace(entry.number) { steps += Self.steps(of: trace) }
        if let exception = try transaction.openException(of: entry.number) {
            steps.append(
                Step(
                    name: "waits", time: exception.created,
                    detail: "exception \(exception.id): \(exception.failure.message)"))
        }
        self.steps = steps
    }

    private static func steps(of trace: DeliveryTrace) -> [Step] {
        let delivery = trace.delivery
        var steps = [
            Step(
                name: "mapped", time: delivery.created,
                detail: "flow \(delivery.flow): \(delivery.operation) \(delivery.arguments)")
        ]
        guard let command = trace.command else {
            switch trace.state {
            case .blocked:
                steps.append(Step(name: "blocked", time: nil, detail: "waits behind its key \(delivery.key)"))
            case .pending:
                steps.append(Step(name: "waiting", time: nil, detail: "for its turn at \(delivery.target)"))
            case .taken, .accepted, .rejected, .discarded, .shadowed: break
            }
            return steps
        }
        if let started = command.started {
            steps.append(
                Step(
                    name: "delivered", time: started,
                    detail: "to \(delivery.target), command \(command.id), try \(command.attempts)"))
        }
        switch command.state {
        case .accepted:
            steps.append(Step(name: "accepted", time: command.settled, detail: command.reference ?? ""))
            steps.append(Step(name: "reflected", time: command.settled, detail: command.summary ?? ""))
        case .doubt: steps.append(Step(name: "in doubt", time: nil, detail: "\(delivery.target) is being asked"))
        case .rejected: steps.append(Step(name: "rejected", time: command.settled, detail: "by \(delivery.target)"))
        case .discarded: steps.append(Step(name: "discarded", time: command.settled, detail: ""))
        case .shadowed:
            let words = [command.reference, command.summary].compactMap { $0 }.filter { !$0.isEmpty }
            steps.append(
                Step(name: "shadow", time: command.settled, detail: "not sent: \(words.joined(separator: ", "))"))
        case .deferred:
            steps.append(
                Step(
                    name: "waiting", time: nil,
                    detail: "\(delivery.target) could not take it, \(command.attempts) tries; it is tried again"))
        case .inFlight: break
        }
        return steps
    }

    /// `{"id": …, "type": …, "subject": …, "source": …, "steps": [{"step": …, "time": …, "detail": …}]}`
    package var json: JSON {
        [
            "id": .string(id), "type": .string(type), "subject": subject.map { .string($0) } ?? .null,
            "source": .string(source),
            "steps": .array(
                steps.map {
                    [
                        "step": .string($0.name), "time": $0.time.map { .string($0.description) } ?? .null,
                        "detail": .string($0.detail),
                    ]
                }),
        ]
    }
}
