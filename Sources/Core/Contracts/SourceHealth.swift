import Synchronization

/// What keeps a source from working now: said by the source, read by whoever shows it.
package final class SourceHealth: Sendable {
    private let failure = Mutex<Failure?>(nil)

    package init() {}

    /// Nil while all is well.
    package var trouble: Failure? { failure.withLock { $0 } }

    /// Says what is wrong from now on, or with nil that all is well again.
    package func report(_ failure: Failure?) { self.failure.withLock { $0 = failure } }
}
