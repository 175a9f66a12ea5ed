package import Canonical
package import Contracts
package import ExactJSON
package import JSONSchema
package import Signals
package import Store
import Synchronization
package import Telemetry
package import World

/// The one door of a node: derives events from readings, checks sequence and identity, and commits events, positions and
/// signal state together. Only when that commit is durable does a source hear of it.
package final class IntakeGate: Intake {
    private let store: Store
    private let world: World
    private let settings: IntakeSettings
    private let limits: Limits
    private let tracer: Tracer
    /// What the signals know. It is looked at and changed only inside the store's transactions, one after the other.
    private let memory = Mutex(Remembered())
    /// Who sent how much of late.
    private let shares = Mutex(IntakeShares())
    private let activities = Mutex<[SourceName: SourceActivity]>([:])

    private struct Remembered {
        /// Each source's own; what several share, the assets' context, is read anew where another one has changed it.
        var signals: [SourceName: SignalMemory] = [:]
        /// The store's rollbacks when this was last right.
        var rollbacks = 0
        /// When ``IntakeGate/run()`` wakes; nil where it does not sleep.
        var waking: Instant?

        var earliestDeadline: Instant? { signals.values.compactMap(\.earliestDeadline).min() }
    }

    /// Rings where something falls due before ``Remembered/waking``.
    private let alarm = Bell()
    /// The longest sleep, so that a clock that was put forward is noticed.
    private static let longestSleep = Duration.seconds(10)

    /// `tracer`: gives events their traces, and records what is stored.
    package init(
        store: Store, world: World, settings: IntakeSettings, limits: Limits, tracer: Tracer = Tracer(node: "")
    ) {
        self.tracer = tracer
        self.store = store
        self.world = world
        self.settings = settings
        self.limits = limits
    }

    package func position(_ source: SourceName, _ name: String) async throws -> JSON? {
        try await store.read { try $0.position(source, name) }
    }

    package func submit(_ batch: SourceBatch) async throws -> IntakeReceipt {
        // Ready-made events are looked at before the store is held up for them.
        let screen = EventScreen(schemas: settings.schemas, limits: limits)
        let refused = screen.refused(batch.documents)
        let lane = batch.segment?.lane ?? settings.sources[batch.source]?.lane ?? .normal
        let sender = batch.segment.map { "node " + $0.node.rawValue } ?? "source " + batch.source.rawValue
        let weight = batch.readings.count + batch.documents.count + batch.faults.count + 1
        // What brings nothing in (a position, time for signals that wait) needs no room.
        if weight > 1 { try await waitForRoom(lane, sender) }
        let now = world.clock.now()
        let (receipt, fresh) = try await store.write(weight: weight) { transaction in
            var fresh: [EventDocument] = []
            let receipt = try self.take(batch, refused, now, &fresh, transaction)
            return (receipt, fresh)
        }
        if !fresh.isEmpty {
            tracer.stored(
                fresh, source: batch.source.rawValue, edge: batch.segment?.node.rawValue, start: now,
                end: world.clock.now())
        }
        let isEarlier = memory.withLock { remembered in
            guard let waking = remembered.waking, let due = remembered.signals[batch.source]?.earliestDeadline else {
                return false
            }
            return due < waking
        }
        if isEarlier { alarm.ring() }
        if receipt.stream == .gap(position: 0), let segment = batch.segment {
            // An edge that has been at a hub before, and never at this one: what that hub posted is not known here.
            let isKnown = try await store.read { try $0.hasStream(of: segment.node, segment.lane) }
            if !isKnown { try await store.beginDoubt() }
        }
        note(batch, receipt, now)
        shares.withLock { $0.note(sender, lane, events: weight - 1, now: world.clock.uptime()) }
        return receipt
    }

    /// Why an event would be set aside; nil where it fits its type.
    package func misfit(_ document: EventDocument) -> Failure? {
        EventScreen(schemas: settings.schemas, limits: limits).failure(of: document)
    }

    private func note(_ batch: SourceBatch, _ receipt: IntakeReceipt, _ now: Instant) {
        activities.withLock { $0[batch.source, default: SourceActivity()].note(batch, receipt, now) }
    }

    /// What came in from a source since the node started.
    package func activity(of source: SourceName) -> SourceActivity {
        activities.withLock { $0[source] ?? SourceActivity() }
    }

    /// Waits a while for room below the ceiling of a lane; then the caller is told, so that its peer hears of it.
    private func waitForRoom(_ lane: Lane, _ sender: String) async throws {
        var waited = Duration.zero
        while let reason = whyNot(lane, sender) {
            guard waited < settings.patience else { throw IntakeFailures.full.failure(reason) }
            let step = Duration.milliseconds(250)
            try await world.clock.sleep(for: step)
            waited += step
        }
    }

    /// Why a lane takes nothing in from `sender` now; nil where it does.
    private func whyNot(_ lane: Lane, _ sender: String) -> String? {
        let used = store.usedBytes
        let fill = StoreFill(used: used, ceiling: settings.ceiling)
        guard fill.isNarrow(lane) else { return nil }
        let state = "the store holds \(used) bytes, its ceiling is \(settings.ceiling)"
        if fill.isClosed(lane) { return "\(state); the lane \(lane.name) is closed" }
        let now = world.clock.uptime()
        guard shares.withLock({ $0.isOver(sender, lane, now: now) }) else { return nil }
        return "\(state); \(sender) sent more than its share of the lane \(lane.name)"
    }

    /// Gives time to signals that wait for it: states that must last, limits, silence, shifts. Works until cancelled.
    package func run() async throws {
        var primed: Int?
        while !Task.isCancelled {
            let (rings, alarms) = (store.bell.rings, alarm.rings)
            // What waits for a time is known only once it was read: after a start, and after what was held was dropped.
            if primed != store.rollbacks {
                primed = store.rollbacks
                for (source, settings) in settings.sources.sorted(by: { $0.key < $1.key })
                where settings.processor != nil {
                    _ = try await submit(SourceBatch(source: source))
                }
            }
            let deadline = memory.withLock { remembered in
                remembered.waking = remembered.earliestDeadline
                return remembered.waking
            }
            let now = world.clock.now()
            if let deadline, deadline <= now {
                for source in settings.sources.keys.sorted() {
                    _ = try await submit(SourceBatch(source: source))
                }
                // A deadline that none of the sources took must not make this loop spin.
                try await world.clock.sleep(for: .milliseconds(20))
            } else if let deadline {
                // Something may fall due earlier.
                let rest = min(deadline.since(now), Self.longestSleep)
                await alarm.wait(beyond: alarms, atMost: rest, world.clock)
                try Task.checkCancellation()
            } else {
                await store.bell.wait(beyond: rings)
            }
        }
    }

    // MARK: - Within the transaction

    private func take(
        _ batch: SourceBatch, _ refused: [RefusedDocument], _ now: Instant, _ traced: inout [EventDocument],
        _ transaction: StoreTransaction
    ) throws -> IntakeReceipt {
        var receipt = IntakeReceipt()
        var documents = batch.documents
        // What was stored before its schema changed is a duplicate, whatever the schema says now.
        let refused = try refused.filter {
            let envelope = batch.documents[$0.index].envelope
            return try !transaction.knows(source: envelope.source, id: envelope.id)
        }
        // Those that are set aside leave no gap in an edge's stream: its numbers count what was sent.
        for index in refused.map(\.index).reversed() { documents.remove(at: index) }
        if let segment = batch.segment {
            let verdict = try StreamGate.judge(segment, documents, transaction, now: now)
            switch verdict {
            case .store(let fresh): documents = fresh
            case .storeBehind(let missing, let fresh):
                documents = fresh
                receipt.exceptions += try setAside(missing, batch, segment, now, transaction)
            case .answer(let answer, let conflict):
                receipt.stream = answer
                if let conflict { receipt.exceptions += try setAside(conflict, batch, segment, now, transaction) }
                return receipt
            }
        }
        let screen = EventScreen(schemas: settings.schemas, limits: limits)
        var faults = batch.faults + refused.map { screen.fault($0.failure, batch.documents[$0.index], now) }
        receipt.refused = refused
        let lane = settings.sources[batch.source]?.lane ?? .normal
        var derived = try deriveEvents(batch, &documents, &faults, now, transaction)
        for refusal in screen.refused(derived).reversed() {
            faults.append(screen.fault(refusal.failure, derived.remove(at: refusal.index), now))
        }
        let isStream = batch.segment != nil
        var old: Set<EventDocument> = []
        let fresh = try transaction.append(
            documents, lane: batch.segment?.lane ?? lane, recorded: now, via: batch.source,
            known: { known in
                if tracer.isOn { old.insert(known) }
                guard !isStream, let failure = try self.difference(known, transaction) else { return }
                receipt.conflicts += 1
                receipt.exceptions += try self.setAside(failure, known, batch.source, now, transaction)
            })
        receipt.stored =
            try fresh
            + transaction.append(
                derived, lane: batch.segment?.lane ?? lane, recorded: now, via: batch.source,
                known: { if tracer.isOn { old.insert($0) } })
        if tracer.isOn { traced = (documents + derived).filter { !old.contains($0) } }
        receipt.duplicates = documents.count + derived.count - receipt.stored - receipt.conflicts
        for fault in faults { receipt.exceptions += try store(fault, batch.source, now, transaction) }
        for position in batch.positions {
            try transaction.setPosition(batch.source, position.name, position.value)
        }
        if let segment = batch.segment {
            try transaction.advanceStream(segment, to: segment.last, now: now)
            receipt.stream = .stored(position: segment.last)
        }
        return receipt
    }

    private func deriveEvents(
        _ batch: SourceBatch, _ documents: inout [EventDocument], _ faults: inout [InputFault], _ now: Instant,
        _ transaction: StoreTransaction
    ) throws -> [EventDocument] {
        let processor = settings.sources[batch.source]?.processor
        let orders = documents.indices.filter { documents[$0].envelope.type.hasPrefix("millwright.production-order.") }
        guard processor != nil || !orders.isEmpty else { return [] }
        return try memory.withLock { remembered in
            if remembered.rollbacks != store.rollbacks {
                // What is held may be ahead of what is stored.
                remembered.signals = [:]
                remembered.rollbacks = store.rollbacks
            }
            var signals = remembered.signals.removeValue(forKey: batch.source) ?? SignalMemory()
            let scope = StateScope(batch.source)
            let load: (String) throws -> JSON? = { try transaction.signalState(scope.stored($0)) }
            for index in orders {
                guard let event = try? Event(document: JSONReader.read(documents[index].bytes)) else { continue }
                guard try !transaction.knows(source: event.source, id: event.id) else { continue }
                try (processor ?? settings.orders).absorb(event, memory: &signals, load: load)
            }
            var events: [EventDocument] = []
            if let processor {
                let output = try processor.derive(batch.readings, memory: &signals, load: load, now: now)
                faults += output.faults
                events = output.events.map { EventDocument(completed($0, now)) }
            }
            for (key, value) in signals.takeChanges() {
                try transaction.setSignalState(scope.stored(key), value)
                // The other sources read the assets' context anew; what they wait for stays.
                if StateScope.isShared(key) {
                    for other in remembered.signals.keys { remembered.signals[other]?.forgetContexts() }
                }
            }
            // Kept only now: where anything above throws, this source's memory is read anew.
            remembered.signals[batch.source] = signals
            return events
        }
    }

    /// The event with the attributes that every event made here has.
    private func completed(_ event: Event, _ now: Instant) -> Event {
        var event = event
        event.attributes["recordedtime"] = now.description
        if let shape = FactShape.of(type: event.type) { event.attributes["dataschema"] = shape.dataSchema }
        let envelope = Envelope(
            id: event.id, source: event.source, type: event.type, subject: event.subject, time: event.time)
        event.attributes["traceparent"] = tracer.origin(of: envelope).description
        return event
    }

    /// Why an event is another one than that which is stored under its name; nil where it is the same fact.
    private func difference(_ document: EventDocument, _ transaction: StoreTransaction) throws -> Failure? {
        let envelope = document.envelope
        guard let stored = try transaction.document(source: envelope.source, id: envelope.id)?.document,
            stored.bytes != document.bytes
        else { return nil }
        let (old, new) = (stored.envelope, envelope)
        let data = (try? JSONReader.read(stored.bytes)["data"], try? JSONReader.read(document.bytes)["data"])
        guard old.type != new.type || old.subject != new.subject || old.time != new.time || data.0 != data.1 else {
            return nil
        }
        return IntakeFailures.otherEvent.failure(
            "\(envelope.source) sent another event under the id \(envelope.id): that of \(old.time) is stored, this one is of \(new.time)"
        )
    }

    private func setAside(
        _ failure: Failure, _ document: EventDocument, _ source: SourceName, _ now: Instant,
        _ transaction: StoreTransaction
    ) throws -> Int {
        let envelope = document.envelope
        let exception = ExceptionRecord(
            kind: .conflict, created: now, source: source.rawValue, failure: failure,
            origin: "\(envelope.source) \(envelope.id)", original: Array(document.bytes.prefix(limits.originalBytes)),
            fact: "conflict:\(envelope.source):\(envelope.id):\(envelope.time)")
        return try transaction.insert(exception) == nil ? 0 : 1
    }

    private func store(
        _ fault: InputFault, _ source: SourceName, _ now: Instant, _ transaction: StoreTransaction
    ) throws -> Int {
        let exception = ExceptionRecord(
            kind: .input, created: now, source: source.rawValue, failure: fault.failure,
            origin: fault.origin.description,
            original: Array(fault.original.prefix(limits.originalBytes)), fact: fault.factID)
        return try transaction.insert(exception) == nil ? 0 : 1
    }

    /// Tells of events that an edge has trimmed and this store does not have.
    private func setAside(
        _ missing: ClosedRange<Int64>, _ batch: SourceBatch, _ segment: StreamSegment, _ now: Instant,
        _ transaction: StoreTransaction
    ) throws -> Int {
        let exception = ExceptionRecord(
            kind: .input, created: now, source: batch.source.rawValue,
            failure: IntakeFailures.missing.failure(
                """
                events \(missing.lowerBound)…\(missing.upperBound) of lane \(segment.lane.name) of \(segment.node) are \
                not here, and \(segment.node) does not hold them any more
                """),
            origin: "\(segment.node) \(segment.lane.name) \(missing.lowerBound)–\(missing.upperBound)", original: [],
            fact: "missing:\(segment.node):\(segment.epoch):\(segment.lane.name):\(missing)")
        try transaction.audit(
            "stream.missing", actor: segment.node.rawValue,
            detail: [
                "lane": .string(segment.lane.name), "first": .int(Int(missing.lowerBound)),
                "last": .int(Int(missing.upperBound)),
            ], now: now)
        return try transaction.insert(exception) == nil ? 0 : 1
    }

    private func setAside(
        _ failure: Failure, _ batch: SourceBatch, _ segment: StreamSegment, _ now: Instant,
        _ transaction: StoreTransaction
    ) throws -> Int {
        let exception = ExceptionRecord(
            kind: .conflict, created: now, source: batch.source.rawValue, failure: failure,
            origin: "\(segment.node) \(segment.lane.name) \(segment.first)–\(segment.last)",
            original: Array((batch.documents.first?.bytes ?? []).prefix(limits.originalBytes)),
            fact: "conflict:\(segment.node):\(segment.epoch):\(segment.lane.name):\(segment.first):\(segment.digest)")
        try transaction.audit(
            "stream.conflict", actor: segment.node.rawValue,
            detail: [
                "first": .int(Int(segment.first)), "count": .int(segment.count), "digest": .string(segment.digest),
            ],
            now: now)
        return try transaction.insert(exception) == nil ? 0 : 1
    }
}

/// Whose a signal's state is: a source's own, but for the context of an asset, which all its sources share.
private struct StateScope {
    private let prefix: String

    init(_ source: SourceName) { prefix = source.rawValue + "|" }

    static func isShared(_ key: String) -> Bool { key.hasPrefix("context/") }
    func stored(_ key: String) -> String { Self.isShared(key) ? key : prefix + key }
}
