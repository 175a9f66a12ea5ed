import Contracts

/// Falls once; whoever waits for it, before or after, goes on then.
struct Latch: Sendable {
    private let bell = Bell()

    var hasFallen: Bool { bell.rings > 0 }

    func fall() { bell.ring() }

    /// Returns when the latch has fallen or the task is cancelled.
    func wait() async { await bell.wait(beyond: 0) }
}
