/// When something happens by the clock on the wall: the five fields of cron. Pure: knows days and minutes, and no zone.
///
/// As in cron, where both days of the month and days of the week are restricted, a day that fits either one counts.
package struct CronExpression: Sendable, Hashable {
    /// Minutes of a day on the wall.
    package static let day = 24 * 60
    /// Days until the calendar repeats itself: 400 years, as a century is no leap year.
    private static let calendar: Int64 = 146_097

    /// 0 to 59.
    package let minutes: Set<Int>
    /// 0 to 23.
    package let hours: Set<Int>
    /// 1 to 31.
    package let daysOfMonth: Set<Int>
    /// 1 to 12.
    package let months: Set<Int>
    /// 0 for Sunday to 6 for Saturday.
    package let daysOfWeek: Set<Int>
    /// Every hour, and not some that are named: what happens in it happens in each real hour, also where clocks are
    /// changed.
    package let isEveryHour: Bool

    /// The minutes of a day on which it happens, ascending.
    package let minutesOfDay: [Int]

    /// An expression with these values; each set must have some.
    package init(
        minutes: Set<Int>, hours: Set<Int>, daysOfMonth: Set<Int>, months: Set<Int>, daysOfWeek: Set<Int>,
        isEveryHour: Bool
    ) {
        self.minutes = minutes
        self.hours = hours
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.daysOfWeek = daysOfWeek
        self.isEveryHour = isEveryHour
        minutesOfDay = hours.flatMap { hour in minutes.map { hour * 60 + $0 } }.sorted()
    }

    /// Whether it happens on a day, counted from 1970-01-01.
    package func happens(on day: Int64) -> Bool {
        let date = Self.civil(day)
        guard months.contains(date.month) else { return false }
        let fitsMonth = daysOfMonth.contains(date.day)
        // 1970-01-01 was a Thursday.
        let fitsWeek = daysOfWeek.contains(Int(((day + 4) % 7 + 7) % 7))
        if daysOfMonth.count == 31 { return fitsWeek }
        if daysOfWeek.count == 7 { return fitsMonth }
        return fitsMonth || fitsWeek
    }

    /// The first day from `day` on (with `step` 1), or the last one up to it (with `step` -1), on which it happens; nil
    /// where it never does: on a 30th of February.
    package func nearestDay(_ day: Int64, step: Int64) -> Int64? {
        guard canHappen else { return nil }
        var day = day
        for _ in 0..<Self.calendar {
            if happens(on: day) { return day }
            day += step
        }
        return nil
    }

    /// Whether there is a day on which it happens.
    package var canHappen: Bool {
        if daysOfWeek.count < 7 || daysOfMonth.count == 31 { return !months.isEmpty && !minutesOfDay.isEmpty }
        let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return !minutesOfDay.isEmpty && months.contains { month in daysOfMonth.contains { $0 <= longest[month - 1] } }
    }

    /// The most minutes on the wall between two times at which it happens, looked for in four years.
    package var longestGap: Int {
        var (longest, last): (Int, Int?) = (0, nil)
        guard canHappen, let first = minutesOfDay.first, let end = minutesOfDay.last else { return 0 }
        let within = zip(minutesOfDay.dropFirst(), minutesOfDay).map { $0 - $1 }.max() ?? 0
        for day in 0..<Int64(4 * 366) where happens(on: day) {
            if let last { longest = max(longest, Int(day) * Self.day + first - last) }
            last = Int(day) * Self.day + end
        }
        return max(longest, within)
    }

    /// The date of a day counted from 1970-01-01, in the proleptic Gregorian calendar (Hinnant, "chrono-Compatible
    /// Low-Level Date Algorithms").
    private static func civil(_ day: Int64) -> (month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - (calendar - 1)) / calendar
        let dayOfEra = shifted - era * calendar
        let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        return (Int(month < 10 ? month + 3 : month - 9), Int(dayOfYear - (153 * month + 2) / 5 + 1))
    }
}
