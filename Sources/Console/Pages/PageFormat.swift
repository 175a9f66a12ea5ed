import Canonical

/// Numbers and times as the overview writes them. Everything here is plain text that still has to be escaped.
enum PageFormat {
    /// `12,345`, with narrow spaces as separators: `12 345`.
    static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var output = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { output += "\u{202F}" }
            output.append(digit)
        }
        return value < 0 ? "−" + output : output
    }

    /// `0`, `0.4`, `12.5`, `1 240`: one decimal below 100.
    static func rate(_ value: Double) -> String {
        guard value.isFinite, value > 0 else { return "0" }
        if value >= 99.95 { return count(Int(clamping: Int64(min(value, 1e15).rounded()))) }
        let tenths = Int((value * 10).rounded())
        if tenths == 0 { return "<0.1" }
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// `640 ms`, `12 s`, `4 min 10 s`, `3 h 12 min`, `5 d 2 h`: the two largest parts.
    static func span(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.microseconds / 1_000)
        let seconds = milliseconds / 1_000
        if milliseconds < 1_000 { return "\(milliseconds) ms" }
        if seconds < 10 { return "\(seconds).\(milliseconds % 1_000 / 100) s" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3_600 { return two(seconds / 60, "min", seconds % 60, "s") }
        if seconds < 86_400 { return two(seconds / 3_600, "h", seconds % 3_600 / 60, "min") }
        return two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h")
    }

    private static func two(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
        small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
    }

    /// `just now`, `12 s ago`.
    static func ago(_ instant: Instant, now: Instant) -> String {
        let since = now.since(instant)
        return since < .seconds(1) ? "just now" : "\(wholeSpan(since)) ago"
    }

    /// As ``span(_:)``, without parts of seconds.
    static func wholeSpan(_ duration: Duration) -> String {
        let seconds = max(0, duration.microseconds / 1_000_000)
        return seconds < 10 ? "\(seconds) s" : span(.seconds(seconds))
    }

    /// `2.1 s ahead`, `40 ms behind`, `in step`.
    static func skew(_ skew: Duration?) -> String {
        guard let skew else { return "not known" }
        if skew.magnitude < .milliseconds(1) { return "in step" }
        return "\(span(skew.magnitude)) \(skew < .zero ? "behind" : "ahead")"
    }

    /// `1.4 GiB`.
    static func bytes(_ value: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var amount = Double(max(0, value))
        var unit = 0
        while amount >= 1_024, unit < units.count - 1 {
            amount /= 1_024
            unit += 1
        }
        return unit == 0
            ? "\(max(0, value)) B" : "\(amount >= 100 ? "\(Int(amount.rounded()))" : rate(amount)) \(units[unit])"
    }

    static func percent(_ fraction: Double) -> String { "\(Int((fraction * 100).rounded())) %" }

    /// `2026-11-21 04:31:25 UTC`
    static func stamp(_ instant: Instant) -> String {
        let text = String(decoding: instant.text, as: UTF8.self)
        return text.prefix(19).replacing("T", with: " ") + " UTC"
    }

    /// `04:31:25`
    static func clock(_ instant: Instant) -> String {
        String(String(decoding: instant.text, as: UTF8.self).dropFirst(11).prefix(8))
    }
}
