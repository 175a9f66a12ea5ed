import Canonical
import ExactJSON

/// How one counter is to be read.
struct CounterRules: Sendable {
    /// Whether the first value ever seen counts from zero.
    var countsFirst = false
    /// Whether what was counted while nobody listened is taken as made.
    var countsGaps = true
    /// Steps back up to this are reported and otherwise passed over.
    var tolerance = ExactNumber(0)
    /// A value that falls to this or below, and to half of what it was or less, is a reset.
    var resetBelow = ExactNumber(5)
    /// The highest value; the next one is 0.
    var rollover: ExactNumber?
    /// A larger step forward is reported and not counted.
    var maximumStep: ExactNumber?
}

/// What one more value of a counter means.
enum CounterStep: Hashable {
    case nothing
    /// So much was added since `from`.
    case counted(ExactNumber, from: Instant)
    /// A step back within the tolerance, the first one below the present baseline.
    case steppedBack(from: ExactNumber)
    /// A fall that is neither reset nor rollover: a new epoch begins, nothing is counted.
    case fellBack(from: ExactNumber)
    /// A step above the maximum: not counted.
    case jumped(from: ExactNumber)
}

/// A counter's baseline. Each reset opens an epoch, numbered by the second in which it opened, so that (epoch, value)
/// never names two facts, not even after the store was lost.
struct CounterState: SignalState, Hashable {
    static let family = "counter"

    /// The raw value up to which everything is counted; nil before the first one.
    private(set) var value: ExactNumber?
    private(set) var epoch: Int64 = 0
    /// When ``value`` was taken.
    private(set) var time = Instant(microseconds: 0)
    /// Nobody listened since ``value`` was taken.
    private(set) var hasGap = false
    /// A value too far off, believed when the next one agrees with it.
    private var suspect: ExactNumber?
    /// A step back below ``value`` was reported already.
    private var hasReportedStep = false

    init() {}

    init?(json: JSON) {
        guard let epoch = json["epoch"]?.int, let time = json["time"]?.int else { return nil }
        value = json["value"]?.number
        self.epoch = Int64(epoch)
        self.time = Instant(microseconds: Int64(time))
        hasGap = json["gap"]?.bool ?? false
        suspect = json["suspect"]?.number
        hasReportedStep = json["reported"]?.bool ?? false
    }

    var json: JSON {
        var members: JSONObject = ["epoch": .int(Int(epoch)), "time": .int(Int(time.microseconds))]
        if let value { members["value"] = .number(value) }
        if hasGap { members["gap"] = true }
        if let suspect { members["suspect"] = .number(suspect) }
        if hasReportedStep { members["reported"] = true }
        return .object(members)
    }

    /// Notes that the value is not known from now on; tells whether that changed anything.
    mutating func interrupt() -> Bool {
        guard value != nil, !hasGap else { return false }
        hasGap = true
        return true
    }

    /// Takes one more value (≥ 0).
    mutating func advance(to next: ExactNumber, at time: Instant, by rules: CounterRules) throws(ExactNumberError)
        -> CounterStep
    {
        guard let last = value else {
            openEpoch(at: time)
            take(next, at: time)
            return rules.countsFirst && !next.isZero ? .counted(next, from: time) : .nothing
        }
        if hasGap {
            hasGap = false
            if !rules.countsGaps {
                if next < last { openEpoch(at: time) }
                take(next, at: time)
                return .nothing
            }
        }
        if next == last {
            suspect = nil
            return .nothing
        }
        return next > last
            ? try stepForward(from: last, to: next, at: time, by: rules)
            : try stepBack(from: last, to: next, at: time, by: rules)
    }

    private mutating func stepForward(
        from last: ExactNumber, to next: ExactNumber, at time: Instant, by rules: CounterRules
    ) throws(ExactNumberError) -> CounterStep {
        var step = try ExactNumber.subtracting(next, last)
        let from = self.time
        if let limit = rules.maximumStep, step > limit {
            guard let doubted = suspect, next >= doubted, try ExactNumber.subtracting(next, doubted) <= limit else {
                suspect = next
                return .jumped(from: last)
            }
            // Twice the same distance off: the jump itself was reported, counting goes on behind it.
            step = try ExactNumber.subtracting(next, doubted)
        }
        take(next, at: time)
        return step.isZero ? .nothing : .counted(step, from: from)
    }

    private mutating func stepBack(
        from last: ExactNumber, to next: ExactNumber, at time: Instant, by rules: CounterRules
    ) throws(ExactNumberError) -> CounterStep {
        let from = self.time
        if let top = rules.rollover, last <= top {
            let forward = try ExactNumber.adding(
                ExactNumber.adding(ExactNumber.subtracting(top, last), next), ExactNumber(1))
            // Without a stated maximum step a tenth of the range is the most that is believed of one step.
            let tenth = try ExactNumber.multiplying(top, ExactNumber(coefficient: 1, scale: 1))
            if forward <= rules.maximumStep ?? tenth {
                openEpoch(at: time)
                take(next, at: time)
                return .counted(forward, from: from)
            }
        }
        if !next.isZero, try ExactNumber.subtracting(last, next) <= rules.tolerance {
            guard !hasReportedStep else { return .nothing }
            hasReportedStep = true
            return .steppedBack(from: last)
        }
        let twice = try ExactNumber.adding(next, next)
        let isReset = next.isZero || (next <= rules.resetBelow && twice <= last)
        openEpoch(at: time)
        take(next, at: time)
        if !isReset { return .fellBack(from: last) }
        return next.isZero ? .nothing : .counted(next, from: from)
    }

    private mutating func openEpoch(at time: Instant) {
        epoch = max(epoch + 1, time.microseconds / 1_000_000)
    }

    private mutating func take(_ next: ExactNumber, at time: Instant) {
        value = next
        self.time = time
        suspect = nil
        hasReportedStep = false
    }
}
