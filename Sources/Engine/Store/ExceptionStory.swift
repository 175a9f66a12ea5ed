package import Contracts
package import ExactJSON

/// One exception with everything that is known of it.
package struct ExceptionStory: Sendable {
    package let record: ExceptionRecord
    /// The event as it is stored; nil where there is none, or it is trimmed.
    package let event: JournalEntry?
    /// What it holds: what a map made of each event, or a person wrote.
    package let deliveries: [Delivery]
    /// The command that was sent, or was to be.
    package let command: StoredCommand?
    /// How many deliveries wait behind it.
    package let waiting: Int
    /// What people did and said, oldest first.
    package let notes: [ExceptionNote]
    /// The settings that mapped it; nil where nothing was mapped, or that was not kept yet.
    package let settings: SettingsVersion?
    /// The map of those settings that mapped it.
    package let map: KeptMap?
    /// Other exceptions of the same event.
    package let others: [ExceptionRecord]

    /// The most of each kind that is looked up.
    private static let limit = 200

    /// Nil where there is no such exception.
    package init?(_ id: Int64, _ transaction: StoreTransaction) throws {
        guard let record = try transaction.exception(id) else { return nil }
        self.record = record
        event = try record.event.flatMap { try transaction.entry($0) }
        if let command = record.command {
            deliveries = try transaction.deliveries(ofCommand: command)
            self.command = try transaction.command(command)
        } else {
            if let event = record.event, let flow = record.flow, let target = record.target {
                deliveries = try [transaction.delivery(of: event, flow: flow, target: target)].compactMap { $0 }
            } else {
                deliveries = []
            }
            command = nil
        }
        settings = try deliveries.compactMap(\.settings).max().flatMap { try transaction.settingsVersion($0) }
        map = try settings.flatMap { version in
            try record.flow.flatMap { try KeptMap(of: $0, in: version, transaction) }
        }
        waiting = try transaction.waitingBehind(id)
        notes = try transaction.notes(on: id, limit: Self.limit)
        others = try record.event.map { try transaction.exceptions(of: $0, besides: id, limit: Self.limit) } ?? []
    }

    /// The event's document; nil where there is none to show.
    package var document: JSON? { event.flatMap { try? JSONReader.read($0.document.bytes) } }

    /// One JSON object: that of the record, and more.
    package var json: JSON {
        var value = record.json
        value["document"] = document ?? .null
        value["waitingBehind"] = .int(waiting)
        value["deliveries"] = .array(
            deliveries.map { delivery in
                [
                    "id": .int(Int(delivery.id)), "operation": .string(delivery.operation),
                    "key": .string(delivery.key.rawValue), "arguments": delivery.arguments,
                    "edited": .bool(delivery.isEdited),
                ]
            })
        value["command"] =
            command.map { stored in
                [
                    "operation": .string(stored.command.operation), "attempts": .int(stored.attempts),
                    "created": .string(stored.created.description),
                    "started": stored.started.map { .string($0.description) } ?? .null,
                    "idempotencyKey": .string(stored.command.idempotencyKey),
                ]
            } ?? .null
        value["settings"] =
            settings.map { ["version": .int(Int($0.id)), "digest": .string($0.digest)] } ?? .null
        value["map"] = map?.json ?? .null
        value["history"] = .array(notes.map(\.json))
        value["others"] = .array(
            others.map {
                ["id": .int(Int($0.id)), "code": .string($0.failure.kind.code), "state": .string($0.state.name)]
            })
        return value
    }

    /// Which settings mapped it, in words; nil where that is not known.
    package var mappedBy: String? {
        settings.map { "settings \($0.id) (\($0.digest.prefix(12))) of \($0.started)" }
    }

    /// What else is to be said of it in words, one line each.
    package var facts: [(label: String, text: String)] {
        var facts = [("since", record.created.description), ("kind", record.kind.rawValue)]
        if let source = record.source { facts.append(("source", source)) }
        if let origin = record.origin { facts.append(("read at", origin)) }
        if let id = record.eventID { facts.append(("event", id)) }
        if let flow = record.flow { facts.append(("flow", flow.rawValue)) }
        if let target = record.target { facts.append(("target", target.rawValue)) }
        if let operation = command?.command.operation ?? deliveries.first?.operation {
            facts.append(("operation", operation))
        }
        if let key = record.key { facts.append(("key", key.rawValue)) }
        if let attempts = command?.attempts, attempts > 1 { facts.append(("sent", "\(attempts) times")) }
        if waiting > 0 { facts.append(("waiting behind it", "\(waiting) deliveries")) }
        if let assignee = record.assignee { facts.append(("looked after by", assignee)) }
        if let detail = record.failure.detail { facts.append(("detail", detail)) }
        if let settled = record.settled {
            let reason = record.note.map { ": \($0)" } ?? ""
            facts.append((record.state.name, "\(settled) by \(record.settledBy ?? "?")\(reason)"))
        }
        return facts
    }
}
