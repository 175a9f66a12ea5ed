import Canonical
import Contracts
import Delivery
import ExactJSON
import OdooConnector
import Routing
import Store
import Synchronization

/// Which facts the quantities in an Odoo are made of: what each write means is noted before it leaves, and what Odoo
/// then takes is counted. So it is known whatever the hub forgets.
final class PostedFacts: Sendable {
    /// A fact on its way to Odoo.
    struct Fact: Sendable, Hashable {
        /// That of its delivery.
        let identity: String
        let quantity: Int
    }

    private struct Plan {
        let before: Int
        let after: Int
        let facts: [Fact]
    }

    private struct State {
        /// By record.
        var plans: [Int: [Plan]] = [:]
        var values: [Int: Int] = [:]
        var times: [String: Int] = [:]
        var violations: [String] = []
    }

    private let state = Mutex(State())

    /// A write of `after` over `before` to a record would bring these facts in.
    func plan(record: Int, before: Int, after: Int, _ facts: [Fact]) {
        state.withLock { $0.plans[record, default: []].append(Plan(before: before, after: after, facts: facts)) }
    }

    /// Odoo took a value.
    func wrote(record: Int, _ value: Int) {
        state.withLock { state in
            let before = state.values[record] ?? 0
            // The same value again changes nothing: that is why it is absolute.
            guard before != value, !state.plans.isEmpty else { return }
            state.values[record] = value
            guard let plan = state.plans[record]?.last(where: { $0.before == before && $0.after == value }) else {
                state.violations.append("\(value) was written over \(before) to order \(record), and nobody meant that")
                return
            }
            for fact in plan.facts {
                state.times[fact.identity, default: 0] += 1
                if state.times[fact.identity] ?? 0 > 1 {
                    state.violations.append(
                        "\(fact.identity) was written twice, with \(value) over \(before) to order \(record)")
                }
            }
        }
    }

    /// Whether a fact is there.
    func holds(_ identity: String) -> Bool { state.withLock { $0.times[identity] != nil } }

    /// What must never be.
    var violations: [String] { state.withLock { Array($0.violations.prefix(10)) } }
}

/// A target that notes what each write means before it leaves.
struct WitnessTarget: Target {
    let real: any Target
    let posted: PostedFacts
    let store: StoreSlot

    static var operations: [OperationSpec] { OdooTarget.operations }
    var name: TargetName { real.name }
    var settlingTime: Duration { real.settlingTime }

    func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        await real.prepare(command, ledger: ledger)
    }

    func perform(_ attempt: Attempt) async -> Outcome {
        let id = attempt.command.id
        do {
            let deliveries = try await store.value?.read { try $0.deliveries(ofCommand: id) } ?? []
            note(attempt.intent, deliveries)
        } catch {
            // Nothing was sent.
            let failure = error as? Failure ?? RoutingFailures.predicate.failure("\(error)")
            return .deferred(Deferral(failure, isTargetDown: true))
        }
        return await real.perform(attempt)
    }

    private func note(_ intent: JSON, _ deliveries: [Delivery]) {
        guard let change = intent["evidence"]?["changes"]?[0], let record = change["id"]?.int,
            let before = change["before"]?.number?.intValue, let after = change["after"]?.number?.intValue
        else { return }
        posted.plan(record: record, before: before, after: after, deliveries.map(PostedFacts.Fact.init))
    }

    func inquire(_ attempt: Attempt) async -> Inquiry { await real.inquire(attempt) }
}

extension PostedFacts.Fact {
    init(_ delivery: Delivery) {
        self.init(identity: delivery.identity, quantity: delivery.arguments["quantity"]?["value"]?.int ?? 0)
    }
}

/// The store of the process that a target works for: it is opened only once the target is there.
final class StoreSlot: Sendable {
    private let slot = Mutex<Store?>(nil)

    var value: Store? { slot.withLock { $0 } }
    func fill(_ store: Store) { slot.withLock { $0 = store } }
}
