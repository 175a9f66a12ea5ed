import Canonical
package import Contracts
import Synchronization
package import World

/// Counts requests and how long they took, by the route that answered them. Bounded: routes are known beforehand, and
/// methods are those that HTTP has; what a client makes up counts as `other`.
package final class RequestTally: Sendable {
    /// What is counted together.
    package struct Kind: Sendable, Hashable {
        package let method: String
        /// The route's path as it is described, `/v1/nodes/{node}/batches`; `none` where no route is meant.
        package let route: String
        package let status: Int
    }

    private struct State {
        var counts: [Kind: Int] = [:]
        var times: [String: Histogram] = [:]
    }

    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private let clock: any WorldClock
    private let state = Mutex(State())

    package init(clock: any WorldClock) { self.clock = clock }

    /// A request that is being answered.
    struct Mark {
        let tally: RequestTally
        let method: String
        let begun: Duration
        var route = "none"

        /// Counts the request. A stream that goes on is counted as it begins, without a time.
        func end(_ status: Int, isStream: Bool = false) {
            let time = tally.clock.uptime() - begun
            tally.state.withLock { state in
                state.counts[Kind(method: method, route: route, status: status), default: 0] += 1
                if !isStream { state.times[route, default: .ofCalls].note(time) }
            }
        }
    }

    /// Notes that a request begins.
    func begin(_ method: String) -> Mark {
        Mark(tally: self, method: Self.methods.contains(method) ? method : "other", begun: clock.uptime())
    }

    /// How many requests of each kind there were, in a fixed order.
    package var counts: [(kind: Kind, count: Int)] {
        state.withLock { $0.counts }.map { (kind: $0.key, count: $0.value) }.sorted { a, b in
            (a.kind.route, a.kind.method, a.kind.status) < (b.kind.route, b.kind.method, b.kind.status)
        }
    }

    /// How long they took, by route.
    package var times: [(route: String, times: Histogram)] {
        state.withLock { $0.times }.map { (route: $0.key, times: $0.value) }.sorted { $0.route < $1.route }
    }
}
