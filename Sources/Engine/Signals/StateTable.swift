import Canonical
import Contracts
import ExactJSON

/// The durable state of one signal on one asset.
protocol SignalState: Sendable {
    /// First segment of the state's key in the store.
    static var family: String { get }
    /// The state before anything was seen.
    init()
    /// Reads what ``json`` wrote; nil for anything else.
    init?(json: JSON)
    var json: JSON { get }
}

/// Names one state: `counter/okuma-multus/ppartcount`, with a third segment where a signal keeps one state a subject;
/// without a name for what an asset has only one of: `context/okuma-multus`.
struct StateKey: Hashable, Sendable {
    let asset: AssetID
    let name: String
    var detail: String?

    func text(family: String) -> String {
        "\(family)/\(asset)" + (name.isEmpty ? "" : "/" + name) + (detail.map { "/" + $0 } ?? "")
    }
}

/// The states of one kind: read from the store when first used, kept as typed values, written back where they changed.
struct StateTable<State: SignalState>: Sendable {
    private struct Slot: Sendable {
        let key: StateKey
        var state: State
        var isDirty = false
    }

    private var slots: [Slot] = []
    private var index: [StateKey: Int] = [:]
    private var dirty: [Int] = []

    var count: Int { slots.count }

    /// The slot of `key`, loaded where it is not here yet. Throws what `load` throws, and ``Failure`` `SIG-012`.
    mutating func slot(_ key: StateKey, load: (String) throws -> JSON?) throws -> Int {
        if let position = index[key] { return position }
        let text = key.text(family: State.family)
        var state = State()
        if let stored = try load(text), !stored.isNull {
            guard let read = State(json: stored) else {
                throw Failure(
                    SignalFailures.unreadableState, "The stored state \(text) cannot be read",
                    detail: String(stored.description.prefix(500)))
            }
            state = read
        }
        slots.append(Slot(key: key, state: state))
        index[key] = slots.count - 1
        return slots.count - 1
    }

    subscript(slot: Int) -> State {
        get { slots[slot].state }
        _modify { yield &slots[slot].state }
    }

    mutating func markDirty(_ slot: Int) {
        guard !slots[slot].isDirty else { return }
        slots[slot].isDirty = true
        dirty.append(slot)
    }

    /// Appends what changed since the last call.
    mutating func takeChanges(into changes: inout [(key: String, value: JSON)]) {
        for slot in dirty {
            changes.append((slots[slot].key.text(family: State.family), slots[slot].state.json))
            slots[slot].isDirty = false
        }
        dirty.removeAll(keepingCapacity: true)
    }

    /// Drops everything where there is more than `limit` and nothing waits to be stored; it is loaded again when used.
    mutating func trim(to limit: Int) {
        guard slots.count > limit, dirty.isEmpty else { return }
        self = StateTable()
    }
}
