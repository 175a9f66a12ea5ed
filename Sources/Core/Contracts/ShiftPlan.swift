package import Canonical

/// When a plant works, by the clock on its wall: its shifts, the days on which none begins, and what is different on
/// single days.
package struct ShiftPlan: Sendable, Hashable {
    /// One shift: when it is, and its planned breaks.
    package struct Shift: Sendable, Hashable {
        package let name: String
        package let times: [QuietWindow]
        /// Stretches of the shift in which no work is planned.
        package let breaks: [QuietWindow]

        package init(name: String, times: [QuietWindow], breaks: [QuietWindow] = []) {
            self.name = name
            self.times = times
            self.breaks = breaks
        }
    }

    /// What is different for one shift on one day.
    package enum Exception: Sendable, Hashable {
        /// It does not begin on that day.
        case off
        /// It is at this time; the window's days do not count.
        case at(QuietWindow)
    }

    /// The most shifts of a plant, and the most times and breaks of each.
    package static let maximumShifts = 24
    /// The most holidays, and the most days with exceptions.
    package static let maximumDays = 1_000

    package let shifts: [Shift]
    /// Days on which no shift begins, but for exceptions.
    package let holidays: Set<CivilDate>
    /// By the day on which the shift begins, and the shift's name.
    package let exceptions: [CivilDate: [String: Exception]]

    package init(
        shifts: [Shift], holidays: Set<CivilDate> = [], exceptions: [CivilDate: [String: Exception]] = [:]
    ) {
        self.shifts = shifts
        self.holidays = holidays
        self.exceptions = exceptions
    }
}
