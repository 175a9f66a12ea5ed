/// C's `strftime` in the C locale (POSIX.1-2017, with the flags of GNU), and what `strptime` shares with it.
enum DateFormat {
    static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// Combinations that both directions know.
    static let composites: [Character: String] = [
        "T": "%H:%M:%S", "D": "%m/%d/%y", "F": "%Y-%m-%d", "R": "%H:%M", "c": "%a %b %e %H:%M:%S %Y",
        "x": "%m/%d/%y", "X": "%H:%M:%S", "r": "%I:%M:%S %p", "v": "%e-%b-%Y",
    ]

    /// The time written by `format`; nil where it has a conversion that is not known.
    static func written(_ time: CivilTime, _ format: String, _ zone: JQZone.Offset) -> String? {
        var text = ""
        var rest = format[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                text.append(character)
                continue
            }
            let form = Form(&rest)
            guard var conversion = rest.popFirst() else { return nil }
            // `%E` and `%O` ask for other calendars and digits, of which the C locale has none.
            if conversion == "E" || conversion == "O" {
                guard let next = rest.popFirst() else { return nil }
                conversion = next
            }
            if let composite = composites[conversion] {
                text += form.applied(to: written(time, composite, zone) ?? "", isNumber: false)
            } else if let part = part(time, conversion, zone) {
                text += form.applied(to: part, isNumber: !"aAbBhpPZnt%".contains(conversion))
            } else {
                return nil
            }
        }
        return text
    }

    /// What GNU lets stand between the percent sign and the letter: `%-d`, `%_d`, `%05d`, `%^a`.
    private struct Form {
        private var filler: Character?
        private var isUpper = false
        private var hasNoFiller = false
        private var width = 0

        /// A field is not made wider than this.
        private static let maximumWidth = 100

        init(_ rest: inout Substring) {
            while let flag = rest.first, "-_0^#".contains(flag) {
                rest.removeFirst()
                switch flag {
                case "-": hasNoFiller = true
                case "_": (filler, hasNoFiller) = (" ", false)
                case "0": (filler, hasNoFiller) = ("0", false)
                default: isUpper = true
                }
            }
            while let digit = rest.first?.wholeNumberValue, rest.first?.isASCII == true {
                rest.removeFirst()
                width = min(width * 10 + digit, Self.maximumWidth)
            }
        }

        func applied(to text: String, isNumber: Bool) -> String {
            var text = isUpper ? text.uppercased() : text
            var length = max(width, text.count)
            if isNumber, hasNoFiller || filler != nil {
                let digits = text.drop { $0 == "0" || $0 == " " }
                text = digits.isEmpty ? "0" : String(digits)
                if hasNoFiller { length = max(width, text.count) }
            }
            let filling = filler ?? (isNumber ? "0" : " ")
            return String(repeating: filling, count: max(length - text.count, 0)) + text
        }
    }

    private static func part(_ time: CivilTime, _ conversion: Character, _ zone: JQZone.Offset) -> String? {
        let hour12 = time.hour % 12 == 0 ? 12 : time.hour % 12
        switch conversion {
        case "Y": return String(time.year)
        case "C": return padded(time.year / 100)
        case "y": return padded(mod(time.year, 100))
        case "m": return padded(time.month + 1)
        case "d": return padded(time.day)
        case "e": return padded(time.day, with: " ")
        case "H": return padded(time.hour)
        case "k": return padded(time.hour, with: " ")
        case "I": return padded(hour12)
        case "l": return padded(hour12, with: " ")
        case "M": return padded(time.minute)
        case "S": return padded(time.second)
        case "j": return padded(time.dayOfYear + 1, width: 3)
        case "a": return String(weekdays[time.weekday].prefix(3))
        case "A": return weekdays[time.weekday]
        case "b", "h": return String(months[mod(time.month, 12)].prefix(3))
        case "B": return months[mod(time.month, 12)]
        case "p": return time.hour < 12 ? "AM" : "PM"
        case "P": return time.hour < 12 ? "am" : "pm"
        case "u": return String(time.weekday == 0 ? 7 : time.weekday)
        case "w": return String(time.weekday)
        case "U": return padded((time.dayOfYear + 7 - time.weekday) / 7)
        case "W": return padded((time.dayOfYear + 7 - (time.weekday + 6) % 7) / 7)
        case "V": return padded(time.isoWeek.week)
        case "G": return String(time.isoWeek.year)
        case "g": return padded(mod(time.isoWeek.year, 100))
        case "s": return String(time.seconds - zone.seconds)
        case "Z": return zone.abbreviation
        case "z":
            let minutes = zone.seconds.magnitude / 60
            return (zone.seconds < 0 ? "-" : "+") + padded(Int(minutes / 60)) + padded(Int(minutes % 60))
        case "n": return "\n"
        case "t": return "\t"
        case "%": return "%"
        default: return nil
        }
    }

    private static func mod(_ value: Int, _ modulus: Int) -> Int { (value % modulus + modulus) % modulus }

    private static func padded(_ value: Int, width: Int = 2, with filler: Character = "0") -> String {
        let digits = String(value)
        return String(repeating: filler, count: max(width - digits.count, 0)) + digits
    }
}
