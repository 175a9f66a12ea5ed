import Canonical
import Contracts
import Store

/// Which deliveries may go of flows that do not send at once. Pure: no clock.
///
/// A gate opens for all that has come until then, and for what comes later it is closed again.
struct FlowGates: Sendable {
    private struct Gate: Sendable {
        let pace: FlowPolicy.Pace
        /// The highest id that came in.
        var last: Int64 = 0
        /// The highest id that was there at the last look.
        var seen: Int64 = 0
        /// Up to this id deliveries may go.
        var through: Int64 = 0
        /// When the oldest of those behind `through` was made.
        var since: Instant?
        /// The last time of a batch: what was made before it may go.
        var released: Instant?
        var next: Instant?
    }

    private var gates: [FlowName: Gate] = [:]

    init(_ policies: [FlowName: FlowPolicy]) {
        for (flow, policy) in policies {
            if case .realTime = policy.pace { continue }
            gates[flow] = Gate(pace: policy.pace)
        }
    }

    /// Whether no flow waits for its time.
    var isEmpty: Bool { gates.isEmpty }

    /// A delivery was taken into memory.
    mutating func note(_ delivery: Delivery) {
        guard var gate = gates[delivery.flow] else { return }
        gate.last = max(gate.last, delivery.id)
        if delivery.id > gate.through { gate.since = min(gate.since ?? delivery.created, delivery.created) }
        gates[delivery.flow] = gate
    }

    /// Opens what is to open at `now`. `held`: how many deliveries of a flow are in memory.
    mutating func advance(_ now: Instant, held: (FlowName) -> Int) {
        for flow in gates.keys {
            guard var gate = gates[flow] else { continue }
            switch gate.pace {
            case .realTime: continue
            case .microBatch(let size, let age):
                // Made later than now: the clock was set back, and nobody knows how long it has waited.
                let isOld = gate.since.map { $0 > now || $0 + age <= now } ?? false
                guard isOld || held(flow) >= size else { continue }
                gate.through = gate.last
                gate.since = nil
            case .batch(let times):
                let isCurrent = gate.released.map { $0 <= now } ?? false && gate.next.map { now < $0 } ?? false
                if !isCurrent {
                    // What came since the last look may have come behind the time: when it was made says so.
                    if let next = gate.next, next <= now { gate.through = gate.seen }
                    gate.released = times.last(upTo: now)
                    gate.next = times.next(after: now)
                }
                gate.seen = gate.last
            }
            gates[flow] = gate
        }
    }

    /// Whether a delivery may go, as of the last ``advance(_:held:)``.
    func isOpen(_ delivery: Delivery) -> Bool {
        guard let gate = gates[delivery.flow] else { return true }
        return delivery.id <= gate.through || gate.released.map { delivery.created < $0 } ?? false
    }

    /// When the first gate opens that something waits at.
    func nextOpening(held: (FlowName) -> Int) -> Instant? {
        gates.compactMap { flow, gate -> Instant? in
            guard held(flow) > 0 else { return nil }
            switch gate.pace {
            case .realTime: return nil
            case .microBatch(_, let age): return gate.since.map { $0 + age }
            case .batch: return gate.next
            }
        }.min()
    }
}
