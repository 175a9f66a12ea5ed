package import Canonical
package import Contracts
package import ExactJSON
package import Store

/// Decides which deliveries go next: in order per key, one command at a time per key and per conflict key, lanes by
/// weight, like ones coalesced into one command. Pure: no I/O, no clock.
package struct DispatchMachine: Sendable {
    private let policies: [FlowName: FlowPolicy]
    private var keys: [OrderingKey: KeyQueue] = [:]
    /// Keys that have something to send and nothing under way, per lane, first come first served.
    private var ready: [Lane: ReadyKeys] = [:]
    private var heldConflicts: Set<String> = []
    private var blocked: Set<OrderingKey>
    private var credits: [Lane: Int] = [:]
    /// Deliveries held in memory.
    package private(set) var count = 0

    private struct KeyQueue {
        var deliveries: [Delivery] = []
        var next = 0
        var isBusy = false
        var conflicts: [String] = []
        var first: Delivery? { next < deliveries.count ? deliveries[next] : nil }
        var isEmpty: Bool { next >= deliveries.count }
    }

    private struct ReadyKeys {
        var keys: [OrderingKey] = []
    }

    /// How often each lane is served before the next one is looked at: nobody starves, the critical ones wait least.
    private static let weights: [Lane: Int] = [.critical: 8, .normal: 4, .bulk: 1]

    package init(policies: [FlowName: FlowPolicy], blocked: Set<OrderingKey>) {
        self.policies = policies
        self.blocked = blocked
    }

    /// Takes deliveries in; those of a blocked key are passed over, as their rows wait in the store.
    package mutating func add(_ deliveries: [Delivery]) {
        for delivery in deliveries where !blocked.contains(delivery.key) {
            var queue = keys[delivery.key] ?? KeyQueue()
            if let last = queue.deliveries.last, last.id >= delivery.id {
                guard !queue.deliveries[queue.next...].contains(where: { $0.id == delivery.id }) else { continue }
                let place = queue.deliveries[queue.next...].firstIndex { $0.id > delivery.id }
                queue.deliveries.insert(delivery, at: place ?? queue.deliveries.count)
            } else {
                queue.deliveries.append(delivery)
            }
            count += 1
            let wasIdle = !queue.isBusy && queue.deliveries.count - queue.next == 1
            keys[delivery.key] = queue
            if wasIdle { ready[delivery.lane, default: ReadyKeys()].keys.append(delivery.key) }
        }
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
            if let due = dueTime(of: queue), due > now { continue }
            ready[lane]?.keys.remove(at: index)
            return draft(key)
        }
        return nil
    }

    /// When the first delivery of a queue may go: at once, or when its coalescing window has passed.
    private func dueTime(of queue: KeyQueue) -> Instant? {
        guard let first = queue.first, let policy = policies[first.flow], let coalescing = policy.coalescing else {
            return nil
        }
        return queue.deliveries.count - queue.next >= coalescing.maximum ? nil : first.created + coalescing.window
    }

    private mutating func draft(_ key: OrderingKey) -> CommandDraft? {
        guard var queue = keys[key], let first = queue.first else { return nil }
        var members = [first]
        var arguments = first.arguments
        queue.next += 1
        if let coalescing = policies[first.flow]?.coalescing {
            while let next = queue.first, members.count < coalescing.maximum, next.flow == first.flow,
                next.operation == first.operation, next.conflicts == first.conflicts,
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
        queue.conflicts = []
        if let first = queue.first {
            keys[key] = queue
            ready[first.lane, default: ReadyKeys()].keys.append(key)
        } else {
            keys[key] = nil
        }
    }

    /// A person must decide about `key`: what waits for it is let go of here, as its rows wait in the store.
    package mutating func block(_ key: OrderingKey) {
        if let queue = keys[key] {
            count -= queue.deliveries.count - queue.next
            heldConflicts.subtract(queue.conflicts)
            keys[key] = nil
            for lane in Lane.allCases { ready[lane]?.keys.removeAll { $0 == key } }
        }
        blocked.insert(key)
    }

    /// A person has decided: deliveries of `key` are taken in again.
    package mutating func unblock(_ key: OrderingKey) { blocked.remove(key) }

    /// When something that waits for its coalescing window may go; nil where only an event can change anything.
    package var nextDue: Instant? {
        var soonest: Instant?
        for lane in Lane.allCases {
            for key in ready[lane]?.keys ?? [] {
                guard let queue = keys[key], !queue.isBusy, let due = dueTime(of: queue) else { continue }
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
