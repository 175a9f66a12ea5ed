import Canonical

/// Keeps a receiver that takes requests and answers none from leaving a command in doubt for each of them. Pure.
///
/// After some answers in a row were lost nothing is sent for a while; then one goes, and only its answer lets the
/// others through.
struct DoubtBrake: Sendable {
    /// Lost answers in a row after which it holds.
    static let threshold = 3
    /// How long it holds the first time; twice as long each further time.
    static let first = Duration.seconds(30)
    static let longest = Duration.seconds(900)

    private var inRow = 0
    private var holdUntil: Instant?

    /// How long nothing may go; nil where something may. Where it held, one goes, and it holds again meanwhile.
    mutating func wait(now: Instant) -> Duration? {
        guard let until = holdUntil else { return nil }
        guard now >= until else { return until.since(now) }
        holdUntil = now + hold
        return nil
    }

    mutating func answered() {
        inRow = 0
        holdUntil = nil
    }

    mutating func lost(now: Instant) {
        inRow += 1
        if inRow >= Self.threshold { holdUntil = now + hold }
    }

    private var hold: Duration {
        let doublings = min(max(0, inRow - Self.threshold), 5)
        return min(Self.first * (1 << doublings), Self.longest)
    }
}
