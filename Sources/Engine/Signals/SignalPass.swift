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
        if let factID = reading.factID { return EventIdentity.fact(factID, signal, detail) }
        let ordinal = try nextOrdinal(signal, of: reading.asset)
        return EventIdentity.timed(signal, time: reading.time, ordinal: ordinal) + (detail.map { ":" + $0 } ?? "")
    }

    /// The next running number of a signal on an asset.
    mutating func nextOrdinal(_ signal: String, of asset: AssetID) throws -> Int64 {
        let slot = try memory.ordinals.slot(StateKey(asset: asset, name: signal), load: load)
        memory.ordinals[slot].last += 1
        memory.ordinals.markDirty(slot)
        return memory.ordinals[slot].last
    }

    /// Reports what is wrong with `reading` for `signal`.
    mutating func fault(_ kind: FailureKind, _ message: String, _ reading: Reading, signal: String) {
        var origin = reading.origin
        if origin.tag == nil { origin.tag = reading.name }
        let id = reading.factID.map { "\($0):\(signal):\(kind.code)" }
        output.faults.append(
            InputFault(
                failure: Failure(kind, "\(origin): \(message)"), origin: origin, original: reading.original,
                time: reading.time,
                factID: id ?? "\(kind.code):" + EventIdentity.timed(signal, time: reading.time, ordinal: 0)))
    }
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
