package import Contracts

/// Stretches of the week as settings write them: `22:00-22:30`, `sun 02:00-04:00`, `mon-fri 12:00-13:00`,
/// `sat,sun 00:00-24:00`.
package enum QuietWindowText {
    private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// Reads a window. Without a day it is of every day; one that ends before it begins ends on the next day.
    package static func parse(_ text: String) throws(ScalarRefusal) -> QuietWindow {
        let parts = text.split(separator: " ").map { $0.lowercased() }
        guard let hours = parts.last, parts.count <= 2 else { throw refusal(text, "is no stretch of time") }
        var chosen = Set(0..<7)
        if parts.count == 2 { chosen = try days(parts[0], text) }
        let ends = hours.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let start = minute(ends[0]), let end = minute(ends[1]), start < QuietWindow.day else {
            throw refusal(text, "has no times such as 22:00-22:30")
        }
        guard start != end else { throw refusal(text, "ends when it begins") }
        return QuietWindow(days: chosen, start: start, length: end > start ? end - start : end - start + QuietWindow.day)
    }

    private static func days(_ words: String, _ text: String) throws(ScalarRefusal) -> Set<Int> {
        var chosen: Set<Int> = []
        for word in words.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = word.split(separator: "-", omittingEmptySubsequences: false)
                .map { end in days.firstIndex { $0 == end } }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2 else {
                throw refusal(text, "names a day that is none of \(days.joined(separator: ", "))")
            }
            for step in 0...((last - first + 7) % 7) { chosen.insert((first + step) % 7) }
        }
        return chosen
    }

    /// Minutes after midnight; `24:00` is the end of the day.
    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= QuietWindow.day
        else { return nil }
        return hour * 60 + minute
    }

    private static func refusal(_ text: String, _ reason: String) -> ScalarRefusal {
        ScalarRefusal(
            SettingsFailures.quietWindow, "is \(text.quotedBriefly), which \(reason)",
            suggestion: "write it like 22:00-22:30, or sun 02:00-04:00")
    }
}
