package import Canonical
package import Contracts
package import ExactJSON
package import Store
package import World

/// Carries out what operators asked for: resubmit and discard, each audited. Requests are rows of the store, so that
/// they survive a restart and can be made while the node is down.
package actor OperatorDesk {
    let store: Store
    let world: World
    /// Maps an event again for a flow, after a map failed; nil where event or flow is gone.
    private let remap: @Sendable (ExceptionRecord, JournalEntry) -> Result<Delivery, Failure>
    let gate: Gate
    private let interval: Duration
    /// Takes counts that a target forgot back from a line of its ledger; nil where the line has moved on.
    let takingBack: @Sendable (TargetName, _ order: JSON, LedgerEntry) -> LedgerEntry?

    /// What carries a target's commands out, as far as a person's decisions concern it.
    package struct Gate: Sendable {
        /// Called before what waits for a key can become pending.
        let announce: @Sendable (TargetName, OrderingKey) async -> Void
        /// Called when it has, or has not.
        let released: @Sendable (TargetName, OrderingKey) async throws -> Void
        /// Holds a key until ``released`` and waits for its command under way; false where that does not end.
        let hold: @Sendable (TargetName, OrderingKey) async throws -> Bool

        package init(
            announce: @escaping @Sendable (TargetName, OrderingKey) async -> Void,
            released: @escaping @Sendable (TargetName, OrderingKey) async throws -> Void,
            hold: @escaping @Sendable (TargetName, OrderingKey) async throws -> Bool = { _, _ in false }
        ) {
            self.announce = announce
            self.released = released
            self.hold = hold
        }
    }

    package init(
        store: Store, world: World, interval: Duration = .milliseconds(500),
        gate: Gate,
        takingBack: @escaping @Sendable (TargetName, _ order: JSON, LedgerEntry) -> LedgerEntry? = { _, _, _ in nil },
        remap: @escaping @Sendable (ExceptionRecord, JournalEntry) -> Result<Delivery, Failure>
    ) {
        self.takingBack = takingBack
        self.store = store
        self.world = world
        self.interval = interval
        self.remap = remap
        self.gate = gate
    }

    /// Works until cancelled; looks for requests every `interval`, as they may come from another process.
    package func run() async throws {
        while !Task.isCancelled {
            let requests = try await store.read { try $0.openRequests(limit: 500) }
            for request in requests {
                if request.kind == .repost {
                    try await postAgain(request)
                } else {
                    try await carryOut(request)
                }
            }
            if requests.isEmpty { try await world.clock.sleep(for: interval) }
        }
    }

    private func carryOut(_ request: OperatorRequest) async throws {
        let remap = remap
        let concerned = try await store.read { transaction -> (target: TargetName, keys: [OrderingKey])? in
            guard let exception = try transaction.exception(request.subject), let target = exception.target else {
                return nil
            }
            let keys = try Self.concerned(exception, transaction, remap)
            return (target, keys.sorted { $0.rawValue < $1.rawValue })
        }
        guard let (target, keys) = concerned else { return try await decide(request, []) }
        for key in keys { await gate.announce(target, key) }
        let result: Result<Void, any Error>
        do {
            result = .success(try await decide(request, keys))
        } catch {
            result = .failure(error)
        }
        for key in keys { try await gate.released(target, key) }
        try result.get()
    }

    /// Carries the request out in one transaction and says so in its row.
    private func decide(_ request: OperatorRequest, _ keys: [OrderingKey]) async throws {
        let now = world.clock.now()
        let remap = remap
        try await store.write { transaction in
            guard let exception = try transaction.exception(request.subject) else {
                try transaction.finishRequest(request.id, result: "there is no exception \(request.subject)", now: now)
                return
            }
            guard exception.state == .open else {
                try transaction.finishRequest(
                    request.id, result: "exception \(exception.id) is settled already", now: now)
                return
            }
            let result: String
            switch request.kind {
            case .resubmit: result = try Self.resubmit(exception, transaction, remap)
            case .discard: result = try Self.discard(exception, transaction)
            case .repost: result = "that is no decision about an exception"
            }
            let isDone = result.hasPrefix("ok")
            if isDone {
                try transaction.settle(
                    exception: exception.id, as: request.kind == .resubmit ? .resubmitted : .discarded, by: request.by,
                    note: request.note, now: now)
            }
            try transaction.audit(
                "exception.\(request.kind.rawValue)", actor: request.by,
                detail: [
                    "exception": .int(Int(exception.id)), "result": .string(result),
                    "note": request.note.map { .string($0) } ?? .null,
                ],
                now: now)
            try transaction.finishRequest(request.id, result: result, now: now)
            guard isDone, let target = exception.target else { return }
            try transaction.unblock(target, exception: exception.id)
            for key in keys { try transaction.order(target, key) }
        }
    }

    /// The keys whose deliveries a decision about `exception` can move: those of now, and those that today's maps give.
    private static func concerned(
        _ exception: ExceptionRecord, _ transaction: StoreTransaction,
        _ remap: (ExceptionRecord, JournalEntry) -> Result<Delivery, Failure>
    ) throws -> Set<OrderingKey> {
        var keys = try Set([exception.key].compactMap { $0 } + keys(of: exception, transaction))
        var events = [exception.event].compactMap { $0 }
        if let command = exception.command {
            for delivery in try transaction.deliveries(ofCommand: command) {
                keys.insert(delivery.key)
                events.append(delivery.event)
            }
        }
        for event in events {
            if let entry = try transaction.entry(event), case .success(let delivery) = remap(exception, entry) {
                keys.insert(delivery.key)
            }
        }
        return keys
    }

    private static func keys(of exception: ExceptionRecord, _ transaction: StoreTransaction) throws -> [OrderingKey] {
        guard let event = exception.event, let flow = exception.flow, let target = exception.target else { return [] }
        return try [transaction.delivery(of: event, flow: flow, target: target)?.key].compactMap { $0 }
    }

    private static func resubmit(
        _ exception: ExceptionRecord, _ transaction: StoreTransaction,
        _ remap: (ExceptionRecord, JournalEntry) -> Result<Delivery, Failure>
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
            guard let number = exception.event, let flow = exception.flow, let target = exception.target,
                let entry = try transaction.entry(number),
                let delivery = try transaction.delivery(of: number, flow: flow, target: target)
            else { return "the event is not in the journal any more; discard this and send the event again" }
            switch remap(exception, entry) {
            case .success(let mapped):
                try transaction.remap(delivery.id, with: mapped)
                return "ok: mapped again and sent in its key's order"
            case .failure(let failure): return "it still fails: \(failure)"
            }
        case .input, .conflict:
            return
                "what could not be read must be corrected at its source; it is read from there again. Then discard this"
        }
    }

    /// Sends a refused command again, with what the maps and tables of today make of its events.
    private static func resubmit(
        _ command: Int64, _ exception: ExceptionRecord, _ transaction: StoreTransaction,
        _ remap: (ExceptionRecord, JournalEntry) -> Result<Delivery, Failure>
    ) throws -> String {
        var mapped: [(id: Int64, delivery: Delivery)] = []
        for delivery in try transaction.deliveries(ofCommand: command) {
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
        } else if exception.kind == .map, let number = exception.event, let flow = exception.flow,
            let target = exception.target,
            let delivery = try transaction.delivery(of: number, flow: flow, target: target)
        {
            try transaction.discard(delivery: delivery.id)
        }
        return "ok: discarded"
    }
}
