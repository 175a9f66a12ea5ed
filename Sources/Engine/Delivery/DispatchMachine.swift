package import Canonical
package import Contracts
package import ExactJSON
package import Store

/// Decides which deliveries go next: in order per key, one command at a time per key and per conflict key, lanes by
/// weight, like ones coalesced into one command. Pure: no I/O, no clock.
package struct DispatchMachine: Sendable {
    private let policies: [FlowName: FlowPolicy]
    /// Until when the store does not know what was done; see ``Store/doubt``.
    private let doubt: Instant?
    private var keys: [OrderingKey: KeyQueue] = [:]
    /// Keys that have something to send and nothing under way, per lane, first come first served.
    private var ready: [Lane: ReadyKeys] = [:]
    private var heldConflicts: Set<String> = []
    private var holds: [OrderingKey: Hold] = [:]
    /// Keys whose older deliveries are still in the store alone, and have nothing left here.
    private var drained: [OrderingKey] = []
    private var releases = 0
    private var credits: [Lane: Int] = [:]
    /// Deliveries held in memory.
    package private(set) var count = 0

    /// Why deliveries of a key are not taken in as they are loaded.
    private enum Hold {
        /// A person must decide; they wait in the store.
        case blocked
        /// Those of before are being read from the store; those loaded meanwhile wait here.
        case releasing(Int, [Delivery])
        /// Older ones wait in the store: these must wait behind them there.
        case partial
    }

    private struct KeyQueue {
        var deliveries: [Delivery] = []
        var next = 0
        /// Those of the command that is under way.
        var underWay: [Int64] = []
        var isBusy = false
        var conflicts: [String] = []
        var first: Delivery? { next < deliveries.count ? deliveries[next] : nil }
        var waiting: Int { deliveries.count - next }
    }

    private struct ReadyKeys {
        var keys: [OrderingKey] = []
    }

    /// How often each lane is served before the next one is looked at: nobody starves, the critical ones wait least.
    private static let weights: [Lane: Int] = [.critical: 8, .normal: 4, .bulk: 1]

    /// Deliveries that are held in memory at most, about.
    private let capacity: Int
    /// How many of one key, where memory is short: the others must not wait for one that is stuck.
    package static let keyCapacity = 256

    package init(policies: [FlowName: FlowPolicy], capacity: Int = 5_000, doubt: Instant? = nil) {
        self.policies = policies
        self.doubt = doubt
        self.capacity = capacity
    }

    /// Takes in what was loaded. What is held is passed over, as its rows wait in the store.
    package mutating func add(_ deliveries: [Delivery]) {
        for delivery in deliveries {
            switch holds[delivery.key] {
            case .blocked, .partial: continue
            case .releasing(let release, let loaded):
                holds[delivery.key] = .releasing(release, loaded + [delivery])
            case nil:
                if count * 2 >= capacity, let queue = keys[delivery.key], queue.waiting >= Self.keyCapacity {
                    holds[delivery.key] = .partial
                } else {
                    insert(delivery)
                }
            }
        }
    }

    private mutating func insert(_ delivery: Delivery) {
        var queue = keys[delivery.key] ?? KeyQueue()
        guard !queue.underWay.contains(delivery.id) else { return }
        if let last = queue.deliveries.last, last.id >= delivery.id {
            guard !queue.deliveries[queue.next...].contains(where: { $0.id == delivery.id }) else { return }
            let place = queue.deliveries[queue.next...].firstIndex { $0.id > delivery.id }
            queue.deliveries.insert(delivery, at: place ?? queue.deliveries.count)
        } else {
            queue.deliveries.append(delivery)
        }
        count += 1
        let wasIdle = !queue.isBusy && queue.waiting == 1
        keys[delivery.key] = queue
        if wasIdle { ready[delivery.lane, default: ReadyKeys()].keys.append(delivery.key) }
    }

    /// The next command to carry out, its key and conflict keys held from now on; nil where nothing may go at `now`.
    package mutating func next(now: Instant) -> CommandDraft? {
        for _ in 0..<2 {
            for lane in Lane.allCases where credits[lane, default: 0] > 0 {
                if let draft = take(from: lane, now: now) {
                    credits[lane, default: 0] -= 1
                    return draft
                }
            }
            credits = Self.weights
        }
        return nil
    }

    private mutating func take(from lane: Lane, now: Instant) -> CommandDraft? {
        guard let candidates = ready[lane]?.keys else { return nil }
        for (index, key) in candidates.enumerated() {
            guard let queue = keys[key], let first = queue.first, !queue.isBusy else { continue }
            if !first.conflicts.isEmpty, !heldConflicts.isDisjoint(with: first.conflicts) { continue }
            if let due = dueTime(of: queue, now), due > now { continue }
            ready[lane]?.keys.remove(at: index)
            return draft(key)
        }
        return nil
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
        var members = [first]
        var arguments = first.arguments
        queue.next += 1
        if let coalescing = policies[first.flow]?.coalescing {
            while let next = queue.first, members.count < coalescing.maximum, next.flow == first.flow,
                next.operation == first.operation, next.conflicts == first.conflicts,
                // What a person may have to decide about takes nothing along that nobody doubts.
                next.mayBeDone(doubt: doubt) == first.mayBeDone(doubt: doubt),
                let merged = coalescing.rule.merging(arguments, next.arguments)
            {
                arguments = merged
                members.append(next)
                queue.next += 1
            }
        }
        if queue.next > 64, queue.next * 2 > queue.deliveries.count {
            queue.deliveries.removeFirst(queue.next)
            queue.next = 0
        }
        queue.isBusy = true
        queue.underWay = members.map(\.id)
        queue.conflicts = first.conflicts
        heldConflicts.formUnion(first.conflicts)
        keys[key] = queue
        count -= members.count
        return CommandDraft(deliveries: members, arguments: arguments)
    }

    /// Marks a key as busy with a command that was under way before a restart.
    package mutating func resume(_ key: OrderingKey, conflicts: [String]) {
        var queue = keys[key] ?? KeyQueue()
        queue.isBusy = true
        queue.conflicts = conflicts
        heldConflicts.formUnion(conflicts)
        keys[key] = queue
    }

    /// The command of `key` is settled: the next one may go.
    package mutating func finish(_ key: OrderingKey) {
        guard var queue = keys[key] else { return }
        heldConflicts.subtract(queue.conflicts)
        queue.isBusy = false
        queue.underWay = []
        queue.conflicts = []
        if let first = queue.first {
            keys[key] = queue
            ready[first.lane, default: ReadyKeys()].keys.append(key)
        } else {
            keys[key] = nil
            if case .partial = holds[key] { drained.append(key) }
        }
    }

    /// A person must decide about `key`: what waits for it is let go of here, as its rows wait in the store.
    package mutating func block(_ key: OrderingKey) {
        forget(key)
        holds[key] = .blocked
    }

    /// Lets go of everything about `key`; its rows are in the store.
    private mutating func forget(_ key: OrderingKey) {
        guard let queue = keys.removeValue(forKey: key) else { return }
        count -= queue.waiting
        heldConflicts.subtract(queue.conflicts)
        for lane in Lane.allCases { ready[lane]?.keys.removeAll { $0 == key } }
    }

    // MARK: - Reading a key anew

    /// From here to ``endRelease(_:_:_:isAll:)`` the pending deliveries of `key` are read from the store, up to what was
    /// loaded so far; what is loaded meanwhile waits for them.
    package mutating func beginRelease(_ key: OrderingKey) -> Int {
        releases += 1
        var loaded: [Delivery] = []
        if case .releasing(_, let earlier) = holds[key] { loaded = earlier }
        holds[key] = .releasing(releases, loaded)
        return releases
    }

    /// Takes in what was read, and what was loaded meanwhile behind it. Void where the key was blocked or read anew since.
    /// `isAll`: nothing older than what is loaded from now on is left in the store.
    package mutating func endRelease(_ key: OrderingKey, _ release: Int, _ deliveries: [Delivery], isAll: Bool) {
        guard case .releasing(release, let loaded) = holds[key] else { return }
        holds[key] = isAll ? nil : .partial
        for delivery in deliveries { insert(delivery) }
        // Where some are left in the store, these wait behind them there.
        if isAll { add(loaded) }
        if !isAll, keys[key] == nil { drained.append(key) }
    }

    /// The command of `key` turned out to hold what is not pending any more: nothing of it was sent, and the key must be
    /// read anew; false where it is blocked, and its rows wait for a person.
    package mutating func void(_ key: OrderingKey) -> Bool {
        forget(key)
        if case .blocked = holds[key] { return false }
        return true
    }

    /// A key that must be read anew, as what was held of it is done and more is in the store.
    package mutating func nextDrained() -> OrderingKey? {
        while let key = drained.popLast() {
            if case .partial = holds[key] { return key }
        }
        return nil
    }

    /// When something that waits for its coalescing window may go; nil where only an event can change anything.
    package func nextDue(after now: Instant) -> Instant? {
        var soonest: Instant?
        for lane in Lane.allCases {
            for key in ready[lane]?.keys ?? [] {
                guard let queue = keys[key], !queue.isBusy, let due = dueTime(of: queue, now) else { continue }
                if soonest.map({ due < $0 }) ?? true { soonest = due }
            }
        }
        return soonest
    }
}

/// Deliveries that become one command.
package struct CommandDraft: Sendable {
    /// In order; at least one.
    package let deliveries: [Delivery]
    /// Of all of them together.
    package let arguments: JSON

    /// Unique and stable for these deliveries.
    package var identity: String {
        guard let first = deliveries.first, let last = deliveries.last, deliveries.count > 1 else {
            return deliveries.first?.identity ?? ""
        }
        return "\(first.identity)+\(deliveries.count)..\(last.identity)"
    }
}

/// What a flow says about its deliveries.
package struct FlowPolicy: Sendable {
    /// Like deliveries become one command.
    package struct Coalescing: Sendable {
        /// How long the first one waits for others.
        package let window: Duration
        package let maximum: Int
        package let rule: MergeRule

        package init(window: Duration, maximum: Int, rule: MergeRule) {
            self.window = window
            self.maximum = maximum
            self.rule = rule
        }
    }

    package let coalescing: Coalescing?
    package let retry: RetryPolicy
    /// Whether a rejection holds the key's later deliveries until a person has decided.
    package let holdsOnReject: Bool
    /// After this long since the fact a command is not sent any more.
    package let expiry: Duration?

    package init(coalescing: Coalescing?, retry: RetryPolicy, holdsOnReject: Bool, expiry: Duration?) {
        self.coalescing = coalescing
        self.retry = retry
        self.holdsOnReject = holdsOnReject
        self.expiry = expiry
    }
}
