import Canonical
import Contracts
import ExactJSON
import Store
import Synchronization

/// One fact of a simulated machine: so many pieces for an order.
struct MachineFact: Sendable, Hashable {
    let number: Int
    let order: String
    let quantity: Int
    /// The release whose shape its event has.
    var release = 1
    /// When it was made, by nobody's clock.
    var made: Instant

    /// Names the fact, ascending.
    var id: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// When it happened, by the machine's own clock, which is right.
    var time: Instant { made }

    /// From its second release on the machine calls the good quantity by that name.
    func event(asset: String) -> Event {
        Event(
            id: id, source: "/sim/\(asset)", type: "millwright.production.completed.v\(release)", subject: order,
            time: time, attributes: ["plant": "sim"],
            data: [
                "order": .string(order), "asset": .string(asset),
                release == 1 ? "quantity" : "good": ["value": .int(quantity), "unit": "pcs"],
            ])
    }
}

/// What a machine has made and not yet got rid of. It stands beside the edge: a crash of the edge does not touch it.
final class MachineMemory: Sendable {
    private struct State {
        var made: [MachineFact] = []
        var total = 0
        var acknowledged = 0
        var again: [Int] = []
        var repeated = 0
    }
    private let state = Mutex(State())
    /// Rings when something was made, so that waiting costs no steps.
    let bell = Bell()

    /// Everything made so far.
    var made: [MachineFact] { state.withLock { $0.made } }
    var count: Int { state.withLock { $0.made.count } }
    /// The sum of all quantities: what a counter shows.
    var total: Int { state.withLock { $0.total } }

    func make(order: String, quantity: Int, release: Int, now: Instant) {
        state.withLock { state in
            state.made.append(
                MachineFact(
                    number: state.made.count + 1, order: order, quantity: quantity, release: release, made: now))
            state.total += quantity
        }
        bell.ring()
    }

    /// Facts behind `number`, at most `limit`.
    func facts(after number: Int, limit: Int) -> [MachineFact] {
        state.withLock { Array($0.made.dropFirst(number).prefix(limit)) }
    }

    /// What was acknowledged is forgotten: only a repeat brings it again.
    var acknowledged: Int { state.withLock { $0.acknowledged } }
    func acknowledge(through number: Int) { state.withLock { $0.acknowledged = max($0.acknowledged, number) } }

    /// Lets the fact that was acknowledged `share` (0…1) of the way back come again.
    func askAgain(_ share: Double) {
        state.withLock { state in
            guard state.acknowledged > 0 else { return }
            state.again.append(min(state.acknowledged - 1, Int(Double(state.acknowledged) * share)))
            state.repeated += 1
        }
        bell.ring()
    }

    /// A fact that is to come again, or nil.
    func takeRepeat() -> MachineFact? {
        state.withLock { state in
            guard !state.again.isEmpty else { return nil }
            return state.made[state.again.removeFirst()]
        }
    }
    /// How many facts came again.
    var repeated: Int { state.withLock { $0.repeated } }
}
