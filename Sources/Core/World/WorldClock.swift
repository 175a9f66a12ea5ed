package import Canonical

/// Wall-clock time, monotonic time and waiting.
package protocol WorldClock: Sendable {
    /// The wall clock: may jump when it is set.
    func now() -> Instant
    /// Time since some fixed point: never jumps, never goes back. For time-outs and rates.
    func uptime() -> Duration
    /// Returns after `duration`; throws `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// Random bytes: from the operating system in a plant, from the seed in a simulation.
package protocol Entropy: Sendable {
    /// `count` bytes, unpredictable in a plant.
    func bytes(_ count: Int) -> [UInt8]
}

extension Entropy {
    /// 64 random bits.
    package func next() -> UInt64 {
        bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A UUID version 7 (RFC 9562 section 5.7) of that instant: ascending by time, unique by 74 random bits.
    package func uuidV7(at instant: Instant) -> String {
        let milliseconds = UInt64(max(0, instant.microseconds / 1_000))
        var value = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> (8 * (5 - UInt64($0)))) } + bytes(10)
        value[6] = value[6] & 0x0F | 0x70
        value[8] = value[8] & 0x3F | 0x80
        let hex = value.map { byte in
            let text = String(byte, radix: 16)
            return text.utf8.count == 1 ? "0" + text : text
        }
        return [hex[0..<4], hex[4..<6], hex[6..<8], hex[8..<10], hex[10..<16]].map { $0.joined() }
            .joined(separator: "-")
    }
}
