package import Canonical
package import Contracts
package import ExactJSON
package import Store
import World

/// What a person changes about an exception, out of a request's `detail`.
package enum ExceptionEdit: Sendable, Hashable {
    /// Other arguments for the command; `delivery` names the one they are for where the command joins several.
    case arguments(JSONObject, delivery: Int64?)
    /// What the event should have said: a merge patch (RFC 7396) of its `subject` and `data`. It is mapped again.
    case event(JSON)
    /// An event, written out, in the place of what could not be read.
    case document(JSON)

    /// What ``init(json:)`` takes, in words.
    package static let shape =
        "an edit says {\"arguments\": {…}}, {\"event\": {\"subject\": …, \"data\": {…}}} or {\"document\": {…}}"
    /// The longest change, in bytes.
    package static let maximumBytes = 256 << 10

    /// Reads ``json``; nil for anything else.
    package init?(json: JSON) {
        if let arguments = json["arguments"]?.object {
            self = .arguments(arguments, delivery: json["delivery"]?.int.map { Int64($0) })
        } else if let patch = json["event"], let members = patch.object,
            members.keys.allSatisfy({ $0 == "subject" || $0 == "data" }), !members.isEmpty
        {
            self = .event(patch)
        } else if let document = json["document"], document.object != nil {
            self = .document(document)
        } else {
            return nil
        }
    }

    /// As it is kept in a request.
    package var json: JSON {
        switch self {
        case .arguments(let arguments, let delivery):
            ["arguments": .object(arguments), "delivery": delivery.map { .int(Int($0)) } ?? .null]
        case .event(let patch): ["event": patch]
        case .document(let document): ["document": document]
        }
    }
}

// Exceptions that a person puts right.
extension OperatorDesk {
    /// Carries out an edit. It sends nothing: that is what resubmitting is for; but an event in the place of what could
    /// not be read is stored, and settles its exception.
    func edit(_ request: OperatorRequest) async throws {
        let decider = Decider(by: request.by, note: request.note, now: world.clock.now())
        let change = request.detail.flatMap(ExceptionEdit.init(json:))
        let exception = try await store.read { try $0.exception(request.subject) }
        let result: String
        if let exception, let change {
            if exception.state != .open {
                result = "exception \(exception.id) is settled already"
            } else if case .document(let document) = change {
                result = try await replace(exception, by: document, decider)
            } else {
                let remap = remap
                result = try await store.write { try Self.edit(exception, change, decider, $0, remap) }
            }
        } else {
            result =
                exception == nil
                ? "there is no exception \(request.subject)"
                : ExceptionEdit.shape
        }
        let now = world.clock.now()
        try await store.write { try $0.finishRequest(request.id, result: result, now: now) }
    }

    private static func edit(
        _ exception: ExceptionRecord, _ change: ExceptionEdit, _ decider: Decider, _ transaction: StoreTransaction,
        _ remap: Remap
    ) throws -> String {
        guard exception.kind == .rejected || exception.kind == .map else {
            return exception.kind == .doubt
                ? "it may have happened: only the very same command can be known again, so it cannot be changed"
                : "it has no command; give the event that it should have been"
        }
        let held = try deliveries(of: exception, transaction)
        guard !held.isEmpty else { return isGone }
        var changed: [(old: Delivery, new: Delivery)] = []
        switch change {
        case .arguments(let arguments, let id):
            let meant = held.filter { id == nil || $0.id == id }
            guard var delivery = meant.first, meant.count == 1 else {
                let ids = held.map { String($0.id) }.joined(separator: ", ")
                return "the command joins \(held.count) deliveries; say for which the arguments are: \(ids)"
            }
            let old = delivery
            delivery.arguments = .object(arguments)
            changed = [(old, delivery)]
        case .event(let patch):
            for delivery in held {
                guard let entry = try transaction.entry(delivery.event) else { return isGone }
                switch try patched(entry, patch).flatMap({ remap(exception, $0) }) {
                case .success(let mapped): changed.append((delivery, mapped))
                case .failure(let failure): return "with that it still fails: \(failure)"
                }
            }
        case .document: return "the event can be read; change its subject or its data"
        }
        for (old, new) in changed { try transaction.edit(old.id, to: new) }
        if changed.count == held.count, held.count == 1, let new = changed.first?.new {
            try transaction.setArguments(new.arguments.description, ofException: exception.id)
        }
        try transaction.insertNote(.edited, change.json.description, on: exception.id, by: decider.by, now: decider.now)
        try audit(
            "exception.edit", exception, "ok", decider, transaction,
            more: [
                "change": change.json, "before": .array(changed.map(\.old.arguments)),
                "after": .array(changed.map(\.new.arguments)),
            ])
        return "ok: changed; resubmit it to send it"
    }

    /// The event as a person corrected it. It keeps its id, source, type and time: it stays the same fact.
    private static func patched(_ entry: JournalEntry, _ patch: JSON) throws -> Result<JournalEntry, Failure> {
        do {
            let corrected = try JSONReader.read(entry.document.bytes).merging(patch)
            let document = try EnvelopeScanner.scan(corrected.bytes)
            return .success(
                JournalEntry(number: entry.number, document: document, recorded: entry.recorded, via: entry.via))
        } catch {
            return .failure(DeliveryFailures.correction.failure("\(error)"))
        }
    }

    /// Takes in an event in the place of what could not be read. Storing comes first: where the node ends between that
    /// and the settling, the same event is known when it is tried again.
    private func replace(_ exception: ExceptionRecord, by document: JSON, _ decider: Decider) async throws -> String {
        guard exception.kind == .input || exception.kind == .conflict, let source = exception.source, let door else {
            return "the event can be read; change its subject or its data"
        }
        let event: EventDocument
        do {
            event = try EnvelopeScanner.scan(document.bytes)
        } catch {
            return "that is no event: \(error)"
        }
        if let failure = door.misfit(event) { return "with that it still fails: \(failure)" }
        let receipt: IntakeReceipt
        do {
            receipt = try await door.intake.submit(SourceBatch(source: SourceName(source), documents: [event]))
        } catch let failure as Failure {
            // A store without room takes nothing in; what else was asked for, such as discarding, is what makes room.
            return "it was not stored: \(failure)"
        }
        guard receipt.conflicts == 0 else { return "another event is stored under the id \(event.envelope.id)" }
        let result =
            receipt.stored > 0
            ? "ok: stored as event \(event.envelope.id)" : "ok: event \(event.envelope.id) was stored before"
        try await store.write { transaction in
            try transaction.insertNote(
                .edited, document.description, on: exception.id, by: decider.by, now: decider.now)
            try Self.settle(exception, as: .resubmitted, decider, transaction)
            try Self.audit("exception.edit", exception, result, decider, transaction, more: ["document": document])
        }
        return result
    }
}
