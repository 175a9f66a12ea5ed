/// Whether the adapter is still there (MTConnect agent, adapter heartbeat): `* PING` goes out once when the connection
/// stands; an adapter that knows it answers `* PONG n`, and from then on gets one every n milliseconds and is given up
/// when nothing came from it for twice that long. An adapter that never answers is given up after `silence`.
///
/// All times are uptimes.
struct SHDRHeartbeat: Sendable, Equatable {
    enum Decision: Equatable {
        case wait(Duration)
        case ping
        /// Nothing came for so long.
        case giveUp(after: Duration)
    }

    /// Longer than any uptime.
    private static let never = Duration.seconds(1_000_000_000)

    private let silence: Duration
    private var interval: Duration?
    private var lastHeard: Duration
    private var nextPing: Duration

    /// The connection stands since `now`.
    init(silence: Duration, now: Duration) {
        self.silence = silence
        lastHeard = now
        nextPing = now
    }

    /// Bytes came; also called after a long wait of our own, in which nobody listened.
    mutating func heard(at now: Duration) { lastHeard = max(lastHeard, now) }

    /// The adapter said how often it wants to be asked.
    mutating func agreed(_ interval: Duration, at now: Duration) {
        if self.interval == nil { nextPing = now + interval }
        self.interval = interval
    }

    mutating func decide(at now: Duration) -> Decision {
        let patience = interval.map { $0 * 2 } ?? silence
        if now - lastHeard >= patience { return .giveUp(after: now - lastHeard) }
        if now >= nextPing {
            // Without an answer there is one ping alone: many old adapters take none.
            nextPing = interval.map { now + $0 } ?? Self.never
            return .ping
        }
        return .wait(min(nextPing, lastHeard + patience) - now)
    }
}
