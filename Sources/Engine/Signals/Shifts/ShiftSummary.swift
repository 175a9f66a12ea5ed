import Canonical
import ExactJSON

/// What a piece of equipment did and made in one shift, and the figures of ISO 22400-2 that follow from it.
struct ShiftSummary: Sendable {
    let shift: ShiftCalendar.Occurrence
    /// Planned busy time: the shift without its breaks (PBT).
    private(set) var planned = Duration.zero
    /// Planned time by state; micro-stops are within `running`.
    private(set) var states: [String: Duration] = [:]
    /// Planned time of which no state is known.
    private(set) var unknown = Duration.zero
    /// What the equipment ran although a break was planned.
    private(set) var breakRunning = Duration.zero
    private(set) var microStops = 0
    /// Planned time of micro-stops.
    private(set) var microStopped = Duration.zero
    let good: ExactNumber
    let scrap: ExactNumber
    /// Planned run time of one piece, good or not (PRI).
    let runTime: Duration?

    /// Digits behind the point of ratios.
    private static let decimals = 4

    init(
        _ shift: ShiftCalendar.Occurrence, _ timeline: ShiftTimeline, good: ExactNumber, scrap: ExactNumber,
        runTime: Duration?
    ) {
        self.shift = shift
        self.good = good
        self.scrap = scrap
        self.runTime = runTime
        microStops = timeline.microStops.filter { shift.from <= $0 && $0 < shift.to }.count
        for piece in shift.planned { planned += piece.upperBound.since(piece.lowerBound) }
        for segment in timeline.segments {
            let time = shift.planned.reduce(Duration.zero) { $0 + Self.overlap($1, segment) }
            let state = segment.isMicroStop ? "running" : segment.state
            if segment.isMicroStop { microStopped += time }
            if state == "running" { breakRunning += Self.overlap(shift.from..<shift.to, segment) - time }
            if let state { states[state, default: .zero] += time } else { unknown += time }
        }
    }

    private static func overlap(_ range: Range<Instant>, _ segment: ShiftTimeline.Segment) -> Duration {
        let (from, to) = (max(range.lowerBound, segment.from), min(range.upperBound, segment.to))
        return from < to ? to.since(from) : .zero
    }

    /// Actual production time within the planned one (APT).
    var running: Duration { states["running"] ?? .zero }

    /// The members of `shift.summarized`, but for its asset and revision.
    func members(unit: String) throws(ExactNumberError) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("shift", .string(shift.shift)), ("day", .string(Self.text(shift.day))),
            ("from", .string(shift.from.description)), ("to", .string(shift.to.description)),
            ("planned", Self.seconds(planned)), ("running", Self.seconds(running)),
            ("down", Self.seconds(states["down"] ?? .zero)),
        ]
        var table: JSONObject = [:]
        for state in EquipmentState.words { table[state] = states[state].map { Self.seconds($0) } }
        members.append(("states", .object(table)))
        members.append(("unknown", Self.seconds(unknown)))
        members.append(("breakRunning", Self.seconds(breakRunning)))
        members.append(("microStops", .int(microStops)))
        members.append(("microStopped", Self.seconds(microStopped)))
        members.append(("good", Quantity(good.trimmed(), unit).json))
        members.append(("scrap", Quantity(scrap.trimmed(), unit).json))
        if let runTime { members.append(("runTimePerUnit", Self.seconds(runTime))) }
        for (name, ratio) in try figures() { members.append((name, .number(ratio.trimmed()))) }
        return members
    }

    /// Availability, effectiveness, quality ratio and OEE index (ISO 22400-2:2014), as far as they are defined: nothing
    /// is divided by zero, availability needs a state, and effectiveness the planned run time of a piece.
    private func figures() throws(ExactNumberError) -> [(name: String, value: ExactNumber)] {
        typealias N = ExactNumber
        var figures: [(name: String, value: ExactNumber)] = []
        let made = try N.adding(good, scrap)
        let (busy, plan) = (Self.number(running), Self.number(planned))
        // Where no state is known at all, it is not known either whether it ran.
        let isKnown = unknown < planned
        if isKnown {
            figures.append(("availability", try N.dividing(busy, by: plan, decimals: Self.decimals, .halfUp)))
        }
        // Pieces of a break that was worked through were made in running time too.
        let run = Self.number(running + breakRunning)
        if let runTime, !run.isZero {
            let ideal = try N.multiplying(Self.number(runTime), made)
            figures.append(("effectiveness", try N.dividing(ideal, by: run, decimals: Self.decimals, .halfUp)))
        }
        if !made.isZero {
            figures.append(("qualityRatio", try N.dividing(good, by: made, decimals: Self.decimals, .halfUp)))
        }
        if let runTime, isKnown, !run.isZero, !made.isZero {
            // The product of the three before they are rounded: running × PRI × good ÷ (planned × run).
            let above = try N.multiplying(N.multiplying(busy, Self.number(runTime)), good)
            let below = try N.multiplying(plan, run)
            figures.append(("oee", try N.dividing(above, by: below, decimals: Self.decimals, .halfUp)))
        }
        return figures
    }

    private static func number(_ duration: Duration) -> ExactNumber { ExactNumber(Int(duration.microseconds)) }

    private static func seconds(_ duration: Duration) -> JSON {
        .number(ExactNumber(coefficient: duration.microseconds, scale: 6).trimmed())
    }

    /// `2026-03-02`
    private static func text(_ day: CivilDate) -> String {
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(day.year, 4))-\(padded(day.month, 2))-\(padded(day.day, 2))"
    }
}
