import Canonical
import Contracts

/// A pattern that says how a machine writes times: `dd/MM/yyyy,HH:mm:ss` (letters of Unicode TR 35, "Date Field
/// Symbol Table").
struct TimePattern: Sendable, Hashable {
    /// What one run of the pattern stands for.
    enum Element: Sendable, Hashable {
        case literal(String)
        /// A number of `minimum` to `maximum` digits.
        case number(Part, minimum: Int, maximum: Int)
        case fraction(Int)
        case monthName
        case weekday
        case halfOfDay
        case offset
        case zoneName
    }

    enum Part: Sendable, Hashable { case year, shortYear, month, day, dayOfYear, hour, hourOf12, minute, second }

    let text: String
    let elements: [Element]

    /// Compiles the pattern; throws where it has no whole date or an element that has no certain meaning.
    init(_ text: String) throws(PatternFault) {
        self.text = text
        var elements: [Element] = []
        for run in Self.runs(text) {
            switch run {
            case .literal(let literal): elements.append(.literal(literal))
            case .letters(let letters): elements.append(try Self.element(letters))
            }
        }
        self.elements = elements
        try check()
    }

    /// Why a pattern cannot be used.
    struct PatternFault: Error {
        let reason: String
        let suggestion: String
    }

    private enum Run { case literal(String), letters(String) }

    private static func runs(_ text: String) -> [Run] {
        var runs: [Run] = []
        var isQuoted = false
        var previous: Character?
        for character in text {
            defer { previous = character }
            if character == "'" {
                // Two quotes are one that stands for itself.
                if previous == "'" { runs.append(.literal("'")) }
                isQuoted.toggle()
                continue
            }
            if !isQuoted, character.isASCII, character.isLetter {
                if case .letters(let letters)? = runs.last, previous == character {
                    runs[runs.count - 1] = .letters(letters + String(character))
                } else {
                    runs.append(.letters(String(character)))
                }
            } else if case .literal(let literal)? = runs.last {
                runs[runs.count - 1] = .literal(literal + String(character))
            } else {
                runs.append(.literal(String(character)))
            }
        }
        return runs
    }

    private static func element(_ letters: String) throws(PatternFault) -> Element {
        switch letters {
        case "yyyy": return .number(.year, minimum: 4, maximum: 4)
        case "yy": return .number(.shortYear, minimum: 2, maximum: 2)
        case "MM": return .number(.month, minimum: 2, maximum: 2)
        case "M": return .number(.month, minimum: 1, maximum: 2)
        case "MMM", "MMMM": return .monthName
        case "dd": return .number(.day, minimum: 2, maximum: 2)
        case "d": return .number(.day, minimum: 1, maximum: 2)
        case "DDD": return .number(.dayOfYear, minimum: 3, maximum: 3)
        case "EEE", "EEEE": return .weekday
        case "HH": return .number(.hour, minimum: 2, maximum: 2)
        case "H": return .number(.hour, minimum: 1, maximum: 2)
        case "hh": return .number(.hourOf12, minimum: 2, maximum: 2)
        case "h": return .number(.hourOf12, minimum: 1, maximum: 2)
        case "mm": return .number(.minute, minimum: 2, maximum: 2)
        case "m": return .number(.minute, minimum: 1, maximum: 2)
        case "ss": return .number(.second, minimum: 2, maximum: 2)
        case "s": return .number(.second, minimum: 1, maximum: 2)
        case "a": return .halfOfDay
        case "Z", "X", "XX", "XXX", "xxx": return .offset
        case "VV": return .zoneName
        default: break
        }
        if letters.allSatisfy({ $0 == "S" }), letters.count <= 9 { return .fraction(letters.count) }
        if letters == "zzz" {
            throw PatternFault(
                reason: "has zzz, and abbreviations of zones (CST) stand for several zones each",
                suggestion: "put the abbreviation in single quotes and set `zone`")
        }
        throw PatternFault(
            reason: "has \"\(letters)\", which has no meaning in a time pattern",
            suggestion: "put text that stands for itself in single quotes")
    }

    private func check() throws(PatternFault) {
        func has(_ parts: Part...) -> Bool {
            elements.contains { if case .number(let part, _, _) = $0 { parts.contains(part) } else { false } }
        }
        guard has(.year, .shortYear), has(.dayOfYear) || has(.day) && (has(.month) || elements.contains(.monthName))
        else {
            throw PatternFault(
                reason: "names no whole date",
                suggestion:
                    "name year, month and day; where the date is in a field of its own, list both fields in `timeField`"
            )
        }
    }
}

/// A time as a machine wrote it: on the clock on the wall, or with an offset of its own.
struct WrittenTime: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00 as if the wall clock showed UTC.
    var seconds: Int64
    var microseconds: Int64 = 0
    /// Seconds east of Greenwich, where the text says so.
    var offset: Int?
    /// The IANA zone, where the text names one.
    var zone: String?
}
