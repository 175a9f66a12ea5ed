/// A stretch of the week by the clock on the wall: `sun 02:00-04:00`.
package struct QuietWindow: Sendable, Hashable {
    /// Minutes of a day on the wall.
    package static let day = 24 * 60

    /// The days on which it begins, 0 for Monday to 6 for Sunday.
    package let days: Set<Int>
    /// Minutes after midnight, below ``day``.
    package let start: Int
    /// How long it lasts on the wall, in minutes: 1 to ``day``. It may end on the next day.
    package let length: Int

    package init(days: Set<Int>, start: Int, length: Int) {
        self.days = days
        self.start = start
        self.length = length
    }

    /// The longest stretch without a break that these windows make together, in minutes of a week without a change of
    /// the clocks; a whole week where there is none.
    package static func longest(_ windows: [QuietWindow]) -> Int {
        let week = 7 * day
        var isQuiet = Array(repeating: false, count: week)
        for window in windows {
            for first in window.days {
                for minute in 0..<window.length { isQuiet[(first * day + window.start + minute) % week] = true }
            }
        }
        guard let free = isQuiet.firstIndex(of: false) else { return week }
        var (longest, run) = (0, 0)
        for offset in 1...week {
            run = isQuiet[(free + offset) % week] ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }
}
