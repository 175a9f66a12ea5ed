package import Canonical

/// How many commands are begun in a span of time at most, evenly: none waits for a full span, and no burst comes at the
/// end of one. Pure: it is told the time. (The generic cell rate algorithm, ITU-T I.371.)
package struct CommandRate: Sendable {
    /// Between two commands.
    package let interval: Duration
    /// What a pause lets go at once afterwards: a second's share, and one command at least.
    private let tolerance: Duration
    private var next: Instant?

    /// `commands` in `per`, at least one.
    package init(commands: Int, per: Duration) {
        interval = per / max(1, commands)
        tolerance = max(.zero, .seconds(1) - interval)
    }

    /// When the next command may begin, where that is later than now.
    package func wait(_ now: Instant) -> Instant? {
        guard let next, next - tolerance > now else { return nil }
        return next - tolerance
    }

    /// One begins now.
    package mutating func begin(_ now: Instant) { next = max(next ?? now, now) + interval }
}
