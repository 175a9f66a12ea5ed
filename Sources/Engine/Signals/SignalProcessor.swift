package import Canonical
package import Contracts
package import ExactJSON

/// Turns the readings of one source into canonical events by the source's signals.
///
/// Pure: what it remembers lies in a ``SignalMemory``, what time it is comes in with each call. The same readings
/// over the same memory give the same events with the same ids.
package struct SignalProcessor: Sendable {
    /// Who takes a reading of one name.
    private struct Listeners: Sendable {
        /// In the order in which they take it: contexts, remembered tags, then the rest.
        var roles: [any SignalRole] = []
        var clearing: [ContextSignal] = []
    }

    private let source: SourceName
    private let isStrict: Bool
    private var tags: [String: Listeners] = [:]
    private var records: [String: Listeners] = [:]
    private let conditions: [ConditionSignal]
    private let waiting: [String: any WaitingRole]
    /// States that take any reading as a sign of life.
    private let watchful: [StateSignal]
    /// Those that listen to what other signals make.
    private let windows: [WindowSignal]
    private let noted: Set<String>

    /// Checks the signals' settings against each other and the canonical facts. `strict` reports tags and records
    /// that no signal takes, each once.
    package init(
        source: SourceName, signals: [Settings], plants: SignalPlants, strict: Bool = false
    ) throws(SettingFault) {
        self.source = source
        isStrict = strict
        let roles = try SignalBuilder.build(signals, plants: plants)
        conditions = roles.compactMap { $0 as? ConditionSignal }
        waiting = Dictionary(
            roles.compactMap { $0 as? any WaitingRole }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        watchful = roles.compactMap { $0 as? StateSignal }.filter { !$0.heartbeats.isEmpty }
        windows = roles.compactMap { $0 as? WindowSignal }
        noted = Set(windows.compactMap { $0.state?.name })
        for role in roles {
            for tag in role.tags { tags[tag, default: Listeners()].roles.append(role) }
            for kind in role.records { records[kind, default: Listeners()].roles.append(role) }
            if let context = role as? ContextSignal {
                for kind in context.clearing { records[kind, default: Listeners()].clearing.append(context) }
            }
        }
    }

    /// Derives the events of `readings`, in their order, then does what falls due by `now`.
    /// `load` reads one key of the stored state. Throws what `load` throws, and ``Failure`` `SIG-012`; the memory is
    /// to be forgotten then.
    package func derive(
        _ readings: [Reading], memory: inout SignalMemory, load: (String) throws -> JSON?, now: Instant
    ) throws -> SignalOutput {
        try work(&memory, load: load, now: now) { pass in
            for reading in readings { try take(reading, &pass) }
            try expire(&pass)
            return pass.output
        }
    }

    /// Takes an event that is about an asset's order: `production-order.released` with `data.asset` makes it the
    /// order at hand there, `production-order.closed` ends it where it is.
    package func absorb(_ event: Event, memory: inout SignalMemory, load: (String) throws -> JSON?) throws {
        let isRelease = event.type == FactShape.named("production-order.released")?.type
        guard isRelease || event.type == FactShape.named("production-order.closed")?.type,
            let order = event.data["order"]?.string
        else { return }
        guard let asset = event.data["asset"]?.string.map({ AssetID($0) }) else { return }
        try work(&memory, load: load, now: event.time) { pass in
            let slot = try pass.memory.contexts.slot(StateKey(asset: asset, name: ""), load: pass.load)
            guard isRelease || pass.memory.contexts[slot][.order] == order else { return }
            for key in [ContextKey.order, .operation, .item, .lot] {
                let value = isRelease ? event.data[key.rawValue]?.plainText : nil
                if pass.memory.contexts[slot].set(key, value) { pass.memory.contexts.markDirty(slot) }
            }
        }
    }

    /// Lends the memory to a pass, so that its tables are changed in place.
    private func work<Result>(
        _ memory: inout SignalMemory, load: (String) throws -> JSON?, now: Instant,
        _ body: (inout SignalPass) throws -> Result
    ) throws -> Result {
        try withoutActuallyEscaping(load) { load in
            var pass = SignalPass(memory: memory, load: load, now: now, noted: noted)
            memory = SignalMemory()
            defer { memory = pass.memory }
            pass.memory.trim()
            // Restores the states that waited when the node stopped, and with them the earliest deadline.
            _ = try pass.memory.deadlines.slot(DeadlineState.key, load: load)
            return try body(&pass)
        }
    }

    private func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        let first = pass.output.events.count
        defer { pass.sayOrigin(of: reading, from: first) }
        let isRecord = if case .record = reading.value { true } else { false }
        let listeners = isRecord ? records[reading.name] : tags[reading.name]
        if let listeners {
            for role in listeners.roles {
                try watched(role.name, reading.asset, of: reading, &pass) { try role.take(reading, &$0) }
            }
            for context in listeners.clearing { try context.clear(reading, &pass) }
        }
        for state in watchful {
            try watched(state.name, reading.asset, of: reading, &pass) { try state.hear(reading, &$0) }
        }
        let isCondition = try takeCondition(reading, &pass)
        let isTaken = listeners != nil || isCondition || reading.value == .unavailable
        if isStrict, !isTaken, try pass.isNew(reading.name, name: "strict", of: reading.asset) {
            pass.fault(
                SignalFailures.unknownTag,
                "no signal of the source \(source) takes \(isRecord ? "records" : "the tag") \(reading.name)",
                reading, signal: "strict")
        }
    }

    /// Lets a signal work, and the windows see what it made.
    private func watched(
        _ role: String, _ asset: AssetID, of reading: Reading?, _ pass: inout SignalPass,
        _ body: (inout SignalPass) throws -> Void
    ) throws {
        guard !windows.isEmpty else { return try body(&pass) }
        let first = pass.output.events.count
        try body(&pass)
        let (events, notes) = (Array(pass.output.events[first...]), pass.takeNotes())
        for window in windows {
            try window.watch(role, notes: notes, events: events, of: reading, asset, &pass)
        }
    }

    /// Conditions are found by pattern. A plain value is one only where it is a level: `NORMAL`.
    private func takeCondition(_ reading: Reading, _ pass: inout SignalPass) throws -> Bool {
        guard !conditions.isEmpty, case .value(let value) = reading.value,
            value.object != nil || ConditionSignal.isLevel(value)
        else { return false }
        var isTaken = false
        for condition in conditions where condition.patterns.contains(where: { $0.matches(reading.name) }) {
            isTaken = true
            try condition.take(reading, &pass)
        }
        return isTaken
    }

    private func expire(_ pass: inout SignalPass) throws {
        let slot = try pass.memory.deadlines.slot(DeadlineState.key, load: pass.load)
        guard let earliest = pass.memory.deadlines[slot].earliest, earliest <= pass.now else { return }
        for (key, due) in pass.memory.deadlines[slot].sorted where due <= pass.now {
            if let role = waiting[key.name] {
                try watched(key.name, key.asset, of: nil, &pass) { try role.expire(key.asset, &$0) }
            } else {
                // The signal is no longer in the settings: nobody waits.
                try pass.setDeadline(key, nil)
            }
        }
    }
}
