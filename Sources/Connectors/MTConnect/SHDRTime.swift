import Canonical
import ExactJSON

/// Reads the time at the begin of a line (MTConnect agent, SHDR): an ISO 8601 time, with `Z`, an offset, or neither
/// (then UTC); a number of milliseconds since the first such number; or nothing, which means now. `@` and the seconds
/// that the value stands for may follow.
struct SHDRTime: Sendable {
    /// The first relative time of the connection, and when it came.
    private var anchor: (offset: ExactNumber, at: Instant)?

    /// The instant and the duration in seconds; nil where the text is no time.
    mutating func read(_ text: String, now: Instant) -> (time: Instant, duration: ExactNumber?)? {
        var body = text[...]
        var duration: ExactNumber?
        if let mark = text.firstIndex(of: "@") {
            guard let seconds = ExactNumber(text: String(text[text.index(after: mark)...])), !seconds.isNegative else {
                return nil
            }
            duration = seconds
            body = text[..<mark]
        }
        if body.isEmpty { return (now, duration) }
        if body.utf8.contains(UInt8(ascii: "T")) {
            let written = String(body)
            guard let time = Instant(text: written) ?? Instant(text: written + "Z") else { return nil }
            return (time, duration)
        }
        guard let offset = ExactNumber(text: String(body)), !offset.isNegative else { return nil }
        return relative(offset, now: now).map { ($0, duration) }
    }

    private mutating func relative(_ offset: ExactNumber, now: Instant) -> Instant? {
        guard let first = anchor else {
            anchor = (offset, now)
            return now
        }
        // Microseconds, cut to whole ones, as far as they fit a time.
        guard let passed = try? ExactNumber.subtracting(offset, first.offset),
            let scaled = try? ExactNumber.multiplying(passed, ExactNumber(1_000)),
            let whole = try? scaled.rounded(toMultipleOf: ExactNumber(1), .down), let microseconds = whole.intValue
        else { return nil }
        return first.at + .microseconds(microseconds)
    }
}
