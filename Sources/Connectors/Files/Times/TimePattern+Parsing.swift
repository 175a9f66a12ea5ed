import Canonical

extension TimePattern {
    /// Why a text is no time of this pattern.
    struct Mismatch: Error, Hashable {
        let reason: String
    }

    /// What was read so far.
    private struct Parts {
        var year = 1970
        var month = 1
        var day = 1
        var dayOfYear: Int?
        var hour = 0
        var isHourOf12 = false
        var isAfternoon = false
        var minute = 0
        var second = 0
        var microseconds = 0
        var offset: Int?
        var zone: String?
    }

    /// Reads `text`, which must fit the pattern from its first to its last character. Throws for a day that is none,
    /// too.
    func parse(_ text: String) throws(Mismatch) -> WrittenTime {
        var rest = Array(text.utf8)[...]
        var parts = Parts()
        for element in elements { try read(element, &rest, &parts) }
        guard rest.isEmpty else { throw Mismatch(reason: "\"\(String(decoding: rest, as: UTF8.self))\" is left over") }
        return try Self.assemble(parts)
    }

    private func read(_ element: Element, _ rest: inout ArraySlice<UInt8>, _ parts: inout Parts) throws(Mismatch) {
        switch element {
        case .literal(let literal):
            guard rest.starts(with: literal.utf8) else { throw Mismatch(reason: "\"\(literal)\" is missing") }
            rest = rest.dropFirst(literal.utf8.count)
        case .number(let part, let minimum, let maximum):
            let value = try Self.digits(&rest, minimum, maximum, "\(part)")
            Self.set(part, value, &parts)
        case .fraction(let digits):
            let kept = rest.prefix(digits)
            guard kept.count == digits, kept.allSatisfy({ $0 &- 0x30 <= 9 }) else {
                throw Mismatch(reason: "\(digits) digits of a second's fraction are missing")
            }
            var scale = 100_000
            for digit in kept {
                parts.microseconds += Int(digit - 0x30) * scale
                scale /= 10
            }
            rest = rest.dropFirst(digits)
        case .monthName:
            parts.month = try Self.name(&rest, Self.months, "month") + 1
        case .weekday:
            _ = try Self.name(&rest, Self.weekdays, "day of the week")
        case .halfOfDay:
            parts.isAfternoon = try Self.name(&rest, ["am", "pm"], "AM or PM") == 1
        case .offset:
            parts.offset = try Self.offset(&rest)
        case .zoneName:
            let name = rest.prefix {
                $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 == 0x2F || $0 == 0x5F || $0 == 0x2D || $0 == 0x2B
            }
            parts.zone = String(decoding: name, as: UTF8.self)
            rest = rest.dropFirst(name.count)
        }
    }

    private static func set(_ part: Part, _ value: Int, _ parts: inout Parts) {
        switch part {
        case .year: parts.year = value
        // POSIX strptime: 69 to 99 are the twentieth century.
        case .shortYear: parts.year = value < 69 ? 2_000 + value : 1_900 + value
        case .month: parts.month = value
        case .day: parts.day = value
        case .dayOfYear: parts.dayOfYear = value
        case .hour: parts.hour = value
        case .hourOf12:
            parts.hour = value
            parts.isHourOf12 = true
        case .minute: parts.minute = value
        case .second: parts.second = value
        }
    }

    private static func digits(
        _ rest: inout ArraySlice<UInt8>, _ minimum: Int, _ maximum: Int, _ what: String
    ) throws(Mismatch) -> Int {
        var value = 0
        var count = 0
        while count < maximum, let digit = rest.first, digit &- 0x30 <= 9 {
            value = value * 10 + Int(digit - 0x30)
            count += 1
            rest = rest.dropFirst()
        }
        guard count >= minimum else { throw Mismatch(reason: "the \(what) must have \(minimum) digits") }
        return value
    }

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
    private static let weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]

    /// The index of the English name, whole or by its first three letters, that the text begins with.
    private static func name(_ rest: inout ArraySlice<UInt8>, _ names: [String], _ what: String) throws(Mismatch) -> Int
    {
        let word = String(decoding: rest.prefix { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }, as: UTF8.self).lowercased()
        guard word.utf8.count >= 2,
            let index = names.firstIndex(where: { $0 == word || word.utf8.count == 3 && $0.hasPrefix(word) })
        else { throw Mismatch(reason: "the \(what) is missing") }
        rest = rest.dropFirst(word.utf8.count)
        return index
    }

    /// `Z`, `+01`, `+0100` or `+01:00` in seconds.
    private static func offset(_ rest: inout ArraySlice<UInt8>) throws(Mismatch) -> Int {
        guard let sign = rest.first else { throw Mismatch(reason: "the offset from UTC is missing") }
        rest = rest.dropFirst()
        if sign | 0x20 == UInt8(ascii: "z") { return 0 }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
            throw Mismatch(reason: "the offset from UTC must be Z or begin with + or -")
        }
        let hours = try digits(&rest, 2, 2, "offset's hour")
        var minutes = 0
        if rest.first == UInt8(ascii: ":") {
            rest = rest.dropFirst()
            minutes = try digits(&rest, 2, 2, "offset's minute")
        } else if let digit = rest.first, digit &- 0x30 <= 9 {
            minutes = try digits(&rest, 2, 2, "offset's minute")
        }
        guard hours < 24, minutes < 60 else { throw Mismatch(reason: "no zone is \(hours):\(minutes) from UTC") }
        return (hours * 3_600 + minutes * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
    }

    private static func assemble(_ parts: Parts) throws(Mismatch) -> WrittenTime {
        var days: Int
        if let dayOfYear = parts.dayOfYear {
            let isLeap = parts.year % 4 == 0 && parts.year % 100 != 0 || parts.year % 400 == 0
            guard let first = CivilDate(year: parts.year, month: 1, day: 1),
                (1...(isLeap ? 366 : 365)).contains(dayOfYear)
            else {
                throw Mismatch(reason: "the year \(parts.year) has no day \(dayOfYear)")
            }
            days = first.daysSinceEpoch + dayOfYear - 1
        } else {
            guard let date = CivilDate(year: parts.year, month: parts.month, day: parts.day) else {
                throw Mismatch(reason: "there is no day \(parts.day) of month \(parts.month) in \(parts.year)")
            }
            days = date.daysSinceEpoch
        }
        var hour = parts.hour
        if parts.isHourOf12 {
            guard (1...12).contains(hour) else { throw Mismatch(reason: "there is no hour \(hour) of 12") }
            hour = hour % 12 + (parts.isAfternoon ? 12 : 0)
        }
        // A leap second (60) is let pass; it falls on the next minute.
        guard hour < 24, parts.minute < 60, parts.second <= 60 else {
            throw Mismatch(reason: "there is no time \(hour):\(parts.minute):\(parts.second)")
        }
        days *= 86_400
        return WrittenTime(
            seconds: Int64(days + hour * 3_600 + parts.minute * 60 + parts.second),
            microseconds: Int64(parts.microseconds),
            offset: parts.offset, zone: parts.zone)
    }
}
