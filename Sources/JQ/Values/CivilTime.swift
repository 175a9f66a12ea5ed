/// A date and time of the proleptic Gregorian calendar in UTC, as jq breaks them down.
struct CivilTime: Equatable {
    var year = 1900
    /// From 0, as in C.
    var month = 0
    var day = 1
    var hour = 0
    var minute = 0
    var second = 0

    /// Years beyond these are refused: they are no dates, and their digits would not end.
    static let years = -99_999...99_999

    init() {}

    /// The moment `seconds` after 1970-01-01T00:00:00Z; nil beyond ``years``.
    init?(seconds: Int) {
        guard abs(seconds) < 4_000_000_000_000 else { return nil }
        let days = Self.floorDivide(seconds, 86_400)
        let rest = seconds - days * 86_400
        (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60)
        (year, month, day) = Self.date(ofDay: days)
        guard Self.years.contains(year) else { return nil }
    }

    /// Seconds since 1970-01-01T00:00:00Z. Months and the rest may be out of their range and carry over.
    var seconds: Int {
        let carry = Self.floorDivide(month, 12)
        let days = Self.days(toYear: year + carry, month: month - 12 * carry) + day - 1
        return ((days * 24 + hour) * 60 + minute) * 60 + second
    }

    private var daysSinceEpoch: Int { Self.floorDivide(seconds, 86_400) }

    /// 0 is Sunday.
    var weekday: Int {
        let day = (daysSinceEpoch + 4) % 7
        return day < 0 ? day + 7 : day
    }

    /// From 0.
    var dayOfYear: Int { daysSinceEpoch - Self.days(toYear: year, month: 0) }

    /// The week of ISO 8601 and the year to which it belongs.
    var isoWeek: (year: Int, week: Int) {
        let monday = (weekday + 6) % 7
        // The week's Thursday lies in the year that the week belongs to.
        let thursday = daysSinceEpoch - monday + 3
        let owner = Self.date(ofDay: thursday).year
        return (owner, (thursday - Self.days(toYear: owner, month: 0)) / 7 + 1)
    }

    private static func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((b - 1 - a) / b) }

    /// Days from 1970-01-01 to the first of the month (from 0).
    private static func days(toYear year: Int, month: Int) -> Int {
        // Years from March on, so that the leap day is the last one.
        let shifted = month < 2 ? year - 1 : year
        let march = month < 2 ? month + 10 : month - 2
        let era = floorDivide(shifted, 400)
        let ofEra = shifted - era * 400
        let dayOfYear = (153 * march + 2) / 5
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + dayOfYear - 719_468
    }

    private static func date(ofDay days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let dayOfYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 2 : march - 10
        let year = yearOfEra + era * 400 + (month < 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * march + 2) / 5 + 1)
    }
}
