package import Contracts
import Synchronization

/// The routes that a listener serves now: they can be changed while it listens.
package final class RouteBoard: Sendable {
    /// The routes of one time.
    package struct Generation: Sendable {
        let table: RouteTable
        /// Falls when others take their place: streams of theirs end then, and clients come again.
        let retired: Latch = Latch()

        /// Throws ``ListenerFailures/routes`` where two have the same method and path.
        package init(_ routes: [Route], streams: [StreamingRoute] = []) throws(Failure) {
            table = try RouteTable(routes, streams)
        }
    }

    private let generation = Mutex<Generation?>(nil)
    /// What is answered while there are no others.
    private let standing: Generation?

    /// Without routes: whoever comes is asked to come again, unless it is for one of `standing`.
    package init(standing: Generation? = nil) { self.standing = standing }

    var current: Generation? { generation.withLock { $0 } }

    /// What answers such a request now; nil where nothing does for the moment.
    func serving(method: String, path: String) -> Generation? {
        if let current { return current }
        guard let standing, case .found = standing.table.match(method: method, path: path) else { return nil }
        return standing
    }

    /// Serves these from now on.
    package func put(_ next: Generation) { replace(by: next) }

    /// Serves nothing until the next ``put(_:)``.
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
