/// Reads a time by a format of `strptime`.
struct DateParser {
    private var rest: Substring
    private var time = CivilTime()
    private var isAfternoon: Bool?
    private var century: Int?
    private var epoch: Int?
    private var dayOfYear: Int?
    /// East of UTC, in seconds.
    private var zone = 0

    /// The time and what stands behind it, which may be a blank and more; nil where the text does not follow the
    /// format. Zones are taken into account.
    static func time(in text: String, _ format: String) -> (time: CivilTime, rest: Substring)? {
        var parser = DateParser(rest: text[...])
        guard parser.read(format), parser.rest.first?.isWhitespace ?? true else { return nil }
        return parser.finished().map { ($0, parser.rest) }
    }

    private init(rest: Substring) { self.rest = rest }

    private mutating func read(_ format: String) -> Bool {
        var pattern = format[...]
        while let character = pattern.popFirst() {
            if character.isWhitespace {
                rest = rest.drop(while: \.isWhitespace)
            } else if character != "%" {
                guard rest.popFirst() == character else { return false }
            } else {
                guard var conversion = pattern.popFirst() else { return false }
                if conversion == "E" || conversion == "O" { conversion = pattern.popFirst() ?? "%" }
                if let composite = DateFormat.composites[conversion] {
                    guard read(composite) else { return false }
                } else {
                    guard convert(conversion) else { return false }
                }
            }
        }
        return true
    }

    private mutating func convert(_ conversion: Character) -> Bool {
        switch conversion {
        case "Y": return number(digits: 4, in: -9_999...9_999) { $0.time.year = $1 }
        case "C": return number(digits: 2, in: 0...99) { $0.century = $1 }
        case "y": return number(digits: 2, in: 0...99) { $0.time.year = $1 < 69 ? 2_000 + $1 : 1_900 + $1 }
        case "m": return number(digits: 2, in: 1...12) { $0.time.month = $1 - 1 }
        case "d", "e": return number(digits: 2, in: 1...31) { $0.time.day = $1 }
        case "H", "k": return number(digits: 2, in: 0...23) { $0.time.hour = $1 }
        case "I", "l": return number(digits: 2, in: 1...12) { $0.time.hour = $1 % 12 }
        case "M": return number(digits: 2, in: 0...59) { $0.time.minute = $1 }
        case "S": return number(digits: 2, in: 0...61) { $0.time.second = $1 }
        case "j": return number(digits: 3, in: 1...366) { $0.dayOfYear = $1 - 1 }
        case "s": return number(digits: 12, in: -999_999_999_999...999_999_999_999) { $0.epoch = $1 }
        case "u", "w": return number(digits: 1, in: 0...7) { _, _ in }
        case "U", "V", "W": return number(digits: 2, in: 0...53) { _, _ in }
        case "a", "A": return word(DateFormat.weekdays) { _, _ in }
        case "b", "B", "h": return word(DateFormat.months) { $0.time.month = $1 }
        case "p", "P": return word(["AM", "PM"]) { $0.isAfternoon = $1 == 1 }
        case "Z": return zoneName()
        case "z": return zoneOffset()
        case "n", "t":
            rest = rest.drop(while: \.isWhitespace)
            return true
        case "%": return rest.popFirst() == "%"
        default: return false
        }
    }

    private mutating func number(
        digits: Int, in range: ClosedRange<Int>, _ store: (inout DateParser, Int) -> Void
    ) -> Bool {
        rest = rest.drop { $0 == " " }
        var text = ""
        if let sign = rest.first, sign == "-" || sign == "+", range.lowerBound < 0 {
            text.append(sign)
            rest.removeFirst()
        }
        var count = 0
        while count < digits, let digit = rest.first, digit.isASCII, digit.isWholeNumber {
            text.append(digit)
            rest.removeFirst()
            count += 1
        }
        guard count > 0, let value = Int(text), range.contains(value) else { return false }
        store(&self, value)
        return true
    }

    /// A full name or its first three letters, in any case.
    private mutating func word(_ names: [String], _ store: (inout DateParser, Int) -> Void) -> Bool {
        let lower = rest.prefix(16).lowercased()
        for (index, name) in names.enumerated() {
            for form in [name.lowercased(), String(name.lowercased().prefix(3))] where lower.hasPrefix(form) {
                rest = rest.dropFirst(form.count)
                store(&self, index)
                return true
            }
        }
        return false
    }

    private mutating func zoneName() -> Bool {
        let name = rest.prefix { $0.isLetter && $0.isASCII }
        rest = rest.dropFirst(name.count)
        return !name.isEmpty
    }

    /// `Z`, `+02`, `+0200`, `+02:00`
    private mutating func zoneOffset() -> Bool {
        if rest.first == "Z" {
            rest.removeFirst()
            return true
        }
        guard let sign = rest.popFirst(), sign == "+" || sign == "-" else { return false }
        var digits = ""
        while digits.count < 4, let character = rest.first {
            if character == ":", digits.count == 2 {
                rest.removeFirst()
            } else if character.isASCII, character.isWholeNumber {
                digits.append(character)
                rest.removeFirst()
            } else {
                break
            }
        }
        guard digits.count == 2 || digits.count == 4, let value = Int(digits) else { return false }
        let minutes = digits.count == 2 ? value * 60 : value / 100 * 60 + value % 100
        zone = minutes * (sign == "-" ? -60 : 60)
        return true
    }

    private func finished() -> CivilTime? {
        if let epoch { return CivilTime(seconds: epoch) }
        var time = time
        if let century { time.year = century * 100 + time.year % 100 }
        if let isAfternoon { time.hour = time.hour % 12 + (isAfternoon ? 12 : 0) }
        if let dayOfYear { (time.month, time.day) = (0, dayOfYear + 1) }
        // A day that the month does not have moves into the next one, as mktime does it.
        return CivilTime(seconds: time.seconds - zone)
    }
}
