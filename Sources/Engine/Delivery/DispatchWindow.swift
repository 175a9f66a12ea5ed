package import Canonical
package import Store

/// Whose waiting deliveries are held in memory, and whose are left in the store for now. Pure.
///
/// Each lane has a window of its own. Half of it is open to whoever comes first; of the rest everyone has an equal
/// share. Who is over it keeps the rest in the store, and comes in again, one after the other, as room is made.
package struct DispatchWindow: Sendable {
    /// Deliveries of one lane that are held, a large one counted as several (``Delivery/room``); those who hold next to
    /// nothing still come in up to twice as many.
    let capacity: Int
    private var held: [DeliveryShare: Int] = [:]
    /// How many deliveries these are, by flow and by lane.
    private var flows: [FlowName: Int] = [:]
    private var counts: [Lane: Int] = [:]
    private var lanes: [Lane: Int] = [:]
    /// How many hold something or have something in the store alone.
    private var sharers: [Lane: Int] = [:]
    /// Who has deliveries in the store alone: they lie behind this id, and are looked for in turn.
    private var behind: [DeliveryShare: Int64] = [:]
    private var rotation: [DeliveryShare] = []
    /// How many one share may hold while there is any room.
    private static let leastShare = 16

    package init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Deliveries held, of all lanes.
    package var count: Int { flows.values.reduce(0, +) }

    /// The room that is taken, of all lanes.
    var used: Int { lanes.values.reduce(0, +) }

    /// Deliveries of a flow that are held, of all lanes.
    func held(of flow: FlowName) -> Int { flows[flow, default: 0] }

    /// One of `share` is held from now on.
    package mutating func add(_ share: DeliveryShare, room: Int) {
        changing(share) { $0.held[share, default: 0] += room }
        lanes[share.lane, default: 0] += room
        flows[share.flow, default: 0] += 1
        counts[share.lane, default: 0] += 1
    }

    /// One of `share` is held no more.
    package mutating func remove(_ share: DeliveryShare, room: Int) {
        guard let taken = held[share] else { return }
        changing(share) { $0.held[share] = taken > room ? taken - room : nil }
        lanes[share.lane, default: 0] -= room
        counts[share.lane, default: 0] -= 1
        let left = flows[share.flow, default: 0] - 1
        flows[share.flow] = left > 0 ? left : nil
    }

    private mutating func changing(_ share: DeliveryShare, _ change: (inout DispatchWindow) -> Void) {
        let was = isPresent(share)
        change(&self)
        let isNow = isPresent(share)
        if was != isNow { sharers[share.lane, default: 0] += isNow ? 1 : -1 }
    }

    private func isPresent(_ share: DeliveryShare) -> Bool { held[share] != nil || behind[share] != nil }

    /// How many more deliveries of `share` may come in.
    package func room(for share: DeliveryShare) -> Int {
        let used = lanes[share.lane, default: 0]
        let own = held[share, default: 0]
        // Large ones of a flow that is paused must not keep the others out: here each counts as one.
        guard counts[share.lane, default: 0] < capacity * 2 else { return 0 }
        return max(0, min(allowance(share.lane) - own, max(capacity - used, Self.leastShare - own)))
    }

    /// How many deliveries each one of a lane may hold.
    private func allowance(_ lane: Lane) -> Int {
        guard lanes[lane, default: 0] * 2 >= capacity else { return max(1, capacity / 2) }
        return max(Self.leastShare, capacity / 2 / max(1, sharers[lane, default: 0]))
    }

    /// Whether deliveries of `share` are left in the store; newer ones must wait behind them there.
    package func isBehind(_ share: DeliveryShare) -> Bool { behind[share] != nil }

    /// Leaves what `share` has behind `id` in the store.
    package mutating func leave(_ share: DeliveryShare, behind id: Int64) {
        let isNew = behind[share] == nil
        changing(share) { $0.behind[share] = id }
        if isNew { rotation.append(share) }
    }

    /// Nothing of `share` is left in the store that was not looked at.
    package mutating func caughtUp(_ share: DeliveryShare) {
        changing(share) { $0.behind[share] = nil }
        rotation.removeAll { $0 == share }
    }

    /// Whether ``next()`` has one.
    package var hasRoomForMore: Bool { rotation.contains(where: isWorthALook) }

    private func isWorthALook(_ share: DeliveryShare) -> Bool {
        let room = room(for: share)
        return room > 0 && (held[share] == nil || room * 2 >= allowance(share.lane))
    }

    /// The next share that may come in, and behind which id; nil where nobody waits or there is too little room to be
    /// worth a look.
    package mutating func next() -> (share: DeliveryShare, after: Int64)? {
        guard let index = rotation.firstIndex(where: isWorthALook) else { return nil }
        let share = rotation.remove(at: index)
        rotation.append(share)
        return (share, behind[share] ?? 0)
    }
}
