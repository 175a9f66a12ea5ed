import Synchronization

/// Counts the bytes of all request bodies that a listener holds at one time, up to a limit: 256 clients who send
/// 8 MiB each, before anybody knows who they are, must not take 2 GiB.
final class BodyBudget: Sendable {
    private let limit: Int
    private let held = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// Whether a body of so many bytes would fit now. Takes nothing: a client that announces much and sends nothing
    /// keeps nobody out.
    func hasRoom(for bytes: Int) -> Bool { held.withLock { $0 + bytes <= limit } }

    /// Counts bytes that arrived; false, and nothing counted, where they do not fit.
    func take(_ bytes: Int) -> Bool {
        held.withLock { held in
            guard held + bytes <= limit else { return false }
            held += bytes
            return true
        }
    }

    func give(back bytes: Int) { held.withLock { $0 -= bytes } }
}
