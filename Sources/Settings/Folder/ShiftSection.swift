package import Canonical
package import Contracts

/// The keys of a plant's shifts in `plants.yaml`.
extension PlantFields {
    static let shiftTimes = Field<[String]>(
        "times", .oneOrMany(.quietWindow), required: true, example: "mon-fri 06:00-14:00",
        "when the shift is, by the plant's clock; one that ends before it begins ends on the next day")
    static let shiftBreaks = Field<[String]>(
        "breaks", .oneOrMany(.quietWindow), example: "[\"09:00-09:15\", \"fri 12:00-12:45\"]",
        "stretches of the shift in which no work is planned")
    static let shifts = Field<[NamedSettings]>(
        named: "shifts", [shiftTimes.spec, shiftBreaks.spec], example: "{ early: { times: \"mon-fri 06:00-14:00\" } }",
        "the plant's shifts, by name; signals of the role `window` summarise them")
    static let holidays = Field<[String]>(
        "holidays", example: "[2026-05-01, 2026-12-25]", "days on which no shift begins, but for exceptions")
    static let exceptions = Field<[(day: String, shifts: [(name: String, time: String)])]>(
        FieldSpec(
            "exceptions", .map(.map(.text)), example: "{ 2026-12-24: { early: 06:00-12:00, late: off } }",
            "by the day on which they begin: shifts that are at another time, or `off`; a holiday's too")
    ) {
        guard case .map(let days) = $0 else { return nil }
        return days.map { day in
            guard case .map(let shifts) = day.value else { return (day.key, []) }
            return (
                day.key,
                shifts.compactMap { if case .text(let time) = $0.value { ($0.key, time) } else { nil } }
            )
        }
    }
}

/// Days as settings write them: `2026-12-24`.
package enum DayText {
    /// Reads a day.
    package static func parse(_ text: String) throws(ScalarRefusal) -> CivilDate {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isPlain = parts.map(\.count) == [4, 2, 2] && parts.joined().allSatisfy { $0.isASCII && $0.isNumber }
        guard isPlain, let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            let date = CivilDate(year: year, month: month, day: day)
        else {
            throw ScalarRefusal(
                SettingsFailures.shifts, "is \(text.quotedBriefly), which is no day",
                suggestion: "write it like 2026-12-24")
        }
        return date
    }
}

extension ShiftPlan {
    /// The shifts of a plant's settings; nil where it has none. What is malformed was found by the folder's check, and
    /// is left out here.
    init?(_ settings: Settings) throws(SettingFault) {
        guard let named = try settings.optional(PlantFields.shifts) else { return nil }
        func windows(_ texts: [String]) -> [QuietWindow] { texts.compactMap { try? QuietWindowText.parse($0) } }
        var shifts: [Shift] = []
        for shift in named {
            shifts.append(
                Shift(
                    name: shift.name, times: windows(try shift.settings(PlantFields.shiftTimes)),
                    breaks: windows(try shift.settings.optional(PlantFields.shiftBreaks) ?? [])))
        }
        let holidays = try (settings.optional(PlantFields.holidays) ?? []).compactMap { try? DayText.parse($0) }
        var exceptions: [CivilDate: [String: Exception]] = [:]
        for entry in try settings.optional(PlantFields.exceptions) ?? [] {
            guard let day = try? DayText.parse(entry.day) else { continue }
            for shift in entry.shifts {
                if let exception = try? ShiftPlan.exception(shift.time) {
                    exceptions[day, default: [:]][shift.name] = exception
                }
            }
        }
        self.init(shifts: shifts, holidays: Set(holidays), exceptions: exceptions)
    }

    /// `off`, or the time of a shift on one day: `06:00-12:00`.
    static func exception(_ text: String) throws(ScalarRefusal) -> Exception {
        if text == "off" { return .off }
        let window = try QuietWindowText.parse(text)
        guard window.days.count == 7 else {
            throw ScalarRefusal(
                SettingsFailures.shifts, "is \(text.quotedBriefly), and the day stands before it already",
                suggestion: "write the hours alone, like 06:00-12:00, or off")
        }
        return .at(window)
    }
}
