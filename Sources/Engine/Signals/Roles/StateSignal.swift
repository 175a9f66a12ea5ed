import Canonical
import Contracts
import ExactJSON

/// Codes of a tag or kinds of records that say what the equipment does.
struct StateSignal: WaitingRole {
    let name: String
    private let tag: String?
    private let map: [String: String]
    private let byRecord: [String: String]
    private let overrides: [(tag: String, map: [String: String])]
    let minimum: Duration
    /// How long nothing may be heard before the equipment counts as unavailable.
    private let silent: Duration?
    /// What else shows that the equipment speaks.
    let heartbeats: [NamePattern]
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
        silent = try settings.optional(F.silent)
        heartbeats = try (settings.optional(F.heartbeat) ?? []).map { NamePattern($0) }
        reason = try settings.optional(F.reason).map { FieldPath($0) }
        reasonTag = try settings.optional(F.reasonTag)
        template = try EventTemplate(
            event: "equipment.state-changed", with: settings.optional(F.with) ?? [:], plants: plants, settings: settings
        )
        guard silent != nil || heartbeats.isEmpty else {
            throw SettingFault(
                location: settings.locations["heartbeat"] ?? settings.location,
                reason: "heartbeat: there is no `silent:` that it could end",
                suggestion: "say how long nothing may be heard, as silent: 5m")
        }
        guard (tag != nil && !map.isEmpty) || !byRecord.isEmpty else {
            throw SettingFault(
                location: settings.location, reason: "the state listens to nothing",
                suggestion: "give `tag:` with `map:`, or `on:` with kinds of records and their states")
        }
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws { try take(reading, isOwn: true, &pass) }

    /// Takes a reading of another signal as a sign of life, where the settings want that.
    func hear(_ reading: Reading, _ pass: inout SignalPass) throws {
        let isRecord = if case .record = reading.value { true } else { false }
        let isOwn = isRecord ? byRecord[reading.name] != nil : tags.contains(reading.name)
        guard !isOwn, heartbeats.contains(where: { $0.matches(reading.name) }) else { return }
        try take(reading, isOwn: false, &pass)
    }

    private func take(_ reading: Reading, isOwn: Bool, _ pass: inout SignalPass) throws {
        let key = StateKey(asset: reading.asset, name: name)
        let slot = try pass.memory.equipment.slot(key, load: pass.load)
        var state = pass.memory.equipment[slot]
        let before = state
        var changes: [EquipmentState.Change] = []
        if let silent, let heard = state.heard, reading.time >= heard + silent {
            changes += fallSilent(reading.asset, &state, &pass)
        }
        // A state that had lasted long enough before this reading came is reported whatever the reading says.
        if let change = state.pass(to: reading.time, minimum: minimum) { changes.append(change) }
        var isBack = false
        if reading.value != .unavailable {
            isBack = state.hear(at: reading.time, due: silent.map { pass.now + $0 })
            if isBack {
                pass.note(
                    StateNote(signal: name, asset: reading.asset, voice: Self.silence, time: reading.time, word: nil))
            }
        }
        let isSaid = isOwn ? try apply(reading, to: &state, &pass) : false
        // A tag that says it does not know is no sign of life: the silence goes on over what is left.
        if isSaid || isBack, !state.isSilent, let phase = effective(state, at: reading, isSaid: isSaid, now: pass.now) {
            if let change = state.settle(phase, minimum: minimum) { changes.append(change) }
        }
        guard state != before else { return }
        pass.memory.equipment[slot] = state
        pass.memory.equipment.markDirty(slot)
        try wait(key, state, &pass)
        for change in changes { try report(change, of: reading.asset, &pass) }
    }

    private func fallSilent(
        _ asset: AssetID, _ state: inout EquipmentState, _ pass: inout SignalPass
    ) -> [EquipmentState.Change] {
        guard let silent, let heard = state.heard, !state.isSilent else { return [] }
        let since = heard + silent
        pass.note(StateNote(signal: name, asset: asset, voice: Self.silence, time: since, word: "unavailable"))
        return state.fallSilent(since: since, minimum: minimum)
    }

    private func wait(_ key: StateKey, _ state: EquipmentState, _ pass: inout SignalPass) throws {
        guard let silence = state.silenceDue, !state.isSilent, silent != nil else {
            return try pass.setDeadline(key, state.candidate?.due)
        }
        if let due = state.candidate?.due {
            try pass.setDeadline(key, min(due, silence))
        } else {
            try pass.setDeadline(key, atLatest: silence)
        }
    }

    /// Puts what the reading says into `state`; tells whether it says anything.
    private func apply(_ reading: Reading, to state: inout EquipmentState, _ pass: inout SignalPass) throws -> Bool {
        func phase(_ word: String, _ code: String?, _ reason: String?) -> EquipmentState.Phase {
            EquipmentState.Phase(
                state: word, since: reading.time, code: code, reason: reason, factID: reading.factID,
                due: pass.now + minimum)
        }
        func note(_ voice: String, _ word: String?) {
            pass.note(StateNote(signal: name, asset: reading.asset, voice: voice, time: reading.time, word: word))
        }
        switch reading.value {
        case .record(let record):
            guard let word = byRecord[reading.name] else { return false }
            state.base = phase(word, reading.name, reason?.text(in: record))
            note(Self.main, word)
        case .unavailable:
            if reading.name == tag {
                state.base = phase("unavailable", nil, nil)
                note(Self.main, "unavailable")
            } else {
                state.overrides[reading.name] = nil
                note(Self.overriding(reading.name), nil)
            }
        case .value(let value):
            guard let code = value.plainText, !code.isEmpty else { return false }
            if let index = overrides.firstIndex(where: { $0.tag == reading.name }) {
                let word = overrides[index].map[code]
                state.overrides[reading.name] = word.map { phase($0, code, nil) }
                note(Self.overriding(reading.name), word)
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
            note(Self.main, word)
        }
        return true
    }

    /// The voices that speak of the state, the strongest first: silence, the overrides, the main tag or records.
    var voices: [String] { [Self.silence] + overrides.map { Self.overriding($0.tag) } + [Self.main] }

    private static let silence = "silence"
    private static let main = "main"
    private static func overriding(_ tag: String) -> String { "tag:" + tag }

    /// What holds now: the strongest override, else the base. Its time is when it was said, or when what hid it ended:
    /// the reading that ended it names the change then.
    private func effective(
        _ state: EquipmentState, at reading: Reading, isSaid: Bool, now: Instant
    ) -> EquipmentState.Phase? {
        func uncovered(_ phase: EquipmentState.Phase, since: Instant) -> EquipmentState.Phase {
            var phase = phase
            phase.since = since
            phase.factID = reading.factID
            phase.due = now + minimum
            return phase
        }
        for override in overrides {
            if let phase = state.overrides[override.tag] {
                if isSaid, override.tag == reading.name { return phase }
                return uncovered(phase, since: max(phase.since, reading.time))
            }
        }
        let isOfBase = if case .record = reading.value { true } else { reading.name == tag }
        return state.base.map { isSaid && isOfBase ? $0 : uncovered($0, since: reading.time) }
    }

    /// Reports what waited until `now`.
    func expire(_ asset: AssetID, _ pass: inout SignalPass) throws {
        let key = StateKey(asset: asset, name: name)
        let slot = try pass.memory.equipment.slot(key, load: pass.load)
        var state = pass.memory.equipment[slot]
        var changes: [EquipmentState.Change] = []
        let silence = state.isSilent || silent == nil ? nil : state.silenceDue
        if let silence, silence <= pass.now {
            if let due = state.candidate?.due, due <= silence, let change = state.expire(at: pass.now) {
                changes.append(change)
            }
            changes += fallSilent(asset, &state, &pass)
        } else if let change = state.expire(at: pass.now) {
            changes.append(change)
        }
        // Exactly this time: the deadline that is over may not stay.
        let next = state.isSilent || silent == nil ? nil : state.silenceDue
        try pass.setDeadline(key, [state.candidate?.due, next].compactMap { $0 }.min())
        guard state != pass.memory.equipment[slot] else { return }
        pass.memory.equipment[slot] = state
        pass.memory.equipment.markDirty(slot)
        for change in changes { try report(change, of: asset, &pass) }
    }

    private func report(
        _ change: EquipmentState.Change, of asset: AssetID, _ pass: inout SignalPass
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
