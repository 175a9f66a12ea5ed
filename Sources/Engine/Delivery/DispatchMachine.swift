package import Canonical
package import Contracts
package import ExactJSON
package import Store

/// Decides which deliveries go next: in order per key, one command at a time per key and per conflict key, lanes by
/// weight, within a lane everyone in turn, like ones coalesced into one command. Pure: no I/O, no clock.
///
/// What it holds of a key is always the oldest part of what the store has pending for it.
package struct DispatchMachine: Sendable {
    let policies: [FlowName: FlowPolicy]
    /// Until when the store does not know what was done; see ``Store/doubt``.
    package var doubt: Instant?
    /// Flows of which nothing new goes. What is behind one of theirs in its key's order waits with it.
    package var paused: Set<FlowName> = []
    private let hasWindows: Bool
    var gates: FlowGates
    var keys: [OrderingKey: KeyQueue] = [:]
    /// Keys that have something to send and nothing under way, per lane.
    private var ready: [Lane: FairRounds] = [:]
    private var heldConflicts: Set<String> = []
    var holds: [OrderingKey: Hold] = [:]
    /// Keys whose later deliveries are still in the store alone, and have nothing left here.
    var drained: [(key: OrderingKey, share: DeliveryShare?)] = []
    var readings = 0
    private var turns = LaneTurns()
    var window: DispatchWindow
    private var carried = CarriedCounts()
    /// Deliveries held in memory.
    package var count: Int { window.count }
    /// Commands under way.
    package var carriedCount: Int { carried.all }

    /// Why deliveries of a key are not taken in as they come.
    enum Hold {
        /// A person must decide; they wait in the store.
        case blocked
        /// It is being read from the store. `missed`: more may have come since.
        case reading(Int, missed: Bool)
        /// Some wait in the store: newer ones must wait behind them there.
        case partial
    }

    struct KeyQueue {
        var deliveries: [Delivery] = []
        var next = 0
        /// The highest id that was held.
        var last: Int64 = 0
        /// Those of the command that is under way.
        var underWay: [Int64] = []
        /// Whose command is under way; nil where none is.
        var busy: DeliveryShare?
        var conflicts: [String] = []
        var first: Delivery? { next < deliveries.count ? deliveries[next] : nil }
        var waiting: Int { deliveries.count - next }
    }

    /// `capacity`: deliveries of one lane that are held in memory, about; `openCommands`: commands of one lane that are
    /// under way at most, those that wait for their next try among them.
    package init(
        policies: [FlowName: FlowPolicy], capacity: Int = 5_000, openCommands: Int = 1_000, doubt: Instant? = nil
    ) {
        self.policies = policies
        self.doubt = doubt
        gates = FlowGates(policies)
        hasWindows = !gates.isEmpty || policies.values.contains { $0.coalescing != nil }
        window = DispatchWindow(capacity: capacity)
        carried.maximum = openCommands
    }

    /// Takes one in, in its key's order.
    mutating func insert(_ delivery: Delivery) {
        var queue = keys[delivery.key] ?? KeyQueue()
        guard !queue.underWay.contains(delivery.id) else { return }
        let oldFirst = queue.first
        if let last = queue.deliveries.last, last.id >= delivery.id {
            guard !queue.deliveries[queue.next...].contains(where: { $0.id == delivery.id }) else { return }
            let place = queue.deliveries[queue.next...].firstIndex { $0.id > delivery.id }
            queue.deliveries.insert(delivery, at: place ?? queue.deliveries.count)
        } else {
            queue.deliveries.append(delivery)
        }
        queue.last = max(queue.last, delivery.id)
        window.add(delivery.share, room: delivery.room)
        gates.note(delivery)
        keys[delivery.key] = queue
        guard queue.busy == nil, queue.first?.id != oldFirst?.id else { return }
        // A key waits where its first delivery belongs.
        if let oldFirst { ready[oldFirst.lane]?.remove(delivery.key, of: oldFirst.share) }
        ready[delivery.lane, default: FairRounds()].add(delivery.key, of: delivery.share)
    }

    /// The next command to carry out, its key and conflict keys held from now on; nil where nothing may go at `now`.
    package mutating func next(now: Instant) -> CommandDraft? {
        guard case .new(let draft) = turn(now: now, returning: []) else { return nil }
        return draft
    }

    /// Who may go next.
    package enum Turn: Sendable {
        case new(CommandDraft)
        /// A command of this lane that is under way and comes back from a wait.
        case returning(Lane)
    }

    /// Who may go at `now`, where commands of the lanes `returning` come back from a wait. Of the lanes `resting` none
    /// goes.
    package mutating func turn(now: Instant, returning: Set<Lane>, resting: Set<Lane> = []) -> Turn? {
        gates.advance(now) { window.held(of: $0) }
        var turns = turns
        defer { self.turns = turns }
        return turns.next { lane in
            if resting.contains(lane) { return nil }
            if returning.contains(lane) { return .returning(lane) }
            return take(from: lane, now: now).map { .new($0) }
        }
    }

    private mutating func take(from lane: Lane, now: Instant) -> CommandDraft? {
        guard carried.hasRoom(lane), let (share, key) = candidate(lane, now) else { return nil }
        ready[lane]?.remove(key, of: share)
        ready[lane]?.serve(share)
        return draft(key)
    }

    private func candidate(_ lane: Lane, _ now: Instant) -> (DeliveryShare, OrderingKey)? {
        guard let rounds = ready[lane] else { return nil }
        var passed: Set<DeliveryShare> = []
        while let share = rounds.next(excluding: passed) {
            if !paused.contains(share.flow), carried.hasRoom(share),
                let key = rounds.keys(of: share).first(where: { mayGo($0, now) })
            {
                return (share, key)
            }
            passed.insert(share)
        }
        return nil
    }

    private func mayGo(_ key: OrderingKey, _ now: Instant) -> Bool {
        guard let queue = keys[key], let first = queue.first, queue.busy == nil else { return false }
        guard gates.isOpen(first) else { return false }
        if !first.conflicts.isEmpty, !heldConflicts.isDisjoint(with: first.conflicts) { return false }
        return dueTime(of: queue, now).map { $0 <= now } ?? true
    }

    /// When the first delivery of a queue may go: at once, or when its coalescing window has passed.
    private func dueTime(of queue: KeyQueue, _ now: Instant) -> Instant? {
        guard let first = queue.first, let policy = policies[first.flow], let coalescing = policy.coalescing,
            // Made later than now: the clock was set back, and nobody knows how long it has waited.
            queue.waiting < coalescing.maximum, first.created <= now
        else { return nil }
        return first.created + coalescing.window
    }

    private mutating func draft(_ key: OrderingKey) -> CommandDraft? {
        guard var queue = keys[key], let first = queue.first else { return nil }
        var draft = CommandDraft(first)
        queue.next += 1
        while let next = queue.first, join(next, &draft) { queue.next += 1 }
        if queue.next > 64, queue.next * 2 > queue.deliveries.count {
            queue.deliveries.removeFirst(queue.next)
            queue.next = 0
        }
        queue.underWay = draft.deliveries.map(\.id)
        occupy(&queue, first.share, first.conflicts)
        keys[key] = queue
        for member in draft.deliveries { window.remove(member.share, room: member.room) }
        return draft
    }

    private mutating func occupy(_ queue: inout KeyQueue, _ share: DeliveryShare, _ conflicts: [String]) {
        queue.busy = share
        queue.conflicts = conflicts
        heldConflicts.formUnion(conflicts)
        carried.add(share)
    }

    private mutating func free(_ queue: inout KeyQueue) {
        heldConflicts.subtract(queue.conflicts)
        if let share = queue.busy { carried.remove(share) }
        queue.busy = nil
        queue.underWay = []
        queue.conflicts = []
    }

    /// Marks a key as busy with a command that was under way before a restart.
    package mutating func resume(
        _ key: OrderingKey, of share: DeliveryShare = DeliveryShare(lane: .normal, flow: "", origin: ""),
        conflicts: [String]
    ) {
        var queue = keys[key] ?? KeyQueue()
        occupy(&queue, share, conflicts)
        keys[key] = queue
    }

    /// The command of `key` is settled: the next one may go.
    package mutating func finish(_ key: OrderingKey) {
        guard var queue = keys[key] else { return }
        let share = queue.busy
        free(&queue)
        if let first = queue.first {
            keys[key] = queue
            ready[first.lane, default: FairRounds()].add(key, of: first.share)
        } else {
            keys[key] = nil
            if case .partial = holds[key] { drained.append((key, share)) }
        }
    }

    /// The command of `key` must wait for its next try: what waits behind it waits in the store meanwhile, so that keys
    /// that are stuck take no room from the others.
    package mutating func putOff(_ key: OrderingKey) {
        guard var queue = keys[key], queue.busy != nil, queue.waiting > 0 else { return }
        // What is being read comes behind what is held.
        if case .reading = holds[key] { return }
        for delivery in queue.deliveries[queue.next...] { window.remove(delivery.share, room: delivery.room) }
        queue.deliveries = []
        queue.next = 0
        keys[key] = queue
        leaveInStore(key)
    }

    /// A person must decide about `key`: what waits for it is let go of here, as its rows wait in the store.
    package mutating func block(_ key: OrderingKey) {
        forget(key)
        holds[key] = .blocked
    }

    /// The command of `key` turned out to hold what is not pending any more: nothing of it was sent, and the key must
    /// be read anew; false where it is blocked, and its rows wait for a person.
    package mutating func void(_ key: OrderingKey) -> Bool {
        forget(key)
        if case .blocked = holds[key] { return false }
        return true
    }

    /// Whether a command of `key` is under way.
    package func isBusy(_ key: OrderingKey) -> Bool { keys[key]?.busy != nil }

    /// Lets go of what waits for `key`, while it is being read anew; its rows are in the store.
    package mutating func letGo(_ key: OrderingKey) { drop(key, behind: 0) }

    /// Lets go of everything about `key`; its rows are in the store.
    private mutating func forget(_ key: OrderingKey) {
        guard var queue = keys.removeValue(forKey: key) else { return }
        for delivery in queue.deliveries[queue.next...] { window.remove(delivery.share, room: delivery.room) }
        if queue.busy == nil, let first = queue.first { ready[first.lane]?.remove(key, of: first.share) }
        free(&queue)
    }

    /// Lets go of what waits for `key` behind `id`; it is in the store.
    mutating func drop(_ key: OrderingKey, behind id: Int64) {
        guard var queue = keys[key] else { return }
        while queue.waiting > 0, let last = queue.deliveries.last, last.id > id {
            queue.deliveries.removeLast()
            window.remove(last.share, room: last.room)
            if queue.busy == nil, queue.waiting == 0 { ready[last.lane]?.remove(key, of: last.share) }
        }
        keys[key] = queue.waiting == 0 && queue.busy == nil ? nil : queue
    }

    /// When something that waits for its coalescing window or its batch may go; nil where only an event can change
    /// anything.
    package func nextDue(after now: Instant) -> Instant? {
        guard hasWindows else { return nil }
        var soonest = gates.nextOpening { window.held(of: $0) }
        for lane in Lane.allCases {
            for key in ready[lane]?.allKeys ?? [] {
                guard let queue = keys[key], let first = queue.first, gates.isOpen(first),
                    !paused.contains(first.flow), let due = dueTime(of: queue, now)
                else { continue }
                if soonest.map({ due < $0 }) ?? true { soonest = due }
            }
        }
        return soonest
    }
}

/// Commands that are under way: each costs memory, also while it waits for its next try.
private struct CarriedCounts: Sendable {
    /// Of one lane; one share may have half of it.
    var maximum = 1_000
    private var lanes: [Lane: Int] = [:]
    private var shares: [DeliveryShare: Int] = [:]

    var all: Int { lanes.values.reduce(0, +) }

    mutating func add(_ share: DeliveryShare) {
        lanes[share.lane, default: 0] += 1
        shares[share, default: 0] += 1
    }

    mutating func remove(_ share: DeliveryShare) {
        lanes[share.lane, default: 0] -= 1
        let left = shares[share, default: 0] - 1
        shares[share] = left > 0 ? left : nil
    }

    func hasRoom(_ lane: Lane) -> Bool { lanes[lane, default: 0] < maximum }
    func hasRoom(_ share: DeliveryShare) -> Bool { shares[share, default: 0] < max(1, maximum / 2) }
}
