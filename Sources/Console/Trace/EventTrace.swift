package import Canonical
import Contracts
import ExactJSON
import Store

/// The way of one event through this node.
package struct EventTrace: Sendable {
    /// One thing that happened to it.
    package struct Step: Sendable {
        /// `captured`, `stored`, `forwarded`, `received`, `mapped`, `prepared`, `delivered`, `accepted`, …
        package let name: String
        /// Nil for what has not happened yet, or at no certain time.
        package let time: Instant?
        package let detail: String
        /// Which settings mapped it: ``SettingsVersion/id``, and their digest; nil where that is not kept.
        package var settings: (version: Int64, digest: String?)?
        /// From the last step with a time to this one; nil where one of the two has none.
        package fileprivate(set) var after: Duration?
    }

    package let id: String
    package let type: String
    package let subject: String?
    package let source: String
    /// Where it was read: `03/Job.sdc line 14 (byte 412)`; nil where it does not say.
    package let origin: String?
    package let steps: [Step]

    /// The ways of these events.
    static func ways(of entries: [JournalEntry], _ transaction: StoreTransaction) throws -> [EventTrace] {
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
        origin = event?.attributes[Origin.attribute]
        let read = origin.map { ", read from \($0)" } ?? ""
        var steps = [Step(name: "captured", time: envelope.time, detail: envelope.source + read)]
        let atEdge = event?.attributes["recordedtime"].flatMap { Instant(text: $0) }
        let place = "\(entry.number.lane.name) \(entry.number.number)"
        let taker = entry.via.map { ", by the source \($0)" } ?? ""
        if let atEdge, atEdge != entry.recorded {
            steps.append(Step(name: "stored", time: atEdge, detail: "at the edge"))
            steps.append(Step(name: "received", time: entry.recorded, detail: "stored here, \(place)\(taker)"))
        } else {
            steps.append(Step(name: "stored", time: entry.recorded, detail: place + taker))
        }
        for cursor in try transaction.cursors() where cursor.lane == entry.number.lane {
            guard streams.contains(cursor.target) else { continue }
            steps.append(Self.handing(to: cursor.target, isThere: cursor.position >= entry.number.number))
        }
        for trace in try transaction.trace(entry.number) { steps += try Self.steps(of: trace, transaction) }
        if let exception = try transaction.openException(of: entry.number) {
            steps.append(
                Step(
                    name: "waits", time: exception.created,
                    detail: "exception \(exception.id): \(exception.failure.message)"))
        }
        self.steps = Self.timed(steps)
    }

    /// Says of each step how long after the one before it was.
    private static func timed(_ steps: [Step]) -> [Step] {
        var last: Instant?
        return steps.map { step in
            guard let time = step.time else { return step }
            var step = step
            step.after = last.map { time.since($0) }
            last = time
            return step
        }
    }

    /// A stream is acknowledged up to a number, and only how far that is is kept: not when each event was.
    private static func handing(to target: TargetName, isThere: Bool) -> Step {
        isThere
            ? Step(
                name: "forwarded", time: nil,
                detail: "to \(target), which has it; the trace there tells when it came, and what became of it")
            : Step(name: "waiting", time: nil, detail: "to be forwarded to \(target)")
    }

    private static func mapped(_ delivery: Delivery, _ transaction: StoreTransaction) throws -> Step {
        var step = Step(
            name: "mapped", time: delivery.created,
            detail: "flow \(delivery.flow): \(delivery.operation) \(delivery.arguments)")
        step.settings = try delivery.settings.map {
            (version: $0, digest: try transaction.settingsVersion($0)?.digest)
        }
        return step
    }

    private static func steps(of trace: DeliveryTrace, _ transaction: StoreTransaction) throws -> [Step] {
        let delivery = trace.delivery
        var steps = [try mapped(delivery, transaction)]
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
        steps.append(Step(name: "prepared", time: command.created, detail: "command \(command.id)"))
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
}
