import Canonical

/// Odoo's text forms of dates and times.
enum OdooTime {
    /// `YYYY-MM-DD HH:MM:SS`; the fraction of the second is cut, as over RPC.
    static func text(_ microseconds: Int64) -> String {
        let text = Instant(microseconds: microseconds).text
        var bytes = Array(text[0..<19])
        bytes[10] = UInt8(ascii: " ")
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `YYYY-MM-DD`.
    static func text(day: Int) -> String { String(text(Int64(day) * 86_400_000_000).prefix(10)) }

    /// Reads exactly `YYYY-MM-DD HH:MM:SS`.
    static func instant(_ text: some StringProtocol) -> Int64? {
        guard text.utf8.count == 19 else { return nil }
        let bytes = Array(text.utf8)
        guard bytes[10] == UInt8(ascii: " ") else { return nil }
        return Instant(text: text + "Z")?.microseconds
    }

    /// Reads exactly `YYYY-MM-DD`.
    static func day(_ text: some StringProtocol) -> Int? {
        guard text.utf8.count == 10, let instant = Instant(text: text + "T00:00:00Z") else { return nil }
        return day(instant.microseconds)
    }

    /// The day (UTC) on which an instant lies.
    static func day(_ microseconds: Int64) -> Int {
        Int((Double(microseconds) / 86_400_000_000).rounded(.down))
    }

    /// Minutes in microseconds, at most a thousand years of them.
    static func microseconds(minutes: Double) -> Int64 {
        minutes.isFinite ? Int64((Swift.min(Swift.max(minutes, -526_000_000), 526_000_000) * 60_000_000).rounded()) : 0
    }

    /// Reads what Python's `strptime` with `%Y-%m-%d %H:%M:%S` reads; the fault has Python's words.
    static func strict(_ text: String) throws(OdooFault) -> Int64 {
        if let instant = instant(text) { return instant }
        if text.utf8.count == 10, let day = day(text) { return Int64(day) * 86_400_000_000 }
        let head = text.prefix(19)
        if text.utf8.count > 19, instant(head) != nil {
            throw .valueError("unconverted data remains: \(text.dropFirst(19))")
        }
        throw .valueError("time data '\(text)' does not match format '%Y-%m-%d %H:%M:%S'")
    }
}

/// The time zones that users and calendars of the stand-in may have: UTC, and Central European Time.
enum OdooTimeZone: Sendable {
    case utc
    case centralEuropean

    /// Zones unknown here are taken as UTC.
    init(name: String) {
        let central = [
            "Brussels", "Berlin", "Paris", "Amsterdam", "Vienna", "Zurich", "Rome", "Madrid", "Prague", "Warsaw",
        ]
        self = central.contains { name == "Europe/\($0)" } || name == "CET" ? .centralEuropean : .utc
    }

    /// Microseconds to add to UTC at that UTC instant.
    func offset(atUTC instant: Int64) -> Int64 {
        guard case .centralEuropean = self else { return 0 }
        let date = CivilDate(daysSinceEpoch: OdooTime.day(instant))
        // Directive 2000/84/EC: from the last Sunday of March to the last Sunday of October, 01:00 UTC.
        let start = Self.lastSunday(year: date.year, month: 3), end = Self.lastSunday(year: date.year, month: 10)
        return instant >= start && instant < end ? 7_200_000_000 : 3_600_000_000
    }

    /// The UTC instant of a local wall time; of a doubled hour the first one.
    func utc(local: Int64) -> Int64 {
        let guess = local - offset(atUTC: local)
        return local - offset(atUTC: guess)
    }

    private static func lastSunday(year: Int, month: Int) -> Int64 {
        guard let last = CivilDate(year: year, month: month, day: 31) else { return 0 }
        // Day 0 was a Thursday; Sunday is 3 days later.
        let days = last.daysSinceEpoch
        let sinceSunday = ((days - 3) % 7 + 7) % 7
        return Int64(days - sinceSunday) * 86_400_000_000 + 3_600_000_000
    }
}

/// The default working week of Odoo: Monday to Friday, 8 to 12 and 13 to 17 local time.
struct OdooCalendar: Sendable {
    let zone: OdooTimeZone

    /// Working minutes between two instants.
    func minutes(from start: Int64, to end: Int64) -> Double {
        var total: Int64 = 0
        for interval in intervals(from: start, limit: 4_000) {
            if interval.start >= end { break }
            total += Swift.max(0, Swift.min(interval.end, end) - Swift.max(interval.start, start))
        }
        return Double(total) / 60_000_000
    }

    /// When `minutes` of work beginning at `start` are done, and when the first of them began.
    func plan(_ minutes: Double, from start: Int64) -> (start: Int64, end: Int64) {
        var left = OdooTime.microseconds(minutes: minutes)
        var first: Int64?
        for interval in intervals(from: start, limit: 4_000) {
            let begin = Swift.max(interval.start, start)
            guard interval.end > begin else { continue }
            if first == nil { first = begin }
            if interval.end - begin >= left { return (first ?? begin, begin + left) }
            left -= interval.end - begin
        }
        return (first ?? start, start + left)
    }

    /// Working intervals (UTC) of the days from `start` on; at most `limit` days are looked at.
    private func intervals(from start: Int64, limit: Int) -> some Sequence<(start: Int64, end: Int64)> {
        let firstDay = OdooTime.day(start + zone.offset(atUTC: start))
        return (firstDay..<(firstDay + limit)).lazy.flatMap { day -> [(start: Int64, end: Int64)] in
            // Day 0 was a Thursday (weekday 3 counted from Monday).
            let weekday = ((day + 3) % 7 + 7) % 7
            guard weekday < 5 else { return [] }
            let midnight = Int64(day) * 86_400_000_000
            return [(8, 12), (13, 17)].map { hours in
                (
                    start: zone.utc(local: midnight + Int64(hours.0) * 3_600_000_000),
                    end: zone.utc(local: midnight + Int64(hours.1) * 3_600_000_000)
                )
            }
        }
    }
}
