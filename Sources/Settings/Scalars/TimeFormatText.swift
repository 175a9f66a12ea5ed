import Contracts

/// Patterns that say how a machine writes times: `dd/MM/yyyy,HH:mm:ss` (letters of Unicode TR 35, table "Date Field
/// Symbol").
package enum TimeFormatText {
    /// The runs of letters that have a meaning.
    private static let runs: Set<String> = [
        "yyyy", "yy", "MMMM", "MMM", "MM", "M", "dd", "d", "DDD", "EEEE", "EEE", "HH", "H", "hh", "h", "mm", "m", "ss",
        "s",
        "S", "SS", "SSS", "SSSS", "SSSSS", "SSSSSS", "SSSSSSS", "SSSSSSSSS", "a", "Z", "X", "XX", "XXX", "xxx", "zzz",
        "VV",
    ]

    /// Runs that people write, and what they mean.
    private static let meant: [String: String] = [
        "YYYY": "yyyy", "YY": "yy", "DD": "dd", "D": "d", "SSSSSSSS": "SSSSSSSSS", "HHHH": "HH", "hhhh": "hh",
        "MMMMM": "MMMM",
        "fff": "SSS", "tt": "a", "nn": "mm", "ddd": "EEE", "dddd": "EEEE", "y": "yyyy", "yyy": "yyyy",
    ]

    /// Accepts a pattern of known letters; text between single quotes stands for itself.
    package static func check(_ text: String) throws(ScalarRefusal) {
        let quoted = text.quotedBriefly
        func refusal(_ reason: String, _ suggestion: String?) -> ScalarRefusal {
            ScalarRefusal(SettingsFailures.timeFormat, reason, suggestion: suggestion)
        }
        if text.contains("%") {
            throw refusal("is \(quoted), which is in the style of strftime", "write letters: dd/MM/yyyy,HH:mm:ss")
        }
        guard let found = letterRuns(text) else {
            throw refusal("is \(quoted), which has a quote that is never closed", "close it with '")
        }
        guard !found.isEmpty else { throw refusal("is \(quoted), which has no letters of a date or time", nil) }
        for run in found where !runs.contains(run) {
            let all = found.map { meant[$0] ?? $0 }
            let fixed = all.allSatisfy(runs.contains) ? replaced(text) : nil
            throw refusal(
                "is \(quoted), and \"\(run)\" has no meaning in a time pattern",
                fixed.map { "write \($0)" } ?? "put text that stands for itself in single quotes: '\(run)'")
        }
        let has = { (letters: [String]) in found.contains { letters.contains($0) } }
        if has(["mm", "m"]), !has(["HH", "H", "hh", "h"]) {
            throw refusal("is \(quoted), which has minutes (mm) and no hours", "write MM for the month")
        }
        if has(["hh", "h"]), !has(["a"]) {
            throw refusal(
                "is \(quoted), whose hh counts to 12 without saying which half of the day", "write HH, or add a")
        }
    }

    /// The runs of equal letters outside quotes; nil where a quote is left open.
    private static func letterRuns(_ text: String) -> [String]? {
        var found: [String] = []
        var isQuoted = false
        var previous: Character?
        for character in text {
            if character == "'" { isQuoted.toggle() }
            let isLetter = !isQuoted && character.isASCII && character.isLetter
            if isLetter {
                if previous == character, let run = found.popLast() {
                    found.append(run + String(character))
                } else {
                    found.append(String(character))
                }
            }
            previous = isLetter ? character : nil
        }
        return isQuoted ? nil : found
    }

    /// The pattern with runs that people write replaced by those that are meant; quotes are not expected here.
    private static func replaced(_ text: String) -> String {
        var result = ""
        var run = ""
        for character in text + " " {
            if run.first == character {
                run.append(character)
                continue
            }
            result += meant[run] ?? run
            run = String(character)
        }
        return result
    }
}
