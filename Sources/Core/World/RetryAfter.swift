package import Canonical

/// When whoever answered wants to be asked again (RFC 9110 section 10.2.3). Pure.
package enum RetryAfter {
    /// What is shorter or longer counts as this.
    package static let bounds: ClosedRange<Duration> = .seconds(1)...(.seconds(3_600))

    /// How long from now, `atMost` at most; nil where the answer does not say. A date is taken by the clock of whoever
    /// answered where the answer tells it, so that it matters little whose clock is wrong, and else by `now`; without
    /// either it says nothing.
    package static func wait(
        _ headers: HTTPHeaders, now: Instant? = nil, atMost longest: Duration = bounds.upperBound
    ) -> Duration? {
        guard let text = headers["retry-after"]?.trimmed, !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) {
            // More digits than a number holds are surely beyond the bound.
            return bounded(Int64(text).map { .seconds(min($0, 86_400)) } ?? longest, longest)
        }
        guard let date = HTTPDate.instant(text),
            let since = headers["date"].flatMap({ HTTPDate.instant($0.trimmed) }) ?? now
        else { return nil }
        return bounded(date.since(since), longest)
    }

    private static func bounded(_ duration: Duration, _ longest: Duration) -> Duration {
        min(max(duration, bounds.lowerBound), longest)
    }
}

/// Dates of HTTP (RFC 9110 section 5.6.7), the two obsolete forms among them.
package enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Nil where the text is none of the three.
    package static func instant(_ text: String) -> Instant? {
        guard text.utf8.count <= 40 else { return nil }
        let words = text.split(separator: " ").map(String.init)
        if words.count == 6, words[5] == "GMT", words[0].last == "," {
            // Sun, 06 Nov 1994 08:49:37 GMT
            return instant(year: words[3], month: words[2], day: words[1], time: words[4])
        }
        if words.count == 4, words[3] == "GMT", words[0].last == "," {
            // Sunday, 06-Nov-94 08:49:37 GMT. Two digits: from 1970 on.
            let date = words[1].split(separator: "-").map(String.init)
            guard date.count == 3, date[2].utf8.count == 2, let year = Int(date[2]) else { return nil }
            return instant(
                year: String(year < 70 ? 2_000 + year : 1_900 + year), month: date[1], day: date[0], time: words[2])
        }
        if words.count == 5 {
            // Sun Nov  6 08:49:37 1994
            return instant(year: words[4], month: words[1], day: words[2], time: words[3])
        }
        return nil
    }

    private static func instant(year: String, month: String, day: String, time: String) -> Instant? {
        guard let index = months.firstIndex(of: month), year.utf8.count == 4, (1...2).contains(day.utf8.count) else {
            return nil
        }
        let number = index + 1 < 10 ? "0\(index + 1)" : "\(index + 1)"
        return Instant(text: "\(year)-\(number)-\(day.utf8.count == 1 ? "0" : "")\(day)T\(time)Z")
    }
}

extension String {
    /// Without blanks and tabs at both ends.
    fileprivate var trimmed: String {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
