package import Canonical
package import ExactJSON

/// What the signals of one source remember between readings, as typed values over the store's `signal_state`.
///
/// The engine derives, takes the changes, and stores them with the events in one transaction; after a rollback it calls
/// ``forget()``, and everything is read from the store again.
package struct SignalMemory: Sendable {
    /// States of one kind held in memory; beyond, they are dropped once stored and loaded again when used.
    static let heldStates = 20_000
    /// The same for slots of shifts, which are larger.
    static let heldSlots = 2_000

    var counters = StateTable<CounterState>()
    var contexts = StateTable<ContextState>()
    var equipment = StateTable<EquipmentState>()
    var cycles = StateTable<CycleState>()
    var conditions = StateTable<ConditionState>()
    var materials = StateTable<MaterialState>()
    var latest = StateTable<LatestValue>()
    var noted = StateTable<NotedState>()
    var ordinals = StateTable<OrdinalState>()
    var deadlines = StateTable<DeadlineState>()
    var thresholds = StateTable<ThresholdState>()
    var energies = StateTable<EnergyState>()
    var rates = StateTable<RateState>()
    var windows = StateTable<WindowState>()
    var windowSlots = StateTable<WindowSlot>()
    var windowIndexes = StateTable<WindowIndex>()
    var windowsSent = StateTable<WindowSent>()

    package init() {}

    /// When the engine must call `derive([], …)` at the latest, so that a state that lasted long enough is reported.
    /// Nil while nothing waits; known after the first `derive`, which may be an empty one.
    package var earliestDeadline: Instant? { deadlines.count == 0 ? nil : deadlines[0].earliest }

    /// What changed since the last call, to be stored with the events. A null value means that the key is to be
    /// deleted.
    package mutating func takeChanges() -> [(key: String, value: JSON)] {
        var changes: [(key: String, value: JSON)] = []
        counters.takeChanges(into: &changes)
        contexts.takeChanges(into: &changes)
        equipment.takeChanges(into: &changes)
        cycles.takeChanges(into: &changes)
        conditions.takeChanges(into: &changes)
        materials.takeChanges(into: &changes)
        latest.takeChanges(into: &changes)
        noted.takeChanges(into: &changes)
        ordinals.takeChanges(into: &changes)
        deadlines.takeChanges(into: &changes)
        thresholds.takeChanges(into: &changes)
        energies.takeChanges(into: &changes)
        rates.takeChanges(into: &changes)
        windows.takeChanges(into: &changes)
        windowSlots.takeChanges(into: &changes)
        windowIndexes.takeChanges(into: &changes)
        windowsSent.takeChanges(into: &changes)
        return changes
    }

    /// Forgets everything that was held, changed or not: the store is the truth.
    package mutating func forget() { self = SignalMemory() }

    /// Forgets the assets' context, which another source has changed in the store.
    package mutating func forgetContexts() { contexts = StateTable<ContextState>() }

    /// Keeps the tables that grow with the number of orders, or with time, within their bound.
    mutating func trim() {
        counters.trim(to: Self.heldStates)
        materials.trim(to: Self.heldStates)
        windowSlots.trim(to: Self.heldSlots)
        windowsSent.trim(to: Self.heldSlots)
    }
}
