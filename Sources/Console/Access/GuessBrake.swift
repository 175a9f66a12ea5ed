/// How many wrong tokens somebody may show: some at once, then one more after each interval. Pure; time comes in.
///
/// Who is asked whether it may be looked at pays for it, and is given it back where the token was right: so that many
/// guesses at one time are not looked at before the first of them is known to be wrong.
struct GuessBrake: Sendable {
    private let burst: Int
    private let interval: Duration
    private var left: Int
    private var counted = Duration.zero

    /// `burst`: how many may be wrong at once; then one more after each `interval`.
    init(burst: Int, interval: Duration) {
        self.burst = burst
        self.interval = interval
        left = burst
    }

    /// Nil where a token may be looked at now; else how long until the next one may.
    mutating func take(_ now: Duration) -> Duration? {
        refill(now)
        guard left > 0 else { return max(.zero, counted + interval - now) }
        left -= 1
        return nil
    }

    /// What was looked at was right.
    mutating func giveBack() { left = min(burst, left + 1) }

    /// Whether nobody guessed wrongly for so long that all are left.
    mutating func isFull(_ now: Duration) -> Bool {
        refill(now)
        return left == burst
    }

    private mutating func refill(_ now: Duration) {
        guard left < burst else {
            counted = now
            return
        }
        while left < burst, counted + interval <= now {
            left += 1
            counted += interval
        }
    }
}
