import Contracts

/// Durations as settings write them: a whole number and one of `ms`, `s`, `m`, `h`, `d`.
package enum DurationText {
    private static let milliseconds: [(unit: String, count: Int)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]
    private static let units = "ms, s, m, h or d"

    /// Words for units that people write, and the unit that is meant.
    private static let spellings: [String: String] = [
        "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
        "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "msec": "ms", "millis": "ms",
        "milliseconds": "ms",
    ]

    /// Reads `500ms`, `30s`, `5m`, `12h`, `7d`. Throws for anything else, and for more than 290,000 years.
    package static func parse(_ text: String) throws(ScalarRefusal) -> Duration {
        let quoted = text.quotedBriefly
        let number: Int
        let unit: String
        do {
            (number, unit) = try UnitNumberText.split(text)
        } catch {
            switch error {
            case .noNumber: throw refusal("is \(quoted), which is no duration", "write a number and a unit: 30s")
            case .fraction:
                throw refusal("is \(quoted), and durations are whole numbers", "use a smaller unit: 1500ms for 1.5s")
            case .tooLarge: throw refusal("is \(quoted), which is too long", nil)
            }
        }
        guard !unit.isEmpty else { throw refusal("is \(quoted), which has no unit", "write \(number)s or \(number)ms") }
        guard let factor = milliseconds.first(where: { $0.unit == unit })?.count else {
            let meant = spellings[unit.lowercased()] ?? milliseconds.first { $0.unit == unit.lowercased() }?.unit
            throw refusal(
                "is \(quoted), whose unit is none of \(units)",
                meant.map { "write \(number)\($0)" } ?? "write \(number)s")
        }
        let (total, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw refusal("is \(quoted), which is too long", nil) }
        return .milliseconds(total)
    }

    /// The shortest way to write `duration`, to the millisecond.
    package static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let total = Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
        for (unit, count) in milliseconds where total != 0 && total.isMultiple(of: count) {
            return "\(total / count)\(unit)"
        }
        return "0s"
    }

    private static func refusal(_ reason: String, _ suggestion: String?) -> ScalarRefusal {
        ScalarRefusal(SettingsFailures.duration, reason, suggestion: suggestion)
    }
}
