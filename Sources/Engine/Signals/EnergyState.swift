import Canonical
import ExactJSON

/// A span of time and the energy that was used in it.
struct EnergySpan: Hashable, Sendable {
    let from: Instant
    let to: Instant
    /// In the unit of the state that tells it.
    let amount: ExactNumber
}

/// The span of energy at hand.
///
/// A meter's spans end at its readings, so that nothing is guessed: each event says what was read, from when to when. A
/// power's spans end exactly at their borders, as a power is taken to hold until the next reading.
struct EnergyState: SignalState, Hashable {
    static let family = "energy"

    /// When the span began; nil while nothing is known.
    private(set) var from: Instant?
    /// What is known of the span: a meter's own unit, or power × microseconds. Of a power also what rounding left over.
    private(set) var sum = ExactNumber(0)
    /// Up to when ``sum`` counts.
    private(set) var until = Instant(microseconds: 0)
    /// The power since ``until``, and when a reading last said it.
    private(set) var power: ExactNumber?
    private(set) var said = Instant(microseconds: 0)
    /// When the power holds no longer by the node's clock.
    private(set) var due: Instant?

    init() {}

    init?(json: JSON) {
        guard let sum = json["sum"]?.number, let until = json["until"]?.int, let said = json["said"]?.int else {
            return nil
        }
        self.sum = sum
        self.until = Instant(microseconds: Int64(until))
        self.said = Instant(microseconds: Int64(said))
        from = json["from"]?.int.map { Instant(microseconds: Int64($0)) }
        power = json["power"]?.number
        due = json["due"]?.int.map { Instant(microseconds: Int64($0)) }
    }

    var json: JSON {
        var members: JSONObject = [
            "sum": .number(sum), "until": .int(Int(until.microseconds)), "said": .int(Int(said.microseconds)),
        ]
        members["from"] = from.map { .int(Int($0.microseconds)) }
        members["power"] = power.map { .number($0) }
        members["due"] = due.map { .int(Int($0.microseconds)) }
        return .object(members)
    }

    // MARK: - A meter

    /// The meter was read at `time`, `step` above the reading before. A span ends with the first reading behind its
    /// border.
    mutating func read(_ step: ExactNumber, at time: Instant, every: Duration) throws(ExactNumberError) -> EnergySpan? {
        let time = max(time, until)
        until = time
        guard let begin = from else {
            from = time
            sum = step
            return nil
        }
        sum = try ExactNumber.adding(sum, step)
        guard Self.border(after: begin, every) <= time else { return nil }
        return end()
    }

    /// What the meter went on by is not known: the span ends where it was last read, and a new one begins at `time`, or
    /// with the next reading.
    mutating func breakOff(at time: Instant?) -> EnergySpan? {
        let span = from.map { $0 < until } == true ? end() : nil
        from = time.map { max($0, until) }
        if let from { until = from }
        sum = ExactNumber(0)
        return span
    }

    private mutating func end() -> EnergySpan? {
        guard let begin = from else { return nil }
        defer {
            from = until
            sum = ExactNumber(0)
        }
        return EnergySpan(from: begin, to: until, amount: sum)
    }

    // MARK: - A power

    /// The power is `value` from `time` on; nil: it is not known. `take` makes of power × microseconds what an event
    /// says, and leaves the rest.
    mutating func hold(
        _ value: ExactNumber?, at time: Instant, due: Instant, every: Duration, hold: Duration,
        take: (inout ExactNumber) throws(ExactNumberError) -> ExactNumber
    ) throws(ExactNumberError) -> [EnergySpan] {
        // A reading from before the last one says nothing that still counts.
        guard power == nil ? time >= until : time >= said else { return [] }
        var spans = try pass(to: time, every: every, hold: hold, take: take)
        guard let value else {
            if let span = try interrupt(take) { spans.append(span) }
            return spans
        }
        if from == nil { from = time }
        power = value
        (until, said, self.due) = (time, time, due)
        return spans
    }

    /// Time goes on to `time` without another power.
    mutating func pass(
        to time: Instant, every: Duration, hold: Duration,
        take: (inout ExactNumber) throws(ExactNumberError) -> ExactNumber
    ) throws(ExactNumberError) -> [EnergySpan] {
        guard let power else { return [] }
        let last = said + hold
        let end = min(time, last)
        var spans: [EnergySpan] = []
        while let begin = from, case let border = Self.border(after: begin, every), border <= end {
            try add(power, to: border)
            spans.append(EnergySpan(from: begin, to: border, amount: try take(&sum)))
            from = border
        }
        try add(power, to: end)
        if time >= last, let span = try interrupt(take) { spans.append(span) }
        return spans
    }

    private mutating func add(_ power: ExactNumber, to time: Instant) throws(ExactNumberError) {
        guard time > until else { return }
        let microseconds = ExactNumber(Int(time.since(until).microseconds))
        sum = try ExactNumber.adding(sum, ExactNumber.multiplying(power, microseconds))
        until = time
    }

    /// The power is not known from here on.
    private mutating func interrupt(
        _ take: (inout ExactNumber) throws(ExactNumberError) -> ExactNumber
    ) throws(ExactNumberError) -> EnergySpan? {
        (power, due) = (nil, nil)
        guard let begin = from else { return nil }
        from = nil
        return begin < until ? EnergySpan(from: begin, to: until, amount: try take(&sum)) : nil
    }

    /// The first whole multiple of `every` behind `time`.
    private static func border(after time: Instant, _ every: Duration) -> Instant {
        let step = every.microseconds
        let (quotient, remainder) = time.microseconds.quotientAndRemainder(dividingBy: step)
        return Instant(microseconds: (quotient + (remainder < 0 ? 0 : 1)) * step)
    }
}
