import Canonical
import NodeSettings
import Synchronization

/// What is to be said of the settings: which run, since when, and why newer ones do not.
final class SettingsNews: Sendable {
    /// Settings that were refused.
    struct Refusal: Sendable, Hashable {
        let time: Instant
        /// The faults in a few words.
        let reason: String
        let files: [NodeFolder.File]
    }

    private let last = Mutex<Refusal?>(nil)
    private let wanted = Mutex(false)

    /// Why the folder as it stands now does not run; nil where it does.
    var refusal: Refusal? { last.withLock { $0 } }

    func refused(_ files: [NodeFolder.File], _ reason: String, at time: Instant) {
        last.withLock { $0 = Refusal(time: time, reason: reason, files: files) }
    }
    func accepted() { last.withLock { $0 = nil } }

    /// Somebody wants the folder to be read now, whether it changed or not.
    func ask() { wanted.withLock { $0 = true } }

    /// Whether somebody does; asked once.
    func wasAsked() -> Bool {
        wanted.withLock { wanted in
            defer { wanted = false }
            return wanted
        }
    }
}
