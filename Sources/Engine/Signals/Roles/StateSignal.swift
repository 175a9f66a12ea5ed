import Canonical
import Contracts
import ExactJSON

/// Codes of a tag or kinds of records that say what the equipment does.
struct StateSignal: SignalRole {
    let name: String
    private let tag: String?
    private let map: [String: String]
    private let byRecord: [String: String]
    private let overrides: [(tag: String, map: [String: String])]
    private let minimum: Duration
    private let reason: FieldPath?
    private let reasonTag: String?
    private let template: EventTemplate

    var tags: [String] { (tag.map { [$0] } ?? []) + overrides.map(\.tag) }
    var records: [String] { byRecord.keys.sorted() }
    var watched: [String] { reasonTag.map { [$0] } ?? [] }

    init(name: String, _ settings: Settings, plants: SignalPlants) throws(SettingFault) {
        typealias F = SignalFields
        self.name = name
        tag = try settings.optional(F.tag)
        map = Dictionary(try settings.optional(F.map) ?? [], uniquingKeysWith: { $1 })
        byRecord = Dictionary(try settings.optional(F.onStates) ?? [], uniquingKeysWith: { $1 })
        overrides = try (settings.optional(F.overrides) ?? []).map {
            ($0.tag, Dictionary($0.map.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
        }
        minimum = try settings.optional(F.debounce) ?? .zero
        reason = try settings.optional(F.reason).map { FieldPath($0) }
        reasonTag = try settings.optional(F.reasonTag)
        template = try EventTemplate(
            event: "equipment.state-changed", with: settings.optional(F.with) ?? [:], plants: plants, settings: settings
        )
        guard (tag != nil && !map.isEmpty) || !byRecord.isEmpty else {
            throw SettingFault(
                location: settings.location, reason: "the state listens to nothing",
                suggestion: "give `tag:` with `map:`, or `on:` with kinds of records and their states")
        }
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        let key = StateKey(asset: reading.asset, name: name)
        let slot = try pass.memory.equipment.slot(key, load: pass.load)
        var state = pass.memory.equipment[slot]
        let before = state
        var changes: [EquipmentState.Change] = []
        // A state that had lasted long enough before this reading came is reported whatever the reading says.
        if let change = state.pass(to: reading.time, minimum: minimum) { changes.append(change) }
        if try apply(reading, to: &state, &pass), let phase = effective(state, at: reading) {
            if let change = state.settle(phase, minimum: minimum) { changes.append(change) }
        }
        guard state != before else { return }
        pass.memory.equipment[slot] = state
        pass.memory.equipment.markDirty(slot)
        try pass.setDeadline(key, state.candidate?.due)
        for change in changes { try report(change, of: reading.asset, origin: reading, &pass) }
    }

    /// Puts what the reading says into `state`; tells whether it says anything.
    private func apply(_ reading: Reading, to state: inout EquipmentState, _ pass: inout SignalPass) throws -> Bool {
        func phase(_ word: String, _ code: String?, _ reason: String?) -> EquipmentState.Phase {
            EquipmentState.Phase(
                state: word, since: reading.time, code: code, reason: reason, factID: reading.factID,
                due: pass.now + minimum)
        }
        switch reading.value {
        case .record(let record):
            guard let word = byRecord[reading.name] else { return false }
            state.base = phase(word, reading.name, reason?.text(in: record))
        case .unavailable:
            if reading.name == tag {
                state.base = phase("unavailable", nil, nil)
            } else {
                state.overrides[reading.name] = nil
            }
        case .value(let value):
            guard let code = value.plainText, !code.isEmpty else { return false }
            if let override = overrides.first(where: { $0.tag == reading.name }) {
                state.overrides[reading.name] = override.map[code].map { phase($0, code, nil) }
            }
            guard reading.name == tag else { return true }
            guard let word = map[code] else {
                if try pass.isNew(code, name: name, of: reading.asset) {
                    pass.fault(
                        SignalFailures.unmappedCode,
                        "\(reading.name) says \"\(String(code.prefix(100)))\", which `map:` does not name",
                        reading, signal: name)
                }
                return false
            }
            state.base = phase(word, code, nil)
        }
        return true
    }

    /// What holds now: the strongest override, else the base. Its time is when it was said, or when what hid it ended.
    private func effective(_ state: EquipmentState, at reading: Reading) -> EquipmentState.Phase? {
        for override in overrides {
            if var phase = state.overrides[override.tag] {
                if override.tag != reading.name { phase.since = max(phase.since, reading.time) }
                return phase
            }
        }
        guard var phase = state.base else { return nil }
        let isOfBase = if case .record = reading.value { true } else { reading.name == tag }
        if !isOfBase { phase.since = reading.time }
        return phase
    }

    /// Reports what waited until `now`.
    func expire(_ asset: AssetID, _ pass: inout SignalPass) throws {
        let key = StateKey(asset: asset, name: name)
        let slot = try pass.memory.equipment.slot(key, load: pass.load)
        let change = pass.memory.equipment[slot].expire(at: pass.now)
        try pass.setDeadline(key, pass.memory.equipment[slot].candidate?.due)
        guard let change else { return }
        pass.memory.equipment.markDirty(slot)
        try report(change, of: asset, origin: nil, &pass)
    }

    private func report(
        _ change: EquipmentState.Change, of asset: AssetID, origin: Reading?, _ pass: inout SignalPass
    ) throws {
        let to = change.to
        var own: [(name: String, value: JSON)] = [("state", .string(to.state))]
        if let previous = change.from {
            own.append(("previous", .string(previous.state)))
            own.append(("previousSince", .string(previous.since.description)))
        }
        // The reason often comes behind the state itself: the one known when the state is reported counts.
        if let reason = try to.reason ?? reasonTag.flatMap({ try pass.latest($0, of: asset) }) {
            own.append(("reason", .string(reason)))
        }
        own.append(("since", .string(to.since.description)))
        var data = template.members(asset: asset, context: try pass.context(of: asset), own: own)
        if let code = to.code { data["native"] = ["code": .string(code)] }
        let id: String
        if let factID = to.factID {
            id = EventIdentity.fact(factID, name)
        } else {
            id = EventIdentity.timed(name, time: to.since, ordinal: try pass.nextOrdinal(name, of: asset))
        }
        pass.output.events.append(template.event(id: id, asset: asset, time: to.since, data: data))
    }
}

extension SignalPass {
    /// Says until when a state waits, or that it waits no longer.
    mutating func setDeadline(_ key: StateKey, _ due: Instant?) throws {
        let slot = try memory.deadlines.slot(DeadlineState.key, load: load)
        if memory.deadlines[slot].set(key, due) { memory.deadlines.markDirty(slot) }
    }
}
