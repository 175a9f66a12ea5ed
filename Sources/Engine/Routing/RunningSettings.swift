import Synchronization

/// Which version of the settings runs: known as soon as the store has it, and nil before.
package final class RunningSettings: Sendable {
    private let version = Mutex<Int64?>(nil)

    package init() {}

    /// ``SettingsVersion/id``
    package var value: Int64? { version.withLock { $0 } }

    /// Says which.
    package func set(_ id: Int64) { version.withLock { $0 = id } }
}
