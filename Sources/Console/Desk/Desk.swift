import Canonical
import Contracts
package import Delivery
import ExactJSON
package import Store
package import World

/// The exceptions desk as pages and programs use it: looks into the store, and leaves requests that the node carries
/// out.
package struct Desk: Sendable {
    let store: Store
    let clock: any WorldClock
    /// How long an answer waits for the node to carry a request out; then it says where to ask.
    let patience: Duration

    package init(store: Store, clock: any WorldClock, patience: Duration = .seconds(5)) {
        self.store = store
        self.clock = clock
        self.patience = patience
    }

    /// One thing that is asked of the node.
    struct Wish: Sendable {
        let kind: OperatorRequest.Kind
        let subject: Int64
        var detail: JSON?
    }

    /// Leaves requests, all in one transaction; their numbers.
    func ask(_ wishes: [Wish], by person: String, note: String?) async throws -> [Int64] {
        let now = clock.now()
        return try await store.write(weight: wishes.count) { transaction in
            try wishes.map {
                try transaction.insertRequest(
                    $0.kind, subject: $0.subject, by: person, note: note, detail: $0.detail, now: now)
            }
        }
    }

    /// What became of requests, as far as it is known in time.
    func results(of requests: [Int64]) async throws -> [Int64: String] {
        let end = clock.uptime() + patience
        while true {
            let found = try await store.look { transaction in
                var found: [Int64: String] = [:]
                for request in requests { found[request] = try transaction.requestResult(request) }
                return found
            }
            if found.count == requests.count || clock.uptime() >= end { return found }
            try await clock.sleep(for: .milliseconds(100))
        }
    }

    /// A decision about everything that a filter lets through now, up to the exception `through` where who decides has
    /// seen no further.
    func many(
        _ action: ManyOrder.Action, _ filter: ExceptionFilter, through: Int64?, rate: Int?
    ) async throws -> Wish {
        let last = try await store.look { try $0.lastExceptionID() }
        let order = ManyOrder(action: action, filter: filter, through: min(through ?? last, last), rate: rate)
        return Wish(kind: .many, subject: 0, detail: order.json)
    }
}
