import Contracts

extension FolderCheck {
    /// Whether the shifts of the plants can be: days, names, and how much of it there is.
    mutating func checkShifts(of file: CheckedFile) {
        for plant in (try? file.settings(PlantFields.plants)) ?? [] { checkShifts(of: plant) }
    }

    private mutating func checkShifts(of plant: NamedSettings) {
        let settings = plant.settings
        let shifts = (try? settings.optional(PlantFields.shifts)) ?? []
        let holidays = (try? settings.optional(PlantFields.holidays)) ?? []
        let exceptions = (try? settings.optional(PlantFields.exceptions)) ?? []
        func place(_ name: String) -> SettingLocation { settings.locations[name] ?? settings.location }
        for (count, maximum, name) in [
            (shifts.count, ShiftPlan.maximumShifts, "shifts"), (holidays.count, ShiftPlan.maximumDays, "holidays"),
            (exceptions.count, ShiftPlan.maximumDays, "exceptions"),
        ] where count > maximum {
            fault(
                SettingsFailures.range, at: place(name),
                "plants.\(plant.name).\(name) are \(count), and at most \(maximum) may be given")
        }
        for shift in shifts {
            for field in [PlantFields.shiftTimes, PlantFields.shiftBreaks] {
                let count = ((try? shift.settings.optional(field)) ?? [])?.count ?? 0
                guard count > ShiftPlan.maximumShifts else { continue }
                fault(
                    SettingsFailures.range, at: shift.settings.locations[field.spec.name] ?? shift.settings.location,
                    "\(shift.name).\(field.spec.name) are \(count), and at most \(ShiftPlan.maximumShifts) may be given"
                )
            }
        }
        for day in holidays { checkDay(day, "plants.\(plant.name).holidays", at: place("holidays")) }
        let names = Set(shifts.map(\.name))
        for exception in exceptions {
            let what = "plants.\(plant.name).exceptions.\(exception.day)"
            checkDay(exception.day, what, at: place("exceptions"))
            for shift in exception.shifts {
                if !names.contains(shift.name) {
                    fault(
                        SettingsFailures.shifts, at: place("exceptions"),
                        "\(what) names the shift \(shift.name), which is none",
                        suggestion: names.isEmpty
                            ? "describe it under shifts:" : "the shifts are \(names.sorted().joined(separator: ", "))")
                }
                do throws(ScalarRefusal) {
                    _ = try ShiftPlan.exception(shift.time)
                } catch {
                    fault(
                        error.kind, at: place("exceptions"), "\(what).\(shift.name) \(error.reason)",
                        suggestion: error.suggestion)
                }
            }
        }
    }

    private mutating func checkDay(_ text: String, _ what: String, at place: SettingLocation) {
        do throws(ScalarRefusal) {
            _ = try DayText.parse(text)
        } catch {
            fault(error.kind, at: place, "\(what) \(error.reason)", suggestion: error.suggestion)
        }
    }
}
