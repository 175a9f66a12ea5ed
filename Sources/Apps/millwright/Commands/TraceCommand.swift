import ArgumentParser
import Canonical
import ExactJSON
import Store

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract:
            "Follows an event, an order or an asset: captured, stored, forwarded, mapped, delivered, accepted, with times."
    )

    @OptionGroup var options: FolderOptions
    @Argument(help: "An event's id, a subject such as an order, or an asset.") var what: String
    @Option(help: "The most events to show, newest last.") var limit = 20
    @Flag(help: "One line of JSON.") var json = false

    func run() throws {
        let reader = try options.reader()
        let traces = try reader.read { transaction in
            try transaction.findEntries(what, limit: limit).map { entry in
                try EventTrace(entry, transaction)
            }
        }
        if json, !traces.isEmpty { return Output.json(["events": .array(traces.map(\.json))]) }
        guard !traces.isEmpty else {
            throw CommandFailure(
                description: "nothing is known here of \"\(what)\": an event's id, a subject or an asset is wanted")
        }
        for trace in traces { Output.say(trace.text + "\n") }
    }
}

/// The way of one event through this node.
struct EventTrace {
    struct Step {
        let name: String
        let time: Instant?
        let detail: String
    }

    let id: String
    let type: String
    let subject: String?
    let source: String
    let steps: [Step]

    init(_ entry: JournalEntry, _ transaction: StoreTransaction) throws {
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
            guard try transaction.deliveryCounts(cursor.target).isEmpty else { continue }
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
            if trace.state == .blocked {
                steps.append(Step(name: "blocked", time: nil, detail: "waits behind its key \(delivery.key)"))
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
        case .inFlight, .deferred: break
        }
        return steps
    }

    var text: String {
        var lines = ["\(type)  \(subject ?? "")", "  id \(id), source \(source)"]
        var last: Instant?
        for step in steps {
            let since = step.time.flatMap { time in last.map { " +" + time.since($0).short } } ?? ""
            lines.append(
                "  \(step.name.padding(toLength: 10, withPad: " ", startingAt: 0)) \(step.time?.description ?? "-")\(since)  \(step.detail)"
            )
            last = step.time ?? last
        }
        return lines.joined(separator: "\n")
    }

    var json: JSON {
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
