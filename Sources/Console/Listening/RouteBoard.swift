package import Contracts
import Synchronization

/// The routes that a listener serves now: they can be changed while it listens.
package final class RouteBoard: Sendable {
    /// The routes of one time.
    struct Generation: Sendable {
        let table: RouteTable
        /// Falls when others take their place: streams of theirs end then, and clients come again.
        let retired: Latch
    }

    private let generation = Mutex<Generation?>(nil)

    /// Without routes: whoever comes is asked to come again.
    package init() {}

    var current: Generation? { generation.withLock { $0 } }

    /// Serves these from now on. Throws ``ListenerFailures/routes`` where two have the same method and path; then
    /// nothing changes.
    package func put(_ routes: [Route], streams: [StreamingRoute] = []) throws(Failure) {
        let next = Generation(table: try RouteTable(routes, streams), retired: Latch())
        replace(by: next)
    }

    /// Serves nothing until the next ``put(_:streams:)``.
    package func clear() { replace(by: nil) }

    private func replace(by next: Generation?) {
        let last = generation.withLock { current in
            defer { current = next }
            return current
        }
        last?.retired.fall()
    }

    /// Ends the streams of now.
    func endStreams() { current?.retired.fall() }
}
