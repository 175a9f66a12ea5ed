package import Canonical
package import Contracts
import ExactJSON

/// What one call of ``SignalProcessor/derive(_:memory:load:now:)`` made of the readings.
package struct SignalOutput: Sendable {
    package var events: [Event] = []
    /// What could not be read, with its original.
    package var faults: [InputFault] = []

    package init() {}
}

/// One call of the processor at work: what it remembers, what it made so far, and when it is.
struct SignalPass {
    var memory: SignalMemory
    var output = SignalOutput()
    let load: (String) throws -> JSON?
    let now: Instant
    /// The states of which somebody takes notes.
    let noted: Set<String>
    /// What they said of late.
    private var notes: [StateNote] = []

    init(memory: SignalMemory, load: @escaping (String) throws -> JSON?, now: Instant, noted: Set<String>) {
        self.memory = memory
        self.load = load
        self.now = now
        self.noted = noted
    }

    /// Says what a voice of a state said, to those who take notes.
    mutating func note(_ note: StateNote) {
        if noted.contains(note.signal) { notes.append(note) }
    }

    mutating func takeNotes() -> [StateNote] {
        defer { notes.removeAll(keepingCapacity: true) }
        return notes
    }

    /// The context of `asset` as it is at this reading.
    mutating func context(of asset: AssetID) throws -> ContextState {
        let slot = try memory.contexts.slot(StateKey(asset: asset, name: ""), load: load)
        return memory.contexts[slot]
    }

    /// The last value of a tag that a signal reads along.
    mutating func latest(_ tag: String, of asset: AssetID) throws -> String? {
        let slot = try memory.latest.slot(StateKey(asset: asset, name: tag), load: load)
        return memory.latest[slot].text
    }

    /// Whether `code` was not yet noted under `name` on that asset; notes it.
    mutating func isNew(_ code: String, name: String, of asset: AssetID) throws -> Bool {
        let slot = try memory.noted.slot(StateKey(asset: asset, name: name), load: load)
        guard memory.noted[slot].note(code) else { return false }
        memory.noted.markDirty(slot)
        return true
    }

    /// The id of an event that `signal` makes of `reading`.
    mutating func id(_ signal: String, of reading: Reading, detail: String? = nil) throws -> String {
        try id(signal, factID: reading.factID, time: reading.time, detail: detail, of: reading.asset)
    }

    /// The id of an event that `signal` makes of what was said at `time`, perhaps some readings ago.
    mutating func id(
        _ signal: String, factID: String?, time: Instant, detail: String?, of asset: AssetID
    ) throws -> String {
        if let factID { return EventIdentity.fact(factID, signal, detail) }
        let ordinal = try nextOrdinal(signal, of: asset)
        return EventIdentity.timed(signal, time: time, ordinal: ordinal) + (detail.map { ":" + $0 } ?? "")
    }

    /// The next running number of a signal on an asset.
    mutating func nextOrdinal(_ signal: String, of asset: AssetID) throws -> Int64 {
        let slot = try memory.ordinals.slot(StateKey(asset: asset, name: signal), load: load)
        memory.ordinals[slot].last += 1
        memory.ordinals.markDirty(slot)
        return memory.ordinals[slot].last
    }

    /// Has the events from `first` on that are named after `reading`'s fact say where that was read. Others that were
    /// made meanwhile are of earlier readings: of a state that had to last, of a shift that ended.
    mutating func sayOrigin(of reading: Reading, from first: Int) {
        guard first < output.events.count, let factID = reading.factID else { return }
        let origin = reading.origin.attributeText
        for index in first..<output.events.count where EventIdentity.isOf(factID, output.events[index].id) {
            output.events[index].attributes[Origin.attribute] = origin
        }
    }

    /// Reports what is wrong with `reading` for `signal`; `factID`: what the fault is about, where several readings may
    /// say the same.
    mutating func fault(
        _ kind: FailureKind, _ message: String, _ reading: Reading, signal: String, factID: String? = nil
    ) {
        var origin = reading.origin
        if origin.tag == nil { origin.tag = reading.name }
        let id = factID.map { "\(kind.code):\($0)" } ?? reading.factID.map { "\($0):\(signal):\(kind.code)" }
        output.faults.append(
            InputFault(
                failure: Failure(kind, "\(origin): \(message)"), origin: origin, original: reading.original,
                time: reading.time,
                factID: id ?? "\(kind.code):" + EventIdentity.timed(signal, time: reading.time, ordinal: 0)))
    }
}

/// What one of the voices of a state signal said: silence, one of its overrides, or what it mainly listens to.
struct StateNote: Sendable, Hashable {
    let signal: String
    let asset: AssetID
    /// The voice's name: by names, because settings change while notes are kept.
    let voice: String
    let time: Instant
    /// The state, as a canonical word; nil where the voice says nothing any more.
    let word: String?
}

/// One signal of the settings: what it listens to and what it makes of it.
protocol SignalRole: Sendable {
    /// Unique among the signals of one source; part of state keys and event ids.
    var name: String { get }
    /// Tags whose values it takes.
    var tags: [String] { get }
    /// Kinds of records that it takes.
    var records: [String] { get }
    func take(_ reading: Reading, _ pass: inout SignalPass) throws
}

/// A signal that acts when a time has come, though no reading comes: it sets a deadline with
/// ``SignalPass/setDeadline(_:_:)`` under its asset and name.
protocol WaitingRole: SignalRole {
    /// The deadline is over by `pass.now`. Sets the next one, or none: one that is left stays over for ever.
    func expire(_ asset: AssetID, _ pass: inout SignalPass) throws
}

/// Remembers a tag that other signals read along; makes no event.
struct LatestSignal: SignalRole {
    let name: String
    var tags: [String] { [name] }
    var records: [String] { [] }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        guard case .value(let value) = reading.value else { return }
        let slot = try pass.memory.latest.slot(StateKey(asset: reading.asset, name: name), load: pass.load)
        let text = value.plainText.flatMap { $0.isEmpty ? nil : $0 }
        guard pass.memory.latest[slot].text != text else { return }
        pass.memory.latest[slot].text = text
        pass.memory.latest.markDirty(slot)
    }
}
